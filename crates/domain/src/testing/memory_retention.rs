//! What is old, in the memory store.

use super::MemoryStore;
use crate::{EntryStatus, Expired, RetentionStore, StoreError, StudyId, Timestamp};
use std::time::Duration;

impl RetentionStore for MemoryStore {
    fn expired(&self, study: StudyId, before: Timestamp) -> Result<Expired, StoreError> {
        let tables = self.tables();
        let entries = tables.entries.values().filter(|entry| {
            entry.study == study
                && entry.status == EntryStatus::Accepted
                && entry.received_at < before
        });
        let texts = tables.quarantine.iter();
        let texts = texts.filter(|text| text.study == study && text.received_at < before);
        Ok(Expired {
            entries: entries.count() as u64,
            quarantined: texts.count() as u64,
        })
    }

    fn expire(
        &self,
        study: StudyId,
        before: Timestamp,
        _within: Duration,
    ) -> Result<Expired, StoreError> {
        let expired = self.expired(study, before)?;
        let mut tables = self.tables();
        let old = tables.entries.values().filter(|entry| {
            entry.study == study
                && entry.status == EntryStatus::Accepted
                && entry.received_at < before
        });
        let old: Vec<_> = old.map(|entry| entry.number).collect();
        for number in old {
            tables.bury(number, None)?;
        }
        tables
            .quarantine
            .retain(|text| text.study != study || text.received_at >= before);
        *tables.changes.entry(study).or_default() += expired.quarantined as i64;
        Ok(expired)
    }

    fn take_round(&self, name: &str, now: Timestamp, every: Duration) -> Result<bool, StoreError> {
        let mut tables = self.tables();
        let next = tables.rounds.get(name).copied();
        if next.is_some_and(|next| next > now) {
            return Ok(false);
        }
        let seconds = i64::try_from(every.as_secs()).unwrap_or(i64::MAX);
        let next = now.plus_seconds(seconds);
        tables.rounds.insert(name.to_owned(), next);
        Ok(true)
    }
}
