//! Databases of other programs, read as they stand.

use std::ops::ControlFlow;

/// A value in a table of another program's database.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// There is none.
    Null,
    /// An integer.
    Integer(i64),
    /// Another number.
    Real(f64),
    /// A text.
    Text(String),
    /// A text that the table calls JSON; it need not be any.
    Json(String),
    /// Bytes, or what is called a text and is not UTF-8.
    Bytes(Vec<u8>),
}

/// A table of another program's database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignTable {
    /// Its name.
    pub name: String,
    /// The names of its columns, in order.
    pub columns: Vec<String>,
    /// How many rows it has.
    pub rows: u64,
}

/// Why another program's database can't be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// There is no file of that name.
    #[error("there is no such file")]
    NoSuchFile,
    /// The file is no database.
    #[error("the file is no SQLite database")]
    NoDatabase,
    /// The database can't be reached or read.
    #[error("the database can't be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// This build knows no such database.
    #[error("this build can't read such a database")]
    Unknown,
}

/// Another program's database. It is only ever read.
pub trait ForeignDatabase {
    /// Its tables.
    ///
    /// # Errors
    ///
    /// [`ForeignError`].
    fn tables(&mut self) -> Result<Vec<ForeignTable>, ForeignError>;

    /// Calls `each` with the values of these columns of every row, in order of the column `by` if one is given, until it breaks.
    ///
    /// Memory does not grow with the number of rows. A table or column that is not there is an error.
    ///
    /// # Errors
    ///
    /// [`ForeignError`].
    fn rows(
        &mut self,
        table: &str,
        columns: &[&str],
        by: Option<&str>,
        each: &mut dyn FnMut(Vec<Cell>) -> ControlFlow<()>,
    ) -> Result<(), ForeignError>;
}
