//! Accounts: who may log in, and what they are in the server and in a study.

use crate::{AccountId, ParticipantNumber, StudyId, SubjectId, Timestamp, Username};
use std::fmt;
use subtle::ConstantTimeEq;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word for it in the API, on the command line and in the database.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value for a word of the API; `None` if there is none.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.as_str() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

/// A set of the values of a type made by `words!`: one byte, a bit a value, in their order.
macro_rules! set_of {
    ($(#[$doc:meta])* $set:ident, $item:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $set(u8);

        impl $set {
            /// None.
            pub const NONE: Self = Self(0);
            /// Every one.
            pub const ALL: Self = Self(u8::MAX >> (u8::BITS as usize - $item::ALL.len()));

            /// A set from its number, as [`bits`](Self::bits) gives it; `None` for what is none.
            pub const fn from_bits(bits: u8) -> Option<Self> {
                if bits <= Self::ALL.0 {
                    Some(Self(bits))
                } else {
                    None
                }
            }

            /// A number for it: a bit a value, in their order.
            pub const fn bits(self) -> u8 {
                self.0
            }

            /// Whether it is one of them.
            pub const fn contains(self, item: $item) -> bool {
                self.0 & (1 << item as u8) != 0
            }

            /// Whether there is none.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// They, in their order.
            pub fn iter(self) -> impl Iterator<Item = $item> {
                let all = $item::ALL.iter().copied();
                all.filter(move |item| self.contains(*item))
            }
        }

        impl FromIterator<$item> for $set {
            fn from_iter<I: IntoIterator<Item = $item>>(items: I) -> Self {
                let bits = items.into_iter().map(|item| 1 << item as u8);
                Self(bits.fold(0, |all, bit: u8| all | bit))
            }
        }

        impl fmt::Debug for $set {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_list().entries(self.iter()).finish()
            }
        }

        impl serde::Serialize for $set {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.iter())
            }
        }
    };
}
pub(crate) use set_of;

words!(
    /// What an account is on the whole server.
    Role {
        /// Runs the server; may do everything.
        Admin = "admin",
        /// May create studies; sees those that he is a member of.
        Researcher = "researcher",
        /// Plays in one study.
        Participant = "participant",
    }
);

words!(
    /// What a researcher is in one study.
    StudyRole {
        /// Runs the study.
        Manager = "manager",
        /// Reads de-identified data only.
        Analyst = "analyst",
        /// Builds the game: clients, test entries while the study is a draft.
        Developer = "developer",
        /// A teacher: sees who is connected, no data.
        Monitor = "monitor",
    }
);

/// An account as it is stored.
#[derive(Debug, Clone)]
pub struct Account {
    /// Names the row.
    pub id: AccountId,
    /// Random; the pseudonym is computed from it.
    pub subject: SubjectId,
    /// Unique on the server.
    pub username: Username,
    /// bcrypt.
    pub password_hash: PasswordHash,
    /// On the whole server.
    pub role: Role,
    /// The study and the number in it, of a participant; `None` for people who run studies.
    pub enrolment: Option<Enrolment>,
    /// Whether it may log in.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Where a participant plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enrolment {
    /// The study.
    pub study: StudyId,
    /// From 1, in order of enrolment.
    pub number: ParticipantNumber,
}

/// A membership of an account in a study.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// The study.
    pub study: StudyId,
    /// What the account is there.
    pub role: StudyRole,
}

words!(
    /// Where a password comes from, which says how hard it is to guess.
    PasswordOrigin {
        /// A person chose it: a dictionary may know it.
        Chosen = "chosen",
        /// The operating system's randomness made it, 60 bits or more: no dictionary knows it.
        Generated = "generated",
    }
);

/// A hash of a password, and where that came from. Compared in constant time; `Debug` does not show it.
#[derive(Clone)]
pub struct PasswordHash {
    text: String,
    origin: PasswordOrigin,
}

impl PasswordHash {
    /// Takes the text that the hash function gave for a password that somebody chose.
    pub fn new(text: impl Into<String>) -> Self {
        Self::of(PasswordOrigin::Chosen, text)
    }

    /// Takes the text that the hash function gave for a password of that origin.
    pub fn of(origin: PasswordOrigin, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            origin,
        }
    }

    /// The text, for the hash function to compare with.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Where the password came from.
    pub fn origin(&self) -> PasswordOrigin {
        self.origin
    }
}

impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        let same = self.text.as_bytes().ct_eq(other.text.as_bytes());
        bool::from(same) & (self.origin == other.origin)
    }
}

impl Eq for PasswordHash {}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Random 128 bits.
    pub subject: SubjectId,
    /// Must be free.
    pub username: Username,
    /// Of the password.
    pub password_hash: PasswordHash,
}
