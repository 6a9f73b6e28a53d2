//! Errors inside the crate, what can be done about each, and how they leave.

use crate::dialect;
use diesel::result::{DatabaseErrorKind as Kind, Error as Sql};
use sillage_domain::{DeletionError, PeopleError, StoreError, VaultError};
use std::fmt;
use std::sync::Arc;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL begins with no scheme that this build knows.
    #[error("the database URL must begin with {}", dialect::SCHEMES.join(" or "))]
    Scheme,
    /// The file of the database can't be made.
    #[error("the database file can't be made")]
    File(#[source] std::io::Error),
    /// The database can't be reached, or refuses the log-in.
    #[error("the database can't be reached")]
    Connect(#[source] Source),
    /// What was read is not what the database was asked for.
    #[error("the database driver reads other data than the server sends")]
    Driver,
    /// The database may lose in a crash what it has acknowledged.
    #[error("the database may lose what it acknowledged: {0}")]
    Durability(String),
    /// The tables could not be brought up to date.
    #[error("the database can't be migrated")]
    Migrate(#[source] Source),
    /// The database belongs to another root key than [`StoreOptions::fingerprint`](crate::StoreOptions::fingerprint) is of. It was left as it was.
    #[error("the database belongs to another root key, with the fingerprint {0}")]
    OtherKey(String),
    /// Migrations are pending, and were not to be run.
    #[error("the database waits for {0} migration(s)")]
    Pending(usize),
    /// A newer Sillage has migrated the database.
    #[error("the database is of a newer version: it has the migration {0}")]
    Newer(String),
    /// A restore into the database was broken off.
    #[error(
        "a restore into this database was broken off: run `sillage restore` again, which begins anew"
    )]
    Unfinished,
    /// A thread could not be started.
    #[error("the operating system grants no thread")]
    Thread(#[source] std::io::Error),
}

/// What `?` collects inside the crate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Sql(#[from] Sql),
    #[error("no connection to the database")]
    Connect(#[source] Source),
    #[error("no connection to the database is free")]
    Pool(#[source] Source),
    #[error("what is stored is damaged: {0}")]
    Damaged(String),
    #[error("the name {0} is taken")]
    NameTaken(String),
    #[error("there is no such thing")]
    NotFound,
    #[error("it was changed by somebody else")]
    Stale,
    #[error(transparent)]
    People(Box<PeopleError>),
    #[error(transparent)]
    Deletion(Box<DeletionError>),
    #[error("the ledger of erasures can't be written")]
    Ledger(#[source] std::io::Error),
    #[error(transparent)]
    Vault(Box<VaultError>),
    /// Another transaction wrote the same thing at the same time.
    #[error("another writer came between")]
    Race,
    /// This writer's slot was given to another.
    #[error("the writer lost its place")]
    Fenced,
    #[error("the writer stopped in the middle")]
    Stopped,
}

/// What can be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The same transaction, started over, may succeed.
    Again,
    /// The database can't be reached or can't write.
    Away,
    /// Two rows claim the same key.
    Unique,
    /// A row refers to one that is not there.
    Missing,
    /// Something else; often what was to be written.
    Other,
}

impl Error {
    pub(crate) fn cause(&self) -> Cause {
        match self {
            Self::Sql(Sql::DatabaseError(kind, info)) => cause(kind, info.message()),
            Self::Sql(Sql::BrokenTransactionManager)
            | Self::Connect(_)
            | Self::Pool(_)
            | Self::Ledger(_)
            | Self::Stopped => Cause::Away,
            Self::Race | Self::Fenced => Cause::Again,
            Self::NotFound => Cause::Missing,
            _ => Cause::Other,
        }
    }
}

/// Many errors arrive without a kind of their own: the pure driver names none for a deadlock, SQLite none for a full disk. So the message tells.
fn cause(kind: &Kind, message: &str) -> Cause {
    let is = |part: &&str| message.contains(*part);
    match kind {
        Kind::UniqueViolation => Cause::Unique,
        Kind::ForeignKeyViolation => Cause::Missing,
        Kind::SerializationFailure => Cause::Again,
        Kind::ClosedConnection | Kind::UnableToSendCommand | Kind::ReadOnlyTransaction => {
            Cause::Away
        }
        _ if AGAIN.iter().any(is) => Cause::Again,
        _ if AWAY.iter().any(is) => Cause::Away,
        _ => Cause::Other,
    }
}

/// Another transaction stood in the way.
const AGAIN: [&str; 5] = [
    // MySQL and MariaDB 1213; Galera's failed certification is the same.
    "Deadlock found",
    // MariaDB 1020, under snapshot isolation.
    "Record has changed since last read",
    // Galera 1180.
    "WSREP detected deadlock",
    // TiDB 9007 and 8022.
    "Write conflict",
    "try again later",
];

/// The database is down, going down, full, or does not let anybody write.
const AWAY: [&str; 25] = [
    // SQLite: BUSY and LOCKED after the busy timeout, FULL, IOERR, CANTOPEN, READONLY.
    "database is locked",
    "database table is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    // The driver, without a word from the server.
    "Input/output error",
    "Connection to the server is closed",
    "Packet out of order",
    "connection reset",
    "Broken pipe",
    // MySQL and MariaDB: 1040, 1203, 1053, 1077, 1152, 1184, 1927, 3169, 4031, 1205, 1290, 1021, 1114.
    "Too many connections",
    "already has more than 'max_user_connections'",
    "Server shutdown in progress",
    "Normal shutdown",
    "Aborted connection",
    "Connection was killed",
    "Lock wait timeout exceeded",
    "Query execution was interrupted",
    "disconnected by the server because of inactivity",
    "read-only option",
    "Disk full",
    "is full",
    "No space left on device",
    // Galera 1047.
    "WSREP has not yet prepared node",
];

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::NameTaken(name) => Self::NameTaken(name),
            Error::Stale => Self::Stale,
            Error::Damaged(what) => Self::Damaged(what),
            other => match other.cause() {
                Cause::Missing => Self::NotFound,
                Cause::Away | Cause::Again => Self::Away(Box::new(other)),
                Cause::Unique | Cause::Other => Self::Failed(Box::new(other)),
            },
        }
    }
}

impl From<Error> for PeopleError {
    fn from(error: Error) -> Self {
        match error {
            Error::People(refusal) => *refusal,
            other => Self::Store(other.into()),
        }
    }
}

impl From<Error> for DeletionError {
    fn from(error: Error) -> Self {
        match error {
            Error::Deletion(refusal) => *refusal,
            other => Self::Store(other.into()),
        }
    }
}

impl From<Error> for VaultError {
    fn from(error: Error) -> Self {
        match error {
            Error::Vault(refusal) => *refusal,
            other => Self::Store(other.into()),
        }
    }
}

/// One error as the source of the errors of many submissions.
#[derive(Debug, Clone)]
pub(crate) struct Shared(pub(crate) Arc<Error>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Shared {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Shared {
    /// The error as one submission gets it.
    pub(crate) fn told(&self) -> StoreError {
        match self.0.cause() {
            Cause::Missing => StoreError::NotFound,
            Cause::Away | Cause::Again | Cause::Unique => StoreError::Away(Box::new(self.clone())),
            Cause::Other => StoreError::Failed(Box::new(self.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(message: &str) -> Cause {
        cause(&Kind::Unknown, message)
    }

    #[test]
    fn a_deadlock_is_tried_again() {
        assert_eq!(
            of("Deadlock found when trying to get lock; try restarting transaction"),
            Cause::Again
        );
        assert_eq!(
            of("Record has changed since last read in table 'log_entries'"),
            Cause::Again
        );
        assert_eq!(cause(&Kind::SerializationFailure, ""), Cause::Again);
    }

    #[test]
    fn a_database_that_can_not_be_reached_or_written_is_away() {
        for message in [
            "database is locked",
            "database or disk is full",
            "disk I/O error",
            "unable to open database file",
            "Input/output error: Input/output error: Connection refused (os error 111)",
            "Driver error: `Connection to the server is closed.'",
            "Lock wait timeout exceeded; try restarting transaction",
            "Server shutdown in progress",
            "Connection was killed",
            "The table 'log_entries' is full",
            "WSREP has not yet prepared node for application use",
            "The MariaDB server is running with the --read-only option so it cannot execute this statement",
        ] {
            assert_eq!(of(message), Cause::Away, "{message}");
        }
    }

    #[test]
    fn what_is_wrong_with_the_data_is_not_tried_again() {
        for message in [
            "Data too long for column 'action' at row 1",
            "CONSTRAINT `salt` failed",
            "no such table: x",
        ] {
            assert_eq!(of(message), Cause::Other, "{message}");
        }
        assert_eq!(cause(&Kind::ForeignKeyViolation, ""), Cause::Missing);
    }

    #[test]
    fn nothing_of_the_statement_is_told_but_in_the_source() {
        let inside = Error::Sql(Sql::DatabaseError(
            Kind::Unknown,
            Box::new("near \"SELECT\": syntax error".to_owned()),
        ));
        let told = StoreError::from(inside);
        assert!(!told.to_string().contains("SELECT"));
        assert!(std::error::Error::source(&told).is_some());
    }
}
