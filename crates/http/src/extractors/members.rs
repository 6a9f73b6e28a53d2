//! The members of a small JSON object or form, read one by one so that every fault is found.

use crate::error::{ApiError, Place, Problem};
use crate::messages;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

/// A request type that is read from members. [`Validate`] says what a value may be.
pub(crate) trait FromMembers: Validate + Sized {
    /// Takes what is there, each member by its type; what is not taken is unknown.
    fn from_members(members: &mut Members) -> Self;
}

/// The members of an object that have not been taken yet, and what was found wrong.
#[derive(Debug, Default)]
pub(crate) struct Members {
    members: Vec<(String, Value)>,
    problems: Vec<Problem>,
}

impl Members {
    /// The members of a form: texts.
    pub(crate) fn of_form(pairs: Vec<(String, String)>) -> Self {
        let mut members = Self::default();
        for (name, value) in pairs {
            members.add(name, Value::String(value));
        }
        members
    }

    /// A member that stands twice is a fault, and the first counts from there on.
    fn add(&mut self, name: String, value: Value) {
        if self.members.iter().any(|(known, _)| *known == name) {
            self.problem(&name, messages::member_twice());
        } else {
            self.members.push((name, value));
        }
    }

    /// Reads a value whole; unknown members are refused.
    pub(crate) fn read<T: FromMembers>(mut self) -> Result<T, ApiError> {
        let value = T::from_members(&mut self);
        for (name, _) in std::mem::take(&mut self.members) {
            self.problem(&name, messages::unknown_member());
        }
        self.checked(value)
    }

    /// Reads a value and passes over unknown members, as RFC 6749 section 3.2 asks.
    pub(crate) fn read_known<T: FromMembers>(mut self) -> Result<T, ApiError> {
        let value = T::from_members(&mut self);
        self.checked(value)
    }

    fn checked<T: FromMembers>(mut self, value: T) -> Result<T, ApiError> {
        if let Err(errors) = value.validate() {
            self.invalid(&errors);
        }
        match self.problems.first() {
            None => Ok(value),
            Some(first) => Err(ApiError::several(first.code.status(), self.problems)),
        }
    }

    fn invalid(&mut self, errors: &ValidationErrors) {
        let mut fields: Vec<_> = errors.errors().iter().collect();
        fields.sort_by(|one, other| one.0.cmp(other.0));
        for (field, kind) in fields {
            let ValidationErrorsKind::Field(errors) = kind else {
                continue;
            };
            for error in errors {
                let member = error
                    .params
                    .get("member")
                    .and_then(Value::as_str)
                    .unwrap_or(field);
                // A member of the wrong type is missing to the validator, and said already.
                let place = Place::Pointer(pointer(member));
                if !self.problems.iter().any(|problem| problem.place == place) {
                    self.problem(member, said(error));
                }
            }
        }
    }

    fn problem(&mut self, member: &str, problem: Problem) {
        self.problems.push(problem.at(pointer(member)));
    }

    /// Whether there is a member of that name.
    pub(crate) fn has(&self, member: &str) -> bool {
        self.members.iter().any(|(name, _)| name == member)
    }

    fn take(&mut self, member: &str) -> Option<Value> {
        let at = self.members.iter().position(|(name, _)| name == member)?;
        Some(self.members.swap_remove(at).1).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, member: &str) -> Option<String> {
        match self.take(member)? {
            Value::String(text) => Some(text),
            _ => {
                self.problem(
                    member,
                    messages::wrong_type("a string", "une chaîne de caractères"),
                );
                None
            }
        }
    }

    /// Takes a member that is read elsewhere, as it was sent; whether it is there.
    pub(crate) fn pass(&mut self, member: &str) -> bool {
        self.take(member).is_some()
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, member: &str) -> Option<Vec<String>> {
        let texts = match self.take(member)? {
            Value::Array(values) => values
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Some(text),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        if texts.is_none() {
            self.problem(
                member,
                messages::wrong_type("a list of strings", "une liste de chaînes de caractères"),
            );
        }
        texts
    }

    /// An object with members of its own, all of them known.
    pub(crate) fn object<T: FromMembers>(&mut self, member: &str) -> Option<T> {
        let value = self.take(member)?;
        self.nested(value, &pointer(member))
    }

    /// A list of such objects, of so many at most.
    pub(crate) fn objects<T: FromMembers>(&mut self, member: &str, most: usize) -> Option<Vec<T>> {
        let values = match self.take(member)? {
            Value::Array(values) if values.len() <= most => values,
            Value::Array(_) => {
                self.problem(member, messages::too_many_of_them(most));
                return None;
            }
            _ => {
                self.problem(
                    member,
                    messages::wrong_type("a list of objects", "une liste d'objets"),
                );
                return None;
            }
        };
        let member = pointer(member);
        let read = |(index, value)| self.nested(value, &format!("{member}/{index}"));
        // Every one is read, so that every fault is told.
        let read: Vec<_> = values.into_iter().enumerate().map(read).collect();
        read.into_iter().collect()
    }

    fn nested<T: FromMembers>(&mut self, value: Value, place: &str) -> Option<T> {
        let Value::Object(object) = value else {
            let problem = messages::wrong_type("an object", "un objet");
            self.problems.push(problem.at(place));
            return None;
        };
        let mut inner = Self {
            members: object.into_iter().collect(),
            problems: Vec::new(),
        };
        let value = T::from_members(&mut inner);
        for (name, _) in std::mem::take(&mut inner.members) {
            inner.problem(&name, messages::unknown_member());
        }
        if let Err(errors) = value.validate() {
            inner.invalid(&errors);
        }
        let faultless = inner.problems.is_empty();
        self.problems.extend(
            inner
                .problems
                .into_iter()
                .map(|problem| match &problem.place {
                    Place::Pointer(rest) => {
                        let whole = format!("{place}{rest}");
                        problem.at(whole)
                    }
                    _ => problem.at(place),
                }),
        );
        faultless.then_some(value)
    }

    pub(crate) fn flag(&mut self, member: &str) -> Option<bool> {
        match self.take(member)? {
            Value::Bool(flag) => Some(flag),
            _ => {
                self.problem(
                    member,
                    messages::wrong_type("true or false", "true ou false"),
                );
                None
            }
        }
    }

    pub(crate) fn integer(&mut self, member: &str) -> Option<i64> {
        let value = self.take(member)?;
        let number = value.as_i64().or_else(|| whole(value.as_f64()?));
        if number.is_none() {
            self.problem(member, messages::wrong_type("an integer", "un entier"));
        }
        number
    }
}

/// A number that was written with a point and is an integer all the same, as JSON Schema has it: `30.0`.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_991.0;
    let integral = number.fract() == 0.0 && number.abs() <= EXACT;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is an integer, and far from the bounds"
    )]
    integral.then_some(number as i64)
}

fn pointer(member: &str) -> String {
    format!("/{}", member.replace('~', "~0").replace('/', "~1"))
}

/// What a failed check says. A check of our own carries its two messages.
fn said(error: &ValidationError) -> Problem {
    let bound = |name: &'static str| {
        error
            .params
            .get(name)
            .map(ToString::to_string)
            .unwrap_or_default()
    };
    match (&*error.code, &error.message) {
        ("required", _) => messages::missing(),
        ("length", _) => messages::invalid(
            format!(
                "it must have {} to {} characters",
                bound("min"),
                bound("max")
            ),
            format!(
                "il doit avoir de {} à {} caractères",
                bound("min"),
                bound("max")
            ),
        ),
        ("range", _) => messages::invalid(
            format!("it must lie between {} and {}", bound("min"), bound("max")),
            format!(
                "il doit être compris entre {} et {}",
                bound("min"),
                bound("max")
            ),
        ),
        (french, Some(english)) => messages::invalid(english.clone(), french.to_owned()),
        (code, None) => messages::invalid(code.to_owned(), code.to_owned()),
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut found = Members::default();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    found.add(name, value);
                }
                Ok(found)
            }
        }
        deserializer.deserialize_map(Object)
    }
}
