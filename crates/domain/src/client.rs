//! Clients: the applications that ask for tokens (RFC 6749 section 2), for their users or for themselves.

use crate::account::words;
use crate::{ClientId, StudyId, Timestamp};
use std::fmt;
use subtle::ConstantTimeEq;

words!(
    /// Whether a client can keep a secret (RFC 6749 section 2.1).
    ClientType {
        /// It runs on players' devices, where no secret stays one.
        Public = "public",
        /// It runs on a server and says who it is with a secret.
        Confidential = "confidential",
    }
);

words!(
    /// A way to a token.
    GrantType {
        /// With a username and a password (RFC 6749 section 4.3).
        Password = "password",
        /// With a refresh token (section 6).
        RefreshToken = "refresh_token",
        /// For the client itself (section 4.4).
        ClientCredentials = "client_credentials",
    }
);

/// Whether a client of that type may act for itself: one with a secret, since anybody may claim to be a public one, and in
/// one study, since its token reaches no further.
pub fn acts_for_itself(kind: ClientType, of_a_study: bool) -> bool {
    kind == ClientType::Confidential && of_a_study
}

/// The id of the public client that is there from the first start.
pub const BUILT_IN_CLIENT: &str = "sillage";

/// The most characters of a client's name.
pub const MAX_CLIENT_NAME: usize = 200;

/// A hash of a secret that the server drew at random. Compared in constant time; `Debug` does not show it.
///
/// It is SHA-256 without salt or stretching: those make guessing dear, and nobody guesses 256 random bits.
#[derive(Clone, Copy)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// Takes what the hash function gave.
    pub const fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The bytes, to be compared with in constant time.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretHash {}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Names it.
    pub id: ClientId,
    /// For people: at most [`MAX_CLIENT_NAME`] characters.
    pub name: String,
    /// The study that it is tied to; `None` for the whole platform.
    pub study: Option<StudyId>,
    /// Of its secret; `None` for a public client.
    pub secret_hash: Option<SecretHash>,
    /// The ways to a token that it may use, in the order of [`GrantType::ALL`].
    pub grants: Vec<GrantType>,
    /// The widest scope that it may ask for, in words that `sillage-auth` knows.
    pub scope: String,
    /// Whether it may ask for tokens, and the tokens that it got are good.
    pub active: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Goes up by one with each change, from 1.
    pub revision: i64,
}

impl Client {
    /// Whether it can keep a secret.
    pub fn kind(&self) -> ClientType {
        match self.secret_hash {
            Some(_) => ClientType::Confidential,
            None => ClientType::Public,
        }
    }

    /// Whether it is the one that is there from the first start, and can't be deleted.
    pub fn is_built_in(&self) -> bool {
        self.id.as_str() == BUILT_IN_CLIENT
    }

    /// Whether it may use that way to a token.
    pub fn may_use(&self, grant: GrantType) -> bool {
        self.grants.contains(&grant)
    }

    /// Whether somebody who plays in that study (`None` for people who run studies) may log in through it.
    pub fn admits(&self, plays_in: Option<StudyId>) -> bool {
        self.study.is_none() || plays_in.is_none() || self.study == plays_in
    }

    /// Makes a change: the revision goes up.
    pub fn apply(&mut self, change: &ClientChange) {
        if let Some(name) = &change.name {
            self.name.clone_from(name);
        }
        if let Some(grants) = &change.grants {
            self.grants = in_order(grants);
        }
        if let Some(scope) = &change.scope {
            self.scope.clone_from(scope);
        }
        self.secret_hash = change.secret_hash.or(self.secret_hash);
        self.active = change.active.unwrap_or(self.active);
        self.revision += 1;
    }
}

/// A client to be registered; it begins active.
#[derive(Debug, Clone)]
pub struct NewClient {
    /// Drawn at random by the caller.
    pub id: ClientId,
    /// See [`Client::name`].
    pub name: String,
    /// See [`Client::study`].
    pub study: Option<StudyId>,
    /// See [`Client::secret_hash`].
    pub secret_hash: Option<SecretHash>,
    /// See [`Client::grants`].
    pub grants: Vec<GrantType>,
    /// See [`Client::scope`].
    pub scope: String,
}

impl NewClient {
    /// The client as it is registered at that time.
    pub fn registered(&self, now: Timestamp) -> Client {
        Client {
            id: self.id.clone(),
            name: self.name.clone(),
            study: self.study,
            secret_hash: self.secret_hash,
            grants: in_order(&self.grants),
            scope: self.scope.clone(),
            active: true,
            created_at: now,
            revision: 1,
        }
    }
}

/// A change of a client: what is `None` stays. Neither its study nor whether it is public can be changed: who got to know it
/// relies on both.
#[derive(Debug, Clone, Default)]
pub struct ClientChange {
    /// See [`Client::name`].
    pub name: Option<String>,
    /// See [`Client::grants`].
    pub grants: Option<Vec<GrantType>>,
    /// See [`Client::scope`].
    pub scope: Option<String>,
    /// A new secret of a confidential client: the old one ends.
    pub secret_hash: Option<SecretHash>,
    /// See [`Client::active`].
    pub active: Option<bool>,
}

impl ClientChange {
    /// Whether all that the client got for itself ends: it is deactivated, or has another secret.
    pub fn ends_own_grants(&self) -> bool {
        self.secret_hash.is_some() || self.active == Some(false)
    }
}

/// Which clients of a list.
#[derive(Debug, Clone, Default)]
pub struct ClientFilter {
    /// A part of the name or of the id, in any case.
    pub search: Option<String>,
    /// Only of that study.
    pub study: Option<StudyId>,
}

impl ClientFilter {
    /// Whether a client is among those asked for.
    pub fn matches(&self, client: &Client) -> bool {
        self.study.is_none_or(|study| client.study == Some(study))
            && self
                .search
                .as_ref()
                .is_none_or(|part| search_text(client).contains(&part.to_lowercase()))
    }
}

/// What a search looks for parts in: name and id, case folded. Stores keep it, since databases fold case each in its own way.
pub fn search_text(client: &Client) -> String {
    format!("{}\n{}", client.name, client.id).to_lowercase()
}

/// Each once, in the order of the documentation.
fn in_order(grants: &[GrantType]) -> Vec<GrantType> {
    let all = GrantType::ALL.iter().copied();
    all.filter(|grant| grants.contains(grant)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn client(study: Option<i64>) -> Client {
        NewClient {
            id: "c".parse().unwrap(),
            name: "C".to_owned(),
            study: study.map(StudyId),
            secret_hash: None,
            grants: vec![GrantType::RefreshToken, GrantType::Password],
            scope: "all".to_owned(),
        }
        .registered(Timestamp::from_micros(0).unwrap())
    }

    #[rstest]
    #[case(None, None, true)]
    #[case(None, Some(1), true)]
    #[case(Some(1), Some(1), true)]
    #[case(Some(1), Some(2), false)]
    #[case(Some(1), None, true)]
    fn a_client_of_a_study_admits_the_participants_of_no_other(
        #[case] tied: Option<i64>,
        #[case] plays_in: Option<i64>,
        #[case] admitted: bool,
    ) {
        assert_eq!(client(tied).admits(plays_in.map(StudyId)), admitted);
    }

    #[test]
    fn the_words_of_grant_types_are_those_of_the_standard() {
        for grant in GrantType::ALL {
            let written = serde_json::to_value(grant).unwrap();
            assert_eq!(written, grant.as_str());
        }
    }
}
