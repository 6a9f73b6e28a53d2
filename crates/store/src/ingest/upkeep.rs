//! What the writer on SQLite does beside: it files entries, a part with each commit, and has the log of writes folded.

use super::filing::{self, Filing};
use super::fold::Fold;
use crate::connection::Conn;
use crate::database::Database;
use crate::error::Error;
use diesel::SqliteConnection;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many entries are put in order at once, when so many wait to be filed.
const AT_ONCE: usize = 8192;
/// How many of them are filed with a commit, at least, and in a transaction of its own when nothing else waits.
const PART: usize = 512;
/// So many times as many as the commit has entries, so that they do not become more.
const CATCH_UP: usize = 2;
/// How long after its last work the writer files the rest.
const WHEN_IDLE: Duration = Duration::from_millis(100);
/// How long to wait after what could not be filed.
const RETRY: Duration = Duration::from_secs(1);

/// What is to be done beside.
pub(super) struct Upkeep {
    /// About how many entries are stored, and neither filed nor put in order.
    unfiled: usize,
    filing: Option<Filing>,
    /// What is left to file if the transaction is committed.
    if_committed: Option<Option<Filing>>,
    /// When the last attempt to file failed.
    stuck: Option<Instant>,
    /// It failed in the transaction that is to be rolled back.
    at_fault: bool,
    fold: Fold,
}

impl Upkeep {
    /// A writer that begins does not know what others left to file, and supposes many.
    pub(super) fn start(db: &Arc<Database>) -> Self {
        Self {
            unfiled: AT_ONCE,
            filing: None,
            if_committed: None,
            stuck: None,
            at_fault: false,
            fold: Fold::start(db),
        }
    }

    /// Files a part, in the transaction that writes so many entries.
    pub(super) fn beside(&mut self, conn: &mut SqliteConnection, rows: usize) -> Result<(), Error> {
        if let Some(filing) = self.filing {
            let places = PART.max(rows.saturating_mul(CATCH_UP));
            let left = filing.go_on(conn, places).inspect_err(|error| {
                self.not_filed(error);
                self.at_fault = true;
            })?;
            self.if_committed = Some(left);
        }
        Ok(())
    }

    /// To be called when the transaction that writes so many entries is committed, and whoever waits for it knows.
    pub(super) fn committed(&mut self, conn: &mut SqliteConnection, rows: usize) {
        if let Some(filing) = self.if_committed.take() {
            (self.filing, self.stuck) = (filing, None);
        }
        self.unfiled = self.unfiled.saturating_add(rows);
        let rests = self.stuck.is_some_and(|since| since.elapsed() < RETRY);
        if self.unfiled >= AT_ONCE && self.filing.is_none() && !rests {
            self.begin(conn);
        }
        self.fold.committed(conn);
    }

    /// To be called when a transaction failed. Whether that was since something could not be filed, and it should be tried again without.
    pub(super) fn failed(&mut self) -> bool {
        self.if_committed = None;
        std::mem::take(&mut self.at_fault)
    }

    /// To be called when the connection is lost: what was put in order was in its memory.
    pub(super) fn disconnected(&mut self) {
        (self.filing, self.if_committed) = (None, None);
        self.unfiled = self.unfiled.max(1);
    }

    /// How long to wait for work before there is something to file.
    pub(super) fn patience(&self) -> Option<Duration> {
        match (self.filing, self.unfiled) {
            (Some(_), _) => Some(Duration::ZERO),
            (None, 0) => None,
            (None, _) if self.stuck.is_some() => Some(RETRY),
            (None, _) => Some(WHEN_IDLE),
        }
    }

    /// Files a part in a transaction of its own; whether there is more.
    pub(super) fn idle(&mut self, db: &Database, conn: &mut Conn) -> bool {
        if self.filing.is_none() && self.unfiled > 0 {
            match conn {
                Conn::Sqlite(conn) => self.begin(conn),
                #[cfg(feature = "mysql")]
                Conn::Mysql(_) => self.unfiled = 0,
            }
        }
        if self.filing.is_none() {
            return false;
        }
        let filed = db.transaction(conn, |conn| match conn {
            Conn::Sqlite(conn) => self.beside(conn, PART),
            #[cfg(feature = "mysql")]
            Conn::Mysql(_) => Ok(()),
        });
        match (filed, conn) {
            (Ok(()), Conn::Sqlite(conn)) => self.committed(conn, 0),
            #[cfg(feature = "mysql")]
            (Ok(()), Conn::Mysql(_)) => {}
            (Err(error), _) => {
                self.failed();
                self.not_filed(&error);
            }
        }
        self.filing.is_some() || (self.unfiled > 0 && self.stuck.is_none())
    }

    fn begin(&mut self, conn: &mut SqliteConnection) {
        match filing::begin(conn, AT_ONCE as i64) {
            Ok(Some((filing, more))) => {
                (self.filing, self.unfiled, self.stuck) = (Some(filing), more, None)
            }
            Ok(None) => (self.unfiled, self.stuck) = (0, None),
            Err(error) => self.not_filed(&error),
        }
    }

    /// They are found all the same, if not as fast.
    fn not_filed(&mut self, error: &Error) {
        tracing::debug!(
            error = error as &dyn std::error::Error,
            "entries are not filed yet"
        );
        (self.filing, self.if_committed) = (None, None);
        (self.unfiled, self.stuck) = (self.unfiled.max(1), Some(Instant::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::filing::tests::{mark, twenty_unfiled};
    use diesel::connection::SimpleConnection;

    #[test]
    fn what_can_not_be_filed_fails_one_attempt_to_write_and_not_the_next_and_is_filed_later() {
        let (scratch, sqlite) = twenty_unfiled();
        let db = Arc::new(Database::new(&scratch.options()).unwrap());
        let mut upkeep = Upkeep::start(&db);
        let mut conn = Conn::Sqlite(sqlite);
        let Conn::Sqlite(sqlite) = &mut conn else {
            panic!("not SQLite")
        };
        upkeep.committed(sqlite, 0);
        assert_eq!(
            upkeep.patience(),
            Some(Duration::ZERO),
            "twenty are in order"
        );
        sqlite
            .batch_execute("ALTER TABLE log_entries_of_session RENAME TO elsewhere")
            .unwrap();
        assert!(upkeep.beside(sqlite, 10).is_err());
        assert!(upkeep.failed());
        upkeep.beside(sqlite, 10).unwrap();
        assert!(!upkeep.failed(), "the second failure is somebody else's");
        upkeep.committed(sqlite, 10);
        assert_eq!(upkeep.patience(), Some(RETRY));
        sqlite
            .batch_execute("ALTER TABLE elsewhere RENAME TO log_entries_of_session")
            .unwrap();
        assert!(!upkeep.idle(&db, &mut conn), "there is no more");
        let Conn::Sqlite(sqlite) = &mut conn else {
            panic!("not SQLite")
        };
        assert_eq!((mark(sqlite), upkeep.patience()), (20, None));
    }

    #[test]
    fn a_lost_connection_takes_the_order_with_it_and_nothing_else() {
        let (scratch, sqlite) = twenty_unfiled();
        let db = Arc::new(Database::new(&scratch.options()).unwrap());
        let mut upkeep = Upkeep::start(&db);
        let mut conn = Conn::Sqlite(sqlite);
        if let Conn::Sqlite(sqlite) = &mut conn {
            upkeep.committed(sqlite, 0);
        }
        upkeep.disconnected();
        conn = db.connect().unwrap();
        assert_eq!(upkeep.patience(), Some(WHEN_IDLE));
        while upkeep.idle(&db, &mut conn) {}
        let Conn::Sqlite(sqlite) = &mut conn else {
            panic!("not SQLite")
        };
        assert_eq!(mark(sqlite), 20);
    }
}
