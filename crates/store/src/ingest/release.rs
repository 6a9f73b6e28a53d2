//! Texts of the quarantine that become entries: within the transaction that stores the entry, the text goes.

use super::plan::Step;
use crate::connection::Conn;
use crate::dialect;
use crate::error::Error;
use crate::schema::quarantine;
use diesel::prelude::*;
use sillage_domain::{Arrival, Outcome, QuarantineId, Submission};
use std::collections::{BTreeMap, HashSet};

/// Ids of one statement.
const IDS: usize = 500;

/// Those of the texts to be let out that lie in quarantine, held until the transaction ends: nobody else takes them out meanwhile.
pub(super) fn hold(
    conn: &mut Conn,
    submissions: &[&Submission],
) -> Result<HashSet<QuarantineId>, Error> {
    let mut wanted: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for arrival in submissions.iter().flat_map(|one| one.arrivals.iter()) {
        if let Arrival::Release(release) = arrival {
            let of_study = wanted.entry(release.entry.study.0).or_default();
            of_study.push(release.from.0);
        }
    }
    let mut held = HashSet::new();
    for (study, mut ids) in wanted {
        // Everybody takes them in one order, so that no two wait for each other.
        ids.sort_unstable();
        for some in ids.chunks(IDS) {
            let found = dialect::lock_quarantined(conn, study, some)?;
            held.extend(found.into_iter().map(QuarantineId));
        }
    }
    Ok(held)
}

/// Takes out what has become an entry, or was one already; gives how many of which study.
pub(super) fn let_out<'a>(
    conn: &mut Conn,
    answered: impl Iterator<Item = (&'a Step<'a>, &'a Outcome)>,
) -> Result<BTreeMap<i64, i64>, Error> {
    let mut counts = BTreeMap::new();
    let mut ids = Vec::new();
    for (step, outcome) in answered {
        if let (Step::Released(release, _), Outcome::Accepted(_) | Outcome::Duplicate(_)) =
            (step, outcome)
        {
            ids.push(release.from.0);
            *counts.entry(release.entry.study.0).or_default() += 1;
        }
    }
    for some in ids.chunks(IDS) {
        let gone =
            diesel::delete(quarantine::table.filter(quarantine::id.eq_any(some))).execute(conn)?;
        if gone != some.len() {
            return Err(Error::Race);
        }
    }
    Ok(counts)
}
