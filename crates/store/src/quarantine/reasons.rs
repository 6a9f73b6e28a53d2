//! Why texts lie in quarantine: counted over time, and written anew once they are others.

use crate::connection::Conn;
use crate::counters;
use crate::database::Database;
use crate::dialect::{self, on_backend};
use crate::error::Error;
use crate::logs::instant;
use crate::schema::{quarantine, quarantine_reasons};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use sillage_domain::{QuarantineFilter, ReasonCount, ReasonPeriod, Rejudged, StudyId, Timestamp};
use std::collections::{BTreeSet, HashMap};

/// How many rows go into one statement.
const AT_ONCE: usize = 100;

/// By a walk through the reasons alone; the texts are not touched.
pub(super) fn count(
    db: &Database,
    study: StudyId,
    filter: &QuarantineFilter,
    period: ReasonPeriod,
) -> Result<Vec<ReasonCount>, Error> {
    let mut conn = db.reader()?;
    // Counts in whole periods since 1970. The length is a number of ours.
    let periods = format!(
        "CAST({} AS SIGNED)",
        dialect::quotient(&conn, "received_us", period.micros())
    );
    let grouping = format!("{periods}, reason");
    let counts: Vec<(i64, String, i64)> = quarantine_reasons::table
        .filter(quarantine_reasons::study_id.eq(study.0))
        .filter(quarantine_reasons::received_us.ge(filter.from.map_or(i64::MIN, Timestamp::micros)))
        .filter(quarantine_reasons::received_us.lt(filter.to.map_or(i64::MAX, Timestamp::micros)))
        .group_by(sql::<Text>(&grouping))
        .order(sql::<Text>(&grouping))
        .select((sql::<BigInt>(&periods), sql::<Text>("reason"), count_star()))
        .load(&mut *conn)?;
    counts
        .into_iter()
        .filter(|(_, reason, _)| filter.reason.as_ref().is_none_or(|wanted| wanted == reason))
        .map(|(periods, reason, texts)| {
            Ok(ReasonCount {
                from: instant(periods * period.micros())?,
                reason,
                texts: texts.unsigned_abs(),
            })
        })
        .collect()
}

/// Gives texts the reasons that they have by now; those that were let out meanwhile, or thrown away, are passed over.
pub(super) fn rejudge(
    conn: &mut Conn,
    study: StudyId,
    texts: &[Rejudged],
    now: Timestamp,
) -> Result<(), Error> {
    let ids: Vec<i64> = texts.iter().map(|text| text.id.0).collect();
    let known: HashMap<i64, i64> = quarantine::table
        .filter(quarantine::id.eq_any(&ids))
        .filter(quarantine::study_id.eq(study.0))
        .select((quarantine::id, quarantine::received_us))
        .load(conn)?
        .into_iter()
        .collect();
    let mut reasons = Vec::new();
    let mut changed = Vec::new();
    for text in texts {
        let Some(&received_us) = known.get(&text.id.0) else {
            continue;
        };
        let faults = serde_json::to_string(&text.faults).map_err(|error| {
            Error::Damaged(format!(
                "the faults of {} have no JSON form: {error}",
                text.id
            ))
        })?;
        let there = diesel::update(quarantine::table.find(text.id.0))
            .set((
                quarantine::faults.eq(faults),
                quarantine::codebook_version.eq(text.codebook.map(|version| version.0)),
                quarantine::judged_us.eq(now.micros()),
            ))
            .execute(conn)?;
        if there == 0 {
            // It was let out meanwhile, or thrown away.
            continue;
        }
        changed.push(text.id.0);
        let words: BTreeSet<String> = text.faults.iter().map(|fault| fault.kind.word()).collect();
        reasons.extend(words.into_iter().map(|word| {
            (
                quarantine_reasons::study_id.eq(study.0),
                quarantine_reasons::reason.eq(word),
                quarantine_reasons::quarantine_id.eq(text.id.0),
                quarantine_reasons::received_us.eq(received_us),
            )
        }));
    }
    if changed.is_empty() {
        return Ok(());
    }
    let old = quarantine_reasons::table.filter(quarantine_reasons::quarantine_id.eq_any(changed));
    diesel::delete(old).execute(conn)?;
    for some in reasons.chunks(AT_ONCE) {
        on_backend!(conn, c => diesel::insert_into(quarantine_reasons::table).values(some.to_vec()).execute(c))?;
    }
    counters::change(conn, study, 1, 0)
}
