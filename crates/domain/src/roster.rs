//! Usernames for a list of accounts that are handed out on paper.

use crate::{NameError, Username};
use std::collections::HashSet;

/// How many accounts may be made at once.
pub const MAX_ACCOUNTS: usize = 1000;

/// The first `count` usernames `prefix-01`, `prefix-02` and so on that are not taken.
///
/// Numbers have as many digits as the count has, at least two, so that the list sorts.
///
/// # Errors
///
/// [`NameError`] for a prefix that can't begin a username.
pub fn usernames(
    prefix: &str,
    count: usize,
    taken: &[Username],
) -> Result<Vec<Username>, NameError> {
    let taken: HashSet<&Username> = taken.iter().collect();
    let width = count.to_string().len().max(2);
    (1..=count.saturating_add(taken.len()))
        .map(|n| format!("{prefix}-{n:0width$}").parse())
        .filter(|name| name.as_ref().map_or(true, |name| !taken.contains(name)))
        .take(count)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
