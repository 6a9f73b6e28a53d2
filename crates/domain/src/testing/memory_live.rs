//! Who plays, in the memory store.

use super::MemoryStore;
use crate::{LiveStore, LogNumber, Player, Pseudonym, Reached, StoreError, StudyId, Timestamp};
use std::ops::Bound;

impl LiveStore for MemoryStore {
    fn players(&self, study: StudyId) -> Result<Vec<Player>, StoreError> {
        let tables = self.tables();
        let used = |account| {
            let of_account = tables.grants.iter().filter(|g| g.account == Some(account));
            of_account.map(|grant| grant.used_at).max()
        };
        let mut players: Vec<_> = tables
            .enrolled(study)
            .map(|(account, enrolment)| Player {
                subject: account.subject,
                username: account.username.clone(),
                number: enrolment.number,
                active: account.active,
                used_at: used(account.id),
            })
            .collect();
        players.sort_by_key(|player| player.number);
        Ok(players)
    }

    fn arrivals(
        &self,
        study: StudyId,
        after: LogNumber,
        each: &mut dyn FnMut(Pseudonym, Timestamp),
    ) -> Result<Reached, StoreError> {
        let tables = self.tables();
        let mut upto = after;
        let later = (Bound::Excluded(after), Bound::Unbounded);
        for (number, entry) in tables.entries.range(later) {
            upto = *number;
            if entry.study == study {
                each(entry.pseudonym, entry.received_at);
            }
        }
        Ok(Reached {
            epoch: format!("memory {}", tables.epoch),
            upto,
        })
    }
}
