//! The API as a value: what it is built from, and what all of its parts share.

use crate::audit::Audit;
use crate::cache::Cache;
use crate::codebooks::Codebooks;
use crate::consents::Consents;
use crate::error::ApiError;
use crate::flat::KeptNumbers;
use crate::hashing::Hashing;
use crate::identity::Remembered;
use crate::keyring::Keyring;
use crate::limits::{Limits, Source};
use crate::live::{Followed, Listeners};
use crate::messages;
use crate::metrics::Metrics;
use crate::request_id::Carried;
use crate::requests::Told;
use crate::settings::{HttpSettings, SetupError};
use crate::turns::Turns;
use actix_web::{HttpRequest, web};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sillage_auth::{Secret, SigningKeys};
use sillage_domain::{
    AuditChain, AuditKeys, AuditWitness, Disk, Ports, Timestamp, Username, Vault, VaultKeyPlace,
};
use sillage_pseudonym::{RootKey, random_bytes};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The keys that the API works with.
#[derive(Debug)]
pub struct Keys {
    /// Study keys are derived from it.
    pub root: RootKey,
    /// Sign and verify access tokens. Where the store has keys, they take the place of these within seconds.
    pub signing: SigningKeys,
    /// Where the secrets of the vault lie. Nothing is put there before a study keeps identities.
    pub vault: Arc<dyn VaultKeyPlace>,
}

/// The API: give it to [`configure`](crate::configure) or [`serve`](crate::serve). Clones share everything.
#[derive(Clone)]
pub struct Api(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) ports: Ports,
    pub(crate) root: RootKey,
    /// Who participants are, where a study keeps it.
    pub(crate) vault: Vault,
    pub(crate) keyring: Keyring,
    pub(crate) settings: HttpSettings,
    pub(crate) hashing: Hashing,
    /// A permit for each export that may run at the same time.
    exports: Arc<Semaphore>,
    /// Apart, so that those who play never stand in the way of those who run studies.
    own_exports: Arc<Semaphore>,
    pub(crate) limits: Limits,
    pub(crate) metrics: Metrics,
    pub(crate) audit: Audit,
    /// Those that entries are checked against.
    pub(crate) codebooks: Codebooks,
    /// Of the participants of the default study, for programs of its predecessor.
    pub(crate) numbers: KeptNumbers,
    /// The studies where somebody looks who plays.
    pub(crate) followed: Followed,
    pub(crate) listeners: Arc<Listeners>,
    /// What those who play decided, as far as it was asked for.
    pub(crate) consents: Consents,
    pub(crate) told_overdue: Told,
    /// Verified tokens, by what they claim.
    pub(crate) tokens: Cache<Box<str>, Remembered>,
    /// Who is looking a token up, by what it claims.
    pub(crate) turns: Turns,
    /// Verified pairs of username and password, under a key that only this process has.
    pub(crate) pairs: Cache<[u8; 32], Remembered>,
    pair_key: [u8; 32],
    /// Goes up with each change of an account or a study by this process: what was remembered before is looked at again.
    generation: AtomicU64,
    clock: fn() -> Timestamp,
    /// What the names of all requests of this process begin with.
    request_prefix: String,
    requests: AtomicU64,
}

impl Api {
    /// The API over a store, with these keys and settings, by the system's clock.
    ///
    /// Takes the time of four password hashes, or five where the store has some of another program.
    ///
    /// # Errors
    ///
    /// [`SetupError`] for settings that don't fit, or without a source of randomness.
    pub fn new(ports: Ports, keys: Keys, settings: HttpSettings) -> Result<Self, SetupError> {
        settings.check()?;
        let hashing = Hashing::new(&settings, &*ports.moving)?;
        let exports = Arc::new(Semaphore::new(settings.exports.get()));
        let own_exports = Arc::new(Semaphore::new(settings.exports.get()));
        let limits = Limits::new(&settings);
        let metrics = Metrics::new().map_err(|error| SetupError::Metrics(Box::new(error)))?;
        let chain = AuditChain::new(random_bytes()?);
        let audit = Audit::new(&ports, AuditKeys::of(&keys.root), None, chain)
            .map_err(SetupError::Witness)?;
        let vault = Vault::new(keys.root.vault_root(), ports.vault.clone(), keys.vault);
        Ok(Self(Arc::new(Inner {
            ports,
            vault,
            keyring: Keyring::new(&keys.root, keys.signing),
            root: keys.root,
            settings,
            hashing,
            exports,
            own_exports,
            limits,
            metrics,
            audit,
            codebooks: Codebooks::default(),
            numbers: KeptNumbers::default(),
            followed: Followed::default(),
            listeners: Arc::default(),
            consents: Consents::default(),
            told_overdue: Told::default(),
            tokens: Cache::default(),
            turns: Turns::default(),
            pairs: Cache::default(),
            pair_key: random_bytes()?,
            generation: AtomicU64::new(0),
            clock: Timestamp::now,
            request_prefix: format!("{:08x}", u32::from_be_bytes(random_bytes()?)),
            requests: AtomicU64::new(0),
        })))
    }

    /// With another clock than the system's, for tests. Does nothing to an API that was cloned already.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> Timestamp) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.clock = clock;
        }
        self
    }

    /// With something that keeps, outside of the database, how far the audit log has come, and which of its chains is this server's. Without, the
    /// server writes a chain of its own after each start. Does nothing to an API that was cloned already.
    ///
    /// # Errors
    ///
    /// [`SetupError`] where it can't be read or written.
    pub fn with_audit_witness(
        mut self,
        witness: Arc<dyn AuditWitness>,
    ) -> Result<Self, SetupError> {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            let keys = AuditKeys::of(&inner.root);
            let chain = AuditChain::new(random_bytes()?);
            inner.audit = Audit::new(&inner.ports, keys, Some(witness), chain)
                .map_err(SetupError::Witness)?;
        }
        Ok(self)
    }

    /// With the disk that holds the server's data, of which `/metrics` tells how full it is. Does nothing to an API that was cloned already.
    #[must_use]
    pub fn with_disk(mut self, disk: Arc<dyn Disk>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.metrics.disk = Some(disk);
        }
        self
    }

    /// Writes what waits to be written in the audit log, and says how far that has come. [`serve`](crate::serve) does it when it stops; whoever
    /// mounts the API elsewhere calls it at the end.
    pub async fn finish_audit(&self) {
        self.0.audit.finish().await;
    }

    /// Ends the answers that go on by themselves (server-sent events), and those that would begin. [`serve`](crate::serve) does it when it
    /// stops; whoever mounts the API elsewhere calls it before the server is stopped, which would wait for them.
    pub fn end_events(&self) {
        self.0.listeners.stop(true);
    }

    /// The settings that it was built with.
    #[must_use]
    pub fn settings(&self) -> &HttpSettings {
        &self.0.settings
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// A name for a request, unlike that of any other of this process and most likely of any.
    pub(crate) fn next_request_id(&self) -> String {
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed);
        let digits = (16 - number.leading_zeros() / 4).max(8);
        let mut id = String::with_capacity(16);
        id.push_str(&self.0.request_prefix);
        id.extend(
            (0..digits)
                .rev()
                .filter_map(|place| char::from_digit((number >> (4 * place) & 15) as u32, 16)),
        );
        id
    }

    pub(crate) fn generation(&self) -> u64 {
        self.0.generation.load(Ordering::SeqCst)
    }

    /// To be called after an account, a membership or a study was changed.
    pub(crate) fn changed(&self) {
        self.0.changed();
    }

    /// Where a request comes from, for limits.
    pub(crate) fn source(&self, request: &HttpRequest) -> Source {
        self.0.limits.source(request, &self.0.settings)
    }

    /// What a pair of username and password is remembered under.
    pub(crate) fn pair_key(&self, username: &Username, password: &Secret) -> [u8; 32] {
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0.pair_key);
        let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
        mac.update(username.as_str().as_bytes());
        mac.update(&[0]);
        mac.update(password.expose().as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// A place among the exports that may run at the same time, kept as long as the value is.
    pub(crate) fn export_place(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let place = Arc::clone(&self.0.exports).try_acquire_owned();
        place.map_err(|_| messages::too_many_exports().into())
    }

    /// The same among those of what is held of the callers themselves.
    pub(crate) fn own_export_place(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        let place = Arc::clone(&self.0.own_exports).try_acquire_owned();
        place.map_err(|_| messages::too_many_exports().into())
    }

    /// Does what blocks on a thread made for it.
    pub(crate) async fn off<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let inner = Arc::clone(&self.0);
        let span = tracing::Span::current();
        let request = Carried::along();
        web::block(move || request.over(|| span.in_scope(|| work(&inner))))
            .await
            .map_err(ApiError::internal)?
    }
}

impl Inner {
    /// See [`Api::changed`].
    pub(crate) fn changed(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api")
            .field("settings", &self.0.settings)
            .finish_non_exhaustive()
    }
}
