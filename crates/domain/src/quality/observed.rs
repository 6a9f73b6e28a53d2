//! What of an entry counts for its quality.

use crate::{ActionName, Payload, Pseudonym, Sequence, SessionName, StoredEntry, Timestamp};
use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// An entry, as far as its quality is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Observed<'a> {
    /// Who played.
    pub participant: Pseudonym,
    /// In which play session.
    pub session: Option<&'a SessionName>,
    /// Where in the session.
    pub sequence: Option<Sequence>,
    /// When, by the clock of the game.
    pub occurred_at: Timestamp,
    /// When it was sent, by the clock of the game.
    pub sent_at: Option<Timestamp>,
    /// When it arrived, by the clock of the server; a file may not say.
    pub received_at: Option<Timestamp>,
    /// What happened.
    pub action: &'a ActionName,
    /// The rest: the text of a JSON object.
    pub payload: Option<&'a str>,
}

impl<'a> Observed<'a> {
    /// A stored entry; `None` for a tombstone, of which nothing is left to look at.
    pub fn of(entry: &'a StoredEntry) -> Option<Self> {
        let (occurred_at, action) = entry.happened()?;
        Some(Self {
            participant: entry.pseudonym,
            session: entry.session.as_ref(),
            sequence: entry.sequence,
            occurred_at,
            sent_at: entry.sent_at,
            received_at: Some(entry.received_at),
            action,
            payload: entry.payload.as_ref().map(Payload::as_str),
        })
    }
}

/// What came lately, to find what comes again: same participant, action, instant, session, sequence and payload, letter for letter.
///
/// It looks back over [`RecentContents::SIZE`] entries, in some 30 MB. Contents are compared by keyed hashes of 64 bits.
#[derive(Debug, Default)]
pub struct RecentContents {
    keys: RandomState,
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl RecentContents {
    /// How many entries it looks back.
    pub const SIZE: usize = 1 << 20;

    /// Whether an entry with that content came lately; from now on one did.
    pub fn has(&mut self, entry: &Observed<'_>) -> bool {
        let mut hasher = self.keys.build_hasher();
        entry.participant.hash(&mut hasher);
        entry.session.hash(&mut hasher);
        entry.sequence.hash(&mut hasher);
        entry.occurred_at.hash(&mut hasher);
        entry.action.hash(&mut hasher);
        entry.payload.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.known.insert(hash) {
            return true;
        }
        if self.order.len() == Self::SIZE
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(hash);
        false
    }
}
