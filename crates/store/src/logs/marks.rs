//! Milestones along lists without filter: how `?page=50000` finds its key without walking.

use super::keys::{Key, Keys};
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
/// A list only ever grows at its end, since numbers are shown in their order and a deleted entry leaves its row: a milestone stays true. They are
/// found when a deep page is asked for first, by one walk along the index, and later only from the last one on. They live in memory: another
/// node, or the next process, finds them again.
#[derive(Debug, Default)]
pub(crate) struct Marks(Mutex<HashMap<Option<i64>, List>>);

/// The milestones of one list.
type List = Arc<Mutex<Vec<i64>>>;

impl Marks {
    /// The number of the entry in the place of the last milestone at or before `place`, and that place; `None` where the list is shorter.
    pub(super) fn before(
        &self,
        conn: &mut Conn,
        study: Option<i64>,
        place: i64,
        bound: Option<i64>,
    ) -> Result<Option<(i64, i64)>, Error> {
        let list = {
            let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if lists.len() >= LISTS && !lists.contains_key(&study) {
                lists.clear();
            }
            lists.entry(study).or_default().clone()
        };
        // Whoever wants the same list waits here, and finds it longer.
        let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = usize::try_from(place / STRIDE).unwrap_or(usize::MAX);
        while list.len() <= wanted {
            let next = match list.last() {
                None => nth(conn, study, None, 0, bound)?,
                Some(&last) => nth(conn, study, Some(last), STRIDE, bound)?,
            };
            match next {
                Some(number) => list.push(number),
                None => return Ok(None),
            }
        }
        Ok(Some((list[wanted], wanted as i64 * STRIDE)))
    }
}

/// The number of the entry that many places after that number.
fn nth(
    conn: &mut Conn,
    study: Option<i64>,
    from: Option<i64>,
    offset: i64,
    bound: Option<i64>,
) -> Result<Option<i64>, Error> {
    let filter = LogFilter::default();
    let order = LogOrder::Received;
    let keys = Keys {
        study,
        filter: &filter,
        order,
        from,
        to: bound,
        by_number: true,
        offset,
        limit: 1,
    };
    let found: Vec<Key> = keys.load(conn)?;
    Ok(found.first().map(|(_, number)| *number))
}
