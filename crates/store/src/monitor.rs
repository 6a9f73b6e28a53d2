//! How the store is, for those who run it.

use crate::connection::Manager;
use crate::database::Database;
use crate::dialect;
use crate::error::Error;
use crate::logs::instant;
use crate::schema::log_entries;
use crate::store::Store;
use diesel::prelude::*;
use diesel::r2d2::Pool;
use sillage_domain::{
    COMMIT_ROWS, COMMIT_SECONDS, Meter, MonitorStore, PoolLoad, StoreError, StoreLoad, StudyId,
    Timestamp,
};
use std::time::Duration;

/// Of how many entries that were stored last the newest reception is sought: what was let out of quarantine has its old one.
const LAST: i64 = 1000;

/// What was committed since the start.
pub(crate) struct Commits {
    rows: Meter,
    seconds: Meter,
}

impl Default for Commits {
    fn default() -> Self {
        Self {
            rows: Meter::new(COMMIT_ROWS),
            seconds: Meter::new(COMMIT_SECONDS),
        }
    }
}

impl Commits {
    /// One more, of so many entries and texts, that took so long.
    pub(crate) fn count(&self, rows: usize, took: Duration) {
        self.rows.observe(rows as f64);
        self.seconds.observe(took.as_secs_f64());
    }
}

/// How much a pool has to do.
pub(crate) fn pool_load(name: &'static str, pool: &Pool<Manager>) -> PoolLoad {
    let state = pool.state();
    // Both are read one after the other.
    let idle = state.idle_connections.min(state.connections);
    PoolLoad {
        name,
        busy: state.connections - idle,
        idle,
        max: pool.max_size(),
    }
}

fn last_received(db: &Database, study: StudyId) -> Result<Option<Timestamp>, Error> {
    let received: Vec<i64> = log_entries::table
        .filter(log_entries::study_id.eq(study.0))
        .order(log_entries::number.desc())
        .limit(LAST)
        .select(log_entries::received_us)
        .load(&mut *db.reader()?)?;
    received.into_iter().max().map(instant).transpose()
}

impl MonitorStore for Store {
    fn load(&self) -> StoreLoad {
        StoreLoad {
            queue: self.queue_load(),
            pools: self.db.pool_loads(),
            commit_rows: self.db.commits.rows.read(),
            commit_seconds: self.db.commits.seconds.read(),
        }
    }

    fn database_bytes(&self) -> Result<u64, StoreError> {
        let mut conn = self.db.reader()?;
        Ok(dialect::database_bytes(&mut conn, self.db.url()).map_err(Error::from)?)
    }

    fn last_received(&self, study: StudyId) -> Result<Option<Timestamp>, StoreError> {
        Ok(last_received(&self.db, study)?)
    }
}
