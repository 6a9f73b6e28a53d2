//! What a game is told.

use std::path::PathBuf;
use std::time::Duration;

/// Something that a game may want to know or show.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Entries of earlier runs were found, and wait.
    Found {
        /// How many.
        entries: u64,
    },
    /// The server has taken entries, or had them.
    Sent {
        /// Stored now.
        accepted: u64,
        /// Stored before.
        duplicates: u64,
    },
    /// The server keeps an entry in quarantine: it does not fit, or its id was used for other content.
    Quarantined {
        /// The entry's id, if it has one.
        id: Option<String>,
        /// What the server said, as JSON.
        errors: String,
    },
    /// The server refuses an entry for good. It is set aside.
    Refused {
        /// The status of the answer.
        status: u16,
        /// The entry, as JSON.
        entry: String,
        /// What the server said.
        answer: String,
        /// The file that it was written to; `None` without a folder, or if that could not be written.
        aside: Option<PathBuf>,
    },
    /// Entries are gone.
    Dropped {
        /// How many.
        entries: u64,
        /// Why.
        why: DropReason,
    },
    /// The folder takes nothing: entries wait in memory, as far as there is room.
    Unwritten {
        /// Why.
        why: String,
    },
    /// Lines of the queue on the disk can't be read: torn by a crash, or changed by something else.
    Damaged {
        /// How many.
        lines: u64,
    },
    /// The server can't be reached, or asks to come later. Nothing is lost.
    Offline {
        /// Why.
        why: String,
        /// When it is tried again.
        again_in: Duration,
    },
    /// The server answers again.
    Online,
    /// The server takes no entries of this account: the study is not open, or consent is missing (code 4032: show the notice, and ask). They
    /// wait until it does, or until [`crate::Client::discard`].
    Paused {
        /// The error code, 403 if there is none of its own.
        code: u16,
        /// What the server said.
        message: String,
        /// When it is tried again.
        again_in: Duration,
    },
    /// Username and password, or client and secret, are not taken. Entries wait.
    LoggedOut {
        /// What the server said.
        message: String,
        /// When it is tried again.
        again_in: Duration,
    },
}

/// Why entries are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// More was recorded between two writes than can be handed over.
    HandOver,
    /// As much waits as may.
    Bound,
    /// The disk takes nothing, and memory has no room for more.
    Disk,
    /// The person whose they are has not consented; nothing of them is kept.
    Consent,
    /// The game asked for it.
    Discarded,
}

impl std::fmt::Display for DropReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::HandOver => "too many at once",
            Self::Bound => "as many wait as may",
            Self::Disk => "the disk takes nothing, and memory is full",
            Self::Consent => "consent is missing",
            Self::Discarded => "the game discarded them",
        })
    }
}

/// The handler of a game that has none.
pub(crate) fn say(event: &Event) {
    match event {
        Event::Dropped { entries, why } => {
            eprintln!("sillage: {entries} entries were dropped: {why}");
        }
        Event::Refused {
            status,
            answer,
            aside,
            ..
        } => {
            let place = aside
                .as_ref()
                .map_or_else(|| "nowhere".to_owned(), |path| path.display().to_string());
            eprintln!(
                "sillage: an entry was refused with {status} and set aside ({place}): {answer}"
            );
        }
        Event::Damaged { lines } => {
            eprintln!("sillage: {lines} lines of the queue can't be read");
        }
        Event::Unwritten { why } => eprintln!("sillage: the folder takes nothing: {why}"),
        Event::LoggedOut { message, .. } => eprintln!("sillage: the log-in was refused: {message}"),
        Event::Quarantined { errors, .. } => {
            eprintln!("sillage: an entry lies in quarantine: {errors}");
        }
        _ => {}
    }
}
