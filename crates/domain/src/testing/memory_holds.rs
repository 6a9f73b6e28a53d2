//! What holds the use of entries up, in the memory store.

use super::MemoryStore;
use super::memory::part;
use crate::{
    ConsentCode, Hold, HoldEvent, HoldStore, NewHold, PageRequest, Paged, StoreError, StudyId,
    Timestamp,
};

impl HoldStore for MemoryStore {
    fn record_holds(
        &self,
        study: StudyId,
        new: &[NewHold],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let mut found = tables.studies.iter_mut();
        let found = found.find(|s| s.id == study).ok_or(StoreError::NotFound)?;
        let objects = |one: &NewHold| one.change.hold == Hold::Objection && one.change.is_held;
        found.objected |= new.iter().any(objects);
        for one in new {
            let change = one.change;
            let key = (study, one.pseudonym);
            let mut holds = tables
                .decisions
                .get(&key)
                .copied()
                .unwrap_or_default()
                .holds();
            if holds.contains(change.hold) == change.is_held {
                continue;
            }
            holds.set(change.hold, change.is_held);
            tables.decisions.entry(key).or_default().hold(holds);
            let recorded_at = now;
            let event = HoldEvent {
                change,
                recorded_at,
            };
            tables.holds.push((study, one.code, event));
            *tables.changes.entry(study).or_default() += 1;
        }
        Ok(())
    }

    fn holds(
        &self,
        study: StudyId,
        code: &ConsentCode,
        page: &PageRequest,
    ) -> Result<Paged<HoldEvent>, StoreError> {
        let tables = self.tables();
        let found = tables.holds.iter().rev();
        let found = found.filter(|(of, whose, _)| (*of, whose) == (study, code));
        let found: Vec<_> = found.map(|(_, _, event)| *event).collect();
        Ok(part(&found, page))
    }
}
