//! Many submissions in one transaction.
//!
//! Entries are inserted plainly, in slices. Only when the database says that one is there already are the known ones of the slice looked up, and the
//! others inserted. Nothing is ever ignored, replaced or updated on the way: on MariaDB that skips and cuts without a word.

use super::insert::{self, Next};
use super::plan::{Fresh, Plan, Step, compared};
use super::release;
use super::rows::{EntryRow, Misfit};
use crate::connection::Conn;
use crate::error::{Cause, Error};
use crate::schema::study_counters;
use diesel::prelude::*;
use sillage_domain::{LogNumber, Outcome, QuarantineId, StoredEntry, Submission};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Rows and bytes of one statement: within SQLite's 32,766 and MySQL's 65,535 parameters, and within the packet that a MySQL server takes by default.
const SLICE_ROWS: usize = 500;
const SLICE_BYTES: usize = 2 << 20;
/// How often the known entries of a slice are looked up before the transaction is started over.
const ROUNDS: usize = 16;

/// What became of a fresh entry.
enum Fate {
    Inserted(LogNumber),
    Known(Box<StoredEntry>),
}

/// How much was added to one study.
#[derive(Default)]
struct Added {
    entries: i64,
    quarantined: i64,
    /// Texts that left the quarantine.
    released: i64,
}

/// Writes the submissions, and counts them in the counters of that writer; the caller's transaction commits.
pub(super) fn write(
    conn: &mut Conn,
    submissions: &[&Submission],
    writer: i16,
) -> Result<Vec<Vec<Outcome>>, Error> {
    let plan = Plan::of(conn, submissions)?;
    let mut added = BTreeMap::new();
    let fates = insert_entries(conn, &plan.fresh, &mut added)?;
    let ids = insert_misfits(conn, &plan.misfits, &mut added)?;
    let answer = |step: &Step<'_>| answer(step, &plan.fresh, &fates, &ids);
    let outcomes: Vec<Vec<_>> = plan
        .steps
        .iter()
        .map(|steps| steps.iter().map(answer).collect())
        .collect();
    let steps = plan.steps.iter().flatten();
    for (study, released) in release::let_out(conn, steps.zip(outcomes.iter().flatten()))? {
        added.entry(study).or_default().released += released;
    }
    count(conn, writer, &added)?;
    Ok(outcomes)
}

fn answer(step: &Step<'_>, fresh: &[Fresh<'_>], fates: &[Fate], ids: &[i64]) -> Outcome {
    match *step {
        Step::Own(n) => match &fates[n] {
            Fate::Inserted(number) => Outcome::Accepted(*number),
            Fate::Known(known) => compared(known, fresh[n].entry),
        },
        Step::After(n, entry) => match &fates[n] {
            Fate::Inserted(number) => compared(&fresh[n].stored(*number), entry),
            Fate::Known(known) => compared(known, entry),
        },
        Step::Misfit(n) => Outcome::Quarantined(QuarantineId(ids[n])),
        Step::Released(_, ref step) => answer(step, fresh, fates, ids),
        Step::Told(outcome) => outcome,
    }
}

fn insert_entries(
    conn: &mut Conn,
    fresh: &[Fresh<'_>],
    added: &mut BTreeMap<i64, Added>,
) -> Result<Vec<Fate>, Error> {
    let rows: Vec<_> = fresh
        .iter()
        .map(|f| EntryRow::new(f.entry, f.received_at))
        .collect();
    let bytes = |f: &Fresh<'_>| {
        f.entry
            .content
            .payload
            .as_ref()
            .map_or(0, |payload| payload.as_str().len())
    };
    let mut fates = Vec::with_capacity(fresh.len());
    let statements = slices(fresh, bytes)
        .into_iter()
        .flat_map(|slice| insert::statements(conn, slice))
        .collect::<Vec<_>>();
    let mut next = Next::default();
    for slice in statements {
        match insert::entries(conn, &rows[slice.clone()], &mut next) {
            Ok(numbers) => {
                fates.extend((0..slice.len()).map(|n| Fate::Inserted(LogNumber(numbers.nth(n)))))
            }
            Err(e) if e.cause() == Cause::Unique => insert_unknown(
                conn,
                &fresh[slice.clone()],
                &rows[slice],
                &mut next,
                &mut fates,
            )?,
            Err(e) => return Err(e),
        }
    }
    for (fresh, fate) in fresh.iter().zip(&fates) {
        if matches!(fate, Fate::Inserted(_)) {
            added.entry(fresh.entry.study.0).or_default().entries += 1;
        }
    }
    Ok(fates)
}

/// Inserts those of a slice that are not known. Where another writer stores some of them at the same time, the insert waits for its commit and fails:
/// then those are known too.
fn insert_unknown(
    conn: &mut Conn,
    fresh: &[Fresh<'_>],
    rows: &[EntryRow<'_>],
    next: &mut Next,
    fates: &mut Vec<Fate>,
) -> Result<(), Error> {
    let mut known = HashMap::new();
    for _ in 0..ROUNDS {
        let (before, unknown) = (
            known.len(),
            fresh.iter().filter(|f| !known.contains_key(&f.key())),
        );
        let found = insert::known_entries(conn, unknown.map(|f| f.entry))?;
        known.extend(found);
        // What a strict submission found free is taken: it must look again. And whose row stood in the way must be seen here.
        if known.len() == before
            || fresh
                .iter()
                .any(|f| f.strict && known.contains_key(&f.key()))
        {
            return Err(Error::Race);
        }
        let unknown = fresh
            .iter()
            .zip(rows)
            .filter(|(f, _)| !known.contains_key(&f.key()));
        let unknown: Vec<_> = unknown.map(|(_, row)| *row).collect();
        let mut numbers = match insert_some(conn, &unknown, next) {
            Ok(numbers) => numbers.into_iter(),
            Err(e) if e.cause() == Cause::Unique => continue,
            Err(e) => return Err(e),
        };
        for f in fresh {
            fates.push(match known.remove(&f.key()) {
                Some(known) => Fate::Known(Box::new(known)),
                None => Fate::Inserted(LogNumber(numbers.next().ok_or(Error::Race)?)),
            });
        }
        return Ok(());
    }
    Err(Error::Race)
}

/// The numbers of these rows, inserted; none for none.
fn insert_some(conn: &mut Conn, rows: &[EntryRow<'_>], next: &mut Next) -> Result<Vec<i64>, Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = insert::entries(conn, rows, next)?;
    Ok((0..rows.len()).map(|n| numbers.nth(n)).collect())
}

/// Where the id of a text comes from.
enum Place {
    /// It is the same as the text of that index, which came before it.
    Same(usize),
    /// It was kept before.
    Known(i64),
    /// It is that row of the statement.
    Fresh(usize),
}

/// The ids of the texts: new ones, or those that the same texts had before.
fn insert_misfits(
    conn: &mut Conn,
    misfits: &[Misfit<'_>],
    added: &mut BTreeMap<i64, Added>,
) -> Result<Vec<i64>, Error> {
    let mut ids = Vec::with_capacity(misfits.len());
    let mut first = HashMap::new();
    for slice in slices(misfits, |misfit| misfit.new.misfit.text.len()) {
        let slice_start = slice.start;
        let (mut fresh, mut places) = (Vec::new(), Vec::new());
        for (n, misfit) in slice.clone().zip(&misfits[slice]) {
            let key = misfit.key();
            let same = key.map_or(n, |key| *first.entry(key).or_insert(n));
            let known = match key {
                Some(key) if same == n => insert::known_misfit(conn, key)?,
                _ => None,
            };
            places.push(match known {
                Some(id) => Place::Known(id),
                None if same < n => Place::Same(same),
                None => {
                    fresh.push(misfit.row());
                    added.entry(misfit.new.study.0).or_default().quarantined += 1;
                    Place::Fresh(fresh.len() - 1)
                }
            });
        }
        let numbers = match fresh.is_empty() {
            true => None,
            false => Some(insert::misfits(conn, &fresh)?),
        };
        let slice = slice_start..slice_start + places.len();
        let reasons = slice
            .zip(&places)
            .filter_map(|(n, place)| match (place, &numbers) {
                (Place::Fresh(row), Some(numbers)) => Some(misfits[n].reasons(numbers.nth(*row))),
                _ => None,
            });
        let reasons: Vec<_> = reasons.flatten().collect();
        for some in reasons.chunks(SLICE_ROWS) {
            insert::reasons(conn, some)?;
        }
        for place in places {
            ids.push(match (place, &numbers) {
                (Place::Same(n), _) => ids[n],
                (Place::Known(id), _) => id,
                (Place::Fresh(n), Some(numbers)) => numbers.nth(n),
                (Place::Fresh(_), None) => return Err(Error::Race),
            });
        }
    }
    Ok(ids)
}

fn count(conn: &mut Conn, writer: i16, added: &BTreeMap<i64, Added>) -> Result<(), Error> {
    for (&study, added) in added {
        let changes = added.entries + added.quarantined + added.released;
        let quarantined = added.quarantined - added.released;
        if changes == 0 {
            continue;
        }
        let counted = diesel::update(study_counters::table.find((study, writer)))
            .set((
                study_counters::entries.eq(study_counters::entries + added.entries),
                study_counters::quarantined.eq(study_counters::quarantined + quarantined),
                study_counters::changes.eq(study_counters::changes + changes),
            ))
            .execute(conn)?;
        if counted == 0 {
            let row = (
                study_counters::study_id.eq(study),
                study_counters::writer.eq(writer),
                study_counters::entries.eq(added.entries),
                study_counters::quarantined.eq(quarantined),
                study_counters::changes.eq(changes),
            );
            diesel::insert_into(study_counters::table)
                .values(row)
                .execute(conn)?;
        }
    }
    Ok(())
}

/// Consecutive parts, each small enough for one statement.
fn slices<T>(items: &[T], bytes: impl Fn(&T) -> usize) -> Vec<Range<usize>> {
    let mut slices = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (n, item) in items.iter().enumerate() {
        let next = bytes(item);
        if n > start && (n - start == SLICE_ROWS || size + next > SLICE_BYTES) {
            slices.push(start..n);
            (start, size) = (n, 0);
        }
        size += next;
    }
    if start < items.len() {
        slices.push(start..items.len());
    }
    slices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_bounded_in_rows_and_in_bytes_and_leave_nothing_out() {
        let small = vec![1_usize; SLICE_ROWS + 1];
        assert_eq!(
            slices(&small, |b| *b),
            [0..SLICE_ROWS, SLICE_ROWS..SLICE_ROWS + 1]
        );
        let large = [SLICE_BYTES, 1, SLICE_BYTES, SLICE_BYTES + 1];
        assert_eq!(slices(&large, |b| *b), [0..1, 1..2, 2..3, 3..4]);
        assert!(slices(&[] as &[usize], |b| *b).is_empty());
    }
}
