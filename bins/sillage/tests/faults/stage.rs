//! What a fault is told, and what it tells in the end.

use crate::support::Engine;
use crate::tally::Tally;
use std::time::Duration;

/// On which database, and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stage {
    pub(crate) engine: Engine,
    /// The bounded form.
    pub(crate) short: bool,
}

/// How a fault ended.
pub(crate) enum Ended {
    /// It was played.
    Played(Tally),
    /// It cannot be played here: why.
    Skipped(&'static str),
    /// It is none of this database.
    Elsewhere,
}

impl Stage {
    pub(crate) fn new(engine: Engine, short: bool) -> Self {
        Self { engine, short }
    }

    /// The one or the other number, as this is the full form or the bounded one.
    pub(crate) fn times(&self, full: usize, short: usize) -> usize {
        if self.short { short } else { full }
    }

    /// The same of seconds.
    pub(crate) fn seconds(&self, full: u64, short: u64) -> Duration {
        Duration::from_secs(if self.short { short } else { full })
    }

    pub(crate) fn engine_name(&self) -> &'static str {
        name(self.engine)
    }
}

/// What an engine is called in the table.
pub(crate) fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Mariadb => "MariaDB",
    }
}
