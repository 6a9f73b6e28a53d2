//! One writer thread: takes what waits, writes it, commits, answers.

use super::group;
use super::mark::Mark;
use super::pace::Pace;
use super::queue::{Job, Queue, Taken};
use crate::connection::Conn;
use crate::database::{ATTEMPTS, Database, back_off};
use crate::dialect::Engine;
use crate::error::{Cause, Error, Shared};
use diesel::r2d2::R2D2Connection;
use sillage_domain::Outcome;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The most bytes that one transaction takes.
const GROUP_BYTES: usize = 32 << 20;
/// How long after its last work a writer says that it writes nothing: a stream of single entries pays for that once, readers wait so much longer.
const LOWER_AFTER: Duration = Duration::from_millis(10);
/// How often an idle writer is heard of, so that its slot is not taken for abandoned.
const BEAT: Duration = Duration::from_secs(60);
/// How long a writer that can't reach the database waits before it tries to say something again.
const RETRY: Duration = Duration::from_secs(1);

/// How many entries wait to be filed while there is other work.
const FILE_AFTER: usize = 8192;
/// How long after its last work a writer files the rest.
const FILE_WHEN_IDLE: Duration = Duration::from_millis(100);

struct Writer<'q> {
    db: Arc<Database>,
    queue: &'q Queue,
    conn: Option<Conn>,
    /// On MySQL and MariaDB, while it has a slot; after the connection was lost, the one it had.
    mark: Option<Mark>,
    spoke: Instant,
    /// On SQLite, about how many entries are stored and not filed; a writer that begins does not know, and supposes many. On MySQL and MariaDB none.
    unfiled: usize,
    pace: Pace,
}

/// Writes until the queue is closed and empty, that many rows in a transaction at most.
pub(super) fn run(db: Arc<Database>, queue: &Queue, group_rows: usize) {
    let mut writer = Writer {
        db,
        queue,
        conn: None,
        mark: None,
        spoke: Instant::now(),
        unfiled: 0,
        pace: Pace::default(),
    };
    if writer.db.engine == Engine::Sqlite {
        writer.unfiled = FILE_AFTER;
    }
    loop {
        let patience = writer.patience();
        match queue.take(writer.pace.rows(group_rows), GROUP_BYTES, patience) {
            Taken::Jobs(jobs) => {
                // Whoever waited for one of these jobs hears that the writer stopped.
                if catch_unwind(AssertUnwindSafe(|| writer.write(jobs))).is_err() {
                    tracing::error!("a writer panicked; it goes on with a new connection");
                    writer.conn = None;
                }
            }
            Taken::Idle => {
                if catch_unwind(AssertUnwindSafe(|| writer.idle())).is_err() {
                    writer.conn = None;
                }
            }
            Taken::Closed => break,
        }
    }
    writer.file_all();
    if let (Some(mark), Some(conn)) = (writer.mark, &mut writer.conn)
        && let Err(error) = mark.leave(conn)
    {
        tracing::debug!(%error, "the writer's slot was not left; it is free in some minutes");
    }
}

impl Writer<'_> {
    fn write(&mut self, jobs: Vec<Job>) {
        match self.commit(&jobs) {
            Ok(outcomes) => {
                if self.db.engine == Engine::Sqlite {
                    let written: usize = outcomes.iter().map(Vec::len).sum();
                    self.unfiled = self.unfiled.saturating_add(written);
                }
                jobs.into_iter()
                    .zip(outcomes)
                    .for_each(|(job, outcomes)| job.answer(Ok(outcomes)));
                if self.unfiled >= FILE_AFTER {
                    self.file();
                }
            }
            // Something in there can't be written: each half is tried, so that what is bad fails alone after a few commits.
            Err(error)
                if jobs.len() > 1 && matches!(error.cause(), Cause::Missing | Cause::Other) =>
            {
                let mut jobs = jobs;
                let half = jobs.split_off(jobs.len() / 2);
                self.write(jobs);
                self.write(half);
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    submissions = jobs.len(),
                    "not written"
                );
                let mut jobs = jobs;
                if matches!(error, Error::Connect(_)) {
                    // Nobody should wait for a second attempt to reach a database that is away.
                    jobs.extend(self.queue.take_all());
                }
                let error = Shared(Arc::new(error));
                jobs.into_iter()
                    .for_each(|job| job.answer(Err(error.told())));
            }
        }
    }

    /// Writes all in one transaction, started over where another came between.
    fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Vec<Outcome>>, Error> {
        let mut attempt = 1;
        loop {
            let done = self.attempt(jobs);
            self.spoke = Instant::now();
            match done {
                Err(e)
                    if attempt < ATTEMPTS && matches!(e.cause(), Cause::Again | Cause::Unique) =>
                {
                    if matches!(e, Error::Fenced) {
                        self.mark = None;
                    }
                    back_off(attempt);
                    attempt += 1;
                }
                Err(e) => {
                    if e.cause() == Cause::Away {
                        self.conn = None;
                    }
                    return Err(e);
                }
                done => return done,
            }
        }
    }

    fn attempt(&mut self, jobs: &[Job]) -> Result<Vec<Vec<Outcome>>, Error> {
        // A server that was started again has forgotten a connection that rested: better found out now than by somebody's entries.
        if self.db.engine == Engine::Mysql && self.spoke.elapsed() > RETRY {
            self.conn = self
                .conn
                .take()
                .and_then(|mut conn| conn.ping().is_ok().then_some(conn));
        }
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => {
                let mut conn = self.db.connect()?;
                if self.db.engine == Engine::Mysql {
                    self.mark = Some(Mark::register(&mut conn, self.mark)?);
                }
                none.insert(conn)
            }
        };
        if self.db.engine == Engine::Mysql {
            let mut mark = match self.mark {
                Some(mark) => mark,
                None => Mark::register(conn, None)?,
            };
            if !mark.raised {
                mark.raise(conn)?;
            }
            self.mark = Some(mark);
        }
        let mark = self.mark;
        let submissions: Vec<_> = jobs.iter().map(|job| &job.submission).collect();
        let start = Instant::now();
        let (outcomes, committed) = self.db.timed_transaction(conn, |conn| {
            let outcomes = group::write(conn, &submissions, mark.map_or(0, |mark| mark.slot))?;
            if let Some(mark) = mark {
                mark.say_next(conn)?;
            }
            Ok(outcomes)
        })?;
        // Of several writers, one writes while another commits.
        if self.db.engine == Engine::Sqlite {
            let rows = outcomes.iter().map(Vec::len).sum();
            let written = start.elapsed().saturating_sub(committed);
            self.pace.learn(rows, written, committed);
        }
        Ok(outcomes)
    }

    /// Files what comes first of what is not filed; whether there is more.
    fn file(&mut self) -> bool {
        let Some(conn) = &mut self.conn else {
            return false;
        };
        let filed = self.db.transaction(conn, |conn| match conn {
            #[cfg(feature = "sqlite")]
            Conn::Sqlite(c) => super::filing::file(c, FILE_AFTER as i64),
            #[cfg(feature = "mysql")]
            Conn::Mysql(_) => Ok(false),
        });
        match filed {
            Ok(more) => {
                self.unfiled = if more { FILE_AFTER } else { 0 };
                more
            }
            Err(error) => {
                // They are found all the same, if not as fast.
                tracing::debug!(%error, "entries are not filed yet");
                self.unfiled = 1;
                false
            }
        }
    }

    /// Files all that is not filed, at the end.
    fn file_all(&mut self) {
        while self.unfiled >= FILE_AFTER && self.file() {}
        if self.unfiled > 0 {
            self.file();
        }
    }

    /// How long to wait for work before there is something to say or to file.
    fn patience(&self) -> Duration {
        if self.conn.is_some() && self.unfiled > 0 {
            return FILE_WHEN_IDLE;
        }
        match (&self.conn, self.mark) {
            (Some(_), Some(mark)) if mark.raised => LOWER_AFTER,
            (Some(_), Some(_)) => BEAT.saturating_sub(self.spoke.elapsed()),
            (None, Some(mark)) if mark.raised => RETRY,
            _ => BEAT,
        }
    }

    /// Says that nothing is written here.
    fn idle(&mut self) {
        if self.unfiled > 0 {
            self.file();
        }
        let Some(mut mark) = self.mark else { return };
        self.spoke = Instant::now();
        let said = match &mut self.conn {
            Some(conn) => mark.lower(conn),
            // The slot still says what it said when the connection was lost. Taking it anew says that nothing is written.
            None if mark.raised => self.db.connect().and_then(|mut conn| {
                mark = Mark::register(&mut conn, Some(mark))?;
                self.conn = Some(conn);
                Ok(())
            }),
            None => return,
        };
        match said {
            Ok(()) => self.mark = Some(mark),
            Err(Error::Fenced) => self.mark = None,
            Err(error) => {
                tracing::debug!(%error, "the writer can't say that it is idle");
                self.conn = None;
            }
        }
    }
}
