//! SQLite's log of writes, folded into the database beside the writer.
//!
//! SQLite lets the commit that makes the log long fold it, and everybody waits for that commit. Here a thread of its own does most of that on a
//! connection of its own, while the writer goes on; what the writer wrote meanwhile it folds itself, and then begins the log anew.

use crate::connection::Conn;
use crate::database::Database;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Integer;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pages of the log that are worth folding: 40 MB, not SQLite's 4, since a page that changes often is copied once for all its changes.
const LONG: i32 = 10_000;
/// How often the log is looked at while there are writes.
const EVERY: Duration = Duration::from_millis(25);
/// How long to wait after what could not be done.
const RETRY: Duration = Duration::from_secs(1);

/// The length of the log, and how much of it is in the database, in pages.
#[derive(QueryableByName)]
struct Log {
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

#[derive(Default)]
struct Shared {
    /// Something was written since the thread looked.
    written: AtomicBool,
    /// Only what was written in the last moment is not folded.
    nearly: AtomicBool,
    stopped: AtomicBool,
}

/// The thread. Dropped, it ends.
pub(super) struct Fold {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Fold {
    /// Starts the thread; without one, SQLite folds by itself, if later.
    pub(super) fn start(db: &Arc<Database>) -> Self {
        let shared = Arc::<Shared>::default();
        let (db, of_thread) = (db.clone(), shared.clone());
        let thread = std::thread::Builder::new()
            .name("sillage-fold".into())
            .spawn(move || run(&db, &of_thread))
            .inspect_err(|error| tracing::warn!(%error, "no thread folds the log of writes"))
            .ok();
        Self { shared, thread }
    }

    /// To be called by the writer after each commit, on its connection.
    pub(super) fn committed(&self, conn: &mut SqliteConnection) {
        if !self.shared.written.swap(true, Ordering::Relaxed)
            && let Some(thread) = &self.thread
        {
            thread.thread().unpark();
        }
        if self.shared.nearly.swap(false, Ordering::Relaxed)
            && let Err(error) = fold(conn)
        {
            tracing::debug!(%error, "the rest of the log of writes is not folded yet");
        }
    }
}

impl Drop for Fold {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It says itself what goes wrong.
            let _ = thread.join();
        }
    }
}

fn run(db: &Database, shared: &Shared) {
    let mut conn = None;
    while !shared.stopped.load(Ordering::Relaxed) {
        if !shared.written.swap(false, Ordering::Relaxed) {
            std::thread::park();
            continue;
        }
        std::thread::sleep(EVERY);
        match look(db, &mut conn) {
            Ok(nearly) => {
                if nearly {
                    shared.nearly.store(true, Ordering::Relaxed);
                }
            }
            Err(error) => {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "the log of writes is not folded yet"
                );
                conn = None;
                std::thread::sleep(RETRY);
            }
        }
    }
}

/// Folds the log if it is long; whether it is folded but for its end.
fn look(db: &Database, conn: &mut Option<Conn>) -> Result<bool, crate::error::Error> {
    let conn = match conn {
        Some(conn) => conn,
        none => none.insert(db.connect()?),
    };
    match conn {
        Conn::Sqlite(conn) => {
            // Asks, and does nothing.
            let long: Log = sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(conn)?;
            if long.log < LONG {
                return Ok(false);
            }
            let folded = fold(conn)?;
            Ok(folded.log - folded.checkpointed < LONG / 2)
        }
        #[cfg(feature = "mysql")]
        Conn::Mysql(_) => Ok(false),
    }
}

/// Copies what nobody needs in the log any more, without waiting for anybody.
fn fold(conn: &mut SqliteConnection) -> QueryResult<Log> {
    sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(conn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::testing::Scratch;
    use diesel::connection::SimpleConnection;

    #[test]
    fn a_long_log_is_folded_and_begun_anew_unless_somebody_reads_what_was_before() {
        let scratch = Scratch::sqlite();
        let options = scratch.options();
        drop(Store::open(&options).unwrap());
        let db = Arc::new(Database::new(&options).unwrap());
        let mut of_thread = None;
        let (Conn::Sqlite(mut writer), Conn::Sqlite(mut reader)) =
            (db.connect().unwrap(), db.connect().unwrap())
        else {
            panic!("not SQLite")
        };
        writer
            .batch_execute("PRAGMA wal_autocheckpoint = 0; CREATE TABLE filler (bytes BLOB)")
            .unwrap();
        let mut write = |pages: i32| {
            writer
                .batch_execute(&format!(
                    "INSERT INTO filler VALUES (zeroblob({pages} * 4096))"
                ))
                .unwrap();
        };
        write(100);
        assert!(!look(&db, &mut of_thread).unwrap(), "it is not long");
        reader
            .batch_execute("BEGIN; SELECT count(*) FROM filler")
            .unwrap();
        write(LONG);
        assert!(!look(&db, &mut of_thread).unwrap(), "somebody reads");
        reader.batch_execute("COMMIT").unwrap();
        assert!(look(&db, &mut of_thread).unwrap());
        write(1);
        let anew: Log = sql_query("PRAGMA wal_checkpoint(NOOP)")
            .get_result(&mut reader)
            .unwrap();
        assert!(anew.log < 20, "the log is {} pages long", anew.log);
    }

    #[test]
    fn the_thread_ends_with_what_started_it() {
        let scratch = Scratch::sqlite();
        let options = scratch.options();
        drop(Store::open(&options).unwrap());
        let db = Arc::new(Database::new(&options).unwrap());
        let fold = Fold::start(&db);
        drop(fold);
        assert_eq!(Arc::strong_count(&db), 1);
    }
}
