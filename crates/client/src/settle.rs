//! A batch, until every entry of it is stored, kept by the server, or set aside.

use crate::wire::{Answer, Receipt, Refusal};
use std::ops::Range;

/// What stops a batch before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    Unauthorised(String),
    Forbidden {
        code: u16,
        message: String,
    },
    Later {
        why: String,
        advice: Option<std::time::Duration>,
    },
}

/// What is done with parts of a batch.
pub(crate) trait Settling {
    /// Sends those entries.
    fn post(&mut self, entries: Range<usize>) -> Answer;
    /// The server has these.
    fn taken(&mut self, entries: Range<usize>, receipt: Receipt);
    /// The server refuses this one.
    fn refused(&mut self, entry: usize, refusal: &Refusal);
    /// The server, or a proxy before it, takes no more than that many at once.
    fn too_many(&mut self, entries: usize);
}

/// Sends a batch from its beginning to its end. What is refused is cut, where the errors point if they do, else in halves, until each bad
/// entry stands alone; the others are stored. In order, so that what is settled is always the beginning.
///
/// Gives how many entries are settled, and why not all.
pub(crate) fn settle(length: usize, settling: &mut impl Settling) -> (usize, Option<Stop>) {
    // The last is the next to be sent.
    let mut runs: Vec<_> = std::iter::once(0..length).collect();
    let mut settled = 0;
    while let Some(run) = runs.pop() {
        if run.is_empty() {
            continue;
        }
        let stop = match settling.post(run.clone()) {
            Answer::Taken(receipt) => {
                settled = run.end;
                settling.taken(run, receipt);
                continue;
            }
            Answer::Refused(refusal) if run.len() == 1 => {
                settled = run.end;
                settling.refused(run.start, &refusal);
                continue;
            }
            Answer::Refused(refusal) => {
                if refusal.status == 413 && refusal.code != 4133 {
                    settling.too_many(run.len().div_ceil(2));
                }
                runs.extend(cut(&run, &refusal.indices).into_iter().rev());
                continue;
            }
            Answer::Unauthorised(message) => Stop::Unauthorised(message),
            Answer::Forbidden { code, message } => Stop::Forbidden { code, message },
            Answer::Later { why, advice } => Stop::Later { why, advice },
        };
        return (settled, Some(stop));
    }
    (settled, None)
}

/// Cuts a run of at least two at the entries that are bad, or in the middle. Each piece is smaller than the run.
fn cut(run: &Range<usize>, bad: &[usize]) -> Vec<Range<usize>> {
    let bad: Vec<usize> = bad
        .iter()
        .map(|index| run.start + index)
        .filter(|index| run.contains(index))
        .collect();
    if bad.is_empty() {
        let middle = run.start + run.len() / 2;
        return vec![run.start..middle, middle..run.end];
    }
    let (mut pieces, mut begin) = (Vec::new(), run.start);
    for index in bad {
        pieces.push(begin..index);
        pieces.push(index..index + 1);
        begin = index + 1;
    }
    pieces.push(begin..run.end);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// A server that refuses whatever has a bad entry in it, or is too long.
    struct Server {
        bad: BTreeSet<usize>,
        points: bool,
        most: usize,
        /// Answers to come before it is away.
        answers: usize,
        stored: Vec<usize>,
        aside: Vec<usize>,
        requests: usize,
        limit: usize,
    }

    impl Settling for Server {
        fn post(&mut self, entries: Range<usize>) -> Answer {
            self.requests += 1;
            if self.requests > self.answers {
                return Answer::Later {
                    why: "away".into(),
                    advice: None,
                };
            }
            let hit: Vec<_> = self
                .bad
                .range(entries.clone())
                .map(|bad| bad - entries.start)
                .collect();
            let status = match entries.len() {
                length if length > self.most => 413,
                _ if hit.is_empty() => return Answer::Taken(Receipt::default()),
                _ => 422,
            };
            Answer::Refused(Refusal {
                status,
                code: status,
                indices: if self.points && status == 422 {
                    hit
                } else {
                    Vec::new()
                },
                body: String::new(),
            })
        }

        fn taken(&mut self, entries: Range<usize>, _: Receipt) {
            self.stored.extend(entries);
        }

        fn refused(&mut self, entry: usize, _: &Refusal) {
            self.aside.push(entry);
        }

        fn too_many(&mut self, entries: usize) {
            self.limit = self.limit.min(entries);
        }
    }

    fn server(bad: BTreeSet<usize>, points: bool, most: usize) -> Server {
        Server {
            bad,
            points,
            most,
            answers: usize::MAX,
            stored: Vec::new(),
            aside: Vec::new(),
            requests: 0,
            limit: usize::MAX,
        }
    }

    proptest! {
        #[test]
        fn bad_entries_stand_alone_and_all_others_are_stored_once_in_order(
            length in 0..80_usize,
            bad in prop::collection::btree_set(0..80_usize, 0..10),
            points: bool,
            most in 1..100_usize,
        ) {
            let bad: BTreeSet<_> = bad.into_iter().filter(|n| *n < length).collect();
            let mut server = server(bad.clone(), points, most);
            let (settled, stop) = settle(length, &mut server);
            prop_assert!(stop.is_none());
            prop_assert_eq!(settled, length);
            let good: Vec<_> = (0..length).filter(|n| !bad.contains(n)).collect();
            prop_assert_eq!(server.stored, good);
            prop_assert_eq!(server.aside, bad.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn a_server_that_goes_away_leaves_a_beginning_that_is_settled(
            length in 1..80_usize,
            bad in prop::collection::btree_set(0..80_usize, 0..10),
            answers in 0..30_usize,
        ) {
            let mut server = Server { answers, ..server(bad, false, 100) };
            let (settled, stop) = settle(length, &mut server);
            prop_assert_eq!(stop.is_none(), settled == length);
            let mut seen: Vec<_> = server.stored.iter().chain(&server.aside).copied().collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..settled).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_bad_entry_of_a_hundred_costs_four_requests_where_the_errors_point_at_it() {
        let mut server = server(BTreeSet::from([40]), true, 100);
        settle(100, &mut server);
        assert_eq!(server.requests, 4);
        assert_eq!(server.aside, [40]);
    }

    #[test]
    fn a_limit_of_the_server_is_learnt() {
        let mut server = server(BTreeSet::new(), true, 30);
        settle(100, &mut server);
        assert_eq!(server.limit, 25);
        assert_eq!(server.stored.len(), 100);
    }
}
