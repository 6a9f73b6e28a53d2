//! A thread that goes on with erasures, of this process or of one that ended.

use super::sweep;
use crate::database::Database;
use crate::error::OpenError;
use sillage_domain::Timestamp;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The thread; it ends, and is waited for, when this is dropped.
pub(crate) struct Sweeper {
    stop: Arc<Stop>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Stop {
    asked: Mutex<bool>,
    told: Condvar,
}

impl Stop {
    fn is_asked(&self) -> bool {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for so long; gives whether to stop.
    fn wait(&self, pause: Duration) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let (asked, _) = self
            .told
            .wait_timeout_while(asked, pause, |asked| !*asked)
            .unwrap_or_else(PoisonError::into_inner);
        *asked
    }
}

impl Sweeper {
    /// Looks now, for what a process that was killed has left, and again after each pause.
    pub(crate) fn start(db: Arc<Database>, pause: Duration) -> Result<Self, OpenError> {
        let stop = Arc::<Stop>::default();
        let stopped = stop.clone();
        let run = move || {
            loop {
                if let Err(error) = sweep(&db, Timestamp::now(), &|| !stopped.is_asked()) {
                    tracing::debug!(%error, "erasures can't be gone on with now");
                }
                if stopped.wait(pause) {
                    return;
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("sillage-sweeper".into())
            .spawn(run)
            .map_err(OpenError::Thread)?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        *self
            .stop
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.told.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there was told where it happened.
            let _ = thread.join();
        }
    }
}
