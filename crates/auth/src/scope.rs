//! What a token may be used for, at most.

use std::fmt;
use std::str::FromStr;

use sillage_domain::Role;
use thiserror::Error;

use crate::ScopeWord;

/// The scope of a token (RFC 6749 section 3.3): a set of words. It only ever takes away from what the account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope(u16);

/// Why a scope cannot be had (`invalid_scope` in RFC 6749).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// There is no word in it.
    #[error("the scope is empty; leave it out to get all that there is")]
    Empty,
    /// A word that does not exist.
    #[error("there is no scope `{0}`; the scopes are {words}", words = every_word())]
    Unknown(String),
    /// More than there is to give.
    #[error("the scope `{asked}` goes beyond `{granted}`")]
    Wider {
        /// What was asked for.
        asked: Scope,
        /// What there is.
        granted: Scope,
    },
}

impl Scope {
    /// Of a token that is good for nothing: what is left where two scopes have nothing in common. No text reads as this.
    pub const NONE: Self = Self(0);

    /// The scope of one word.
    #[must_use]
    pub const fn of(word: ScopeWord) -> Self {
        Self(word.bit())
    }

    /// What an account of this role may do with its password: everything.
    #[must_use]
    pub fn whole_of(role: Role) -> Self {
        match role {
            Role::Participant => [ScopeWord::Participant, ScopeWord::Identity]
                .into_iter()
                .collect(),
            Role::Admin | Role::Researcher => Self::of_role(role),
        }
    }

    /// What an account of this role gets when it asks for nothing in particular: all that it may do, but for what a game has no need of, since
    /// it is games that hold the tokens of participants.
    #[must_use]
    pub fn of_role(role: Role) -> Self {
        match role {
            Role::Participant => Self::of(ScopeWord::Participant),
            Role::Admin | Role::Researcher => Self::of(ScopeWord::All),
        }
    }

    /// The scope without that word.
    #[must_use]
    pub const fn without(self, word: ScopeWord) -> Self {
        Self(self.0 & !word.bit())
    }

    /// Whether the word is in it.
    #[must_use]
    pub const fn has(self, word: ScopeWord) -> bool {
        self.0 & word.bit() != 0
    }

    /// The scope that was asked for, if this one holds it; this one, if nothing was asked for.
    ///
    /// # Errors
    ///
    /// [`ScopeError::Wider`] for anything that this scope does not hold.
    pub fn narrowed(self, asked: Option<Self>) -> Result<Self, ScopeError> {
        match asked {
            None => Ok(self),
            Some(asked) if self.holds(asked) => Ok(asked),
            Some(asked) => Err(ScopeError::Wider {
                asked,
                granted: self,
            }),
        }
    }

    /// The words, in the order of the documentation.
    pub fn words(self) -> impl Iterator<Item = ScopeWord> {
        ScopeWord::ALL
            .iter()
            .copied()
            .filter(move |word| self.has(*word))
    }

    /// `all` holds every word.
    const fn holds(self, other: Self) -> bool {
        self.has(ScopeWord::All) || self.0 & other.0 == other.0
    }

    /// The words that stand in both.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl From<ScopeWord> for Scope {
    fn from(word: ScopeWord) -> Self {
        Self::of(word)
    }
}

impl FromIterator<ScopeWord> for Scope {
    fn from_iter<I: IntoIterator<Item = ScopeWord>>(words: I) -> Self {
        Self(words.into_iter().fold(0, |bits, word| bits | word.bit()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, word) in self.words().enumerate() {
            if place > 0 {
                f.write_str(" ")?;
            }
            f.write_str(word.as_str())?;
        }
        Ok(())
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut scope = Self::NONE;
        for asked in text.split(' ').filter(|word| !word.is_empty()) {
            let known = ScopeWord::ALL.iter().find(|word| word.as_str() == asked);
            match known {
                Some(word) => scope.0 |= word.bit(),
                None => return Err(ScopeError::Unknown(asked.to_owned())),
            }
        }
        if scope == Self::NONE {
            Err(ScopeError::Empty)
        } else {
            Ok(scope)
        }
    }
}

fn every_word() -> String {
    let words = ScopeWord::ALL.iter().map(|word| word.as_str());
    words.collect::<Vec<_>>().join(", ")
}
