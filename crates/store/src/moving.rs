//! People who come from other archives.

use crate::accounts::{NewRow, by_number, insert};
use crate::connection::Conn;
use crate::dialect::on_backend;
use crate::error::Error;
use crate::schema::{accounts, last_numbers, old_numbers, studies};
use crate::store::Store;
use diesel::dsl::{exists, max, select};
use diesel::prelude::*;
use sillage_domain::{
    Account, Enrolment, Move, MoveStore, OldParticipant, ParticipantNumber, PasswordHash,
    PasswordOrigin, Role, Standing, StoreError, StudyId, Timestamp, Username,
};
use std::collections::{HashMap, HashSet};

/// Rows in one statement.
const SLICE: usize = 500;

/// What the study and the server know before anybody comes.
struct Known {
    holders: HashMap<i64, Username>,
    old: HashMap<i64, bool>,
    names: HashSet<String>,
    last: i64,
}

impl Known {
    fn read(conn: &mut Conn, study: StudyId, people: &[OldParticipant]) -> Result<Self, Error> {
        let holders: Vec<(Option<i64>, String)> = accounts::table
            .filter(accounts::study_id.eq(study.0))
            .select((accounts::number, accounts::username))
            .load(conn)?;
        let holders: HashMap<_, _> = holders
            .into_iter()
            .filter_map(|(number, name)| Some((number?, name.parse().ok()?)))
            .collect();
        let old: Vec<(i64, bool)> = old_numbers::table
            .filter(old_numbers::study_id.eq(study.0))
            .select((old_numbers::number, old_numbers::enrolled))
            .load(conn)?;
        let mut names = HashSet::new();
        let accounts = people.iter().filter_map(|person| person.account.as_ref());
        let wanted: Vec<_> = accounts.map(|new| new.username.as_str()).collect();
        for slice in wanted.chunks(SLICE) {
            let found = accounts::table.filter(accounts::username.eq_any(slice));
            names.extend(found.select(accounts::username).load::<String>(conn)?);
        }
        let given: Option<i64> = last_numbers::table
            .find(study.0)
            .select(last_numbers::number)
            .first(conn)
            .optional()?;
        let greatest: Option<i64> = accounts::table
            .filter(accounts::study_id.eq(study.0))
            .select(max(accounts::number))
            .first(conn)?;
        Ok(Self {
            holders,
            old: old.into_iter().collect(),
            names,
            last: given.max(greatest).unwrap_or(0),
        })
    }

    fn standing(&self, person: &OldParticipant) -> Standing {
        let number = person.number.0;
        let account = person.account.as_ref();
        Standing {
            holder: self.holders.get(&number).cloned(),
            enrolled: self.old.get(&number).copied(),
            given: number <= self.last,
            name_taken: account.is_some_and(|new| self.names.contains(new.username.as_str())),
        }
    }

    /// Says what becomes of whoever comes, and knows it from then on.
    fn take(&mut self, person: &OldParticipant) -> Move {
        let moved = Move::of(person, &self.standing(person));
        if let (Move::Made, Some(new)) = (moved, &person.account) {
            self.names.insert(new.username.to_string());
            self.holders.insert(person.number.0, new.username.clone());
        }
        if moved.keeps_number() {
            let enrolled = matches!(moved, Move::Made | Move::Known | Move::TakenOut);
            self.old.insert(person.number.0, enrolled);
        }
        moved
    }
}

fn move_in(
    conn: &mut Conn,
    study: StudyId,
    people: &[OldParticipant],
    pretend: bool,
    now: Timestamp,
) -> Result<Vec<Move>, Error> {
    if !select(exists(studies::table.find(study.0))).get_result::<bool>(conn)? {
        return Err(Error::NotFound);
    }
    let mut known = Known::read(conn, study, people)?;
    let moves: Vec<Move> = people.iter().map(|person| known.take(person)).collect();
    if pretend {
        return Ok(moves);
    }
    let made = people.iter().zip(&moves).filter_map(|(person, moved)| {
        let new = person.account.as_ref().filter(|_| *moved == Move::Made)?;
        let number = person.number;
        let enrolment = Enrolment { study, number };
        Some(NewRow::new(new, Role::Participant, Some(enrolment), now))
    });
    let rows: Vec<_> = made.collect();
    for slice in rows.chunks(SLICE) {
        insert(conn, slice)?;
    }
    keep_numbers(conn, study, people, &known)?;
    Ok(moves)
}

/// Remembers which numbers came, and that no other participant gets one of them.
fn keep_numbers(
    conn: &mut Conn,
    study: StudyId,
    people: &[OldParticipant],
    known: &Known,
) -> Result<(), Error> {
    diesel::delete(old_numbers::table.filter(old_numbers::study_id.eq(study.0))).execute(conn)?;
    let row = |(number, enrolled): (&i64, &bool)| {
        (
            old_numbers::study_id.eq(study.0),
            old_numbers::number.eq(*number),
            old_numbers::enrolled.eq(*enrolled),
        )
    };
    let rows: Vec<_> = known.old.iter().map(row).collect();
    for slice in rows.chunks(SLICE) {
        on_backend!(conn, c => diesel::insert_into(old_numbers::table).values(slice).execute(c))?;
    }
    let greatest = people.iter().map(|person| person.number.0).max();
    let number = last_numbers::number.eq(known.last.max(greatest.unwrap_or(0)));
    let counted = diesel::update(last_numbers::table.find(study.0))
        .set(number)
        .execute(conn)?;
    if counted == 0 {
        diesel::insert_into(last_numbers::table)
            .values((last_numbers::study_id.eq(study.0), number))
            .execute(conn)?;
    }
    Ok(())
}

impl MoveStore for Store {
    fn move_in(
        &self,
        study: StudyId,
        people: &[OldParticipant],
        pretend: bool,
        now: Timestamp,
    ) -> Result<Vec<Move>, StoreError> {
        Ok(self
            .db
            .write(|conn| move_in(conn, study, people, pretend, now))?)
    }

    fn numbered(
        &self,
        study: StudyId,
        number: ParticipantNumber,
    ) -> Result<Option<Account>, StoreError> {
        Ok(by_number(&mut *self.db.reader()?, study, number)?)
    }

    fn hashes_beginning(&self, with: &str, at_most: u32) -> Result<Vec<PasswordHash>, StoreError> {
        // No character comes after the last one.
        let end = format!("{with}{}", char::MAX);
        let mut conn = self.db.reader()?;
        let found: Vec<(String, String)> = accounts::table
            .filter(accounts::password_hash.ge(with))
            .filter(accounts::password_hash.lt(&end))
            .limit(at_most.into())
            .select((accounts::password_hash, accounts::password_origin))
            .load(&mut *conn)
            .map_err(Error::from)?;
        let hash = |(text, origin): (String, String)| {
            let origin = PasswordOrigin::from_word(&origin).unwrap_or(PasswordOrigin::Chosen);
            PasswordHash::of(origin, text)
        };
        Ok(found.into_iter().map(hash).collect())
    }
}
