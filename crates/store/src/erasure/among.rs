//! Who of those that something is written of was erased: looked at in the transaction that writes, so that nothing that is on its way
//! brings anybody back.

use crate::connection::Conn;
use crate::dialect;
use crate::error::Error;
use crate::schema::erasures;
use diesel::prelude::*;
use std::collections::{BTreeSet, HashSet};

/// Pseudonyms in one statement.
const SLICE: usize = 500;

/// A study, and a pseudonym in it.
pub(crate) type Person = (i64, i64);

/// Those of these people whose erasure was ordered, whichever server ordered it. To be called at the beginning of a transaction: who
/// orders one waits for its end, and what begins later sees the order.
///
/// An erasure is looked for during a day; nothing is on its way for so long.
pub(crate) fn among(
    conn: &mut Conn,
    people: impl FnOnce() -> BTreeSet<Person>,
) -> Result<HashSet<Person>, Error> {
    // Nearly always there is none, or there are a few.
    if let Some(few) = dialect::few_erasures(conn)? {
        return Ok(few.into_iter().collect());
    }
    let people: Vec<Person> = people().into_iter().collect();
    let mut found = HashSet::new();
    for slice in people.chunks(SLICE) {
        let rows: Vec<Person> = erasures::table
            .filter(erasures::pseudonym.eq_any(slice.iter().map(|(_, pseudonym)| *pseudonym)))
            .select((erasures::study_id, erasures::pseudonym))
            .load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}
