//! What a group of submissions comes to: which entries are to be inserted, and what is to be answered for each arrival.

use super::insert::{self, Key};
use super::release;
use super::rows::Misfit;
use crate::connection::Conn;
use crate::erasure::{Person, among};
use crate::error::Error;
use sillage_domain::{
    Arrival, LogNumber, NewEntry, Outcome, QuarantineId, Release, StoredEntry, Submission,
    Timestamp,
};
use std::collections::{HashMap, HashSet};

/// An entry to be inserted: the first of its id in the group.
pub(super) struct Fresh<'a> {
    pub(super) entry: &'a NewEntry,
    pub(super) received_at: Timestamp,
    /// Whether its submission is stored whole or not at all.
    pub(super) strict: bool,
}

/// What is to be answered for one arrival.
pub(super) enum Step<'a> {
    /// It is the fresh entry of that index.
    Own(usize),
    /// It has the id of the fresh entry of that index, which came before it.
    After(usize, &'a NewEntry),
    /// It is the text of that index.
    Misfit(usize),
    /// It is a text of the quarantine, which is the entry of that step.
    Released(&'a Release, Box<Step<'a>>),
    /// It is known already.
    Told(Outcome),
}

/// What is to be done for a group, and to be answered.
#[derive(Default)]
pub(super) struct Plan<'a> {
    pub(super) fresh: Vec<Fresh<'a>>,
    pub(super) misfits: Vec<Misfit<'a>>,
    /// For each submission, for each arrival.
    pub(super) steps: Vec<Vec<Step<'a>>>,
    /// Where in `fresh` an id came first.
    first: HashMap<Key, usize>,
    /// Who was erased, of those whose entries these are.
    erased: HashSet<Person>,
    /// What is stored of them, of what was sent again.
    of_erased: HashMap<Key, StoredEntry>,
    /// The texts that lie in quarantine, of those that are to be let out. This transaction alone may take them out.
    held: HashSet<QuarantineId>,
}

/// Whose an arrival is.
fn person(arrival: &Arrival) -> Option<Person> {
    match arrival {
        Arrival::Entry(entry) => Some(person_of(entry)),
        Arrival::Release(release) => Some(person_of(&release.entry)),
        Arrival::Misfit(misfit) => Some((misfit.study.0, misfit.pseudonym?.to_i64())),
    }
}

fn person_of(entry: &NewEntry) -> Person {
    (entry.study.0, entry.pseudonym.to_i64())
}

/// What is to be answered for an entry whose id is stored.
pub(super) fn compared(known: &StoredEntry, entry: &NewEntry) -> Outcome {
    if known.has_content(&entry.content) {
        Outcome::Duplicate(known.number)
    } else {
        Outcome::Conflict
    }
}

impl Fresh<'_> {
    /// What names it.
    pub(super) fn key(&self) -> Key {
        (self.entry.pseudonym, self.entry.id)
    }

    /// It, as it is stored.
    pub(super) fn stored(&self, number: LogNumber) -> StoredEntry {
        StoredEntry::new(self.entry, number, self.received_at)
    }
}

impl<'a> Plan<'a> {
    /// Plans for these submissions, in their order.
    pub(super) fn of(conn: &mut Conn, submissions: &[&'a Submission]) -> Result<Self, Error> {
        let arrivals = || submissions.iter().flat_map(|one| one.arrivals.iter());
        let erased = among(conn, || arrivals().filter_map(person).collect())?;
        let mut plan = Self {
            held: release::hold(conn, submissions)?,
            ..Self::default()
        };
        if !erased.is_empty() {
            let of_erased = arrivals().filter_map(|arrival| match arrival {
                Arrival::Entry(entry) if erased.contains(&person_of(entry)) => Some(entry),
                _ => None,
            });
            plan.of_erased = insert::known_entries(conn, of_erased)?;
            plan.erased = erased;
        }
        for submission in submissions {
            let steps = if submission.strict {
                plan.strict(conn, submission)?
            } else {
                plan.take(submission)?
            };
            plan.steps.push(steps);
        }
        Ok(plan)
    }

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
        if let Some(outcome) = self.of_erased(arrival) {
            return Ok(Step::Told(outcome));
        }
        match arrival {
            Arrival::Entry(entry) => Ok(self.take_entry(entry, submission, submission.received_at)),
            Arrival::Misfit(misfit) => {
                self.misfits
                    .push(Misfit::new(misfit, submission.received_at)?);
                Ok(Step::Misfit(self.misfits.len() - 1))
            }
            // Whoever names a text twice lets it out once.
            Arrival::Release(release) if self.held.remove(&release.from) => {
                let step = self.take_entry(&release.entry, submission, release.received_at);
                Ok(Step::Released(release, Box::new(step)))
            }
            Arrival::Release(_) => Ok(Step::Told(Outcome::Gone)),
        }
    }

    /// What is to be answered for what somebody who was erased has sent; `None` if he was not.
    fn of_erased(&self, arrival: &Arrival) -> Option<Outcome> {
        if self.erased.is_empty() || !self.erased.contains(&person(arrival)?) {
            return None;
        }
        let known = match arrival {
            Arrival::Entry(entry) => self.of_erased.get(&(entry.pseudonym, entry.id)),
            Arrival::Misfit(_) | Arrival::Release(_) => None,
        };
        Some(known.map_or(Outcome::Erased, |known| Outcome::Duplicate(known.number)))
    }

    fn take_entry(
        &mut self,
        entry: &'a NewEntry,
        submission: &Submission,
        received_at: Timestamp,
    ) -> Step<'a> {
        let next = self.fresh.len();
        match *self
            .first
            .entry((entry.pseudonym, entry.id))
            .or_insert(next)
        {
            n if n == next => {
                self.fresh.push(Fresh {
                    entry,
                    received_at,
                    strict: submission.strict,
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
                Arrival::Misfit(_) | Arrival::Release(_) => None,
            });
        let known = insert::known_entries(conn, entries)?;
        let mut own: HashMap<Key, StoredEntry> = HashMap::new();
        let mut foresee = |arrival: &'a Arrival| {
            if let Some(outcome) = self.of_erased(arrival) {
                return Step::Told(outcome);
            }
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
