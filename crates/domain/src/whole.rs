//! The whole of an archive, table by table, on its way out of a database or into one.
//!
//! Rows and not things: what is copied is what is stored, whatever it means, so that a table that is new needs nothing here.

use crate::Cell;
use serde::{Deserialize, Serialize};

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What stands in a column. Both engines have these and no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ColumnKind {
    /// A number of 64 bits with a sign; a truth value is 0 or 1.
    Integer,
    /// A number of 64 bits with a point (IEEE 754), which is none of infinity.
    Real,
    /// UTF-8.
    Text,
    /// Whatever is no text.
    Bytes,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeColumn {
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub kind: ColumnKind,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeTable {
    /// Its name.
    pub name: String,
    /// In the order of a row's values.
    pub columns: Vec<WholeColumn>,
    /// How many rows there are.
    pub rows: u64,
    /// The greatest number that the database ever gave a row of it, the rows that are gone among them; `None` where it gives none, or does
    /// not remember.
    pub last_number: Option<i64>,
}

/// What an archive was, at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeState {
    /// `sqlite` or `mysql`, which MariaDB is too.
    pub engine: String,
    /// The versions of the migrations that its tables were made by, in order.
    pub migrations: Vec<String>,
    /// Of the root key that it belongs to; `None` for an archive that no server has worked on yet.
    pub fingerprint: Option<String>,
    /// The ledger of erasures that it has; `None` for one that has none yet.
    pub ledger: Option<String>,
    /// Its epoch, which a restored one does not keep.
    pub epoch: Option<String>,
    /// In the order in which their rows come.
    pub tables: Vec<WholeTable>,
}

/// Why an archive was not copied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WholeError {
    /// The database can't be read or written.
    #[error("the database failed")]
    Database(#[source] Source),
    /// What is copied can't be what was there.
    #[error("{0}")]
    Damaged(String),
    /// What the rows go to, or come from, failed.
    #[error("it can't be read or written")]
    Stream(#[from] std::io::Error),
    /// There is something in the database already.
    #[error(
        "the database is not empty: it has the table `{0}`. An archive is restored into an empty database, and into no other"
    )]
    NotEmpty(String),
    /// It is of a later version of the program.
    #[error("it is of a newer version: it has the migration {0}, which this program does not know")]
    Newer(String),
    /// It is of an earlier version, and of the other kind of database.
    #[error(
        "it is of an older version ({pending} migration(s) behind) and of another kind of database ({engine}). Restore it to that kind first, \
         with this program, and take a backup of that"
    )]
    OlderElsewhere {
        /// Of which it is.
        engine: String,
        /// How many migrations it lacks.
        pending: usize,
    },
    /// This build has no such kind of database.
    #[error("it is of a kind of database that this program was built without: {0}")]
    UnknownEngine(String),
}

/// Where rows go.
pub trait WholeSink {
    /// What is to come.
    ///
    /// # Errors
    ///
    /// [`WholeError`].
    fn begin(&mut self, state: &WholeState) -> Result<(), WholeError>;

    /// The rows of that table come next.
    ///
    /// # Errors
    ///
    /// [`WholeError`].
    fn table(&mut self, table: &WholeTable) -> Result<(), WholeError>;

    /// A row of the table that was named last, a value for each of its columns.
    ///
    /// # Errors
    ///
    /// [`WholeError`].
    fn row(&mut self, cells: Vec<Cell>) -> Result<(), WholeError>;

    /// That was all.
    ///
    /// # Errors
    ///
    /// [`WholeError`].
    fn end(&mut self) -> Result<(), WholeError>;
}

/// An archive that can be read as a whole, while others write to it.
pub trait WholeSource {
    /// Gives all that there is at one moment. Memory does not grow with it.
    ///
    /// # Errors
    ///
    /// [`WholeError`], of the database or of the sink.
    fn read(&mut self, to: &mut dyn WholeSink) -> Result<(), WholeError>;
}

/// An empty database that a whole archive goes into.
///
/// It is an archive once [`finish`](Self::finish) is done; before that no server works on it.
pub trait WholeTarget: WholeSink {
    /// Ends it: looks whether all is there and fits together, and gives the archive another epoch, so that nobody takes what he remembers of the
    /// old one for true.
    ///
    /// Log-ins end with it unless they are to be kept: one that was ended since would be good again.
    ///
    /// # Errors
    ///
    /// [`WholeError`].
    fn finish(&mut self, keep_log_ins: bool) -> Result<(), WholeError>;
}
