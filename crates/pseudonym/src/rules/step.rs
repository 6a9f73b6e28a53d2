//! One rule applied to one value.

use std::cmp::Ordering;
use std::fmt::Write;

use super::action::{Action, Group, Since};
use super::decimal::Decimal;
use super::memory::Origins;
use super::moment::{Moment, Unit};
use super::recent::Remembering;
use crate::Code;
use crate::scrub::Scrubber;

/// A value as a rule meets it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'v> {
    pub(super) text: &'v str,
    /// Whether it is a number of JSON, and should stay one.
    pub(super) is_number: bool,
}

/// What became of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// It stays as it is.
    Same,
    /// Another text.
    Text,
    /// A number.
    Number,
}

/// Why a value is emptied, or a file can't be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Misfit(Misfit),
    TooManyGroups,
}

/// Why a rule can't take a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    NoNumber,
    NoTime,
    NoGroup,
    TooFar,
    NotInMap,
    Object,
    NoObject,
}

impl Misfit {
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::NoNumber => "it is no number",
            Self::NoTime => "it is no time, such as 2024-05-18 or 2024-05-18T10:17:33Z",
            Self::NoGroup => "the row does not say to which group it belongs",
            Self::TooFar => "the result is out of range",
            Self::NotInMap => "the map does not have it",
            Self::Object => "it is an object, and what its members are named is not known",
            Self::NoObject => "it has nothing inside, where rules name what is inside",
        }
    }
}

impl From<Misfit> for Stop {
    fn from(misfit: Misfit) -> Self {
        Self::Misfit(misfit)
    }
}

/// The keys that rules need.
#[derive(Debug)]
pub(super) struct Keys {
    pub(super) pseudonym: Remembering,
    pub(super) shift: Remembering,
}

/// The other values of a row that rules look at.
pub(super) trait Row {
    /// The value at that place among them; `None` if the row has none there.
    fn value(&self, place: usize) -> Option<&str>;
}

/// What rules work with.
pub(super) struct Means<'m> {
    pub(super) keys: Option<&'m mut Keys>,
    pub(super) scrubber: &'m mut Scrubber,
    pub(super) origins: &'m mut Origins,
    pub(super) row: &'m dyn Row,
    /// The field, by its place among the rules.
    pub(super) field: usize,
}

impl Means<'_> {
    /// Applies a rule to a value that is not empty; what comes of it is written to `out`, unless it stays the same.
    pub(super) fn apply(
        &mut self,
        action: &Action,
        given: Given<'_>,
        out: &mut String,
    ) -> Result<Made, Stop> {
        let text = given.text;
        let numeric = if given.is_number {
            Made::Number
        } else {
            Made::Text
        };
        match action {
            // What is dropped never comes here.
            Action::Keep | Action::Drop => return Ok(Made::Same),
            Action::Redact { with } => out.push_str(with),
            Action::Pseudonymise { kind } => {
                // Without a key nobody gets as far as here.
                let keys = self.keys.as_mut().ok_or(Misfit::NoGroup)?;
                let number = keys.pseudonym.number(std::iter::once((&**kind, text)));
                Code::from_first_bits(number).push_to(out);
            }
            Action::Mask { first, last, with } => mask(text, *first, *last, *with, out),
            Action::Cut { characters } => match text.char_indices().nth(*characters) {
                Some((end, _)) => out.push_str(&text[..end]),
                None => return Ok(Made::Same),
            },
            Action::CutTime { to } => {
                let moment = Moment::parse(text).ok_or(Misfit::NoTime)?;
                within_range(moment.write_cut(*to, out))?;
            }
            Action::Width { width, origin } => {
                let number = number(text)?;
                let lower = number.floor_to(*width, *origin).ok_or(Misfit::TooFar)?;
                let upper = lower.plus(*width).ok_or(Misfit::TooFar)?;
                lower.push_to(out);
                out.push_str("..");
                upper.push_to(out);
            }
            Action::Edges { edges } => between(number(text)?, edges, out)?,
            Action::Round { to } => {
                let rounded = number(text)?.round_to(*to).ok_or(Misfit::TooFar)?;
                rounded.push_to(out);
                return Ok(numeric);
            }
            Action::Top { at, label } => {
                return bounded(text, *at, label.as_deref(), Ordering::Greater, numeric, out);
            }
            Action::Bottom { at, label } => {
                return bounded(text, *at, label.as_deref(), Ordering::Less, numeric, out);
            }
            Action::Map { values, otherwise } => {
                let known = values.get(text).or_else(|| values.get(text.trim()));
                out.push_str(known.or(otherwise.as_ref()).ok_or(Misfit::NotInMap)?);
            }
            Action::Shift {
                group,
                days,
                whole_weeks,
                numbers,
            } => {
                let days = self.days(group, *days, *whole_weeks)?;
                match (Moment::parse(text), numbers) {
                    (Some(moment), _) => within_range(moment.write_shifted(days, out))?,
                    (None, Some(unit)) => {
                        let unit = unit.micros().ok_or(Misfit::TooFar)?;
                        let shift = i128::from(days) * i128::from(86_400_000_000 / unit);
                        let shifted = decimal(text).ok_or(Misfit::NoTime)?;
                        let shifted = shifted.plus(Decimal::from_integer(shift));
                        push(out, format_args!("{}", shifted.ok_or(Misfit::TooFar)?));
                        return Ok(numeric);
                    }
                    (None, None) => return Err(Misfit::NoTime.into()),
                }
            }
            Action::Relative {
                since,
                unit,
                numbers,
            } => {
                let time = instant(text, *numbers)?;
                let origin = self.origin(since, *numbers, time)?;
                let passed = time.checked_sub(origin).ok_or(Misfit::TooFar)?;
                match unit {
                    Unit::Second => push(out, format_args!("{}", Decimal::of_units(passed, 6))),
                    Unit::Millisecond => {
                        push(out, format_args!("{}", Decimal::of_units(passed, 3)));
                    }
                    unit => {
                        let micros = unit.micros().ok_or(Misfit::TooFar)?;
                        push(out, format_args!("{}", passed.div_euclid(micros)));
                    }
                }
                return Ok(Made::Number);
            }
            Action::Scrub(search) => {
                let wanted = |finding| search.findings.contains(&finding);
                match self.scrubber.scrub_for(text, wanted) {
                    std::borrow::Cow::Borrowed(same) if same.len() == text.len() => {
                        return Ok(Made::Same);
                    }
                    scrubbed => out.push_str(&scrubbed),
                }
            }
        }
        Ok(Made::Text)
    }

    /// By how many days the times of a group are shifted: never by none.
    fn days(&mut self, group: &Group, most: u32, whole_weeks: bool) -> Result<i64, Stop> {
        // Without a key nobody gets as far as here.
        let keys = self.keys.as_mut().ok_or(Misfit::NoGroup)?;
        let values = common(self.row, group)?;
        let number = keys.shift.number(values.map(|value| ("group", value)));
        let (most, unit) = if whole_weeks {
            (most / 7, 7)
        } else {
            (most, 1)
        };
        let most = i64::from(most.max(1));
        // The remainder prefers small numbers by less than one in 10^14.
        let drawn = i64::try_from(number % (2 * most).unsigned_abs()).unwrap_or_default();
        let days = if drawn < most {
            drawn - most
        } else {
            drawn - most + 1
        };
        Ok(days * unit)
    }

    fn origin(&mut self, since: &Since, numbers: Option<Unit>, time: i64) -> Result<i64, Stop> {
        match since {
            Since::Instant(instant) => Ok(*instant),
            Since::Field(place) => {
                let value = self.row.value(*place).ok_or(Misfit::NoGroup)?;
                instant(value, numbers)
            }
            Since::First(group) => {
                let values = common(self.row, group)?;
                let first = self.origins.first(self.field, values, time);
                first.ok_or(Stop::TooManyGroups)
            }
        }
    }
}

/// What the rows of a group have in common.
fn common<'v>(
    row: &'v dyn Row,
    group: &'v Group,
) -> Result<impl Iterator<Item = &'v str> + Clone, Misfit> {
    let values = group.iter().map(|place| row.value(*place));
    let lacks = |value: Option<&str>| value.is_none_or(is_blank);
    if values.clone().any(lacks) {
        return Err(Misfit::NoGroup);
    }
    Ok(values.flatten())
}

/// Whether there is nothing but white space.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _ = out.write_fmt(text);
}

fn within_range(is_within: bool) -> Result<(), Misfit> {
    if is_within {
        Ok(())
    } else {
        Err(Misfit::TooFar)
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::parse(text.trim())
}

fn number(text: &str) -> Result<Decimal, Misfit> {
    decimal(text).ok_or(Misfit::NoNumber)
}

/// Microseconds since 1970.
fn instant(text: &str, numbers: Option<Unit>) -> Result<i64, Stop> {
    let of_number = |unit: Unit| decimal(text)?.times(unit.micros()?);
    let time = match Moment::parse(text) {
        Some(moment) => Some(moment.instant()),
        None => numbers.and_then(of_number),
    };
    Ok(time.ok_or(Misfit::NoTime)?)
}

fn mask(text: &str, first: usize, last: usize, with: char, out: &mut String) {
    let length = text.chars().count();
    // Where nothing would be covered, everything is.
    let (first, last) = match first.checked_add(last) {
        Some(shown) if shown < length => (first, last),
        _ => (0, 0),
    };
    for (n, character) in text.chars().enumerate() {
        let shown = n < first || n >= length - last;
        out.push(if shown { character } else { with });
    }
}

fn between(number: Decimal, edges: &[Decimal], out: &mut String) -> Result<(), Stop> {
    let mut lower = None;
    for edge in edges {
        match number.compare(*edge).ok_or(Misfit::TooFar)? {
            Ordering::Less => {
                match lower {
                    Some(lower) => push(out, format_args!("{lower}..{edge}")),
                    None => push(out, format_args!("..{edge}")),
                }
                return Ok(());
            }
            _ => lower = Some(edge),
        }
    }
    if let Some(lower) = lower {
        push(out, format_args!("{lower}.."));
    }
    Ok(())
}

fn bounded(
    text: &str,
    at: Decimal,
    label: Option<&str>,
    beyond: Ordering,
    numeric: Made,
    out: &mut String,
) -> Result<Made, Stop> {
    if number(text)?.compare(at).ok_or(Misfit::TooFar)? != beyond {
        return Ok(Made::Same);
    }
    match label {
        Some(label) => {
            out.push_str(label);
            Ok(Made::Text)
        }
        None => {
            push(out, format_args!("{at}"));
            Ok(numeric)
        }
    }
}
