//! What can be wrong with an entry, told to the developer of the game and kept with it in quarantine.

use crate::codebook::FieldType;
use crate::{NameError, TimeError};
use serde::{Deserialize, Serialize};

/// One thing that is wrong with one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Where: a JSON pointer (RFC 6901) into the entry; empty for the entry as a whole.
    pub pointer: String,
    /// What.
    #[serde(flatten)]
    pub kind: FaultKind,
}

impl Fault {
    /// A fault at the member of that name of the entry; the entry as a whole for an empty name.
    pub fn at(member: &str, kind: FaultKind) -> Self {
        let pointer = if member.is_empty() {
            String::new()
        } else {
            format!("/{}", escape(member))
        };
        Self { pointer, kind }
    }
}

/// A member's name as a token of a JSON pointer (RFC 6901 section 3).
pub(crate) fn escape(member: &str) -> String {
    member.replace('~', "~0").replace('/', "~1")
}

/// What can be wrong with an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// A required member is not there.
    Missing,
    /// A member, or the entry, is of another JSON type than it must be.
    WrongType {
        /// What it must be.
        expected: JsonType,
    },
    /// A time that is none, or that has no offset.
    Time {
        /// Why.
        error: TimeError,
    },
    /// A name that can't be one.
    Name {
        /// Why.
        error: NameError,
    },
    /// The id is not a UUID.
    NotAnId,
    /// The sequence is negative, or too large to be exact in every JSON reader.
    SequenceOutOfRange,
    /// The payload is longer than the limit.
    PayloadTooLarge {
        /// The limit in bytes.
        max: usize,
    },
    /// The payload is nested deeper than the limit.
    TooDeep {
        /// The limit; the payload itself is at depth 1.
        max: usize,
    },
    /// A text of the payload has the character U+0000, which not every database keeps.
    NulCharacter,
    /// A text of the payload has half of a surrogate pair, which is no character.
    LoneSurrogate,
    /// A member stands in the payload and beside it.
    AlsoInPayload,
    /// The entry does not say whose it is, and the sender is nobody who plays.
    ParticipantMissing,
    /// There is no participant of that username.
    UnknownParticipant,
    /// An entry with this id and other content is stored already.
    Conflict,
    /// The action took place after the study was closed, or arrived too long after.
    AfterClosing,
    /// Two members play one part: the entry's own, and the one that the codebook names.
    PlayedTwice,
    /// The codebook has no such action.
    UnknownAction,
    /// A field that the codebook requires is not there.
    MissingField,
    /// A field is of another type than the codebook says.
    WrongFieldType {
        /// What it must be.
        expected: FieldType,
    },
    /// The value is none of those that the codebook lists.
    NotInEnumeration,
    /// The value is below the smallest.
    BelowMinimum {
        /// The smallest, as the codebook writes it.
        minimum: String,
    },
    /// The value is above the greatest.
    AboveMaximum {
        /// The greatest, as the codebook writes it.
        maximum: String,
    },
    /// The text has too few characters.
    TooShort {
        /// The fewest that it may have.
        min: u32,
    },
    /// The text has too many characters.
    TooLong {
        /// The most that it may have.
        max: u32,
    },
    /// The array has too few items.
    TooFewItems {
        /// The fewest that it may have.
        min: u32,
    },
    /// The array has too many items.
    TooManyItems {
        /// The most that it may have.
        max: u32,
    },
    /// The text does not match the pattern of the codebook.
    PatternMismatch,
    /// The codebook has no such field, and takes no other.
    UndeclaredField,
    /// The field stands twice, in two spellings of one name.
    FieldTwice,
    /// There is no such member here, or it can't be amended.
    UnknownMember,
    /// An amendment names nothing that is to be changed.
    NothingToChange,
}

impl FaultKind {
    /// Whether it is the codebook that the entry does not fit, so that another version may take it.
    pub fn is_of_codebook(&self) -> bool {
        matches!(
            self,
            Self::UnknownAction
                | Self::MissingField
                | Self::WrongFieldType { .. }
                | Self::NotInEnumeration
                | Self::BelowMinimum { .. }
                | Self::AboveMaximum { .. }
                | Self::TooShort { .. }
                | Self::TooLong { .. }
                | Self::TooFewItems { .. }
                | Self::TooManyItems { .. }
                | Self::PatternMismatch
                | Self::UndeclaredField
                | Self::FieldTwice
        )
    }
}

impl FaultKind {
    /// The word for the kind of fault, by which the quarantine is filtered and counted: that of its JSON form.
    pub fn word(&self) -> String {
        let form = serde_json::to_value(self).unwrap_or_default();
        form["kind"].as_str().unwrap_or_default().to_owned()
    }
}

/// The types of JSON (RFC 8259 section 3), with integers apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum JsonType {
    /// `{}`
    Object,
    /// `""`
    String,
    /// A number without fraction or exponent.
    Integer,
}
