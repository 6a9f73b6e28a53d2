//! Log-ins: begun, renewed, ended.

use crate::api::{Api, Inner};
use crate::client_authentication::KnownClient;
use crate::error::ApiError;
use crate::messages;
use sillage_auth::{Claims, GrantRound, RefreshToken, Scope, Secret, TokenError};
use sillage_domain::{Account, AccountId, Grant, GrantId, NewGrant, Renewal, SubjectId, Timestamp};
use std::time::Duration;
use uuid::Uuid;

/// How many ended grants are taken away in one transaction, and how many such transactions follow each other.
const FORGOTTEN: u32 = 500;
const FORGOTTEN_ROUNDS: u32 = 20;

/// Who gets tokens, through what.
#[derive(Debug, Clone)]
pub(crate) struct LogIn {
    /// `None` for a client that acts for itself.
    pub(crate) account: Option<AccountId>,
    /// `None` for a client that acts for itself: its tokens name the grant.
    pub(crate) subject: Option<SubjectId>,
    /// `None` where no client takes part.
    pub(crate) client: Option<String>,
}

impl LogIn {
    /// Somebody who logs in through that client.
    pub(crate) fn of(account: &Account, client: Option<String>) -> Self {
        Self {
            account: Some(account.id),
            subject: Some(account.subject),
            client,
        }
    }
}

/// Tokens, to be shown once.
pub(crate) struct Issued {
    pub(crate) access: Secret,
    pub(crate) refresh: Option<Secret>,
    pub(crate) scope: Scope,
    /// Of the access token, in seconds.
    pub(crate) expires_in: u32,
}

impl Api {
    /// Begins a grant, and gives its first tokens.
    pub(crate) async fn begin_grant(
        &self,
        log_in: LogIn,
        scope: Scope,
        with_refresh: bool,
    ) -> Result<Issued, ApiError> {
        self.off(move |inner| inner.begin_grant(log_in, scope, with_refresh))
            .await
    }

    /// Takes tokens from the grant of a refresh token, which is used up. The scope of the access token may be a part of the grant's,
    /// and is never wider (RFC 6749 section 6).
    pub(crate) async fn renew(
        &self,
        client: KnownClient,
        presented: Secret,
        scope: Option<String>,
    ) -> Result<Issued, ApiError> {
        self.off(move |inner| inner.renew(&client, &presented, scope.as_deref()))
            .await
    }

    /// Ends a token for a client, as RFC 7009 section 2.1 has it: with a refresh token the log-in, with an access token all
    /// access tokens of the log-in. A token that is none does nothing.
    pub(crate) async fn revoke(
        &self,
        client: KnownClient,
        token: Secret,
    ) -> Result<Option<Grant>, ApiError> {
        self.off(move |inner| inner.revoke(&client, &token)).await
    }

    /// Ends something by that call; from then on nobody on this server is believed for having been looked at before.
    pub(crate) async fn end<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let ended = self.off(work).await;
        self.changed();
        ended
    }
}

impl Inner {
    fn begin_grant(
        &self,
        log_in: LogIn,
        scope: Scope,
        with_refresh: bool,
    ) -> Result<Issued, ApiError> {
        let refresh = with_refresh.then(RefreshToken::generate).transpose();
        let refresh = refresh.map_err(ApiError::internal)?;
        let now = self.now();
        let grant = NewGrant {
            id: GrantId(Uuid::new_v4()),
            account: log_in.account,
            client: log_in.client,
            scope: scope.to_string(),
            ends_at: self.end_of_grant(refresh.is_some(), now),
            refresh: refresh.as_ref().map(RefreshToken::hashes),
        };
        self.ports.grants.begin_grant(&grant, now)?;
        let from = GrantRound {
            grant: grant.id,
            round: 0,
        };
        let subject = log_in.subject.unwrap_or(of_grant(grant.id));
        self.issue(subject, scope, from, refresh.as_ref())
    }

    fn renew(
        &self,
        client: &KnownClient,
        presented: &Secret,
        asked: Option<&str>,
    ) -> Result<Issued, ApiError> {
        let refused = || ApiError::from(messages::bad_refresh_token()).oauth("invalid_grant");
        let token = RefreshToken::parse(presented).ok_or_else(refused)?;
        let (hashes, now) = (token.hashes(), self.now());
        let grant = self.ports.grants.grant_by_family(&hashes.family)?;
        let grant = grant
            .filter(|grant| is_its(grant, client) && grant.lives_at(now))
            .ok_or_else(refused)?;
        let account = match grant.account {
            Some(id) => self.ports.accounts.account(id)?,
            None => None,
        };
        let account = account
            .filter(|account| account.active)
            .ok_or_else(refused)?;
        // Before the token is used up.
        client.admits(&account)?;
        let granted: Scope = grant.scope.parse().map_err(ApiError::internal)?;
        let scope = client.scope_again(&account, granted, asked)?;
        let next = token.successor().map_err(ApiError::internal)?;
        let renewal = self.ports.grants.renew_grant(
            &hashes,
            &next.hashes().token,
            self.end_of_grant(true, now),
            now,
        )?;
        match renewal {
            Renewal::Renewed { round } => {
                let from = GrantRound {
                    grant: grant.id,
                    round,
                };
                self.issue(account.subject, scope, from, Some(&next))
            }
            Renewal::Reused => {
                self.changed();
                tracing::warn!("a refresh token was used twice: its log-in was ended");
                Err(refused())
            }
            Renewal::Unknown => Err(refused()),
        }
    }

    fn revoke(&self, client: &KnownClient, token: &Secret) -> Result<Option<Grant>, ApiError> {
        let refresh = RefreshToken::parse(token);
        let grant = match &refresh {
            Some(token) => self.ports.grants.grant_by_family(&token.hashes().family)?,
            None => match self.verify(token.expose()) {
                Ok(claims) => self.grant_of(&claims)?,
                Err(TokenError::Expired | TokenError::Invalid(_)) => None,
                Err(error) => return Err(ApiError::internal(error)),
            },
        };
        let Some(grant) = grant else {
            return Ok(None);
        };
        if grant.client.is_some() && !is_its(&grant, client) {
            let problem = messages::oauth(
                "this token was given to another client",
                "ce jeton a été donné à un autre client",
            );
            return Err(ApiError::from(problem).oauth("invalid_grant"));
        }
        if refresh.is_some() {
            self.ports.grants.end_grant(grant.id)?;
        } else {
            self.ports.grants.end_tokens(grant.id)?;
        }
        self.changed();
        Ok(Some(grant))
    }

    /// The tokens of a grant: an access token, and the refresh token that was made for it.
    pub(crate) fn issue(
        &self,
        subject: SubjectId,
        scope: Scope,
        from: GrantRound,
        refresh: Option<&RefreshToken>,
    ) -> Result<Issued, ApiError> {
        let expires_in = seconds(self.settings.token_lifetime);
        let claims = Claims::new(subject, scope, from, self.now(), expires_in, Uuid::new_v4());
        let access = self.signing().issue(&claims).map_err(ApiError::internal)?;
        Ok(Issued {
            access,
            refresh: refresh.map(RefreshToken::to_text),
            scope,
            expires_in,
        })
    }

    /// From when on nothing is good of a grant from which tokens are taken now.
    pub(crate) fn end_of_grant(&self, has_refresh: bool, now: Timestamp) -> Option<Timestamp> {
        let access = self.settings.token_lifetime;
        let longest = if has_refresh {
            self.settings.refresh_token_lifetime?.max(access)
        } else {
            access
        };
        Some(now.plus_seconds(seconds(longest).into()))
    }

    /// The grant that a token comes from; `None` if the token was revoked.
    pub(crate) fn grant_of(&self, claims: &Claims) -> Result<Option<Grant>, ApiError> {
        let grant = self.ports.grants.grant(claims.from.grant)?;
        Ok(grant.filter(|grant| claims.from.round >= grant.round))
    }

    /// Takes away grants of which nothing is good any more. What is left over waits for the next time.
    pub(crate) fn forget_ended_grants(&self) -> Result<(), ApiError> {
        for _ in 0..FORGOTTEN_ROUNDS {
            let forgotten = self
                .ports
                .grants
                .forget_ended_grants(self.now(), FORGOTTEN)?;
            if forgotten < FORGOTTEN {
                break;
            }
        }
        Ok(())
    }
}

/// What the tokens of a client that acts for itself name it by. No account has it: both are random.
pub(crate) fn of_grant(grant: GrantId) -> SubjectId {
    SubjectId::new(*grant.0.as_bytes())
}

/// Whether the grant came through that client.
pub(crate) fn is_its(grant: &Grant, client: &KnownClient) -> bool {
    grant.client.as_deref() == Some(client.client.id.as_str())
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
