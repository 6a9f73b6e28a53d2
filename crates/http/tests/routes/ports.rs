//! Ports around those of the store in memory, for bad days and for counting.

use sillage_domain::{
    EntryId, LogFilter, LogNumber, LogPage, LogQuery, LogRevision, LogStore, LogWriter, Pseudonym,
    StoreError, StoredEntry, StudyCounts, StudyId, StudyScope, Submission, Submitted,
};
use std::future::{pending, ready};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// What happens to every submission.
#[derive(Clone, Copy)]
pub(crate) enum Trouble {
    Full,
    Away,
    Silence,
    Panic,
}

/// A writer that has that trouble.
pub(crate) struct Troubled(pub(crate) Trouble);

impl LogWriter for Troubled {
    fn submit(&self, _: Submission) -> Submitted {
        match self.0 {
            Trouble::Full => Box::pin(ready(Err(StoreError::Overloaded))),
            Trouble::Away => Box::pin(ready(Err(StoreError::Away("no route to host".into())))),
            Trouble::Silence => Box::pin(pending()),
            Trouble::Panic => panic!("the writer's secret"),
        }
    }

    fn has_room(&self) -> bool {
        !matches!(self.0, Trouble::Full)
    }
}

/// A writer that takes its time.
pub(crate) struct Slow {
    pub(crate) within: Arc<dyn LogWriter>,
    pub(crate) pause: Duration,
    /// Told when a submission has come.
    pub(crate) begun: Arc<Notify>,
}

impl LogWriter for Slow {
    fn submit(&self, submission: Submission) -> Submitted {
        let submitted = self.within.submit(submission);
        let pause = self.pause;
        self.begun.notify_one();
        Box::pin(async move {
            tokio::time::sleep(pause).await;
            submitted.await
        })
    }

    fn has_room(&self) -> bool {
        self.within.has_room()
    }
}

/// A reader that counts how often rows are read, or that is away.
pub(crate) struct Watched {
    pub(crate) within: Arc<dyn LogStore>,
    pub(crate) reads: Arc<AtomicUsize>,
    pub(crate) away: bool,
}

impl Watched {
    fn read(&self) -> Result<(), StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.ping()
    }
}

impl LogStore for Watched {
    fn page(&self, query: &LogQuery) -> Result<LogPage, StoreError> {
        self.read()?;
        self.within.page(query)
    }

    fn entry(
        &self,
        number: LogNumber,
        scope: &StudyScope,
    ) -> Result<Option<StoredEntry>, StoreError> {
        self.read()?;
        self.within.entry(number, scope)
    }

    fn entry_by_id(
        &self,
        pseudonym: Pseudonym,
        id: EntryId,
    ) -> Result<Option<StoredEntry>, StoreError> {
        self.read()?;
        self.within.entry_by_id(pseudonym, id)
    }

    fn revision(&self, scope: &StudyScope) -> Result<LogRevision, StoreError> {
        self.ping()?;
        self.within.revision(scope)
    }

    fn scan(
        &self,
        study: StudyId,
        filter: &LogFilter,
        each: &mut dyn FnMut(StoredEntry) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.read()?;
        self.within.scan(study, filter, each)
    }

    fn counts(&self, study: StudyId) -> Result<StudyCounts, StoreError> {
        self.within.counts(study)
    }

    fn ping(&self) -> Result<(), StoreError> {
        if self.away {
            Err(StoreError::Away("no route to host".into()))
        } else {
            Ok(())
        }
    }
}
