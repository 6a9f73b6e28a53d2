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
/// the archive has its epoch. Deleting a study takes rows away, and gives another one. They are found when a deep page is asked for first, by one walk along the index, and later only from the last one on. They live in memory: another
/// node, or the next process, finds them again.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<Lists>);

/// The lists of one epoch.
#[derive(Debug, Default)]
struct Lists {
    epoch: String,
    lists: HashMap<Option<i64>, List>,
}

/// The milestones of one list.
type List = Arc<Mutex<Vec<i64>>>;

impl Marks {
    /// The number of the entry in that place, from 0, of the list of that study, or of all; `None` where the list is shorter.
    pub(super) fn number_at(
        &self,
        conn: &mut Conn,
        epoch: &str,
        study: Option<i64>,
        place: i64,
        bound: Option<i64>,
    ) -> Result<Option<i64>, Error> {
        let list = self.list(epoch, study);
        // Whoever wants the same list waits here, and finds it longer.
        let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = usize::try_from(place / STRIDE).unwrap_or(usize::MAX);
        while list.len() <= wanted {
            if !extend(conn, study, &mut list, bound)? {
                return Ok(None);
            }
        }
        nth(conn, study, Some(list[wanted]), place % STRIDE, bound)
    }

    /// How many entries of that study have lower numbers.
    fn place_of(
        &self,
        conn: &mut Conn,
        epoch: &str,
        study: i64,
        number: i64,
        bound: Option<i64>,
    ) -> Result<i64, Error> {
        let list = self.list(epoch, Some(study));
        let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
        while list.last().is_none_or(|&last| last < number)
            && extend(conn, Some(study), &mut list, bound)?
        {}
        let passed = list.partition_point(|&mark| mark < number);
        let Some(&mark) = passed.checked_sub(1).and_then(|last| list.get(last)) else {
            return Ok(0);
        };
        let rest =
            keys(Some(study), &EVERYTHING, Some(mark), Some(number - 1)).count(conn, STRIDE)?;
        Ok((passed as i64 - 1) * STRIDE + rest)
    }

    /// As [`Marks::number_at`], in the list of several studies together: the number is found by halving, since each study tells how many of its
    /// entries come before a number. `greatest` is the greatest number that there is.
    pub(super) fn number_among(
        &self,
        conn: &mut Conn,
        epoch: &str,
        studies: &[i64],
        place: i64,
        greatest: i64,
    ) -> Result<i64, Error> {
        let (mut low, mut high) = (1, greatest);
        while low < high {
            let middle = low + (high - low + 1) / 2;
            let mut before = 0;
            for &study in studies {
                before += self.place_of(conn, epoch, study, middle, Some(greatest))?;
            }
            if before <= place {
                low = middle
            } else {
                high = middle - 1
            }
        }
        Ok(low)
    }

    fn list(&self, epoch: &str, study: Option<i64>) -> List {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = known.lists.len() >= LISTS && !known.lists.contains_key(&study);
        if full || known.epoch != epoch {
            known.lists.clear();
            epoch.clone_into(&mut known.epoch);
        }
        known.lists.entry(study).or_default().clone()
    }
}

/// Finds the next milestone; `false` where the list ends before.
fn extend(
    conn: &mut Conn,
    study: Option<i64>,
    list: &mut Vec<i64>,
    bound: Option<i64>,
) -> Result<bool, Error> {
    let last = list.last().copied();
    let next = nth(
        conn,
        study,
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
    study: Option<i64>,
    from: Option<i64>,
    offset: i64,
    bound: Option<i64>,
) -> Result<Option<i64>, Error> {
    let found = Keys {
        offset,
        limit: 1,
        ..keys(study, &EVERYTHING, from, bound)
    }
    .load(conn)?;
    Ok(found.first().map(|(_, number)| *number))
}

/// No filter.
static EVERYTHING: LogFilter = LogFilter {
    participant: None,
    session: None,
    action: None,
    from: None,
    to: None,
    received_from: None,
    received_to: None,
    status: None,
};

fn keys(study: Option<i64>, filter: &LogFilter, from: Option<i64>, to: Option<i64>) -> Keys<'_> {
    Keys {
        study: study.map_or(Studies::All, Studies::One),
        filter,
        order: LogOrder::Received,
        from,
        to,
        by_number: true,
        offset: 0,
        limit: 0,
    }
}
