//! The table: which answer is expected of each operation for each caller.

use super::callers::Caller;

/// The columns of the table, in order.
pub(crate) const CALLERS: [Caller; 14] = [
    Caller::Nobody,
    Caller::Expired,
    Caller::Forged,
    Caller::Deactivated,
    Caller::Admin,
    Caller::Manager,
    Caller::Analyst,
    Caller::Developer,
    Caller::Monitor,
    Caller::Stranger,
    Caller::Narrowed,
    Caller::Player,
    Caller::PlayerElsewhere,
    Caller::GameServer,
];

/// An operation, and the answers that are expected.
pub(crate) struct Row {
    pub(crate) method: String,
    /// As the description writes it, with parameters in braces.
    pub(crate) path: String,
    /// What the request has behind the path, `?` included.
    pub(crate) query: String,
    pub(crate) expected: Vec<Expected>,
    /// The JSON that is sent by methods that send some.
    pub(crate) body: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// With that status.
    Refused(u16),
    /// By the policy; what was sent may still be wrong.
    Allowed,
}

impl Row {
    /// As `GET /v1/logs`.
    pub(crate) fn operation(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn parse(line: &str) -> Self {
        let mut parts = line.splitn(3, " | ").map(str::trim);
        let (method, target) = parts.next().unwrap().split_once(' ').unwrap();
        let target = target.trim();
        let path = target.split('?').next().unwrap();
        let expected: Vec<_> = parts
            .next()
            .unwrap_or_else(|| panic!("no answers in {line:?}"))
            .split_whitespace()
            .map(Expected::parse)
            .collect();
        assert_eq!(expected.len(), CALLERS.len(), "{line}");
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: target[path.len()..].to_owned(),
            expected,
            body: parts.next().unwrap_or("{}").to_owned(),
        }
    }
}

impl Expected {
    fn parse(word: &str) -> Self {
        match word {
            "yes" => Self::Allowed,
            "401" | "403" | "404" => Self::Refused(word.parse().unwrap()),
            _ => panic!("{word:?} is no answer: yes, 401, 403 and 404 are"),
        }
    }
}

/// Every line of the table.
pub(crate) fn rows() -> Vec<Row> {
    let lines = include_str!("table.txt").lines();
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(Row::parse)
        .collect()
}
