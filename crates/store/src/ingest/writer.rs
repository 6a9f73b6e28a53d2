//! One writer thread: takes what waits, writes it, commits, answers.

use super::group;
use super::mark::Mark;
use super::pace::Pace;
use super::queue::{Job, Queue, Taken};
#[cfg(feature = "sqlite")]
use super::upkeep::Upkeep;
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

struct Writer<'q> {
    db: Arc<Database>,
    queue: &'q Queue,
    conn: Option<Conn>,
    /// On MySQL and MariaDB, while it has a slot; after the connection was lost, the one it had.
    mark: Option<Mark>,
    spoke: Instant,
    /// On SQLite.
    #[cfg(feature = "sqlite")]
    upkeep: Option<Upkeep>,
    pace: Pace,
}

/// Writes until the queue is closed and empty, that many rows in a transaction at most.
pub(super) fn run(db: Arc<Database>, queue: &Queue, group_rows: usize) {
    let mut writer = Writer {
        #[cfg(feature = "sqlite")]
        upkeep: (db.engine == Engine::Sqlite).then(|| Upkeep::start(&db)),
        db,
        queue,
        conn: None,
        mark: None,
        spoke: Instant::now(),
        pace: Pace::default(),
    };
    loop {
        let patience = writer.patience();
        match queue.take(writer.pace.rows(group_rows), GROUP_BYTES, patience) {
            Taken::Jobs(jobs) => {
                // Whoever waited for one of these jobs hears that the writer stopped.
                if catch_unwind(AssertUnwindSafe(|| writer.write(jobs))).is_err() {
                    tracing::error!("a writer panicked; it goes on with a new connection");
                    writer.lose_connection();
                }
            }
            Taken::Idle => {
                if catch_unwind(AssertUnwindSafe(|| writer.idle())).is_err() {
                    writer.lose_connection();
                }
            }
            Taken::Closed => break,
        }
    }
    while writer.keep_up() {}
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
                #[cfg(feature = "sqlite")]
                let rows = outcomes.iter().map(Vec::len).sum();
                jobs.into_iter()
                    .zip(outcomes)
                    .for_each(|(job, outcomes)| job.answer(Ok(outcomes)));
                #[cfg(feature = "sqlite")]
                if let (Some(upkeep), Some(Conn::Sqlite(conn))) = (&mut self.upkeep, &mut self.conn)
                {
                    upkeep.committed(conn, rows);
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
            #[cfg(feature = "sqlite")]
            if done.is_err() && self.upkeep.as_mut().is_some_and(Upkeep::failed) {
                continue;
            }
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
                        self.lose_connection();
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
        #[cfg(feature = "sqlite")]
        let upkeep = &mut self.upkeep;
        let submissions: Vec<_> = jobs.iter().map(|job| &job.submission).collect();
        let start = Instant::now();
        let (written, committed) = self.db.timed_transaction(conn, |conn| {
            let outcomes = group::write(conn, &submissions, mark.map_or(0, |mark| mark.slot))?;
            if let Some(mark) = mark {
                mark.say_next(conn)?;
            }
            let rows = outcomes.iter().map(Vec::len).sum();
            let took = start.elapsed();
            #[cfg(feature = "sqlite")]
            if let (Some(upkeep), Conn::Sqlite(conn)) = (upkeep, conn) {
                upkeep.beside(conn, rows)?;
            }
            Ok((outcomes, rows, took))
        })?;
        let (outcomes, rows, took) = written;
        self.db.commits.count(rows, start.elapsed());
        // Of several writers, one writes while another commits.
        if self.db.engine == Engine::Sqlite {
            self.pace.learn(rows, took, committed);
        }
        Ok(outcomes)
    }

    /// Does a part of what is to be done beside writing; whether there is more.
    fn keep_up(&mut self) -> bool {
        #[cfg(feature = "sqlite")]
        if let (Some(upkeep), Some(conn)) = (&mut self.upkeep, &mut self.conn) {
            return upkeep.idle(&self.db, conn);
        }
        false
    }

    fn lose_connection(&mut self) {
        self.conn = None;
        #[cfg(feature = "sqlite")]
        if let Some(upkeep) = &mut self.upkeep {
            upkeep.disconnected();
        }
    }

    /// How long to wait for work before there is something to say or to file.
    fn patience(&self) -> Duration {
        #[cfg(feature = "sqlite")]
        if let (Some(_), Some(patience)) =
            (&self.conn, self.upkeep.as_ref().and_then(Upkeep::patience))
        {
            return patience;
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
        self.keep_up();
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
