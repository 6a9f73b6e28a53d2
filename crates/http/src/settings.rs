//! What those who run or embed the API can set.

use crate::proxies::ForwardedHeader;
use crate::rates::Rates;
use ipnet::IpNet;
use sillage_auth::Cost;
use sillage_domain::{Limits, Slug};
use std::num::NonZeroUsize;
use std::time::Duration;

/// The settings of the API. [`Default`] runs.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// What stands before `/v1` and `/oauth2`: empty (the default), or a path that begins with a slash and does not end
    /// with one, `/tsadk/api`.
    pub base_path: String,
    /// The origin under which clients reach the server, for absolute links: `https://example.org`. Default
    /// `http://127.0.0.1:8080`.
    pub public_url: String,
    /// The study that an export is about when it names none.
    pub default_study: Option<Slug>,
    /// How large requests and entries may be.
    pub limits: Limits,
    /// How long an access token is good, in whole seconds. Default 24 hours.
    pub token_lifetime: Duration,
    /// How long a refresh token is good after it was given; it is never less than an access token's life. Default `None`: it does
    /// not expire.
    pub refresh_token_lifetime: Option<Duration>,
    /// How old a key that signs tokens gets before another one follows it; `None` for any age. Default 90 days.
    pub signing_key_age: Option<Duration>,
    /// The cost of passwords that people choose. Default 12.
    pub password_cost: Cost,
    /// The cost of passwords that the server makes: they hold 60 random bits, which no dictionary knows, so that a class
    /// of 30 can log in within seconds. Default [`GENERATED_COST`].
    pub generated_password_cost: Cost,
    /// How many passwords are hashed or compared at the same time. Default half of the processors, at least one: the
    /// other half goes on taking entries.
    pub hashing_threads: NonZeroUsize,
    /// How many more may wait for that; whoever comes then is answered 503. Default 1024.
    pub hashing_queue: usize,
    /// How often one may ask.
    pub rates: Rates,
    /// The proxies that are believed when they say whom they were asked by. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// Where they say it. Default `X-Forwarded-For`.
    pub forwarded_header: ForwardedHeader,
    /// The origins that browsers may call from, each as `https://example.org`. Default none listed, which lets all: the
    /// API reads no cookie.
    pub cors_origins: Vec<String>,
    /// How long a request waits for the database to store what it sent, before it is told to send it again. Default 3
    /// seconds.
    pub submit_timeout: Duration,
    /// How long an account, its memberships and its study are believed before they are looked at again. Default 4
    /// seconds: what another server revoked is refused within 5, with time left for a slow database.
    pub recheck: Duration,
    /// Whether content is erased on a database that keeps the bytes of what it deletes in its files for some time. Default `false`: that is refused.
    pub allow_unscrubbed_erasure: bool,
    /// How many exports are written at the same time; each has a thread and, now and then, a connection to the database.
    /// Whoever asks for one more is told to ask again. Default 4.
    pub exports: NonZeroUsize,
    /// How long a client may take for the head of a request, and then between two parts of its body; for the whole body, ten
    /// times as long. Whoever fetches an export has four times as long for each 64 KiB. Default 15 seconds.
    pub client_timeout: Duration,
    /// How long requests that have begun are waited for when the server stops. Default 30 seconds.
    pub drain: Duration,
}

/// The default of [`HttpSettings::generated_password_cost`]: about a sixtieth of a second.
pub const GENERATED_COST: u32 = 8;

impl Default for HttpSettings {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            base_path: String::new(),
            public_url: "http://127.0.0.1:8080".to_owned(),
            default_study: None,
            limits: Limits::default(),
            token_lifetime: Duration::from_secs(24 * 60 * 60),
            refresh_token_lifetime: None,
            signing_key_age: Some(Duration::from_secs(90 * 24 * 60 * 60)),
            password_cost: Cost::default(),
            generated_password_cost: Cost::new(GENERATED_COST).unwrap_or_default(),
            hashing_threads: NonZeroUsize::new(processors / 2).unwrap_or(NonZeroUsize::MIN),
            hashing_queue: 1024,
            rates: Rates::default(),
            trusted_proxies: Vec::new(),
            forwarded_header: ForwardedHeader::default(),
            cors_origins: Vec::new(),
            submit_timeout: Duration::from_secs(3),
            recheck: Duration::from_secs(4),
            allow_unscrubbed_erasure: false,
            exports: NonZeroUsize::new(4).unwrap_or(NonZeroUsize::MIN),
            client_timeout: Duration::from_secs(15),
            drain: Duration::from_secs(30),
        }
    }
}

/// Why the API can't be set up so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The base path has another form than its documentation says.
    #[error(
        "the base path `{0}` must be empty, or begin with a slash, not end with one, and have plain segments"
    )]
    BasePath(String),
    /// The public URL is no origin.
    #[error(
        "the public URL `{0}` must be an origin: http:// or https://, a host, perhaps a port, and nothing after"
    )]
    PublicUrl(String),
    /// An origin for CORS is none.
    #[error("`{0}` is no origin that CORS could allow")]
    CorsOrigin(String),
    /// A rate is none.
    #[error(
        "the rate `{0}` must have a burst of at least 1, and neither of its numbers be more than a thousand million"
    )]
    Rate(&'static str),
    /// The rule for wrong passwords is none.
    #[error(
        "of failed log-ins at least one must be free, the first delay be at least a second, the longest no shorter and a day at most, and none take longer than 10 seconds"
    )]
    FailedLogIns,
    /// What keeps the checkpoints of the audit log can't be read or written.
    #[error("the checkpoints of the audit log can't be kept outside of the database")]
    Witness(#[source] std::io::Error),
    /// Passwords can't be hashed.
    #[error("passwords cannot be hashed")]
    Password(#[from] sillage_auth::PasswordError),
    /// What is counted can't be counted.
    #[error("the metrics can't be set up")]
    Metrics(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is no randomness.
    #[error("there is no source of randomness")]
    Random(#[from] sillage_pseudonym::RandomError),
}

impl HttpSettings {
    /// Whether everything has the form that it must have.
    ///
    /// # Errors
    ///
    /// The [`SetupError`] that names what has not.
    pub fn check(&self) -> Result<(), SetupError> {
        if !is_base_path(&self.base_path) {
            return Err(SetupError::BasePath(self.base_path.clone()));
        }
        if !is_origin(&self.public_url) {
            return Err(SetupError::PublicUrl(self.public_url.clone()));
        }
        self.rates.check()?;
        match self.cors_origins.iter().find(|origin| !is_origin(origin)) {
            Some(origin) => Err(SetupError::CorsOrigin(origin.clone())),
            None => Ok(()),
        }
    }
}

fn is_base_path(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~');
    path.is_empty()
        || path.strip_prefix('/').is_some_and(|rest| {
            rest.split('/')
                .all(|s| !s.is_empty() && s.chars().all(plain))
        })
}

fn is_origin(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '[' | ']');
    host.is_some_and(|host| !host.is_empty() && host.chars().all(plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("", true)]
    #[case("/tsadk/api", true)]
    #[case("/", false)]
    #[case("tsadk", false)]
    #[case("/tsadk/", false)]
    #[case("/{study}", false)]
    fn a_base_path_is_empty_or_begins_with_a_slash(#[case] path: &str, #[case] good: bool) {
        let settings = HttpSettings {
            base_path: path.to_owned(),
            ..HttpSettings::default()
        };
        assert_eq!(settings.check().is_ok(), good);
    }

    #[rstest]
    #[case("https://example.org", true)]
    #[case("http://[::1]:8080", true)]
    #[case("https://example.org/", false)]
    #[case("example.org", false)]
    #[case("https://", false)]
    fn a_public_url_is_an_origin(#[case] url: &str, #[case] good: bool) {
        let settings = HttpSettings {
            public_url: url.to_owned(),
            ..HttpSettings::default()
        };
        assert_eq!(settings.check().is_ok(), good);
    }
}
