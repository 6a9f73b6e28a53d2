//! A writer's mark on MySQL and MariaDB: below it this writer gives no number any more. `docs/decisions/0004-visible-numbers.md` says why.

use crate::connection::Conn;
use crate::dialect::SERVER_NOW;
use crate::error::{Cause, Error};
use crate::schema::{log_entries, writers};
use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;

/// A slot that was left without a word for so long is free. Its writer, should it live, sees at its next word that it has lost it.
const ABANDONED_US: i64 = 300_000_000;
const ATTEMPTS: u32 = 20;

/// The slot of a writer, and what it says there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) slot: i16,
    epoch: i64,
    /// Whether the slot says that this writer may be writing.
    pub(super) raised: bool,
}

impl Mark {
    /// Takes a slot: the one that this writer had before, or one that nobody has.
    pub(super) fn register(conn: &mut Conn, before: Option<Self>) -> Result<Self, Error> {
        if let Some(mark) = before
            && let Some(taken) = Self::retake(conn, mark.slot, mark.epoch)?
        {
            return Ok(taken);
        }
        for _ in 0..ATTEMPTS {
            let now: i64 = diesel::select(sql::<BigInt>(SERVER_NOW)).get_result(conn)?;
            let abandoned: Option<(i16, i64)> = writers::table
                .filter(writers::low.is_null())
                .filter(writers::beat_us.lt(now - ABANDONED_US))
                .order(writers::slot)
                .select((writers::slot, writers::epoch))
                .first(conn)
                .optional()?;
            let taken = match abandoned {
                Some((slot, epoch)) => Self::retake(conn, slot, epoch)?,
                None => Self::append(conn, now)?,
            };
            if let Some(mark) = taken {
                return Ok(mark);
            }
        }
        Err(Error::Race)
    }

    fn retake(conn: &mut Conn, slot: i16, epoch: i64) -> Result<Option<Self>, Error> {
        let changed = diesel::update(
            writers::table
                .filter(writers::slot.eq(slot))
                .filter(writers::epoch.eq(epoch)),
        )
        .set((
            writers::epoch.eq(epoch + 1),
            writers::low.eq(None::<i64>),
            writers::beat_us.eq(sql::<BigInt>(SERVER_NOW)),
            writers::connection.eq(sql::<BigInt>("CONNECTION_ID()")),
        ))
        .execute(conn)?;
        Ok((changed == 1).then_some(Self {
            slot,
            epoch: epoch + 1,
            raised: false,
        }))
    }

    fn append(conn: &mut Conn, now: i64) -> Result<Option<Self>, Error> {
        let last: Option<i16> = writers::table.select(max(writers::slot)).first(conn)?;
        let slot = last.unwrap_or(0).checked_add(1).ok_or(Error::Race)?;
        let row = (
            writers::slot.eq(slot),
            writers::epoch.eq(1),
            writers::beat_us.eq(now),
            writers::connection.eq(sql::<BigInt>("CONNECTION_ID()")),
        );
        match diesel::insert_into(writers::table)
            .values(row)
            .execute(conn)
            .map_err(Error::from)
        {
            Ok(_) => Ok(Some(Self {
                slot,
                epoch: 1,
                raised: false,
            })),
            Err(e) if e.cause() == Cause::Unique => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Says, before the first transaction of a busy time and durably, that numbers above the present greatest may be given here.
    pub(super) fn raise(&mut self, conn: &mut Conn) -> Result<(), Error> {
        self.say_next(conn)?;
        self.raised = true;
        Ok(())
    }

    /// Within a transaction, when it has written all: what it was given is visible with the commit, what comes next is greater.
    pub(super) fn say_next(&self, conn: &mut Conn) -> Result<(), Error> {
        let greatest: Option<i64> = log_entries::table
            .select(max(log_entries::number))
            .first(conn)?;
        self.say(conn, Some(greatest.unwrap_or(0) + 1))
    }

    /// Says that nothing is written here, until raised again.
    pub(super) fn lower(&mut self, conn: &mut Conn) -> Result<(), Error> {
        self.say(conn, None)?;
        self.raised = false;
        Ok(())
    }

    /// Leaves the slot to whoever wants it.
    pub(super) fn leave(self, conn: &mut Conn) -> Result<(), Error> {
        diesel::update(
            writers::table
                .filter(writers::slot.eq(self.slot))
                .filter(writers::epoch.eq(self.epoch)),
        )
        .set((writers::low.eq(None::<i64>), writers::beat_us.eq(0)))
        .execute(conn)?;
        Ok(())
    }

    fn say(&self, conn: &mut Conn, low: Option<i64>) -> Result<(), Error> {
        let said = diesel::update(
            writers::table
                .filter(writers::slot.eq(self.slot))
                .filter(writers::epoch.eq(self.epoch)),
        )
        .set((
            writers::low.eq(low),
            writers::beat_us.eq(sql::<BigInt>(SERVER_NOW)),
        ))
        .execute(conn)?;
        if said == 1 {
            Ok(())
        } else {
            Err(Error::Fenced)
        }
    }
}
