//! What a token may be used for, at most.

use std::fmt;
use std::str::FromStr;

use sillage_domain::Role;
use thiserror::Error;

/// A word of a [`Scope`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ScopeWord {
    /// All that the account's roles allow.
    All,
    /// Only what a participant may do as well: for a manager who wants to see what a player sees.
    Participant,
}

impl ScopeWord {
    /// Every word, in the order in which a scope writes them.
    pub const ALL: &'static [Self] = &[Self::All, Self::Participant];

    /// The word as tokens and requests write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Participant => "participant",
        }
    }
}

/// The scope of a token (RFC 6749 section 3.3): a set of words. It only ever takes away from what the account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    all: bool,
    participant: bool,
}

/// Why a scope cannot be had (`invalid_scope` in RFC 6749).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScopeError {
    /// There is no word in it.
    #[error("the scope is empty; leave it out to get all that the account may do")]
    Empty,
    /// A word that does not exist.
    #[error("there is no scope `{0}`; the scopes are `all` and `participant`")]
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
    /// The scope of one word.
    #[must_use]
    pub fn of(word: ScopeWord) -> Self {
        Self {
            all: word == ScopeWord::All,
            participant: word == ScopeWord::Participant,
        }
    }

    /// What an account of this role gets when it asks for nothing in particular.
    #[must_use]
    pub fn of_role(role: Role) -> Self {
        match role {
            Role::Participant => Self::of(ScopeWord::Participant),
            Role::Admin | Role::Researcher => Self::of(ScopeWord::All),
        }
    }

    /// Whether the word is in it.
    #[must_use]
    pub fn has(self, word: ScopeWord) -> bool {
        match word {
            ScopeWord::All => self.all,
            ScopeWord::Participant => self.participant,
        }
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

    /// `all` holds every word.
    fn holds(self, other: Self) -> bool {
        self.all || (!other.all && (self.participant || !other.participant))
    }

    fn words(self) -> impl Iterator<Item = ScopeWord> {
        ScopeWord::ALL
            .iter()
            .copied()
            .filter(move |word| self.has(*word))
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
        let mut scope = Self {
            all: false,
            participant: false,
        };
        for asked in text.split(' ').filter(|word| !word.is_empty()) {
            match ScopeWord::ALL.iter().find(|word| word.as_str() == asked) {
                Some(ScopeWord::All) => scope.all = true,
                Some(ScopeWord::Participant) => scope.participant = true,
                None => return Err(ScopeError::Unknown(asked.to_owned())),
            }
        }
        if scope.all || scope.participant {
            Ok(scope)
        } else {
            Err(ScopeError::Empty)
        }
    }
}
