//! Milestones along lists without filter: how `?page=50000` finds its key without walking.

use super::keys::{Keys, Studies};
use crate::connection::Conn;
use crate::error::Error;
use sillage_domain::{LogFilter, LogOrder};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// From one milestone to the next: what an index walks in some tens of microseconds.
pub(super) const STRIDE: i64 = 1024;
/// Lists whose milestones are kept: 8 bytes for every 1024 entries of each.
const LISTS: usize = 256;

/// For lists of one study, or of all, in the order of numbers: the number of the entry in every 1024th place.
///
/// A list only ever grows at its end, since numbers are shown in their order and a deleted entry leaves its row: a milestone stays true as long as
/// the archive has its epoch. Deleting a study takes rows away, and gives another one. A list without tombstones is another list for each number
/// of tombstones that it leaves out, which only ever grows. They are found when a deep page is asked for first, by one walk along the index, and later only from the last one on. They live in memory: another
/// node, or the next process, finds them again.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<Lists>);

/// The lists of one epoch.
#[derive(Debug, Default)]
struct Lists {
    epoch: String,
    lists: HashMap<Of, List>,
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Of {
    /// Of that study, or of all.
    pub(super) study: Option<i64>,
    /// The tombstones that the list leaves out; `None` for a list that has them, or where there are none.
    pub(super) without: Option<i64>,
}

/// The milestones of one list.
type List = Arc<Mutex<Vec<i64>>>;

impl Marks {
    /// The number of the entry in that place, from 0, of that list; `None` where the list is shorter.
    pub(super) fn number_at(
        &self,
        conn: &mut Conn,
        epoch: &str,
        of: Of,
        place: i64,
        bound: Option<i64>,
    ) -> Result<Option<i64>, Error> {
        let list = self.list(epoch, of);
        // Whoever wants the same list waits here, and finds it longer.
        let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = usize::try_from(place / STRIDE).unwrap_or(usize::MAX);
        while list.len() <= wanted {
            if !extend(conn, of, &mut list, bound)? {
                return Ok(None);
            }
        }
        nth(conn, of, Some(list[wanted]), place % STRIDE, bound)
    }

    /// How many entries of that list have lower numbers.
    fn place_of(
        &self,
        conn: &mut Conn,
        epoch: &str,
        of: Of,
        number: i64,
        bound: Option<i64>,
    ) -> Result<i64, Error> {
        let list = self.list(epoch, of);
        let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
        while list.last().is_none_or(|&last| last < number) && extend(conn, of, &mut list, bound)? {
        }
        let passed = list.partition_point(|&mark| mark < number);
        let Some(&mark) = passed.checked_sub(1).and_then(|last| list.get(last)) else {
            return Ok(0);
        };
        let rest = keys(of, Some(mark), Some(number - 1)).count(conn, STRIDE)?;
        Ok((passed as i64 - 1) * STRIDE + rest)
    }

    /// As [`Marks::number_at`], in several lists together: the number is found by halving, since each list tells how many of its
    /// entries come before a number. `greatest` is the greatest number that there is.
    pub(super) fn number_among(
        &self,
        conn: &mut Conn,
        epoch: &str,
        lists: &[Of],
        place: i64,
        greatest: i64,
    ) -> Result<i64, Error> {
        let (mut low, mut high) = (1, greatest);
        while low < high {
            let middle = low + (high - low + 1) / 2;
            let mut before = 0;
            for &of in lists {
                before += self.place_of(conn, epoch, of, middle, Some(greatest))?;
            }
            if before <= place {
                low = middle
            } else {
                high = middle - 1
            }
        }
        Ok(low)
    }

    fn list(&self, epoch: &str, of: Of) -> List {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = known.lists.len() >= LISTS && !known.lists.contains_key(&of);
        if full || known.epoch != epoch {
            known.lists.clear();
            epoch.clone_into(&mut known.epoch);
        }
        known.lists.entry(of).or_default().clone()
    }
}

/// Finds the next milestone; `false` where the list ends before.
fn extend(conn: &mut Conn, of: Of, list: &mut Vec<i64>, bound: Option<i64>) -> Result<bool, Error> {
    let last = list.last().copied();
    let next = nth(
        conn,
        of,
        last,
        if last.is_some() { STRIDE } else { 0 },
        bound,
    )?;
    list.extend(next);
    Ok(next.is_some())
}

/// The number of the entry that many places after that number.
fn nth(
    conn: &mut Conn,
    of: Of,
    from: Option<i64>,
    offset: i64,
    bound: Option<i64>,
) -> Result<Option<i64>, Error> {
    let found = Keys {
        offset,
        limit: 1,
        ..keys(of, from, bound)
    }
    .load(conn)?;
    Ok(found.first().map(|(_, number)| *number))
}

/// Every entry, tombstones too.
static EVERYTHING: LogFilter = LogFilter {
    participant: None,
    session: None,
    action: None,
    from: None,
    to: None,
    received_from: None,
    received_to: None,
    status: None,
    purpose: None,
};
/// Every entry but tombstones.
static WITHOUT_TOMBSTONES: LogFilter = LogFilter::live();

fn keys(of: Of, from: Option<i64>, to: Option<i64>) -> Keys<'static> {
    Keys {
        study: of.study.map_or(Studies::All, Studies::One),
        filter: match of.without {
            None => &EVERYTHING,
            Some(_) => &WITHOUT_TOMBSTONES,
        },
        persons: None,
        order: LogOrder::Received,
        from,
        to,
        by_number: true,
        offset: 0,
        limit: 0,
    }
}
