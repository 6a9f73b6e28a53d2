//! What became of the entries of a request.

use sillage_domain::{Arrival, EntryId, Fault, FaultKind, LogNumber, Outcome, Timestamp};
use std::sync::Arc;

/// What became of a request.
pub(crate) struct Receipt {
    /// Whether the body was one object.
    pub(crate) single: bool,
    pub(crate) received_at: Timestamp,
    /// In the order of the body.
    pub(crate) taken: Vec<Taken>,
}

/// What became of one entry.
pub(crate) struct Taken {
    arrivals: Arc<[Arrival]>,
    index: usize,
    pub(crate) fate: Fate,
}

/// What can become of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted(LogNumber),
    Duplicate(LogNumber),
    Quarantined,
    Conflict,
}

impl Fate {
    /// The word for it in an answer.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Duplicate(_) => "duplicate",
            Self::Quarantined => "quarantined",
            Self::Conflict => "conflict",
        }
    }
}

impl Taken {
    pub(crate) fn new(arrivals: &Arc<[Arrival]>, index: usize, outcome: Outcome) -> Self {
        let fate = match outcome {
            Outcome::Accepted(number) => Fate::Accepted(number),
            Outcome::Duplicate(number) => Fate::Duplicate(number),
            Outcome::Conflict => Fate::Conflict,
            // Withheld happens to strict submissions with a conflict only, and those are refused before; Gone to none that came from outside.
            Outcome::Quarantined(_) | Outcome::Withheld | Outcome::Gone => Fate::Quarantined,
        };
        Self {
            arrivals: Arc::clone(arrivals),
            index,
            fate,
        }
    }

    pub(crate) fn arrival(&self) -> &Arrival {
        &self.arrivals[self.index]
    }

    /// Where it stood in the body.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    pub(crate) fn id(&self) -> Option<EntryId> {
        match self.arrival() {
            Arrival::Entry(entry) => Some(entry.id),
            Arrival::Misfit(new) => new.misfit.id,
            Arrival::Release(release) => Some(release.entry.id),
        }
    }

    /// Everything that is wrong with it.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        match (self.fate, self.arrival()) {
            (Fate::Conflict, _) => vec![Fault::at("id", FaultKind::Conflict)],
            (_, Arrival::Misfit(new)) => new.misfit.faults.clone(),
            (_, Arrival::Entry(_) | Arrival::Release(_)) => Vec::new(),
        }
    }
}
