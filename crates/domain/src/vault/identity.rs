//! Who somebody is, as far as a study asks for it.

use crate::account::{set_of, words};
use std::fmt;

words!(
    /// Something that tells who a participant is.
    IdentityField {
        /// The family name.
        Name = "name",
        /// The first name.
        FirstName = "first_name",
        /// Where to write to the participant.
        Email = "email",
        /// Who decides for the participant.
        GuardianName = "guardian_name",
        /// Where to write to that person.
        GuardianEmail = "guardian_email",
    }
);

/// The longest line of an identity, in characters.
pub const MAX_IDENTITY: usize = 200;

/// Whether a text is one line that says something, of at most [`MAX_IDENTITY`] characters.
pub fn is_line(text: &str) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= MAX_IDENTITY
        && !text.chars().any(char::is_control)
}

/// Whether a text can be an e-mail address of at most [`MAX_IDENTITY`] characters. Whether somebody reads it, only a letter tells.
pub fn is_email(text: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control())
    };
    let parts = text.split_once('@');
    text.chars().count() <= MAX_IDENTITY && parts.is_some_and(|(to, at)| fits(to) && fits(at))
}

impl IdentityField {
    /// Whether the field can hold that text, which is not empty.
    pub fn can_hold(self, text: &str) -> bool {
        if self.is_email() {
            is_email(text)
        } else {
            is_line(text)
        }
    }

    /// Whether it is an address that people are found by.
    pub const fn is_email(self) -> bool {
        matches!(self, Self::Email | Self::GuardianEmail)
    }
}

set_of!(
    /// A set of fields: those that a study keeps, or that are known of somebody.
    IdentityFields, IdentityField
);

impl IdentityFields {
    /// Those that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Display for IdentityFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, field) in self.iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            write!(f, "{comma}{field}")?;
        }
        Ok(())
    }
}

/// Who somebody is. `Debug` tells which fields are known, and nothing of what is in them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity([Option<String>; IdentityField::ALL.len()]);

impl Identity {
    /// The text of a field, if it is known.
    pub fn get(&self, field: IdentityField) -> Option<&str> {
        self.0[field as usize].as_deref()
    }

    /// Puts the text of a field; an empty one takes it away.
    pub fn set(&mut self, field: IdentityField, text: String) {
        self.0[field as usize] = Some(text).filter(|text| !text.trim().is_empty());
    }

    /// Which fields are known.
    pub fn fields(&self) -> IdentityFields {
        let known = |field: &IdentityField| self.get(*field).is_some();
        IdentityField::ALL.iter().copied().filter(known).collect()
    }

    /// Makes a change.
    pub fn apply(&mut self, change: &IdentityChange) {
        for (field, text) in &change.0 {
            self.set(*field, text.clone());
        }
    }

    /// Forgets what is in none of these fields.
    pub fn keep(&mut self, fields: IdentityFields) {
        for field in IdentityFields::ALL.without(fields).iter() {
            self.0[field as usize] = None;
        }
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Identity").field(&self.fields()).finish()
    }
}

/// A change of an identity: what is not named stays, and an empty text takes a field away.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IdentityChange(Vec<(IdentityField, String)>);

impl IdentityChange {
    /// Which fields it names.
    pub fn fields(&self) -> IdentityFields {
        self.0.iter().map(|(field, _)| *field).collect()
    }

    /// Which of them get a text.
    pub fn put(&self) -> IdentityFields {
        let put = self.0.iter().filter(|(_, text)| !text.trim().is_empty());
        put.map(|(field, _)| *field).collect()
    }
}

impl FromIterator<(IdentityField, String)> for IdentityChange {
    fn from_iter<I: IntoIterator<Item = (IdentityField, String)>>(named: I) -> Self {
        Self(named.into_iter().collect())
    }
}

impl fmt::Debug for IdentityChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdentityChange")
            .field(&self.fields())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_an_identity_is_shown_where_it_is_debugged() {
        let mut identity = Identity::default();
        identity.set(IdentityField::Name, "Müller".into());
        let change = IdentityChange::from_iter([(IdentityField::Email, "a@example.org".into())]);
        let shown = format!("{identity:?} {change:?}");
        assert_eq!(shown, "Identity([Name]) IdentityChange([Email])");
    }

    #[test]
    fn a_field_holds_a_line_or_an_address() {
        let long = "é".repeat(MAX_IDENTITY + 1);
        for (field, text, holds) in [
            (IdentityField::Name, "Müller", true),
            (IdentityField::Name, "a\nb", false),
            (IdentityField::Name, " ", false),
            (IdentityField::FirstName, &long, false),
            (IdentityField::Email, "paola@example.org", true),
            (IdentityField::GuardianEmail, "paola", false),
            (IdentityField::GuardianEmail, "a@b@c", false),
            (IdentityField::Email, "a b@example.org", false),
        ] {
            assert_eq!(field.can_hold(text), holds, "{field}: {text}");
        }
    }

    #[test]
    fn an_empty_text_takes_a_field_away() {
        let mut identity = Identity::default();
        for field in IdentityField::ALL {
            identity.set(*field, format!("a {field}"));
        }
        assert_eq!(identity.fields(), IdentityFields::ALL);
        let change = IdentityChange::from_iter([
            (IdentityField::Name, " ".into()),
            (IdentityField::Email, "other@example.org".into()),
        ]);
        identity.apply(&change);
        assert_eq!(identity.get(IdentityField::Name), None);
        assert_eq!(
            identity.get(IdentityField::Email),
            Some("other@example.org")
        );
        identity.keep(IdentityFields::from_iter([IdentityField::FirstName]));
        assert_eq!(identity.fields().to_string(), "first_name");
    }
}
