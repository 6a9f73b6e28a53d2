//! The pools, and transactions on their connections.

use crate::connection::{Conn, Manager, Purpose};
use crate::dialect::{self, Engine};
use crate::error::{Cause, Error, OpenError};
use crate::monitor::{Commits, pool_load};
use crate::options::StoreOptions;
use crate::turn::Turn;
use diesel::connection::SimpleConnection;
use diesel::r2d2::{Pool, PooledConnection};
use sillage_domain::{ErasureLedger, PoolLoad};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// How long a caller waits for a connection.
const CHECKOUT_TIMEOUT: Duration = Duration::from_secs(2);
/// How often a transaction that met another is started over.
pub(crate) const ATTEMPTS: u32 = 16;

/// One database, with connections that read and connections that write.
pub(crate) struct Database {
    pub(crate) engine: Engine,
    manager: Manager,
    readers: Pool<Manager>,
    writers: Pool<Manager>,
    /// Taken for each transaction that writes, on SQLite.
    turn: Turn,
    ledger: Option<Arc<dyn ErasureLedger>>,
    /// Whether the log of writes may still hold what was deleted.
    pub(crate) to_forget: AtomicBool,
    /// What the writers committed.
    pub(crate) commits: Commits,
}

impl Database {
    /// Makes the pools.
    pub(crate) fn new(options: &StoreOptions) -> Result<Self, OpenError> {
        let engine = Engine::of(&options.url)?;
        let pool = |size: u32, purpose| {
            Pool::builder()
                .max_size(size.max(1))
                .min_idle(Some(1))
                .connection_timeout(CHECKOUT_TIMEOUT)
                .test_on_check_out(engine == Engine::Mysql)
                .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
                .build(Manager {
                    url: options.url.clone(),
                    purpose,
                })
                .map_err(|e| OpenError::Connect(Box::new(e)))
        };
        let writers = match engine {
            Engine::Sqlite => 1,
            Engine::Mysql => options.connections,
        };
        Ok(Self {
            engine,
            manager: Manager {
                url: options.url.clone(),
                purpose: Purpose::Write,
            },
            readers: pool(options.connections, Purpose::Read)?,
            writers: pool(writers, Purpose::Write)?,
            turn: Turn::default(),
            ledger: options.ledger.clone(),
            to_forget: AtomicBool::new(false),
            commits: Commits::default(),
        })
    }

    /// Where erasures are written down.
    pub(crate) fn ledger(&self) -> Option<&dyn ErasureLedger> {
        self.ledger.as_deref()
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &str {
        &self.manager.url
    }

    /// How much its pools have to do.
    pub(crate) fn pool_loads(&self) -> Vec<PoolLoad> {
        vec![
            pool_load("read", &self.readers),
            pool_load("write", &self.writers),
        ]
    }

    /// A connection to read with.
    pub(crate) fn reader(&self) -> Result<PooledConnection<Manager>, Error> {
        self.readers.get().map_err(|e| Error::Pool(Box::new(e)))
    }

    /// A connection to write with, without a transaction.
    pub(crate) fn connection_to_write(&self) -> Result<PooledConnection<Manager>, Error> {
        self.writers.get().map_err(|e| Error::Pool(Box::new(e)))
    }

    /// A connection of the caller's own, to write with.
    pub(crate) fn connect(&self) -> Result<Conn, Error> {
        self.manager.open()
    }

    /// Runs the body in one transaction that writes, and again if another came between.
    pub(crate) fn write<T>(
        &self,
        mut body: impl FnMut(&mut Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut conn = self.connection_to_write()?;
        let mut attempt = 1;
        loop {
            match self.transaction(&mut conn, &mut body) {
                Err(e)
                    if attempt < ATTEMPTS && matches!(e.cause(), Cause::Again | Cause::Unique) =>
                {
                    back_off(attempt);
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    /// Runs the body once, in one transaction that writes, and commits.
    pub(crate) fn transaction<T>(
        &self,
        conn: &mut Conn,
        body: impl FnOnce(&mut Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.timed_transaction(conn, body).map(|(value, _)| value)
    }

    /// As [`Database::transaction`], with how long the commit took.
    pub(crate) fn timed_transaction<T>(
        &self,
        conn: &mut Conn,
        body: impl FnOnce(&mut Conn) -> Result<T, Error>,
    ) -> Result<(T, Duration), Error> {
        let _turn = (self.engine == Engine::Sqlite).then(|| self.turn.take());
        dialect::begin_write(conn)?;
        let done = body(conn).and_then(|value| {
            let start = Instant::now();
            conn.batch_execute("COMMIT")?;
            Ok((value, start.elapsed()))
        });
        if done.is_err() {
            // The first error is the one worth reporting; after a failed commit there may be nothing to roll back.
            let _ = conn.batch_execute("ROLLBACK");
        }
        done
    }

    /// Runs the body while no other thread of this process writes, on SQLite.
    pub(crate) fn alone<T>(&self, body: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let _turn = (self.engine == Engine::Sqlite).then(|| self.turn.take());
        body()
    }

    /// Runs the body on one state of the database.
    pub(crate) fn snapshot<T>(
        conn: &mut Conn,
        body: impl FnOnce(&mut Conn) -> Result<T, Error>,
    ) -> Result<T, Error> {
        dialect::begin_read(conn)?;
        let done = body(conn);
        let ended = conn.batch_execute("COMMIT");
        let value = done?;
        ended?;
        Ok(value)
    }
}

/// Waits a little, longer each time, and not as long as those who wait for the same.
pub(crate) fn back_off(attempt: u32) {
    let longest = 1_u64 << attempt.min(6);
    let millis = uuid::Uuid::new_v4().as_u128() as u64 % longest + 1;
    std::thread::sleep(Duration::from_millis(millis));
}
