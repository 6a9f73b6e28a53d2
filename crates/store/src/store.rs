//! The store, from its opening to its end.

use crate::database::Database;
use crate::dialect::{self, Engine};
use crate::erasure::Sweeper;
use crate::error::{Error, OpenError};
use crate::ingest::Ingest;
use crate::logs::Marks;
use crate::migrations;
use crate::options::StoreOptions;
use crate::server;
use crate::visible::{self, Watch};
use sillage_domain::{LogWriter, QueueLoad, Submission, Submitted};
use std::fmt;
use std::sync::Arc;

/// An archive in a SQL database: every port of `sillage-domain`.
///
/// Dropping it is [`Store::shutdown`].
pub struct Store {
    pub(crate) db: Arc<Database>,
    pub(crate) marks: Marks,
    ingest: Ingest,
    _sweeper: Sweeper,
    _watch: Option<Watch>,
}

impl Store {
    /// Connects, checks what the database promises, brings the tables up to date, and starts the writers.
    ///
    /// # Errors
    ///
    /// See [`OpenError`]; a database that is down is [`OpenError::Connect`], after a few seconds at most.
    pub fn open(options: &StoreOptions) -> Result<Self, OpenError> {
        let engine = Engine::of(&options.url)?;
        migrations::make_file(&options.url)?;
        let mut conn = migrations::connect(&options.url)?;
        let refused = |e: Error| OpenError::Connect(Box::new(e));
        if !dialect::reads_faithfully(&mut conn).map_err(|e| refused(e.into()))? {
            return Err(OpenError::Driver);
        }
        if let Some(fault) = dialect::durability_fault(&mut conn).map_err(|e| refused(e.into()))? {
            if !options.allow_unsafe_durability {
                return Err(OpenError::Durability(fault));
            }
            tracing::warn!("the database may lose what it acknowledged: {fault}");
        }
        if let Some(why) = dialect::why_bytes_stay(&mut conn).map_err(|e| refused(e.into()))? {
            tracing::warn!(
                "the database keeps the bytes of what is erased in its files until they are used for something else: {why}"
            );
        }
        migrations::refuse_unfinished(&mut conn)?;
        server::check_fingerprint(&mut conn, options)?;
        if options.migrate {
            migrations::run(&mut conn)?;
        } else {
            match migrations::list(&mut conn)?
                .iter()
                .filter(|m| !m.applied)
                .count()
            {
                0 => {}
                pending => return Err(OpenError::Pending(pending)),
            }
        }
        server::found(&mut conn).map_err(refused)?;
        if engine == Engine::Mysql {
            visible::fence_lost(&mut conn).map_err(refused)?;
        }
        drop(conn);
        let db = Arc::new(Database::new(options)?);
        let watch = match engine {
            Engine::Sqlite => None,
            Engine::Mysql => Some(Watch::start(db.clone())?),
        };
        let ingest = Ingest::start(&db, options)?;
        let sweeper = Sweeper::start(db.clone(), options.sweep)?;
        Ok(Self {
            db,
            marks: Marks::default(),
            ingest,
            _sweeper: sweeper,
            _watch: watch,
        })
    }

    /// Takes no submission any more, writes and answers those that wait, and ends the writers. Blocks until then. Reading goes on.
    pub fn shutdown(&self) {
        self.ingest.stop();
    }

    /// What waits to be written.
    pub(crate) fn queue_load(&self) -> QueueLoad {
        self.ingest.load()
    }
}

impl LogWriter for Store {
    fn submit(&self, submission: Submission) -> Submitted {
        self.ingest.submit(submission)
    }

    fn has_room(&self) -> bool {
        self.ingest.has_room()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("engine", &self.db.engine)
            .finish_non_exhaustive()
    }
}
