//! Numbers and keys that name things.

use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A study, inside the server. Never shown: outside it is named by its [`Slug`](crate::Slug).
    StudyId
);
id!(
    /// An account of a person, inside the server. Never stands in a trace.
    AccountId
);
id!(
    /// A participant's place in the list of the study's participants, from 1.
    ParticipantNumber
);
id!(
    /// The integer that the server gave a log entry: it makes its URL and the cursor of a harvest.
    LogNumber
);
id!(
    /// A text kept in quarantine.
    QuarantineId
);

/// Random 128 bits of an account, from which the pseudonym is computed.
///
/// It stands in the account's row and in the token, and in no trace. `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubjectId([u8; 16]);

impl SubjectId {
    /// Takes 16 bytes from the operating system's randomness, drawn by the caller.
    pub const fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// The bytes, as the pseudonym is computed from them.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectId(***)")
    }
}
