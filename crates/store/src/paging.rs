//! Pages of the lists that are counted as a whole: of everything but log entries.

use crate::error::Error;
use sillage_domain::{PageRequest, Paged};

/// How many rows come before the page; one that no list reaches comes after all of them.
pub(crate) fn offset(page: &PageRequest) -> i64 {
    i64::try_from(page.offset()).unwrap_or(i64::MAX)
}

/// The rows of a page as what they stand for, of that many in all.
pub(crate) fn paged<R, T>(
    total: i64,
    rows: Vec<R>,
    of: impl Fn(R) -> Result<T, Error>,
) -> Result<Paged<T>, Error> {
    Ok(Paged {
        items: rows.into_iter().map(of).collect::<Result<_, _>>()?,
        total: total.unsigned_abs(),
    })
}
