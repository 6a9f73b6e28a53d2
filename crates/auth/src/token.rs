//! Access tokens: what they claim, and why one is refused.

use jsonwebtoken::errors::ErrorKind;
use serde::{Deserialize, Serialize};
use sillage_domain::{GrantId, SubjectId, Timestamp};
use thiserror::Error;
use uuid::Uuid;

use crate::Scope;

/// The issuer that every token names.
pub const ISSUER: &str = "sillage";

/// How far in the future a token may have been issued: two nodes' clocks differ.
pub const CLOCK_SKEW_SECONDS: i64 = 60;

/// What an access token says. Its bearer is named by the subject id, which stands in no trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claims {
    /// Whose token it is (`sub`).
    pub subject: SubjectId,
    /// When it was issued (`iat`), in seconds since 1970.
    pub issued_at: i64,
    /// From when on it is no longer good (`exp`), in seconds since 1970.
    pub expires_at: i64,
    /// The token's own name (`jti`).
    pub token_id: Uuid,
    /// The log-in that it comes from, by which it can be revoked.
    pub from: GrantRound,
    /// What it may be used for, at most.
    pub scope: Scope,
}

/// A grant, in the round in which an access token was taken from it: the token is revoked once there is no such grant any
/// more, or it has come to a later round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantRound {
    /// Which grant (`gid`).
    pub grant: GrantId,
    /// Its round (`round`).
    pub round: i64,
}

impl Claims {
    /// The claims of a token that is good from `now` on for that many seconds. `token_id` is random, drawn by the caller.
    #[must_use]
    pub fn new(
        subject: SubjectId,
        scope: Scope,
        from: GrantRound,
        now: Timestamp,
        lifetime_seconds: u32,
        token_id: Uuid,
    ) -> Self {
        let issued_at = seconds(now);
        Self {
            subject,
            issued_at,
            expires_at: issued_at + i64::from(lifetime_seconds),
            token_id,
            from,
            scope,
        }
    }

    /// How long the token is still good, in seconds; 0 if it is no longer.
    #[must_use]
    pub fn seconds_left(&self, now: Timestamp) -> i64 {
        (self.expires_at - seconds(now)).max(0)
    }

    /// Whether the token is good at that time, for those who keep verified claims and ask again.
    ///
    /// # Errors
    ///
    /// [`TokenError::Expired`] from the second of `expires_at` on; [`InvalidToken::NotYet`] if it was issued more than
    /// [`CLOCK_SKEW_SECONDS`] later than `now`.
    pub fn check_time(&self, now: Timestamp) -> Result<(), TokenError> {
        let now = seconds(now);
        if now >= self.expires_at {
            Err(TokenError::Expired)
        } else if self.issued_at > now.saturating_add(CLOCK_SKEW_SECONDS) {
            Err(InvalidToken::NotYet.into())
        } else {
            Ok(())
        }
    }
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It was good once: log in again (code 4011).
    #[error("the access token has expired")]
    Expired,
    /// It is not one of ours (code 4013). The reason is for the log.
    #[error("the access token is invalid")]
    Invalid(#[from] InvalidToken),
}

/// What makes a token invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidToken {
    /// It is no JWT, or its header names an unknown algorithm (as `none`) or a critical extension.
    #[error("it is no JWT that can be read")]
    Malformed,
    /// Its header names another algorithm than HS256.
    #[error("it has another algorithm than HS256")]
    Algorithm,
    /// Its header names no key, or one that the server does not have.
    #[error("it names a key that does not exist")]
    Key,
    /// It was not signed with the key that it names, or was changed since.
    #[error("its signature is wrong")]
    Signature,
    /// It was signed with our key, but its claims are not those of an access token.
    #[error("its claims are not those of an access token")]
    Claims,
    /// It was issued in the future.
    #[error("it was issued in the future")]
    NotYet,
}

impl InvalidToken {
    pub(crate) fn of(error: &jsonwebtoken::errors::Error) -> Self {
        match error.kind() {
            ErrorKind::InvalidSignature => Self::Signature,
            ErrorKind::InvalidAlgorithm => Self::Algorithm,
            ErrorKind::InvalidToken | ErrorKind::Base64(_) | ErrorKind::Utf8(_) => Self::Malformed,
            _ => Self::Claims,
        }
    }
}

/// A token cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the access token cannot be signed")]
pub struct IssueError(#[source] jsonwebtoken::errors::Error);

impl From<jsonwebtoken::errors::Error> for IssueError {
    fn from(source: jsonwebtoken::errors::Error) -> Self {
        Self(source)
    }
}

/// The claims as the token writes them.
#[derive(Serialize, Deserialize)]
pub(crate) struct Wire {
    iss: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: Uuid,
    gid: Uuid,
    round: i64,
    scope: String,
}

impl From<&Claims> for Wire {
    fn from(claims: &Claims) -> Self {
        Self {
            iss: ISSUER.to_owned(),
            sub: Uuid::from_bytes(*claims.subject.as_bytes())
                .simple()
                .to_string(),
            iat: claims.issued_at,
            exp: claims.expires_at,
            jti: claims.token_id,
            gid: claims.from.grant.0,
            round: claims.from.round,
            scope: claims.scope.to_string(),
        }
    }
}

impl TryFrom<Wire> for Claims {
    type Error = InvalidToken;

    fn try_from(wire: Wire) -> Result<Self, InvalidToken> {
        let subject = Uuid::try_parse(&wire.sub).map_err(|_| InvalidToken::Claims)?;
        Ok(Self {
            subject: SubjectId::new(subject.into_bytes()),
            issued_at: wire.iat,
            expires_at: wire.exp,
            token_id: wire.jti,
            from: GrantRound {
                grant: GrantId(wire.gid),
                round: wire.round,
            },
            scope: wire.scope.parse().map_err(|_| InvalidToken::Claims)?,
        })
    }
}

fn seconds(time: Timestamp) -> i64 {
    time.micros().div_euclid(1_000_000)
}
