//! The group-commit writer: a bounded queue, and threads that each commit once for all that waits.

#[cfg(feature = "sqlite")]
mod filing;
#[cfg(feature = "sqlite")]
mod fold;
mod group;
mod insert;
mod mark;
mod pace;
mod plan;
mod queue;
mod release;
mod rows;
#[cfg(feature = "sqlite")]
mod upkeep;
mod writer;

use crate::database::Database;
use crate::dialect::Engine;
use crate::error::{Error, OpenError};
use crate::options::StoreOptions;
use queue::{Job, Queue};
use sillage_domain::{QueueLoad, StoreError, Submission, Submitted};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// The way in.
pub(crate) struct Ingest {
    queue: Arc<Queue>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Ingest {
    /// Starts the writers.
    pub(crate) fn start(db: &Arc<Database>, options: &StoreOptions) -> Result<Self, OpenError> {
        let queue = Arc::new(Queue::new(options.queue_rows, options.queue_bytes));
        let ingest = Self {
            queue: queue.clone(),
            threads: Mutex::default(),
        };
        let writers = match db.engine {
            Engine::Sqlite => 1,
            Engine::Mysql => options.writers.clamp(1, 4),
        };
        for n in 0..writers {
            let (db, queue, group_rows) = (db.clone(), queue.clone(), options.group_rows);
            let thread = std::thread::Builder::new()
                .name(format!("sillage-writer-{n}"))
                .spawn(move || writer::run(db, &queue, group_rows))
                .map_err(OpenError::Thread)?;
            ingest.threads().push(thread);
        }
        Ok(ingest)
    }

    /// See [`LogWriter::submit`](sillage_domain::LogWriter::submit).
    pub(crate) fn submit(&self, submission: Submission) -> Submitted {
        let (answer, answered) = oneshot::channel();
        if !self.queue.push(Job::new(submission, answer)) {
            return Box::pin(std::future::ready(Err(StoreError::Overloaded)));
        }
        Box::pin(async {
            answered
                .await
                .unwrap_or_else(|_| Err(Error::Stopped.into()))
        })
    }

    pub(crate) fn has_room(&self) -> bool {
        self.queue.has_room()
    }

    /// What waits, and how much would fit.
    pub(crate) fn load(&self) -> QueueLoad {
        self.queue.load()
    }

    /// Takes nothing more, writes what waits, and ends the threads.
    pub(crate) fn stop(&self) {
        self.queue.close();
        let threads = std::mem::take(&mut *self.threads());
        for thread in threads {
            // A writer catches its panics and tells them.
            let _ = thread.join();
        }
    }

    fn threads(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ingest {
    fn drop(&mut self) {
        self.stop();
    }
}
