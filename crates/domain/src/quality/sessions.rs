//! The sessions that are open, each with what was seen of it.

use super::actions::{ActionKey, ActionNames};
use super::session::{Findings, Part, SessionSummary, Stream};
use super::{Observed, Rules};
use crate::{Pseudonym, SessionName};
use std::collections::HashMap;

/// A play session of one player.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Key {
    session: Option<SessionName>,
    participant: Pseudonym,
}

/// The sessions of a study. Where more are open than there is room for, half are closed: those that nothing has come for longest.
#[derive(Debug)]
pub(super) struct Sessions {
    open: HashMap<Key, Stream>,
    rules: Rules,
    touches: u64,
    /// How many were closed before the end: an entry that comes later for one of them begins it anew.
    pub(super) closed_early: u64,
    boundaries: (bool, bool),
}

impl Sessions {
    pub(super) fn new(rules: &Rules, boundaries: (bool, bool)) -> Self {
        Self {
            open: HashMap::new(),
            rules: *rules,
            touches: 0,
            closed_early: 0,
            boundaries,
        }
    }

    /// Takes one more entry; sessions that are closed for it go to `close`.
    pub(super) fn add(
        &mut self,
        entry: &Observed<'_>,
        action: ActionKey,
        part: Part,
        findings: &Findings,
        names: &ActionNames,
        close: &mut dyn FnMut(SessionSummary),
    ) {
        self.touches += 1;
        let key = Key {
            session: entry.session.cloned(),
            participant: entry.participant,
        };
        if self.open.len() >= self.rules.sessions.get() && !self.open.contains_key(&key) {
            self.make_room(names, close);
        }
        let stream = self
            .open
            .entry(key)
            .or_insert_with(|| Stream::new(entry.occurred_at, &self.rules));
        stream.touched = self.touches;
        stream.add(entry, action, part, findings);
    }

    fn make_room(&mut self, names: &ActionNames, close: &mut dyn FnMut(SessionSummary)) {
        let mut touched: Vec<u64> = self.open.values().map(|stream| stream.touched).collect();
        let middle = touched.len() / 2;
        let (_, &mut bound, _) = touched.select_nth_unstable(middle);
        let boundaries = self.boundaries;
        let mut closed = Vec::new();
        self.open.retain(|key, stream| {
            let stays = stream.touched > bound;
            if !stays {
                closed.push((key.clone(), stream.clone()));
            }
            stays
        });
        closed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        self.closed_early += closed.len() as u64;
        for (key, stream) in closed {
            close(stream.summary(key.session, key.participant, names, boundaries));
        }
    }

    /// Closes all that are open, in order of names.
    pub(super) fn close(self, names: &ActionNames, close: &mut dyn FnMut(SessionSummary)) {
        let mut open: Vec<_> = self.open.into_iter().collect();
        open.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (key, stream) in open {
            close(stream.summary(key.session, key.participant, names, self.boundaries));
        }
    }
}
