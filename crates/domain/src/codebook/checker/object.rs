//! The members of an object against the fields that it may have.

use super::MAX_FAULTS;
use super::value::{Patterns, Rule};
use crate::codebook::Field;
use crate::codebook::cursor::{Cursor, decoded};
use crate::fault::escape;
use crate::{Fault, FaultKind};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// Fields by name.
#[derive(Debug)]
pub(super) struct Table {
    names: HashMap<Box<str>, usize, FixedState>,
    rules: Vec<Rule>,
}

impl Table {
    /// Those of the fields that are to be looked for.
    pub(super) fn new(
        fields: &[Field],
        wanted: impl Fn(&str) -> bool,
        patterns: &mut Patterns,
    ) -> Self {
        let fields: Vec<_> = fields.iter().filter(|field| wanted(field.name())).collect();
        let names = fields.iter().enumerate();
        Self {
            names: names.map(|(n, field)| (field.name().into(), n)).collect(),
            rules: fields
                .iter()
                .map(|field| Rule::new(field, patterns))
                .collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// Where a value is, from the inside out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'p> {
    Payload,
    Member(&'p Path<'p>, &'p str),
    Item(&'p Path<'p>, usize),
}

impl Path<'_> {
    pub(super) const PAYLOAD: Self = Path::Payload;

    pub(super) fn pointer(&self) -> String {
        match self {
            Self::Payload => "/payload".to_owned(),
            Self::Member(outer, name) => format!("{}/{}", outer.pointer(), escape(name)),
            Self::Item(outer, index) => format!("{}/{index}", outer.pointer()),
        }
    }

    pub(super) fn fault(&self, kind: FaultKind, faults: &mut Vec<Fault>) {
        if faults.len() < MAX_FAULTS {
            let pointer = self.pointer();
            faults.push(Fault { pointer, kind });
        }
    }
}

/// Which fields were there.
struct Seen {
    few: [u64; 4],
    many: Vec<u64>,
}

impl Seen {
    fn of(fields: usize) -> Self {
        let many = if fields > 256 { fields.div_ceil(64) } else { 0 };
        Self {
            few: [0; 4],
            many: vec![0; many],
        }
    }

    fn bits(&mut self) -> &mut [u64] {
        if self.many.is_empty() {
            &mut self.few
        } else {
            &mut self.many
        }
    }

    /// Notes a field; whether it was there before.
    fn again(&mut self, field: usize) -> bool {
        let word = &mut self.bits()[field / 64];
        let before = *word >> (field % 64) & 1 == 1;
        *word |= 1 << (field % 64);
        before
    }

    fn has(&mut self, field: usize) -> bool {
        self.bits()[field / 64] >> (field % 64) & 1 == 1
    }
}

/// Looks at an object, whose fields stand in some tables, and passes it.
pub(super) fn check<'c>(
    cursor: &mut Cursor<'_>,
    count: usize,
    table: impl Fn(usize) -> &'c Table,
    refuses_undeclared: bool,
    path: &Path<'_>,
    faults: &mut Vec<Fault>,
) {
    let mut seen = Seen::of((0..count).map(|n| table(n).rules.len()).sum());
    cursor.peek();
    while cursor.next(b'}') {
        cursor.peek();
        let name = decoded(cursor.string());
        cursor.pass(b':');
        let mut before = 0;
        let found = (0..count).map(&table).find_map(|table| {
            let found = table
                .names
                .get(&*name)
                .map(|&n| (before + n, &table.rules[n]));
            before += table.rules.len();
            found
        });
        let here = Path::Member(path, &name);
        let Some((n, rule)) = found else {
            if refuses_undeclared {
                here.fault(FaultKind::UndeclaredField, faults);
            }
            cursor.skip();
            continue;
        };
        // A member that is null is as good as absent.
        if cursor.peek() == b'n' {
            cursor.skip();
        } else {
            if seen.again(n) {
                here.fault(FaultKind::FieldTwice, faults);
            }
            rule.check(cursor, &here, faults);
        }
    }
    let mut before = 0;
    for table in (0..count).map(table) {
        for (n, rule) in table.rules.iter().enumerate() {
            if rule.required && !seen.has(before + n) {
                Path::Member(path, &rule.name).fault(FaultKind::MissingField, faults);
            }
        }
        before += table.rules.len();
    }
}
