//! Who plays now. No pseudonym stands beside an account, and no content.

use crate::live::Seen;
use serde::Serialize;
use sillage_auth::Reach;
use sillage_domain::{ParticipantNumber, Timestamp, Username};
use utoipa::ToSchema;

/// Up to this, counts are told exactly to those who may read entries.
const FEW: u64 = 10;

/// An account of a participant, and whether somebody plays under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LiveParticipant)]
pub(crate) struct LiveView {
    /// What the participant logs in with.
    #[schema(value_type = String, example = "classe-a-01")]
    username: Username,
    /// From 1, in order of enrolment.
    #[schema(value_type = i64, example = 1)]
    number: ParticipantNumber,
    /// Whether it may log in, and has logged in, renewed its token or sent an entry within the last five minutes.
    connected: bool,
    /// The minute in which its last entry arrived; `null` before the first.
    #[schema(value_type = Option<String>, example = "2024-05-18T10:17:00.000000Z")]
    last_entry_at: Option<Timestamp>,
    /// How many of its entries were stored, those that were deleted since among them. For admins and managers, who may read entries,
    /// exact up to 10, and from there on the greatest of 10, 20, 50, 100, 200, ... that is not more: the exact number would tell whose
    /// pseudonym is whose.
    #[schema(example = 17)]
    count: u64,
}

impl LiveView {
    pub(crate) fn new(seen: &Seen, reach: Reach) -> Self {
        Self {
            username: seen.username.clone(),
            number: seen.number,
            connected: seen.connected,
            last_entry_at: seen.last_entry,
            count: match reach {
                Reach::Whole => seen.entries,
                _ => roughly(seen.entries),
            },
        }
    }

    pub(crate) fn name(&self) -> &Username {
        &self.username
    }
}

/// The greatest of 10, 20, 50, 100, 200, ... that is not more; of few, how many they are.
pub(crate) fn roughly(count: u64) -> u64 {
    if count <= FEW {
        return count;
    }
    let unit = 10_u64.pow(count.ilog10());
    unit * match count / unit {
        1 => 1,
        2..5 => 2,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::roughly;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case(0, 0)]
    #[case(10, 10)]
    #[case(11, 10)]
    #[case(49, 20)]
    #[case(50, 50)]
    #[case(99, 50)]
    #[case(100, 100)]
    #[case(u64::MAX, 10_000_000_000_000_000_000)]
    fn many_are_counted_in_steps(#[case] count: u64, #[case] told: u64) {
        assert_eq!(roughly(count), told);
    }

    proptest! {
        #[test]
        fn more_entries_are_never_fewer(one in any::<u64>(), other in any::<u64>()) {
            let (less, more) = (one.min(other), one.max(other));
            prop_assert!(roughly(less) <= roughly(more));
            prop_assert!(roughly(more) <= more && more / 3 < roughly(more).max(1));
        }
    }
}
