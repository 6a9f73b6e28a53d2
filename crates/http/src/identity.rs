//! Who sends a request: credentials checked, and what was found out kept for a few seconds.

use crate::api::{Api, Inner};
use crate::error::ApiError;
use crate::grants::of_grant;
use crate::limits::Source;
use crate::messages;
use sillage_auth::{
    Basic, Caller, Claims, Credentials, Holder, InvalidToken, Scope, Secret, TokenError,
};
use sillage_domain::{
    Account, ConsentCode, Grant, GrantId, ParticipantNumber, PasswordHash, Pseudonym, Role, Study,
    SubjectId, Username,
};
use sillage_pseudonym::StudyKey;
use std::sync::Arc;
use std::time::Instant;
use subtle::ConstantTimeEq;

/// A study with its key.
#[derive(Debug)]
pub(crate) struct KnownStudy {
    pub(crate) study: Study,
    key: StudyKey,
}

impl KnownStudy {
    pub(crate) fn new(inner: &Inner, study: Study) -> Self {
        let key = inner.root.study_key(study.salt.as_bytes());
        Self { study, key }
    }

    pub(crate) fn pseudonym(&self, subject: &SubjectId) -> Pseudonym {
        self.key.pseudonym(subject.as_bytes())
    }

    /// What the subject's history of consents stands under.
    pub(crate) fn consent_code(&self, subject: &SubjectId) -> ConsentCode {
        ConsentCode::new(self.key.consent_code(subject.as_bytes()))
    }
}

/// A caller, and where he plays.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) caller: Caller,
    /// Of a participant.
    pub(crate) plays: Option<(Arc<KnownStudy>, Pseudonym)>,
    /// The number there, of a participant.
    pub(crate) number: Option<ParticipantNumber>,
    /// Whether a password came with this request, and no token.
    pub(crate) by_password: bool,
    /// The log-in that the token comes from; `None` with a password.
    pub(crate) grant: Option<GrantId>,
    /// The registered client through which the token was got, if one took part.
    pub(crate) client: Option<Box<str>>,
}

/// What was found out about credentials that were good.
#[derive(Clone)]
pub(crate) struct Remembered {
    proof: Proof,
    identity: Arc<Identity>,
    looked_at: Instant,
    generation: u64,
}

#[derive(Clone)]
enum Proof {
    Token(Claims, Signature),
    /// The hash that the password was compared with.
    Password(PasswordHash),
}

impl Remembered {
    /// The claims of the token, if that is its signature, in a time that does not tell how much of it is.
    fn claims_under(&self, signature: &Signature) -> Option<Claims> {
        match &self.proof {
            Proof::Token(claims, known) if bool::from(known.ct_eq(signature)) => Some(*claims),
            _ => None,
        }
    }
}

/// 32 bytes in base64url, as they stand at the end of a token.
type Signature = [u8; 43];

/// What a token claims, by which it is remembered, and its signature, which makes it one: a memory that compared whole tokens, byte by
/// byte, would tell by the clock how much of a signature was guessed. `None` for what cannot be a token of ours.
fn taken_apart(token: &str) -> Option<(&str, Signature)> {
    let (claimed, signature) = token.rsplit_once('.')?;
    Some((claimed, signature.as_bytes().try_into().ok()?))
}

/// Something is being found out. It is believed from the moment on at which somebody began to look: what was changed
/// meanwhile may not have been seen.
struct Looking {
    since: Instant,
    generation: u64,
}

impl Looking {
    fn found(&self, proof: Proof, identity: &Arc<Identity>) -> Remembered {
        Remembered {
            proof,
            identity: Arc::clone(identity),
            looked_at: self.since,
            generation: self.generation,
        }
    }
}

impl Api {
    /// The caller with these credentials.
    pub(crate) async fn identify(
        &self,
        credentials: Credentials,
        source: impl FnOnce() -> Source,
    ) -> Result<Arc<Identity>, ApiError> {
        match credentials {
            Credentials::Token(token) => self.by_token(token).await,
            Credentials::Basic(basic) => self.by_password(basic, source()).await,
            _ => Err(messages::credentials_missing().into()),
        }
    }

    /// The caller with that token, if that was found out a moment ago.
    pub(crate) fn known_by(&self, token: &str) -> Option<Result<Arc<Identity>, ApiError>> {
        let (claimed, signature) = taken_apart(token)?;
        let wanted = |known: &Remembered| {
            let claims = known.claims_under(&signature)?;
            self.is_fresh(known).then(|| {
                claims.check_time(self.now()).map_err(refused_token)?;
                Ok(Arc::clone(&known.identity))
            })
        };
        self.0.tokens.look(claimed, wanted).flatten()
    }

    async fn by_token(&self, token: Secret) -> Result<Arc<Identity>, ApiError> {
        if let Some(known) = self.known_by(token.expose()) {
            return known;
        }
        // What nobody has signed is not worth a thread.
        match self.0.keyring.known().verify(token.expose(), self.now()) {
            Ok(_) | Err(TokenError::Invalid(InvalidToken::Key)) => {}
            Err(error) => return Err(refused_token(error)),
        }
        // Callers who come many at a time with one token, or hang up and come again, have it looked up once.
        let claimed = taken_apart(token.expose()).map_or("", |(claimed, _)| claimed);
        let turn = self.0.turns.wait(claimed).await;
        if let Some(known) = self.known_by(token.expose()) {
            return known;
        }
        let looking = self.begin_to_look();
        self.off(move |inner| {
            // Kept, and what is found remembered, even if nobody waits for it any more.
            let _turn = turn;
            let claims = inner.verify(token.expose()).map_err(refused_token)?;
            let identity = inner.look_up_subject(&claims)?;
            if let Some((claimed, signature)) = taken_apart(token.expose()) {
                let proof = Proof::Token(claims, signature);
                let found = looking.found(proof, &identity);
                inner.tokens.put(claimed.into(), found);
            }
            Ok(identity)
        })
        .await
    }

    async fn by_password(&self, basic: Basic, source: Source) -> Result<Arc<Identity>, ApiError> {
        let username = basic.username.parse::<Username>().ok();
        let key = username
            .as_ref()
            .map(|name| self.pair_key(name, &basic.password));
        let remembered = key.and_then(|key| self.0.pairs.get(&key));
        if let Some(fresh) = remembered.as_ref().filter(|known| self.is_fresh(known)) {
            return Ok(Arc::clone(&fresh.identity));
        }
        let looking = self.begin_to_look();
        let account = match self.still_good(username, remembered).await? {
            Some(account) => account,
            None => {
                let found = self
                    .account_with_password(&basic.username, basic.password, source)
                    .await;
                self.0.metrics.log_in("basic", &found);
                found?
            }
        };
        let proof = Proof::Password(account.password_hash.clone());
        let scope = Scope::whole_of(account.role);
        let identity = self
            .off(move |inner| inner.identity(&account, scope, true).map(Arc::new))
            .await?;
        if let Some(key) = key {
            self.0.pairs.put(key, looking.found(proof, &identity));
        }
        Ok(identity)
    }

    /// The account of a pair that was verified before, if its password is still the same.
    async fn still_good(
        &self,
        username: Option<Username>,
        remembered: Option<Remembered>,
    ) -> Result<Option<Account>, ApiError> {
        let Some(Remembered {
            proof: Proof::Password(hash),
            ..
        }) = remembered
        else {
            return Ok(None);
        };
        let account = self.account_of(username).await?;
        Ok(account.filter(|account| account.active && account.password_hash == hash))
    }

    /// The account of that name, if it is one.
    pub(crate) async fn account_of(
        &self,
        username: Option<Username>,
    ) -> Result<Option<Account>, ApiError> {
        match username {
            Some(name) => {
                self.off(move |inner| Ok(inner.ports.accounts.account_by_username(&name)?))
                    .await
            }
            None => Ok(None),
        }
    }

    fn begin_to_look(&self) -> Looking {
        Looking {
            since: Instant::now(),
            generation: self.generation(),
        }
    }

    fn is_fresh(&self, known: &Remembered) -> bool {
        known.generation == self.generation() && known.looked_at.elapsed() < self.0.settings.recheck
    }
}

impl Inner {
    fn look_up_subject(&self, claims: &Claims) -> Result<Arc<Identity>, ApiError> {
        if claims.subject == of_grant(claims.from.grant) {
            return self.look_up_client(claims);
        }
        let account = self.ports.accounts.account_by_subject(&claims.subject)?;
        let account = account.ok_or_else(messages::token_invalid)?;
        if !account.active {
            return Err(messages::inactive().into());
        }
        let grant = self
            .grant_of(claims)?
            .filter(|grant| grant.account == Some(account.id))
            .ok_or_else(messages::token_revoked)?;
        let scope = self
            .scope_left(&grant, Holder::Account(account.role), claims.scope)?
            .ok_or_else(messages::token_revoked)?;
        let mut identity = self.identity(&account, scope, false)?;
        identity.grant = Some(grant.id);
        identity.client = grant.client.map(String::into_boxed_str);
        Ok(Arc::new(identity))
    }

    /// What is left of a scope as the client now is through which it was got; `None` if that one may ask for no tokens any more.
    pub(crate) fn scope_left(
        &self,
        grant: &Grant,
        holder: Holder,
        scope: Scope,
    ) -> Result<Option<Scope>, ApiError> {
        let Some(id) = &grant.client else {
            return Ok(Some(scope));
        };
        let id = id.parse().map_err(ApiError::internal)?;
        let client = self.ports.clients.client(&id)?;
        let Some(client) = client.filter(|client| client.active) else {
            return Ok(None);
        };
        let widest = client.scope.parse().map_err(ApiError::internal)?;
        Ok(Some(holder.scope_now(widest, scope)))
    }

    fn identity(
        &self,
        account: &Account,
        scope: Scope,
        by_password: bool,
    ) -> Result<Identity, ApiError> {
        let memberships = match account.role {
            Role::Researcher => self.ports.accounts.memberships(account.id)?,
            _ => Vec::new(),
        };
        let caller = Caller::new(account, &memberships, scope).map_err(|_| messages::inactive())?;
        let study = match account.enrolment {
            Some(enrolment) => self.ports.studies.study(enrolment.study)?,
            None => None,
        };
        let plays = study.map(|study| {
            let known = KnownStudy::new(self, study);
            let pseudonym = known.pseudonym(&account.subject);
            (Arc::new(known), pseudonym)
        });
        Ok(Identity {
            caller,
            plays,
            number: account.enrolment.map(|enrolment| enrolment.number),
            by_password,
            grant: None,
            client: None,
        })
    }
}

fn refused_token(error: TokenError) -> ApiError {
    match error {
        TokenError::Expired => messages::token_expired().into(),
        other => ApiError::from(messages::token_invalid()).because(other),
    }
}
