//! Up to which number entries are shown, and what is done about writers that died. `docs/decisions/0004-visible-numbers.md` says why.

use crate::connection::Conn;
use crate::database::Database;
use crate::dialect::Engine;
use crate::error::{Error, OpenError};
use crate::schema::{log_entries, writers};
use diesel::dsl::{max, min, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long a reader waits for what was committed before it asked, where a writer with lower numbers is still at it.
const WAIT: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(2);
/// How often the marks are looked at.
const WATCH: Duration = Duration::from_secs(2);
/// A writer with a mark is heard of with every transaction. One that was not for so long is taken for dead.
const SILENCE: Duration = Duration::from_secs(10);

/// The greatest number that may be shown; `None` where every committed one may.
///
/// To be asked outside of a transaction: each of its questions must see the newest state, and the rows must be read after it.
pub(crate) fn bound(conn: &mut Conn, engine: Engine) -> Result<Option<i64>, Error> {
    if engine == Engine::Sqlite {
        // Numbers are given by whoever holds the write lock: they become visible in their order.
        return Ok(None);
    }
    let committed: Option<i64> = log_entries::table
        .select(max(log_entries::number))
        .first(conn)?;
    let committed = committed.unwrap_or(0);
    let until = Instant::now() + WAIT;
    loop {
        let low: Option<i64> = writers::table.select(min(writers::low)).first(conn)?;
        let bound = low.map_or(committed, |low| committed.min(low - 1));
        if bound == committed || Instant::now() >= until {
            return Ok(Some(bound));
        }
        std::thread::sleep(PAUSE);
    }
}

/// Stops the writers whose connections the server no longer has: those of a process that was killed. To be called at start; a writer that is stopped
/// by mistake (the server does not show another user's connections) only starts its transaction over.
pub(crate) fn fence_lost(conn: &mut Conn) -> Result<(), Error> {
    for (slot, epoch, beat, connection) in marks(conn)? {
        let count = format!(
            "(SELECT COUNT(*) FROM information_schema.processlist WHERE id = {connection})"
        );
        let alive: i64 = diesel::select(sql::<BigInt>(&count)).get_result(conn)?;
        if alive == 0 {
            fence(conn, slot, epoch, beat)?;
        }
    }
    Ok(())
}

/// The marks that are up: slot, epoch, beat, connection.
fn marks(conn: &mut Conn) -> Result<Vec<(i16, i64, i64, i64)>, Error> {
    Ok(writers::table
        .filter(writers::low.is_not_null())
        .select((
            writers::slot,
            writers::epoch,
            writers::beat_us,
            writers::connection,
        ))
        .load(conn)?)
}

/// Takes the mark of a writer away, unless it was heard of in between: its next word will find another epoch, and be rolled back.
fn fence(conn: &mut Conn, slot: i16, epoch: i64, beat: i64) -> Result<(), Error> {
    let as_seen = writers::table
        .filter(writers::slot.eq(slot))
        .filter(writers::epoch.eq(epoch))
        .filter(writers::beat_us.eq(beat));
    let fenced = diesel::update(as_seen)
        .set((writers::low.eq(None::<i64>), writers::epoch.eq(epoch + 1)))
        .execute(conn)?;
    if fenced == 1 {
        tracing::warn!(
            slot,
            "a writer was silent for too long; it must take a place anew"
        );
    }
    Ok(())
}

/// A thread that stops dead writers, of this node or another.
pub(crate) struct Watch {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(crate) fn start(db: Arc<Database>) -> Result<Self, OpenError> {
        let stop = Arc::new((Mutex::new(false), Condvar::new()));
        let stopped = stop.clone();
        let thread = std::thread::Builder::new()
            .name("sillage-watch".into())
            .spawn(move || watch(&db, &stopped))
            .map_err(OpenError::Thread)?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(db: &Database, (stop, told): &(Mutex<bool>, Condvar)) {
    // When each mark that is up was first seen with that epoch and beat, by this process's clock: the nodes' clocks need not agree.
    let mut seen: HashMap<i16, (i64, i64, Instant)> = HashMap::new();
    loop {
        let stopped = stop.lock().unwrap_or_else(PoisonError::into_inner);
        let (stopped, _) = told
            .wait_timeout_while(stopped, WATCH, |stop| !*stop)
            .unwrap_or_else(PoisonError::into_inner);
        if *stopped {
            return;
        }
        drop(stopped);
        if let Err(error) = look(db, &mut seen) {
            tracing::debug!(%error, "the writers' marks can't be looked at");
        }
    }
}

fn look(db: &Database, seen: &mut HashMap<i16, (i64, i64, Instant)>) -> Result<(), Error> {
    let mut conn = db.connection_to_write()?;
    let now = Instant::now();
    let mut up = HashMap::new();
    for (slot, epoch, beat, _) in marks(&mut conn)? {
        let since = match seen.get(&slot) {
            Some(&(e, b, since)) if (e, b) == (epoch, beat) => since,
            _ => now,
        };
        if now.duration_since(since) >= SILENCE {
            fence(&mut conn, slot, epoch, beat)?;
        }
        up.insert(slot, (epoch, beat, since));
    }
    *seen = up;
    Ok(())
}

#[cfg(test)]
#[cfg(feature = "mysql")]
mod tests {
    use super::*;
    use crate::store::Store;
    use crate::testing::Scratch;

    fn marks_up(conn: &mut Conn) -> Vec<i16> {
        marks(conn)
            .unwrap()
            .into_iter()
            .map(|(slot, ..)| slot)
            .collect()
    }

    #[test]
    fn a_writer_that_is_silent_for_too_long_is_stopped_and_one_that_is_heard_of_is_not() {
        let Some(scratch) = Scratch::mysql() else {
            return;
        };
        let store = Store::open(&scratch.options()).unwrap();
        let mut conn = scratch.connect();
        for slot in [98_i16, 99] {
            let row = (
                writers::slot.eq(slot),
                writers::epoch.eq(1),
                writers::low.eq(7),
                writers::beat_us.eq(5),
                writers::connection.eq(0),
            );
            diesel::insert_into(writers::table)
                .values(row)
                .execute(&mut conn)
                .unwrap();
        }
        let mut seen = HashMap::new();
        look(&store.db, &mut seen).unwrap();
        assert_eq!(marks_up(&mut conn), [98, 99]);
        // Both were first seen a while ago, and 99 speaks.
        for (_, _, since) in seen.values_mut() {
            *since = since.checked_sub(SILENCE).unwrap();
        }
        diesel::update(writers::table.find(99))
            .set(writers::beat_us.eq(6))
            .execute(&mut conn)
            .unwrap();
        look(&store.db, &mut seen).unwrap();
        assert_eq!(marks_up(&mut conn), [99]);
        let epoch: i64 = writers::table
            .find(98)
            .select(writers::epoch)
            .first(&mut conn)
            .unwrap();
        assert_eq!(epoch, 2);
    }
}
