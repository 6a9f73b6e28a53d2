//! Many submissions in one transaction.
//!
//! Entries are inserted plainly, in slices. Only when the database says that one is there already are the known ones of the slice looked up, and the
//! others inserted. Nothing is ever ignored, replaced or updated on the way: on MariaDB that skips and cuts without a word.

use super::insert::{self, Key};
use super::rows::{EntryRow, Misfit};
use crate::connection::Conn;
use crate::error::{Cause, Error};
use crate::schema::study_counters;
use diesel::prelude::*;
use sillage_domain::{
    Arrival, LogNumber, NewEntry, Outcome, QuarantineId, StoredEntry, Submission, Timestamp,
};
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

/// Rows and bytes of one statement: within SQLite's 32,766 and MySQL's 65,535 parameters, and within the packet that a MySQL server takes by default.
const SLICE_ROWS: usize = 500;
const SLICE_BYTES: usize = 2 << 20;

/// An entry to be inserted: the first of its id in the group.
struct Fresh<'a> {
    entry: &'a NewEntry,
    received_at: Timestamp,
    /// Whether its submission is stored whole or not at all.
    strict: bool,
}

/// What became of a fresh entry.
enum Fate {
    Inserted(LogNumber),
    Known(Box<StoredEntry>),
}

/// What is to be answered for one arrival.
enum Step<'a> {
    /// It is the fresh entry of that index.
    Own(usize),
    /// It has the id of the fresh entry of that index, which came before it.
    After(usize, &'a NewEntry),
    /// It is the text of that index.
    Misfit(usize),
    /// It is known already.
    Told(Outcome),
}

#[derive(Default)]
struct Plan<'a> {
    fresh: Vec<Fresh<'a>>,
    misfits: Vec<Misfit<'a>>,
    steps: Vec<Vec<Step<'a>>>,
    first: HashMap<Key, usize>,
}

/// How much was added to one study.
#[derive(Default)]
struct Added {
    entries: i64,
    quarantined: i64,
}

/// Writes the submissions, and counts them in the counters of that writer; the caller's transaction commits.
pub(super) fn write(
    conn: &mut Conn,
    submissions: &[&Submission],
    writer: i16,
) -> Result<Vec<Vec<Outcome>>, Error> {
    let mut plan = Plan::default();
    for submission in submissions {
        let steps = if submission.strict {
            plan.strict(conn, submission)?
        } else {
            plan.take(submission)?
        };
        plan.steps.push(steps);
    }
    let mut added = BTreeMap::new();
    let fates = insert_entries(conn, &plan.fresh, &mut added)?;
    let ids = insert_misfits(conn, &plan.misfits, &mut added)?;
    count(conn, writer, &added)?;
    let answer = |step: &Step<'_>| match *step {
        Step::Own(n) => match &fates[n] {
            Fate::Inserted(number) => Outcome::Accepted(*number),
            Fate::Known(known) => compared(known, plan.fresh[n].entry),
        },
        Step::After(n, entry) => match &fates[n] {
            Fate::Inserted(number) => compared(&plan.fresh[n].stored(*number), entry),
            Fate::Known(known) => compared(known, entry),
        },
        Step::Misfit(n) => Outcome::Quarantined(QuarantineId(ids[n])),
        Step::Told(outcome) => outcome,
    };
    Ok(plan
        .steps
        .iter()
        .map(|steps| steps.iter().map(answer).collect())
        .collect())
}

fn compared(known: &StoredEntry, entry: &NewEntry) -> Outcome {
    if known.has_content(&entry.content) {
        Outcome::Duplicate(known.number)
    } else {
        Outcome::Conflict
    }
}

impl Fresh<'_> {
    fn stored(&self, number: LogNumber) -> StoredEntry {
        StoredEntry::new(self.entry, number, self.received_at)
    }
}

impl<'a> Plan<'a> {
    fn take(&mut self, submission: &'a Submission) -> Result<Vec<Step<'a>>, Error> {
        submission
            .arrivals
            .iter()
            .map(|arrival| self.take_arrival(arrival, submission))
            .collect()
    }

    fn take_arrival(
        &mut self,
        arrival: &'a Arrival,
        submission: &Submission,
    ) -> Result<Step<'a>, Error> {
        match arrival {
            Arrival::Entry(entry) => Ok(self.take_entry(entry, submission)),
            Arrival::Misfit(misfit) => {
                self.misfits
                    .push(Misfit::new(misfit, submission.received_at)?);
                Ok(Step::Misfit(self.misfits.len() - 1))
            }
        }
    }

    fn take_entry(&mut self, entry: &'a NewEntry, submission: &Submission) -> Step<'a> {
        let next = self.fresh.len();
        match *self
            .first
            .entry((entry.pseudonym, entry.id))
            .or_insert(next)
        {
            n if n == next => {
                let (received_at, strict) = (submission.received_at, submission.strict);
                self.fresh.push(Fresh {
                    entry,
                    received_at,
                    strict,
                });
                Step::Own(n)
            }
            n => Step::After(n, entry),
        }
    }

    /// Looks first whether anything is in conflict: with what is stored, with what the group stores before, or with itself.
    fn strict(
        &mut self,
        conn: &mut Conn,
        submission: &'a Submission,
    ) -> Result<Vec<Step<'a>>, Error> {
        let entries = submission
            .arrivals
            .iter()
            .filter_map(|arrival| match arrival {
                Arrival::Entry(entry) => Some(entry),
                Arrival::Misfit(_) => None,
            });
        let known = insert::known_entries(conn, entries)?;
        let mut own: HashMap<Key, StoredEntry> = HashMap::new();
        let mut foresee = |arrival: &'a Arrival| {
            let Arrival::Entry(entry) = arrival else {
                return Step::Told(Outcome::Withheld);
            };
            let key = (entry.pseudonym, entry.id);
            if let Some(known) = known.get(&key) {
                return Step::Told(compared(known, entry));
            }
            if let Some(&n) = self.first.get(&key) {
                let same = self.fresh[n]
                    .stored(LogNumber(0))
                    .has_content(&entry.content);
                return if same {
                    Step::After(n, entry)
                } else {
                    Step::Told(Outcome::Conflict)
                };
            }
            let first = own
                .entry(key)
                .or_insert_with(|| StoredEntry::new(entry, LogNumber(0), submission.received_at));
            let same = first.has_content(&entry.content);
            Step::Told(if same {
                Outcome::Withheld
            } else {
                Outcome::Conflict
            })
        };
        let foreseen: Vec<_> = submission.arrivals.iter().map(&mut foresee).collect();
        if foreseen
            .iter()
            .any(|step| matches!(step, Step::Told(Outcome::Conflict)))
        {
            return Ok(foreseen);
        }
        let take = |(foreseen, arrival)| match foreseen {
            Step::Told(Outcome::Duplicate(_)) => Ok(foreseen),
            _ => self.take_arrival(arrival, submission),
        };
        foreseen
            .into_iter()
            .zip(submission.arrivals.iter())
            .map(take)
            .collect()
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
    for slice in slices(fresh, bytes) {
        match insert::entries(conn, &rows[slice.clone()]) {
            Ok(numbers) => {
                fates.extend((0..slice.len()).map(|n| Fate::Inserted(LogNumber(numbers.nth(n)))))
            }
            Err(e) if e.cause() == Cause::Unique => {
                insert_unknown(conn, &fresh[slice.clone()], &rows[slice], &mut fates)?
            }
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

/// Inserts those of a slice that are not known.
fn insert_unknown(
    conn: &mut Conn,
    fresh: &[Fresh<'_>],
    rows: &[EntryRow<'_>],
    fates: &mut Vec<Fate>,
) -> Result<(), Error> {
    let mut known = insert::known_entries(conn, fresh.iter().map(|f| f.entry))?;
    let is_known = |f: &Fresh<'_>| known.contains_key(&(f.entry.pseudonym, f.entry.id));
    // What a strict submission found free is taken: it must look again. And whose row stood in the way must be seen here.
    if known.is_empty() || fresh.iter().any(|f| f.strict && is_known(f)) {
        return Err(Error::Race);
    }
    let unknown: Vec<_> = fresh
        .iter()
        .zip(rows)
        .filter(|(f, _)| !is_known(f))
        .map(|(_, row)| *row)
        .collect();
    let numbers = match unknown.is_empty() {
        true => None,
        false => Some(insert::entries(conn, &unknown)?),
    };
    let mut inserted = 0;
    for f in fresh {
        fates.push(
            match (known.remove(&(f.entry.pseudonym, f.entry.id)), &numbers) {
                (Some(known), _) => Fate::Known(Box::new(known)),
                (None, Some(numbers)) => {
                    inserted += 1;
                    Fate::Inserted(LogNumber(numbers.nth(inserted - 1)))
                }
                (None, None) => return Err(Error::Race),
            },
        );
    }
    Ok(())
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
        let changes = added.entries + added.quarantined;
        if changes == 0 {
            continue;
        }
        let counted = diesel::update(study_counters::table.find((study, writer)))
            .set((
                study_counters::entries.eq(study_counters::entries + added.entries),
                study_counters::quarantined.eq(study_counters::quarantined + added.quarantined),
                study_counters::changes.eq(study_counters::changes + changes),
            ))
            .execute(conn)?;
        if counted == 0 {
            let row = (
                study_counters::study_id.eq(study),
                study_counters::writer.eq(writer),
                study_counters::entries.eq(added.entries),
                study_counters::quarantined.eq(added.quarantined),
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
