//! What was erased, written down outside of the database, so that a copy of it that is brought back is erased again.

use crate::account::words;
use crate::{StoreError, StudySalt, SubjectId, Timestamp};
use std::fmt;
use std::io;

words!(
    /// What was taken out of the archive.
    Erased {
        /// An account; what it did was left without a link to it.
        Anonymise = "anonymise",
        /// An account, with the content of what it did.
        Erase = "erase",
        /// A study with all that belonged to it.
        Study = "study",
    }
);

/// Stands for an account or a study that is gone: 128 bits that only the root key computes from it, and that say nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErasureCode([u8; 16]);

impl ErasureCode {
    /// Takes what the keyed hash gave.
    pub const fn new(keyed: [u8; 16]) -> Self {
        Self(keyed)
    }

    /// As it is stored.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The microseconds of a day.
const DAY_US: i64 = 86_400_000_000;

/// That something was erased. No personal data: a code that nobody can read without the root key and what was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ErasureRecord {
    /// Of what.
    pub code: ErasureCode,
    /// What it was, and how it went.
    pub what: Erased,
    /// When, in days since 1970-01-01 (UTC): a finer time would tell who left in which minute.
    pub day: i32,
}

impl ErasureRecord {
    /// Of something that is erased at that instant.
    pub fn new(code: ErasureCode, what: Erased, now: Timestamp) -> Self {
        Self {
            code,
            what,
            day: i32::try_from(now.micros().div_euclid(DAY_US)).unwrap_or(i32::MAX),
        }
    }
}

/// Writes down what is erased, where a backup of the database does not reach.
pub trait ErasureLedger: fmt::Debug + Send + Sync {
    /// What stands for an account.
    fn account(&self, subject: &SubjectId) -> ErasureCode;

    /// What stands for a study.
    fn study(&self, salt: &StudySalt) -> ErasureCode;

    /// Writes these down, those that do not stand there yet, and returns once they are on the disk.
    ///
    /// A store calls this within the transaction that erases, before it commits: what is in no ledger is not erased.
    fn append(&self, records: &[ErasureRecord]) -> io::Result<()>;
}

/// Keeps beside the data what was erased from them, so that several servers on one database write the same ledger, and a database that was
/// brought back from an old copy is known by what it lacks.
pub trait ErasureRecordStore: Send + Sync {
    /// Which ledger this archive belongs to: the first caller's is kept, whoever calls later gets that one.
    fn claim_ledger(&self, id: &str) -> Result<String, StoreError>;

    /// Which ledger it belongs to; `None` for an archive that has none yet.
    fn ledger(&self) -> Result<Option<String>, StoreError>;

    /// Has it belong to another ledger, where the one that it belonged to is lost.
    fn change_ledger(&self, id: &str) -> Result<(), StoreError>;

    /// All that was erased, in the order of the codes.
    fn erasure_records(&self) -> Result<Vec<ErasureRecord>, StoreError>;

    /// Keeps those that are not kept yet.
    fn keep_erasure_records(&self, records: &[ErasureRecord]) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_the_day_and_nothing_finer() {
        let day = |micros| {
            let now = Timestamp::from_micros(micros).expect("an instant");
            ErasureRecord::new(ErasureCode::new([7; 16]), Erased::Erase, now).day
        };
        assert_eq!(
            [day(0), day(DAY_US - 1), day(DAY_US), day(20_000 * DAY_US)],
            [0, 0, 1, 20_000]
        );
    }
}
