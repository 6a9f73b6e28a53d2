//! How often one may ask: token buckets by account, client and address, and delays after wrong passwords.
//!
//! All of it lies in the memory of this process, bounded, under hashes with a key of its own: an address is never kept.

mod buckets;
mod failures;
mod source;
mod told;

pub(crate) use failures::{NoTurn, Turn};
pub(crate) use source::Source;

use crate::error::ApiError;
use crate::identity::Identity;
use crate::settings::HttpSettings;
use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use buckets::{Buckets, Level, Monotonic};
use failures::Failures;
use sillage_domain::BUILT_IN_CLIENT;
use source::X_FORWARDED_FOR;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use told::{Policy, refusal};

/// What somebody says who he is, with a secret.
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) enum Named<'a> {
    /// An account, by username.
    Account(&'a str),
    /// A registered client.
    Client(&'a str),
}

pub(crate) struct Limits {
    hasher: RandomState,
    account: Option<Limit>,
    client: Option<Limit>,
    address: Option<Limit>,
    log_in: Option<Limit>,
    failures: Failures,
    failed: Policy,
    /// Log-ins that came too soon after wrong ones.
    too_soon: AtomicU64,
    /// Whether it was said that a proxy is not trusted.
    warned: AtomicBool,
}

struct Limit {
    buckets: Buckets,
    policy: Policy,
    /// Requests that met it.
    refused: AtomicU64,
}

/// What the caller's bucket holds after this request, for the answer to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    level: Level,
    is_client: bool,
}

impl Limits {
    pub(crate) fn new(settings: &HttpSettings) -> Self {
        let rates = &settings.rates;
        let clock = Monotonic::new();
        let limit = |name, rate| {
            let buckets = Buckets::new(rate, clock.clone())?;
            let policy = Policy::of_rate(name, rate);
            Some(Limit {
                buckets,
                policy,
                refused: AtomicU64::new(0),
            })
        };
        Self {
            hasher: RandomState::new(),
            account: limit("account", rates.account),
            client: limit("client", rates.client),
            address: limit("address", rates.address),
            log_in: limit("log-in", rates.log_in),
            failures: Failures::new(rates.failed_log_ins),
            failed: Policy::of_failures("failed-log-ins", rates.failed_log_ins.free),
            too_soon: AtomicU64::new(0),
            warned: AtomicBool::new(false),
        }
    }

    /// Where a request comes from.
    pub(crate) fn source(&self, request: &HttpRequest, settings: &HttpSettings) -> Source {
        let (peer, headers) = (request.peer_addr(), request.headers());
        let source = Source::of(peer, headers, settings, &self.hasher);
        if source.hash().is_none()
            && settings.trusted_proxies.is_empty()
            && !self.warned.load(Ordering::Relaxed)
            && headers.contains_key(X_FORWARDED_FOR)
            && !self.warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                "a proxy on this machine is not among [server] trusted_proxies: limits by address do not hold"
            );
        }
        source
    }

    /// One more request from there.
    pub(crate) fn address(&self, source: Source) -> Result<(), ApiError> {
        take(self.address.as_ref(), || source.hash()).map(drop)
    }

    /// One more request of that caller, and of the client through which he came; what the bucket of his account holds then, or
    /// that of the client that acts for itself.
    pub(crate) fn caller(&self, identity: &Identity) -> Result<Option<Standing>, ApiError> {
        let caller = &identity.caller;
        let is_client = caller.account().is_none();
        let of_account = match is_client {
            true => None,
            false => take(self.account.as_ref(), || {
                Some(self.hasher.hash_one(caller.subject().as_bytes()))
            })?,
        };
        let of_client = match &identity.client {
            Some(id) => self.take_of_client(id)?,
            None => None,
        };
        let level = if is_client { of_client } else { of_account };
        Ok(level.map(|level| Standing { level, is_client }))
    }

    /// One more request of that client.
    pub(crate) fn client(&self, client_id: &str) -> Result<(), ApiError> {
        self.take_of_client(client_id).map(drop)
    }

    fn take_of_client(&self, client_id: &str) -> Result<Option<Level>, ApiError> {
        take(self.client.as_ref(), || {
            // It is everybody's: a limit of its own would be one for all together.
            (client_id != BUILT_IN_CLIENT).then(|| self.hasher.hash_one(("client", client_id)))
        })
    }

    /// One more log-in by password from there.
    pub(crate) fn log_in(&self, source: Source) -> Result<(), ApiError> {
        take(self.log_in.as_ref(), || source.hash()).map(drop)
    }

    /// Waits for the turn of an attempt to prove that one is that, from there.
    pub(crate) async fn turn(&self, named: Named<'_>, source: Source) -> Result<Turn, NoTurn> {
        let key = self.hasher.hash_one((named, source.hash()));
        self.failures.turn(key).await
    }

    /// The proof was wrong.
    pub(crate) fn failed(&self, turn: &Turn) {
        self.failures.failed(turn, Instant::now());
    }

    /// The proof was good.
    pub(crate) fn succeeded(&self, turn: &Turn) {
        self.failures.succeeded(turn);
    }

    /// The answer to an attempt that should have waited longer.
    pub(crate) fn too_many_failed(&self, delay: Duration) -> ApiError {
        self.too_soon.fetch_add(1, Ordering::Relaxed);
        let seconds = buckets::seconds_up(delay).max(1);
        self.failed.refusal_of_failures(seconds)
    }

    /// What a name that nobody has looks like: always the same for one name.
    pub(crate) fn coin(&self, named: Named<'_>) -> bool {
        self.hasher.hash_one(("coin", named)) & 1 == 1
    }

    /// How many requests each limit refused since the start.
    pub(crate) fn refused(&self) -> [(&'static str, u64); 5] {
        let of = |limit: &Option<Limit>| {
            limit
                .as_ref()
                .map_or(0, |limit| limit.refused.load(Ordering::Relaxed))
        };
        [
            ("account", of(&self.account)),
            ("client", of(&self.client)),
            ("address", of(&self.address)),
            ("log_in", of(&self.log_in)),
            ("failed_log_ins", self.too_soon.load(Ordering::Relaxed)),
        ]
    }

    /// Tells in an answer what the caller's bucket holds.
    pub(crate) fn tell(&self, headers: &mut HeaderMap, standing: Standing) {
        let limit = if standing.is_client {
            &self.client
        } else {
            &self.account
        };
        if let Some(limit) = limit {
            told::tell(headers, &limit.policy, standing.level);
        }
    }
}

/// One token from the bucket with that key, if there is a limit and a key.
fn take(
    limit: Option<&Limit>,
    key: impl FnOnce() -> Option<u64>,
) -> Result<Option<Level>, ApiError> {
    let Some((limit, key)) = limit.and_then(|limit| Some((limit, key()?))) else {
        return Ok(None);
    };
    match limit.buckets.take(key) {
        Ok(level) => Ok(Some(level)),
        Err(level) => {
            limit.refused.fetch_add(1, Ordering::Relaxed);
            Err(refusal(&limit.policy, level.seconds))
        }
    }
}
