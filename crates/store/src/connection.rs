//! A connection to whichever database the URL names, and how the pools make them.

use crate::dialect;
use crate::error::Error;
use diesel::r2d2::{ManageConnection, R2D2Connection};

/// A connection to one of the databases that this build knows.
#[derive(diesel::MultiConnection)]
pub(crate) enum Conn {
    /// SQLite, compiled in.
    #[cfg(feature = "sqlite")]
    Sqlite(diesel::SqliteConnection),
    /// MySQL or MariaDB.
    #[cfg(feature = "mysql")]
    Mysql(crate::mysql::MysqlConnection),
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
}

/// Opens connections by the scheme of the URL.
///
/// `Conn::establish` would try the variants in turn, so that a MySQL server that is down ends in an attempt to open a SQLite file of that name.
#[derive(Clone)]
pub(crate) struct Manager {
    pub(crate) url: String,
    pub(crate) purpose: Purpose,
}

impl Manager {
    /// A new connection, set up; the error is the real one.
    pub(crate) fn open(&self) -> Result<Conn, Error> {
        let mut conn = dialect::connect(&self.url).map_err(|e| Error::Connect(e.into()))?;
        dialect::prepare_session(&mut conn, self.purpose)?;
        Ok(conn)
    }
}

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = Error;

    fn connect(&self) -> Result<Conn, Error> {
        self.open()
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), Error> {
        conn.ping().map_err(Error::from)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        conn.is_broken()
    }
}
