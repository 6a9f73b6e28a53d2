//! What a token is good for, told to those who may ask (RFC 7662).

use crate::api::{Api, Inner};
use crate::client_authentication::KnownClient;
use crate::error::ApiError;
use crate::grants::is_its;
use crate::messages;
use sillage_auth::{Claims, Granted, Holder, IntrospectTokens, Reach, RefreshToken, Scope, Secret};
use sillage_domain::{Account, ClientType, Grant, StudyId, Username};

/// Who asks, and about which tokens that may be.
pub(crate) enum Asker {
    /// About every token.
    Admin,
    /// About the tokens that it got and, with a study, those of the study's participants.
    Client(KnownClient),
    /// About the tokens of the study's participants.
    Study(StudyId),
}

/// A token that is good, and what may be told about it: neither a subject id nor a pseudonym.
pub(crate) struct Introspected {
    pub(crate) scope: Scope,
    pub(crate) client: Option<String>,
    pub(crate) username: Option<Username>,
    /// Of an access token; `None` for a refresh token.
    pub(crate) claims: Option<Claims>,
    /// Of the grant, for a refresh token.
    pub(crate) grant: Grant,
}

impl Asker {
    /// Somebody with an access token of their own.
    pub(crate) fn by_token(
        granted: &Granted<IntrospectTokens>,
        study: Option<StudyId>,
    ) -> Result<Self, ApiError> {
        match (granted.reach(), study) {
            (Reach::Whole, _) => Ok(Self::Admin),
            (_, Some(study)) => Ok(Self::Study(study)),
            _ => Err(messages::forbidden().into()),
        }
    }

    /// A client that said who it is. A public one cannot: anybody may claim to be it.
    pub(crate) fn by_secret(client: KnownClient) -> Result<Self, ApiError> {
        if client.client.kind() == ClientType::Confidential {
            return Ok(Self::Client(client));
        }
        let problem = messages::oauth(
            "only a client with a secret may ask about tokens",
            "seul un client qui a un secret peut interroger sur des jetons",
        );
        Err(ApiError::from(problem).oauth("invalid_client"))
    }

    fn may_know(&self, grant: &Grant, account: Option<&Account>, refresh: bool) -> bool {
        let plays_in = account
            .and_then(|account| account.enrolment)
            .map(|e| e.study);
        let of_study = |study: Option<StudyId>| !refresh && study.is_some() && study == plays_in;
        match self {
            Self::Admin => true,
            Self::Client(client) => is_its(grant, client) || of_study(client.client.study),
            Self::Study(study) => of_study(Some(*study)),
        }
    }
}

impl Api {
    /// What a token is good for; `None` for one that is good for nothing, or that the asker is to know nothing about.
    pub(crate) async fn introspect(
        &self,
        asker: Asker,
        token: Secret,
    ) -> Result<Option<Introspected>, ApiError> {
        self.off(move |inner| inner.introspect(&asker, &token))
            .await
    }
}

impl Inner {
    fn introspect(&self, asker: &Asker, token: &Secret) -> Result<Option<Introspected>, ApiError> {
        let (grant, claims) = match RefreshToken::parse(token) {
            Some(token) => (self.grant_of_refresh_token(&token)?, None),
            None => match self.verify(token.expose()) {
                Ok(claims) => (self.grant_of(&claims)?, Some(claims)),
                Err(_) => (None, None),
            },
        };
        let Some(grant) = grant else {
            return Ok(None);
        };
        let account = match grant.account {
            Some(id) => match self.ports.accounts.account(id)? {
                Some(account) if account.active => Some(account),
                _ => return Ok(None),
            },
            None => None,
        };
        if !asker.may_know(&grant, account.as_ref(), claims.is_none()) {
            return Ok(None);
        }
        let scope = match &claims {
            Some(claims) => claims.scope,
            None => grant.scope.parse().map_err(ApiError::internal)?,
        };
        let holder = match &account {
            Some(account) => Holder::Account(account.role),
            None => Holder::Client,
        };
        let Some(scope) = self.scope_left(&grant, holder, scope)? else {
            return Ok(None);
        };
        Ok(Some(Introspected {
            scope,
            client: grant.client.clone(),
            username: account.map(|account| account.username),
            claims,
            grant,
        }))
    }

    /// The grant of a refresh token that may still be used.
    fn grant_of_refresh_token(&self, token: &RefreshToken) -> Result<Option<Grant>, ApiError> {
        let hashes = token.hashes();
        let grant = self.ports.grants.grant_by_family(&hashes.family)?;
        Ok(grant.filter(|grant| {
            let current = |chain: sillage_domain::RefreshChain| chain.current == hashes.token;
            grant.refresh.is_some_and(current) && grant.lives_at(self.now())
        }))
    }
}
