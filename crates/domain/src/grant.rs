//! Grants: log-ins, and what may still be taken from each.

use crate::{AccountId, Timestamp};
use std::fmt;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// How long a refresh token that was used may be used again, in seconds, as long as its successor was not: the answer
/// that carried the successor may have been lost.
pub const LOST_ANSWER_SECONDS: i64 = 60;

/// How many grants one account holds at most, and how many one client that acts for itself. One more ends the one that
/// was used least recently, so that a game which never logs out does not fill the database.
pub const MAX_GRANTS: u32 = 1000;

/// Names a grant: random, and in every access token that comes from it. Never stands in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GrantId(pub Uuid);

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The SHA-256 of a secret of 128 random bits or more, which needs no slower hash. Compared in constant time; `Debug`
/// does not show it.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Takes the hash.
    #[must_use]
    pub const fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The hash, as it is stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A log-in: an access token and the refresh tokens that follow from it. What gets revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Names it.
    pub id: GrantId,
    /// Who logged in; `None` for a client that acts for itself.
    pub account: Option<AccountId>,
    /// The client through which; `None` where none took part.
    pub client: Option<String>,
    /// What its tokens may be used for, at most, in the words of RFC 6749 section 3.3.
    pub scope: String,
    /// The round of its access tokens: those of an earlier one are revoked.
    pub round: i64,
    /// When somebody logged in.
    pub created_at: Timestamp,
    /// When a token was last taken from it.
    pub used_at: Timestamp,
    /// From when on nothing of it is good; `None` for never.
    pub ends_at: Option<Timestamp>,
    /// Its refresh tokens; `None` if it has none.
    pub refresh: Option<RefreshChain>,
}

impl Grant {
    /// Whether something of it may still be good.
    #[must_use]
    pub fn lives_at(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }
}

/// A grant to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// Random.
    pub id: GrantId,
    /// See [`Grant::account`].
    pub account: Option<AccountId>,
    /// See [`Grant::client`].
    pub client: Option<String>,
    /// See [`Grant::scope`].
    pub scope: String,
    /// See [`Grant::ends_at`].
    pub ends_at: Option<Timestamp>,
    /// Of its first refresh token, if it is to have any.
    pub refresh: Option<RefreshHashes>,
}

/// The hashes of the two parts of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshHashes {
    /// Of the part that all refresh tokens of a grant have in common.
    pub family: TokenHash,
    /// Of the part that is this token's own.
    pub token: TokenHash,
}

/// What is known of a grant's refresh tokens: the one that may be used, and the one that was used last.
///
/// That is enough to recognise every other token of the family as one that was used before, so nothing has to be kept for
/// each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshChain {
    /// What all of them have in common.
    pub family: TokenHash,
    /// The one that may be used.
    pub current: TokenHash,
    /// The one that was used last.
    pub spent: Option<Spent>,
}

/// A refresh token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Its own part.
    pub token: TokenHash,
    /// When it was used first.
    pub at: Timestamp,
}

impl RefreshChain {
    /// The chain of a grant that was just made.
    #[must_use]
    pub const fn new(first: RefreshHashes) -> Self {
        Self {
            family: first.family,
            current: first.token,
            spent: None,
        }
    }

    /// The chain after a token of the family was presented and `successor` given for it; `None` if it was used before, so
    /// that two hold what one was given, and the grant has to end.
    ///
    /// A token that was used less than [`LOST_ANSWER_SECONDS`] ago, and whose successor was not, gets another successor;
    /// the unused one dies. The time counts from its first use.
    #[must_use]
    pub fn after(
        &self,
        presented: &TokenHash,
        successor: TokenHash,
        now: Timestamp,
    ) -> Option<Self> {
        let renewed = |spent| Self {
            family: self.family,
            current: successor,
            spent: Some(spent),
        };
        if *presented == self.current {
            return Some(renewed(Spent {
                token: *presented,
                at: now,
            }));
        }
        self.spent
            .filter(|spent| {
                let age = now.micros() - spent.at.micros();
                spent.token == *presented && age <= LOST_ANSWER_SECONDS * 1_000_000
            })
            .map(renewed)
    }
}

/// What became of a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Its successor is in force.
    Renewed {
        /// The round of the access token that goes with it.
        round: i64,
    },
    /// It was used before: the grant has ended.
    Reused,
    /// There is no such grant, or no longer.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + seconds * 1_000_000).unwrap()
    }

    fn hash(n: u8) -> TokenHash {
        TokenHash::new([n; 32])
    }

    fn chain() -> RefreshChain {
        RefreshChain::new(RefreshHashes {
            family: hash(0),
            token: hash(1),
        })
    }

    #[test]
    fn each_token_is_good_once() {
        let second = chain().after(&hash(1), hash(2), at(0)).unwrap();
        let third = second.after(&hash(2), hash(3), at(1)).unwrap();
        assert_eq!(third.current, hash(3));
        // One that was used before the last, at any time.
        assert_eq!(third.after(&hash(1), hash(4), at(2)), None);
        // One that never was.
        assert_eq!(third.after(&hash(9), hash(4), at(2)), None);
    }

    #[test]
    fn a_lost_answer_is_given_again_for_a_minute() {
        let used = chain().after(&hash(1), hash(2), at(0)).unwrap();
        let again = used.after(&hash(1), hash(3), at(60)).unwrap();
        assert_eq!(again.current, hash(3));
        // The time counts from the first use, and the successor that nobody used is dead.
        assert_eq!(again.after(&hash(1), hash(4), at(61)), None);
        assert_eq!(again.after(&hash(2), hash(4), at(60)), None);
        assert_eq!(used.after(&hash(1), hash(3), at(61)), None);
    }

    #[test]
    fn once_the_successor_was_used_the_answer_was_not_lost() {
        let used = chain().after(&hash(1), hash(2), at(0)).unwrap();
        let further = used.after(&hash(2), hash(3), at(1)).unwrap();
        assert_eq!(further.after(&hash(1), hash(4), at(2)), None);
    }

    #[test]
    fn a_hash_is_shown_to_nobody() {
        assert!(!format!("{:?}", chain()).contains('1'));
    }
}
