//! What was thrown away: the text goes, who did it when and why stays.

use crate::connection::Conn;
use crate::counters;
use crate::error::Error;
use crate::logs::{damaged, instant};
use crate::schema::{quarantine, quarantine_discards};
use diesel::prelude::*;
use sillage_domain::{AccountId, Discarded, QuarantineId, Reason, StudyId, Timestamp};

/// Throws a text away, and keeps why.
pub(super) fn discard(
    conn: &mut Conn,
    study: StudyId,
    id: QuarantineId,
    reason: &Reason,
    by: Option<AccountId>,
    now: Timestamp,
) -> Result<Discarded, Error> {
    let found = quarantine::table
        .find(id.0)
        .filter(quarantine::study_id.eq(study.0));
    let received: Option<i64> = found
        .select(quarantine::received_us)
        .first(conn)
        .optional()?;
    let received = received.ok_or(Error::NotFound)?;
    if diesel::delete(quarantine::table.find(id.0)).execute(conn)? == 0 {
        return Err(Error::NotFound);
    }
    let row = (
        quarantine_discards::quarantine_id.eq(id.0),
        quarantine_discards::study_id.eq(study.0),
        quarantine_discards::received_us.eq(received),
        quarantine_discards::discarded_us.eq(now.micros()),
        quarantine_discards::reason.eq(reason.as_str()),
        quarantine_discards::discarded_by.eq(by.map(|account| account.0)),
    );
    diesel::insert_into(quarantine_discards::table)
        .values(row)
        .execute(conn)?;
    counters::change(conn, study, 1, 1)?;
    Ok(Discarded {
        id,
        received_at: instant(received)?,
        discarded_at: now,
        reason: reason.clone(),
        by,
    })
}

/// What is left of a text that was thrown away.
pub(super) fn discarded(
    conn: &mut Conn,
    study: StudyId,
    id: QuarantineId,
) -> Result<Option<Discarded>, Error> {
    let row: Option<(i64, i64, String, Option<i64>)> = quarantine_discards::table
        .find(id.0)
        .filter(quarantine_discards::study_id.eq(study.0))
        .select((
            quarantine_discards::received_us,
            quarantine_discards::discarded_us,
            quarantine_discards::reason,
            quarantine_discards::discarded_by,
        ))
        .first(conn)
        .optional()?;
    row.map(|(received, discarded, reason, by)| {
        Ok(Discarded {
            id,
            received_at: instant(received)?,
            discarded_at: instant(discarded)?,
            reason: reason
                .parse()
                .map_err(|_| damaged("quarantine_discards", id.0, "reason"))?,
            by: by.map(AccountId),
        })
    })
    .transpose()
}
