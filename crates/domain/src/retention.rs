//! How long a study keeps what it has: what is due, and the ports that take it out.

use crate::{Retention, RetentionStart, StoreError, Study, StudyId, Timestamp};
use std::time::Duration;

/// What arrived before some instant, and is there with its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expired {
    /// Entries.
    pub entries: u64,
    /// Texts in quarantine.
    pub quarantined: u64,
}

impl Expired {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Takes out of a study what is older than it says.
pub trait RetentionStore: Send + Sync {
    /// How much arrived before that instant and has its content.
    fn expired(&self, study: StudyId, before: Timestamp) -> Result<Expired, StoreError>;

    /// Takes the content of some of it in short transactions, for about the time `within`: of entries tombstones stay, of texts nothing.
    /// Gives what was done; nothing, where nothing is left. The revision of the study's entries changes with what is done.
    fn expire(
        &self,
        study: StudyId,
        before: Timestamp,
        within: Duration,
    ) -> Result<Expired, StoreError>;

    /// Whether the caller is the one to do what has that name, which one of all servers on the database does, and no more often than `every`. Whoever
    /// is told `true` is the only one until then.
    fn take_round(&self, name: &str, now: Timestamp, every: Duration) -> Result<bool, StoreError>;
}

impl Retention {
    /// Up to which instant of arrival entries are due by `now`; `None` where nothing is due yet.
    ///
    /// Counted from the closing, all is due at once; a study that is open again has no closing.
    pub fn due_before(&self, study: &Study, now: Timestamp) -> Option<Timestamp> {
        match self.from {
            RetentionStart::Closing => self
                .ends(study)
                .is_some_and(|end| end <= now)
                .then_some(now.plus_seconds(1)),
            RetentionStart::Reception => Some(now.plus_months(-self.months)),
        }
    }

    /// When all that the study holds is due, counted from its closing; `None` for an open one, and where each entry has its own time.
    pub fn ends(&self, study: &Study) -> Option<Timestamp> {
        match self.from {
            RetentionStart::Closing => study
                .closed_at
                .map(|closed| closed.plus_months(self.months)),
            RetentionStart::Reception => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let cases = [
            ("2026-01-31T10:00:00Z", 1, "2026-02-28T10:00:00Z"),
            ("2028-02-29T23:59:59.5Z", 12, "2029-02-28T23:59:59.5Z"),
            ("2026-03-31T00:00:00Z", -1, "2026-02-28T00:00:00Z"),
            ("2026-07-15T08:00:00Z", 60, "2031-07-15T08:00:00Z"),
            ("2026-07-15T08:00:00Z", 0, "2026-07-15T08:00:00Z"),
        ];
        for (from, months, to) in cases {
            assert_eq!(at(from).plus_months(months), at(to), "{from} {months}");
        }
        assert_eq!(
            at("9999-12-01T00:00:00Z").plus_months(1200),
            Timestamp::from_micros(253_402_300_799_999_999).expect("the last")
        );
    }
}
