//! What was acknowledged, against what is stored.

use crate::support::class::Class;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// The account of a fault.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Entries that a 200 or a 201 acknowledged.
    pub(crate) acknowledged: usize,
    /// Entries that the study holds. What was under way and got no answer may be among them.
    pub(crate) stored: usize,
    /// Acknowledged, and not stored.
    pub(crate) lost: usize,
    /// Stored more often than once.
    pub(crate) doubled: usize,
    /// What else is worth knowing.
    pub(crate) note: String,
}

/// Reads everything back by cursor, and compares it with the file of what was acknowledged: a line an entry, its session and sequence.
pub(crate) fn read_back(class: &Class, acknowledged: &Path) -> Tally {
    let mut stored: HashMap<String, usize> = HashMap::new();
    let (mut ids, mut count, mut after) = (HashSet::new(), 0, 0);
    loop {
        let path = format!(
            "/v1/logs?study={}&page_size=1000&after={after}",
            class.study
        );
        let answer = class.admin("GET", &path).send(class.server);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let page = answer.json();
        let page = page.as_array().unwrap();
        for entry in page {
            let number = entry["number"].as_i64().unwrap();
            assert!(number > after, "numbers do not increase: {number}");
            after = number;
            count += 1;
            ids.insert(entry["id"].as_str().unwrap().to_owned());
            let key = format!(
                "{} {}",
                entry["session"].as_str().unwrap(),
                entry["sequence"]
            );
            *stored.entry(key).or_default() += 1;
        }
        let next = answer
            .header("Link")
            .is_some_and(|l| l.contains("\"next\""));
        if page.is_empty() || !next {
            break;
        }
    }
    let total = usize::try_from(class.stored()).unwrap();
    assert_eq!(total, count, "X-Total-Count against what the list holds");
    let text = std::fs::read_to_string(acknowledged).unwrap();
    let told: HashSet<&str> = text.lines().collect();
    let twice = stored.values().map(|times| times - 1).sum::<usize>();
    Tally {
        acknowledged: told.len(),
        stored: count,
        lost: told
            .iter()
            .filter(|key| !stored.contains_key(**key))
            .count(),
        doubled: twice.max(count - ids.len()),
        note: String::new(),
    }
}
