//! What became of the entries of a request.

use super::consent::LeftOut;
use super::problem;
use crate::error::Problem;
use sillage_domain::{
    Arrival, EntryId, Fault, FaultKind, LogNumber, Outcome, SubjectId, Timestamp,
};
use std::sync::Arc;

/// What became of a request.
pub(crate) struct Receipt {
    /// Whether the body was one object.
    pub(crate) single: bool,
    pub(crate) received_at: Timestamp,
    /// In the order of the body.
    pub(crate) taken: Vec<Taken>,
    /// In whose name they were sent, by somebody who runs the study.
    pub(crate) named: Vec<SubjectId>,
}

/// What became of one entry.
pub(crate) struct Taken {
    entry: Entry,
    /// Where it stood in the body.
    index: usize,
    pub(crate) fate: Fate,
}

enum Entry {
    /// That one of those that were submitted.
    Submitted(Arc<[Arrival]>, usize),
    LeftOut(LeftOut),
}

/// What can become of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted(LogNumber),
    Duplicate(LogNumber),
    Quarantined,
    Conflict,
    /// Nothing of it was kept: whose it is has not consented, or was erased.
    Refused,
}

impl Fate {
    /// The word for it in an answer.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Duplicate(_) => "duplicate",
            Self::Quarantined => "quarantined",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
        }
    }
}

impl Taken {
    /// What became of the n-th that was submitted.
    pub(crate) fn new(arrivals: &Arc<[Arrival]>, n: usize, index: usize, outcome: Outcome) -> Self {
        let fate = match outcome {
            Outcome::Accepted(number) => Fate::Accepted(number),
            Outcome::Duplicate(number) => Fate::Duplicate(number),
            Outcome::Conflict => Fate::Conflict,
            Outcome::Erased => Fate::Refused,
            // Withheld happens to strict submissions with a conflict only, and those are refused before; Gone to none that came from outside.
            Outcome::Quarantined(_) | Outcome::Withheld | Outcome::Gone => Fate::Quarantined,
        };
        Self {
            entry: Entry::Submitted(Arc::clone(arrivals), n),
            index,
            fate,
        }
    }

    /// What was left out.
    pub(super) fn refused(left_out: LeftOut) -> Self {
        Self {
            index: left_out.index,
            entry: Entry::LeftOut(left_out),
            fate: Fate::Refused,
        }
    }

    /// What was submitted of it, if it was.
    pub(crate) fn arrival(&self) -> Option<&Arrival> {
        match &self.entry {
            Entry::Submitted(arrivals, n) => Some(&arrivals[*n]),
            Entry::LeftOut(_) => None,
        }
    }

    /// Where it stood in the body.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn id(&self) -> Option<EntryId> {
        match (&self.entry, self.arrival()) {
            (Entry::LeftOut(left_out), _) => left_out.id,
            (_, Some(Arrival::Entry(entry))) => Some(entry.id),
            (_, Some(Arrival::Misfit(new))) => new.misfit.id,
            (_, Some(Arrival::Release(release))) => Some(release.entry.id),
            (_, None) => None,
        }
    }

    /// Everything that is wrong with it, as of that place of the body.
    pub(crate) fn problems(&self, place: &str) -> Vec<Problem> {
        let faults = match (&self.entry, self.fate) {
            (Entry::LeftOut(left_out), _) => return left_out.problems.clone(),
            (_, Fate::Conflict) => vec![Fault::at("id", FaultKind::Conflict)],
            (_, Fate::Refused) => vec![Fault::at("participant", FaultKind::UnknownParticipant)],
            _ => match self.arrival() {
                Some(Arrival::Misfit(new)) => new.misfit.faults.clone(),
                _ => Vec::new(),
            },
        };
        let said = faults.iter().map(|fault| problem(fault, place));
        said.collect()
    }
}
