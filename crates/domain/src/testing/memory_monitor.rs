//! How the memory store is.

use super::MemoryStore;
use super::memory::Commits;
use crate::{MonitorStore, PoolLoad, QueueLoad, StoreError, StoreLoad, StudyId, Timestamp};

/// What an entry takes, about.
const ENTRY_BYTES: u64 = 1024;
/// There is always something.
const EMPTY_BYTES: u64 = 4096;

impl MonitorStore for MemoryStore {
    fn load(&self) -> StoreLoad {
        let tables = self.tables();
        let Commits { rows, seconds } = &tables.commits;
        StoreLoad {
            queue: QueueLoad {
                max_rows: 1,
                max_bytes: 1,
                ..QueueLoad::default()
            },
            pools: vec![PoolLoad {
                name: "read",
                busy: 0,
                idle: 1,
                max: 1,
            }],
            commit_rows: rows.read(),
            commit_seconds: seconds.read(),
        }
    }

    fn database_bytes(&self) -> Result<u64, StoreError> {
        Ok(EMPTY_BYTES + ENTRY_BYTES * self.tables().entries.len() as u64)
    }

    fn last_received(&self, study: StudyId) -> Result<Option<Timestamp>, StoreError> {
        let tables = self.tables();
        let of_study = tables.entries.values().filter(|entry| entry.study == study);
        Ok(of_study.map(|entry| entry.received_at).max())
    }
}
