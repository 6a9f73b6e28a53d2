//! What can be told of a database by looking at it, for whoever runs it.

use serde::Serialize;

/// A sum that is kept beside the rows, and what the rows come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Miscount {
    /// Of what: `entries`, `deleted`, `quarantined` of a study, `last_number`, `files`.
    pub what: String,
    /// Of which study, by its slug, or which table.
    pub of: String,
    /// What is kept.
    pub kept: i64,
    /// What was found.
    pub found: i64,
}

/// Rows that refer to rows that are not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dangling {
    /// Which rows.
    pub table: String,
    /// Those that they refer to.
    pub parent: String,
    /// How many.
    pub rows: u64,
}

/// An open study, as it is watched over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenStudy {
    /// Its name in addresses.
    pub slug: String,
    /// How many entries it has.
    pub entries: i64,
    /// How many participants it has.
    pub participants: i64,
}

/// What was found in a database, in one state of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Why it may lose what it acknowledged; `None` where it keeps it.
    pub durability: Option<String>,
    /// Why it keeps the bytes of what is erased; `None` where it overwrites them.
    pub bytes_stay: Option<String>,
    /// By how many seconds the clock of the database server is ahead of this machine's; 0 on SQLite.
    pub clock_ahead_s: i64,
    /// When the newest entry was received, in microseconds since 1970; `None` where there is none.
    pub newest_us: Option<i64>,
    /// Sums that are not what the rows come to.
    pub miscounts: Vec<Miscount>,
    /// Rows that refer to nothing.
    pub dangling: Vec<Dangling>,
    /// What the engine finds wrong with its own file.
    pub damage: Option<String>,
    /// Studies that are open.
    pub open_studies: Vec<OpenStudy>,
    /// How many erasures were ordered and are not over.
    pub erasures_under_way: i64,
}
