//! Entries on their way, and what an answer says of them.

use super::player::Field;
use crate::wire::Answer;
use serde::Deserialize;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// Entries on their way.
pub(super) struct Batch {
    /// When each part of it was due, and how many entries it has.
    pub(super) dues: Vec<(Instant, usize)>,
    pub(super) ids: Vec<Uuid>,
}

/// What became of a request.
pub(super) enum Answered {
    /// It was answered, finally.
    Finally,
    /// It has to be sent again, after that time if the server says so. Nothing of it is stored, or nobody knows.
    Later {
        asked: Option<Duration>,
        turned_away: bool,
    },
}

/// What became of a request without an answer.
pub(super) const UNKNOWN: Answered = Answered::Later {
    asked: None,
    turned_away: false,
};

/// The answer to several entries, with those alone that were not accepted.
#[derive(Deserialize)]
struct Several {
    results: Vec<OneOf>,
}

#[derive(Deserialize)]
struct OneOf {
    index: usize,
    status: String,
}

impl Batch {
    /// Writes down what an answer says of the entries.
    pub(super) fn answered(&self, field: &Field, answer: &Answer<'_>) -> Answered {
        let done = Instant::now();
        let now = field.since(done);
        let entries = self.ids.len() as u64;
        let mut recorder = field.recorder.borrow_mut();
        let mut others = vec![];
        match (answer.status, self.ids.len()) {
            (201, _) | (200, 1) => {
                recorder.counts.duplicates += u64::from(answer.status == 200);
            }
            (202, _) => {
                recorder.counts.quarantined += 1;
                recorder.note(&said("an entry", answer));
                others.push(0);
            }
            (200, _) => {
                let Ok(several) = serde_json::from_slice::<Several>(answer.body) else {
                    recorder.failed(now, 200, &said("entries", answer));
                    return UNKNOWN;
                };
                for one in several.results {
                    match one.status.as_str() {
                        "accepted" => {}
                        "duplicate" => recorder.counts.duplicates += 1,
                        status => {
                            if status == "refused" {
                                recorder.counts.refused += 1;
                            } else {
                                recorder.counts.quarantined += 1;
                            }
                            others.push(one.index);
                        }
                    }
                }
                if !others.is_empty() {
                    recorder.note(&said("entries", answer));
                }
            }
            (429 | 500.., _) => {
                recorder.failed(now, answer.status, &said("entries", answer));
                return Answered::Later {
                    asked: answer.retry_after.map(Duration::from_secs),
                    turned_away: matches!(answer.status, 429 | 503),
                };
            }
            _ => {
                recorder.failed(now, answer.status, &said("entries", answer));
                recorder.counts.refused += entries;
                return Answered::Finally;
            }
        }
        recorder.answered(answer.status);
        recorder.counts.requests += 1;
        let stored = self.ids.iter().enumerate();
        let stored = stored.filter(|(n, _)| !others.contains(n));
        recorder.acknowledged(now, stored.map(|(_, id)| *id));
        for (due, _) in &self.dues {
            let disturbed = field
                .outage()
                .is_some_and(|(begins, ends)| *due < ends && done > begins);
            recorder.took(now, done - *due, disturbed);
        }
        Answered::Finally
    }
}

/// An answer in words.
pub(super) fn said(what: &str, answer: &Answer<'_>) -> String {
    let text = String::from_utf8_lossy(answer.body);
    format!("{what}: {} {text}", answer.status)
}
