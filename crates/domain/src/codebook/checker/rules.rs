//! Rules of scalars: ranges, enumerations, lengths, patterns.

use crate::FaultKind;
use crate::codebook::pattern::Pattern;
use crate::codebook::{Field, Scalar};
use std::cmp::Ordering;

#[derive(Debug)]
pub(super) struct TextRules {
    /// In order.
    pub(super) enumeration: Option<Vec<Box<str>>>,
    pub(super) least: u32,
    pub(super) most: u32,
    pub(super) pattern: Option<Pattern>,
}

#[derive(Debug)]
pub(super) struct Range<T> {
    pub(super) least: Option<T>,
    pub(super) most: Option<T>,
    /// In order.
    pub(super) enumeration: Option<Vec<T>>,
}

impl<T: Ord> Range<T> {
    pub(super) fn new(field: &Field, value: impl Fn(&Scalar) -> Option<T>) -> Self {
        Self {
            least: field.minimum().and_then(&value),
            most: field.maximum().and_then(&value),
            enumeration: sorted(field.enumeration().iter().filter_map(value)),
        }
    }

    pub(super) fn fault(
        &self,
        order: impl Fn(&T) -> Ordering,
        told: impl Fn(&T) -> String,
    ) -> Option<FaultKind> {
        // Against the bound, so that what is greater than the value is said of it.
        if let Some(least) = self.least.as_ref().filter(|least| order(least).is_gt()) {
            let minimum = told(least);
            return Some(FaultKind::BelowMinimum { minimum });
        }
        if let Some(most) = self.most.as_ref().filter(|most| order(most).is_lt()) {
            let maximum = told(most);
            return Some(FaultKind::AboveMaximum { maximum });
        }
        let values = self.enumeration.as_ref()?;
        let found = values.binary_search_by(order).is_ok();
        (!found).then_some(FaultKind::NotInEnumeration)
    }
}

pub(super) fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Option<Vec<T>> {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    (!values.is_empty()).then_some(values)
}

impl TextRules {
    pub(super) fn is_empty(&self) -> bool {
        self.enumeration.is_none()
            && self.pattern.is_none()
            && self.least == 0
            && self.most == u32::MAX
    }

    pub(super) fn fault(&self, text: &str) -> Option<FaultKind> {
        let (least, most) = (self.least, self.most);
        if least > 0 || most < u32::MAX {
            let count = if text.is_ascii() {
                text.len()
            } else {
                text.chars().count()
            };
            let fault = length(
                count,
                least,
                most,
                |min| FaultKind::TooShort { min },
                |max| FaultKind::TooLong { max },
            );
            if fault.is_some() {
                return fault;
            }
        }
        if let Some(values) = &self.enumeration
            && values
                .binary_search_by(|value| (**value).cmp(text))
                .is_err()
        {
            return Some(FaultKind::NotInEnumeration);
        }
        let pattern = self.pattern.as_ref()?;
        (!pattern.matches(text)).then_some(FaultKind::PatternMismatch)
    }
}

pub(super) fn length(
    count: usize,
    least: u32,
    most: u32,
    below: impl Fn(u32) -> FaultKind,
    above: impl Fn(u32) -> FaultKind,
) -> Option<FaultKind> {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    if count < least {
        Some(below(least))
    } else if count > most {
        Some(above(most))
    } else {
        None
    }
}
