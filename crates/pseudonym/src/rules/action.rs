//! What rules do, with what they were told.

use std::collections::HashMap;

use super::decimal::Decimal;
use super::moment::Unit;
use crate::scrub::Finding;

/// What a rule does to a value.
#[derive(Debug)]
pub(super) enum Action {
    Keep,
    Drop,
    /// Another text for every value, empty ones too.
    Redact {
        with: Box<str>,
    },
    /// A pseudonym of that kind.
    Pseudonymise {
        kind: Box<str>,
    },
    /// Characters are covered but for some at the ends; all, if too few would be.
    Mask {
        first: usize,
        last: usize,
        with: char,
    },
    /// The first characters.
    Cut {
        characters: usize,
    },
    /// As much of a moment as that unit tells.
    CutTime {
        to: Unit,
    },
    /// The interval that a number lies in, all of one width.
    Width {
        width: Decimal,
        origin: Decimal,
    },
    /// The interval between two of these numbers, in ascending order.
    Edges {
        edges: Vec<Decimal>,
    },
    Round {
        to: Decimal,
    },
    /// What is greater is told only as that.
    Top {
        at: Decimal,
        label: Option<Box<str>>,
    },
    /// What is smaller is told only as that.
    Bottom {
        at: Decimal,
        label: Option<Box<str>>,
    },
    /// One text for another.
    Map {
        values: HashMap<Box<str>, Box<str>>,
        otherwise: Option<Box<str>>,
    },
    /// Days are added or taken away, as many for all of a group.
    Shift {
        group: Group,
        days: u32,
        whole_weeks: bool,
        /// Of a time that is a number: what it counts since 1970.
        numbers: Option<Unit>,
    },
    /// The time since something.
    Relative {
        since: Since,
        unit: Unit,
        numbers: Option<Unit>,
    },
    Scrub(Search),
}

/// Rows that belong together: those that have the same values in these fields, by their places among the fields that are looked at;
/// all rows, if there are none.
pub(super) type Group = Vec<usize>;

/// What a time is told from.
#[derive(Debug)]
pub(super) enum Since {
    /// Microseconds since 1970.
    Instant(i64),
    /// A field of the same row, by its place among the fields that are looked at.
    Field(usize),
    /// The first time of its group, in the order of the file.
    First(Group),
}

/// What a text is searched for.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) findings: Vec<Finding>,
    /// Whether people of a roster are meant, so that there must be one.
    pub(super) roster_asked_for: bool,
}

impl Search {
    /// Whether people of a roster are looked for, and whether there must be one.
    pub(super) fn roster(&self) -> Option<bool> {
        let people = [Finding::Name, Finding::Login];
        let looks = self.findings.iter().any(|finding| people.contains(finding));
        looks.then_some(self.roster_asked_for)
    }
}
