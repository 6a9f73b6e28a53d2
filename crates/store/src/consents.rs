//! Consents: what holds beside the traces, and the histories apart from them.

mod row;

pub(crate) use row::{DENIED, GIVEN, Standing, holds};

use crate::connection::Conn;
use crate::counters;
use crate::database::Database;
use crate::erasure::among;
use crate::error::{Cause, Error};
use crate::paging;
use crate::schema::{consent_events, consents, studies};
use crate::store::Store;
use diesel::prelude::*;
use row::{Changed, EventRow};
use sillage_domain::{
    AccountId, ConsentCode, ConsentEvent, ConsentStore, Decisions, NewConsent, PageRequest, Paged,
    Pseudonym, StoreError, StudyId, Timestamp,
};
use std::collections::HashMap;

/// People in one statement.
const SLICE: usize = 500;

/// What holds is written first: its rows are what two who decide at the same time wait for each other at, and so the histories grow in
/// the order in which decisions hold. Both in the order of keys that say nothing of the order in which people were named.
fn record(
    conn: &mut Conn,
    study: StudyId,
    new: &[NewConsent],
    now: Timestamp,
) -> Result<(), Error> {
    let there: Option<i64> = studies::table
        .find(study.0)
        .select(studies::id)
        .first(conn)
        .optional()?;
    there.ok_or(Error::NotFound)?;
    let person = |one: &NewConsent| (study.0, one.pseudonym.to_i64());
    let erased = among(conn, || new.iter().map(person).collect())?;
    let new = new.iter().filter(|one| !erased.contains(&person(one)));
    let mut sorted: Vec<&NewConsent> = new.collect();
    sorted.sort_by_key(|one| one.pseudonym.to_i64());
    for one in &sorted {
        hold(conn, study, one)?;
    }
    sorted.sort_by_key(|one| one.code);
    for one in &sorted {
        remember(conn, study, one, now)?;
    }
    counters::change(conn, study, i64::from(!sorted.is_empty()), 0)
}

fn hold(conn: &mut Conn, study: StudyId, new: &NewConsent) -> Result<(), Error> {
    let changed = Changed::of(&new.consent);
    let key = (study.0, new.pseudonym.to_i64());
    let found = diesel::update(consents::table.find(key))
        .set(&changed)
        .execute(conn)?;
    if found == 0 {
        let row = (
            consents::study_id.eq(key.0),
            consents::pseudonym.eq(key.1),
            consents::collection.eq(changed.collection.unwrap_or_default()),
            consents::research.eq(changed.research.unwrap_or_default()),
            consents::reuse.eq(changed.reuse.unwrap_or_default()),
            consents::publication.eq(changed.publication.unwrap_or_default()),
        );
        diesel::insert_into(consents::table)
            .values(row)
            .execute(conn)?;
    }
    Ok(())
}

fn remember(
    conn: &mut Conn,
    study: StudyId,
    new: &NewConsent,
    now: Timestamp,
) -> Result<(), Error> {
    let consent = &new.consent;
    let notice = consent.notice.as_ref();
    let insert = |conn: &mut Conn, by: Option<AccountId>| {
        let row = (
            consent_events::study_id.eq(study.0),
            consent_events::code.eq(new.code.as_bytes().as_slice()),
            consent_events::decision.eq(consent.decision.as_str()),
            consent_events::purposes.eq(i16::from(consent.purposes.bits())),
            consent_events::decided_by.eq(consent.by.as_str()),
            consent_events::notice_version.eq(notice.map(|notice| notice.version.0)),
            consent_events::notice_language.eq(notice.map(|notice| notice.language.as_str())),
            consent_events::notice_hash.eq(notice.map(|notice| notice.hash.as_slice())),
            consent_events::reference.eq(consent.reference.as_deref()),
            consent_events::recorded_us.eq(now.micros()),
            consent_events::recorded_by.eq(by.map(|account| account.0)),
        );
        diesel::insert_into(consent_events::table)
            .values(row)
            .execute(conn)
            .map_err(Error::from)
    };
    match insert(conn, consent.recorded_by) {
        // Who wrote it down has been deleted meanwhile.
        Err(error) if error.cause() == Cause::Missing && consent.recorded_by.is_some() => {
            insert(conn, None)
        }
        done => done,
    }
    .map(drop)
}

fn forget_references(conn: &mut Conn, study: StudyId, code: &ConsentCode) -> Result<(), Error> {
    let of_one = consent_events::table
        .filter(consent_events::study_id.eq(study.0))
        .filter(consent_events::code.eq(code.as_bytes().as_slice()))
        .filter(consent_events::reference.is_not_null());
    diesel::update(of_one)
        .set(consent_events::reference.eq(None::<String>))
        .execute(conn)?;
    Ok(())
}

fn history(
    db: &Database,
    study: StudyId,
    code: &ConsentCode,
    page: &PageRequest,
) -> Result<Paged<ConsentEvent>, Error> {
    let of_one = || {
        consent_events::table
            .filter(consent_events::study_id.eq(study.0))
            .filter(consent_events::code.eq(code.as_bytes().as_slice()))
    };
    let mut conn = db.reader()?;
    let total: i64 = of_one().count().get_result(&mut *conn)?;
    let rows: Vec<EventRow> = of_one()
        .order(consent_events::id.desc())
        .offset(paging::offset(page))
        .limit(page.size.get().into())
        .select(EventRow::as_select())
        .load(&mut *conn)?;
    paging::paged(total, rows, ConsentEvent::try_from)
}

fn decisions(
    conn: &mut Conn,
    study: StudyId,
    people: &[Pseudonym],
) -> Result<HashMap<Pseudonym, Decisions>, Error> {
    let mut found = HashMap::with_capacity(people.len());
    for slice in people.chunks(SLICE) {
        let rows: Vec<Standing> = consents::table
            .filter(consents::study_id.eq(study.0))
            .filter(consents::pseudonym.eq_any(slice.iter().map(|one| one.to_i64())))
            .select(Standing::as_select())
            .load(conn)?;
        for row in rows {
            found.insert(row.pseudonym()?, row.decisions()?);
        }
    }
    Ok(found)
}

impl ConsentStore for Store {
    fn record_consents(
        &self,
        study: StudyId,
        new: &[NewConsent],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| record(conn, study, new, now))?)
    }

    fn consents(
        &self,
        study: StudyId,
        code: &ConsentCode,
        page: &PageRequest,
    ) -> Result<Paged<ConsentEvent>, StoreError> {
        Ok(history(&self.db, study, code, page)?)
    }

    fn forget_references(&self, study: StudyId, code: &ConsentCode) -> Result<(), StoreError> {
        Ok(self.db.write(|conn| forget_references(conn, study, code))?)
    }

    fn decisions(
        &self,
        study: StudyId,
        people: &[Pseudonym],
    ) -> Result<HashMap<Pseudonym, Decisions>, StoreError> {
        Ok(decisions(&mut *self.db.reader()?, study, people)?)
    }
}

#[cfg(test)]
mod tests;
