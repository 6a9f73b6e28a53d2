//! What the values of a field were.

use super::{Cursor, decoded};
use crate::Timestamp;
use crate::codebook::number::is_integer;
use crate::codebook::{Codebook, Number};
use std::collections::{BTreeSet, HashMap};

/// How many different texts of a field are remembered.
const MAX_VALUES: usize = 16;
/// The longest text that is remembered.
const MAX_VALUE: usize = 64;

/// The members of the objects that one action, or one field, had.
#[derive(Debug, Default, Clone)]
pub(super) struct Members {
    /// How many objects there were.
    pub(super) objects: u64,
    /// In the order in which they came up.
    pub(super) fields: Vec<(Box<str>, Values)>,
    places: HashMap<Box<str>, usize>,
}

/// The values of one field.
#[derive(Debug, Default, Clone)]
pub(super) struct Values {
    /// Values that are not null.
    pub(super) count: u64,
    pub(super) texts: u64,
    pub(super) times: u64,
    pub(super) numbers: u64,
    pub(super) integers: u64,
    pub(super) booleans: u64,
    pub(super) arrays: u64,
    pub(super) least: Option<Number>,
    pub(super) most: Option<Number>,
    /// Whether a number was beyond what a codebook can hold.
    pub(super) unbounded: bool,
    /// The different texts, while they are few.
    pub(super) few: BTreeSet<Box<str>>,
    pub(super) many: bool,
    /// Whether a text has white space in it.
    pub(super) spaced: bool,
    pub(super) members: Members,
    pub(super) items: Option<Box<Values>>,
    /// Whether an item of an array was null.
    pub(super) null: bool,
}

impl Members {
    /// Looks at an object and passes it. `true` if something was left out for want of room.
    pub(super) fn add(&mut self, cursor: &mut Cursor<'_>, room: &mut usize, depth: usize) -> bool {
        self.objects += 1;
        let mut left_out = false;
        cursor.peek();
        while cursor.next(b'}') {
            cursor.peek();
            let name = decoded(cursor.string());
            cursor.pass(b':');
            if cursor.peek() == b'n' {
                cursor.skip();
                continue;
            }
            let place = match self.places.get(&*name) {
                Some(place) => *place,
                None if *room == 0 || !is_name(&name) => {
                    left_out = true;
                    cursor.skip();
                    continue;
                }
                None => {
                    *room -= 1;
                    self.places.insert(name.as_ref().into(), self.fields.len());
                    self.fields.push((name.into(), Values::default()));
                    self.fields.len() - 1
                }
            };
            left_out |= self.fields[place].1.add(cursor, room, depth);
        }
        left_out
    }

    pub(super) fn get(&self, name: &str) -> Option<&Values> {
        self.places.get(name).map(|place| &self.fields[*place].1)
    }
}

fn is_name(name: &str) -> bool {
    crate::name::check(name, Codebook::MAX_NAME, |c| !c.is_control()).is_ok()
}

impl Values {
    fn add(&mut self, cursor: &mut Cursor<'_>, room: &mut usize, depth: usize) -> bool {
        let first = cursor.peek();
        self.count += u64::from(first != b'n');
        match first {
            b'"' => self.text(&decoded(cursor.string())),
            b'{' if depth < Codebook::MAX_DEPTH => {
                return self.members.add(cursor, room, depth + 1);
            }
            b'[' if depth < Codebook::MAX_DEPTH => return self.array(cursor, room, depth),
            b'{' => {
                self.members.objects += 1;
                cursor.skip();
            }
            b'[' => {
                self.arrays += 1;
                cursor.skip();
            }
            b't' | b'f' => {
                self.booleans += 1;
                cursor.skip();
            }
            b'n' => {
                self.null = true;
                cursor.skip();
            }
            _ => self.number(cursor.word()),
        }
        false
    }

    fn array(&mut self, cursor: &mut Cursor<'_>, room: &mut usize, depth: usize) -> bool {
        self.arrays += 1;
        let mut left_out = false;
        while cursor.next(b']') {
            if self.items.is_none() && *room == 0 {
                left_out = true;
                cursor.skip();
                continue;
            }
            *room -= usize::from(self.items.is_none());
            let items = self.items.get_or_insert_default();
            left_out |= items.add(cursor, room, depth + 1);
        }
        left_out
    }

    fn text(&mut self, text: &str) {
        self.texts += 1;
        // A field whose first texts are no times has no time at all.
        if self.times + 1 == self.texts && text.parse::<Timestamp>().is_ok() {
            self.times += 1;
        }
        self.spaced |= text.contains(char::is_whitespace);
        if self.many || self.few.contains(text) {
            return;
        }
        if self.few.len() < MAX_VALUES && text.len() <= MAX_VALUE {
            self.few.insert(text.into());
        } else {
            self.many = true;
            self.few.clear();
        }
    }

    fn number(&mut self, text: &str) {
        self.numbers += 1;
        self.integers += u64::from(is_integer(text));
        // An exponent beyond all use has no bound that a codebook could hold.
        let Some(number) = Number::parse(text) else {
            self.unbounded = true;
            return;
        };
        if self.least.as_ref().is_none_or(|least| number < *least) {
            self.least = Some(number.clone());
        }
        if self.most.as_ref().is_none_or(|most| number > *most) {
            self.most = Some(number);
        }
    }

    /// Takes over what was seen of the same field elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        for (sum, part) in [
            (&mut self.count, other.count),
            (&mut self.texts, other.texts),
            (&mut self.times, other.times),
            (&mut self.numbers, other.numbers),
            (&mut self.integers, other.integers),
            (&mut self.booleans, other.booleans),
            (&mut self.arrays, other.arrays),
        ] {
            *sum += part;
        }
        let least = self.least.iter().chain(&other.least).min().cloned();
        let most = self.most.iter().chain(&other.most).max().cloned();
        (self.least, self.most) = (least, most);
        self.spaced |= other.spaced;
        self.null |= other.null;
        self.unbounded |= other.unbounded;
        self.few.extend(other.few.iter().cloned());
        self.many |= other.many || self.few.len() > MAX_VALUES;
        if self.many {
            self.few.clear();
        }
    }
}
