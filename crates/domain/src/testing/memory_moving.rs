//! People who come from other archives, in memory.

use super::MemoryStore;
use super::memory::Tables;
use crate::{
    Account, Enrolment, Move, MoveStore, OldParticipant, ParticipantNumber, PasswordHash, Role,
    Standing, StoreError, StudyId, Timestamp,
};

impl Tables {
    fn standing(&self, study: StudyId, person: &OldParticipant, last: i64) -> Standing {
        let number = person.number;
        Standing {
            holder: self
                .enrolled(study)
                .find(|(_, enrolment)| enrolment.number == number)
                .map(|(account, _)| account.username.clone()),
            enrolled: self.old_numbers.get(&(study, number.0)).copied(),
            given: number.0 <= last,
            name_taken: person
                .account
                .as_ref()
                .is_some_and(|new| self.accounts.iter().any(|a| a.username == new.username)),
        }
    }
}

impl MoveStore for MemoryStore {
    fn move_in(
        &self,
        study: StudyId,
        people: &[OldParticipant],
        pretend: bool,
        now: Timestamp,
    ) -> Result<Vec<Move>, StoreError> {
        let mut tables = self.tables();
        if !tables.studies.iter().any(|s| s.id == study) {
            return Err(StoreError::NotFound);
        }
        let before = (
            tables.accounts.clone(),
            tables.old_numbers.clone(),
            tables.last.account,
        );
        let last = tables.last_numbers.get(&study).copied().unwrap_or(0);
        let mut moves = Vec::with_capacity(people.len());
        for person in people {
            let moved = Move::of(person, &tables.standing(study, person, last));
            if let (Move::Made, Some(new)) = (moved, &person.account) {
                let number = person.number;
                tables.add_account(
                    new,
                    Role::Participant,
                    Some(Enrolment { study, number }),
                    now,
                );
            }
            if moved.keeps_number() {
                let enrolled = matches!(moved, Move::Made | Move::Known | Move::TakenOut);
                tables
                    .old_numbers
                    .insert((study, person.number.0), enrolled);
            }
            moves.push(moved);
        }
        if pretend {
            (tables.accounts, tables.old_numbers, tables.last.account) = before;
            return Ok(moves);
        }
        let greatest = people.iter().map(|person| person.number.0).max();
        tables
            .last_numbers
            .insert(study, last.max(greatest.unwrap_or(0)));
        Ok(moves)
    }

    fn numbered(
        &self,
        study: StudyId,
        number: ParticipantNumber,
    ) -> Result<Option<Account>, StoreError> {
        let tables = self.tables();
        let found = tables.enrolled(study).find(|(_, e)| e.number == number);
        Ok(found.map(|(account, _)| account.clone()))
    }

    fn hashes_beginning(&self, with: &str, at_most: u32) -> Result<Vec<PasswordHash>, StoreError> {
        let tables = self.tables();
        let hashes = tables.accounts.iter().map(|account| &account.password_hash);
        let found = hashes.filter(|hash| hash.expose().starts_with(with));
        Ok(found.take(at_most as usize).cloned().collect())
    }
}
