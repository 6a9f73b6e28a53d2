//! Usernames for a list of accounts that are handed out on paper.

use crate::codebook::nfc;
use crate::{NameError, Username};
use std::collections::BTreeSet;

/// How many accounts may be made at once.
pub const MAX_ACCOUNTS: usize = 1000;

/// The first `count` usernames `prefix-01`, `prefix-02` and so on whose numbers are not taken.
///
/// A number is taken however it is written: beside `prefix-7` there will be no `prefix-07`, which a class would confuse. All of
/// the list have as many digits as its last one or the longest that is taken, at least two, so that they sort as they count.
///
/// # Errors
///
/// [`NameError`] for a prefix that can't begin a username.
pub fn usernames(
    prefix: &str,
    count: usize,
    taken: &[Username],
) -> Result<Vec<Username>, NameError> {
    let stem = format!("{}-", nfc(&prefix.to_lowercase()));
    let written: Vec<&str> = taken
        .iter()
        .filter_map(|name| name.as_str().strip_prefix(&stem))
        .filter(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
        .collect();
    // One that is too large to be read is none that could come next.
    let numbers: BTreeSet<u64> = written.iter().filter_map(|n| n.parse().ok()).collect();
    let chosen: Vec<u64> = (1..).filter(|n| !numbers.contains(n)).take(count).collect();
    let digits = |n: &u64| n.to_string().len();
    let longest = written.iter().map(|n| n.len()).filter(|&n| n <= MAX_DIGITS);
    let width = longest
        .chain(chosen.last().map(digits))
        .max()
        .unwrap_or(0)
        .max(2);
    chosen
        .iter()
        .map(|n| format!("{stem}{n:0width$}").parse())
        .collect()
}

/// Longer numbers are names that somebody chose, and no example to follow.
const MAX_DIGITS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn of(prefix: &str, count: usize, taken: &[&str]) -> Vec<String> {
        let taken: Vec<_> = taken.iter().map(|name| name.parse().unwrap()).collect();
        usernames(prefix, count, &taken)
            .unwrap()
            .iter()
            .map(Username::to_string)
            .collect()
    }

    #[test]
    fn names_are_numbered_and_sort() {
        assert_eq!(
            of("Classe-A", 3, &[]),
            ["classe-a-01", "classe-a-02", "classe-a-03"]
        );
        assert_eq!(of("p", 100, &[])[..2], ["p-001", "p-002"]);
    }

    #[test]
    fn what_is_taken_is_passed_over() {
        assert_eq!(of("p", 2, &["p-01", "p-03", "p-extra"]), ["p-02", "p-04"]);
        assert_eq!(of("P", 2, &["p-1", "p-002"]), ["p-003", "p-004"]);
        assert_eq!(of("p", 3, &["p-98", "p-99"])[2], "p-03");
        assert_eq!(of("e\u{301}", 1, &["é-01"]), ["é-02"]);
        assert!(of("p", 0, &["p-01"]).is_empty());
    }

    #[test]
    fn a_bad_prefix_is_refused() {
        assert_eq!(usernames("a b", 1, &[]), Err(NameError::Character(' ')));
        assert_eq!(
            usernames(&"x".repeat(64), 1, &[]),
            Err(NameError::TooLong { max: 64 })
        );
    }

    proptest! {
        #[test]
        fn names_never_clash_and_sort_as_they_count(
            prefix in "[a-zA-Z.é]{1,6}",
            count in 0_usize..=MAX_ACCOUNTS,
            taken in proptest::collection::vec((1_u32..1200, 1_usize..5), 0..300),
        ) {
            let stem = prefix.to_lowercase();
            let taken: Vec<Username> = taken
                .into_iter()
                .map(|(n, width)| format!("{stem}-{n:0width$}").parse().unwrap())
                .collect();
            let names = usernames(&prefix, count, &taken).unwrap();
            prop_assert_eq!(names.len(), count);
            let number = |name: &Username| -> u32 {
                name.as_str().rsplit_once('-').unwrap().1.parse().unwrap()
            };
            let others: HashSet<u32> = taken.iter().map(number).collect();
            prop_assert!(names.iter().all(|name| !others.contains(&number(name))));
            for pair in names.windows(2) {
                prop_assert!(pair[0] < pair[1] && number(&pair[0]) < number(&pair[1]));
            }
        }
    }
}
