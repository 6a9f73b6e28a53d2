//! What those who run the server can set.
//!
//! The sentences here are those of `docs/configuration.md`, which a test makes of them and of the defaults: `UPDATE_PAGES=1 cargo test -p sillage
//! --test documentation`. They are for whoever runs the server.

mod database_url;
mod derived;
mod shown;
mod sources;

pub(crate) use database_url::DatabaseUrl;
pub(crate) use derived::reachable;
pub(crate) use shown::as_toml;
pub(crate) use sources::{SettingsError, Sources};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sillage_auth::{Cost, Secret};
use sillage_domain::{Limits, Slug};
use sillage_http::{GENERATED_COST, HttpSettings, Rates};
use sillage_store::StoreOptions;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Every setting, with a default that runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) auth: Auth,
    pub(crate) keys: Keys,
    pub(crate) privacy: Privacy,
    pub(crate) audit: Audit,
    pub(crate) limits: Bounds,
    pub(crate) rates: AskedRates,
    pub(crate) cors: Cors,
    pub(crate) log: Log,
    pub(crate) metrics: Metrics,
    pub(crate) alerts: Alerts,
}

/// `[server]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    /// Address and port to listen on; port 0 takes a free one.
    pub(crate) bind: SocketAddr,
    /// Where keys and, by default, the database lie. Made with mode 0700 where it is missing.
    pub(crate) data_dir: PathBuf,
    /// What stands before `/v1` and `/oauth2`: empty, or for example `/tsadk/api`.
    pub(crate) base_path: String,
    /// The origin under which clients reach the server, for links: `https://api.example.org` where a proxy is in front; by default the address that
    /// it listens on.
    pub(crate) public_url: Option<String>,
    /// The study of an export that names none; its participants are at `/v1/users/{number}` too (docs/tsadk.md).
    pub(crate) default_study: Option<Slug>,
    /// Threads that take requests; by default one a core.
    pub(crate) workers: Option<NonZeroUsize>,
    /// Addresses and networks (`10.0.0.0/8`) of proxies that are believed when they say whom they were asked by. In the environment, with commas between.
    #[serde(deserialize_with = "list")]
    pub(crate) trusted_proxies: Vec<String>,
    /// The header in which they say it: `x-forwarded-for`, or `forwarded` (RFC 7239).
    pub(crate) forwarded_header: Forwarded,
}

/// Where a proxy says whom it was asked by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Forwarded {
    #[default]
    XForwardedFor,
    Forwarded,
}

/// `[database]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Database {
    /// `sqlite://path` or `mysql://user:password@host:port/database`; by default `sillage.db` in the data directory.
    pub(crate) url: Option<DatabaseUrl>,
    /// How many connections read at the same time.
    pub(crate) connections: u32,
    /// Start on a database that may lose in a crash what the server has acknowledged.
    pub(crate) allow_unsafe_durability: bool,
}

/// `[auth]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Auth {
    /// Of the first administrator; read at the first start only. Without it one is made.
    #[serde(serialize_with = "hidden")]
    pub(crate) admin_password: Option<Secret>,
    /// Seconds that an access token is good for.
    pub(crate) token_lifetime: u64,
    /// Seconds that a refresh token is good for after it was given; left out, it does not expire.
    pub(crate) refresh_token_lifetime: Option<u64>,
    /// Seconds until another key signs tokens; 0 for never.
    pub(crate) signing_key_age: u64,
    /// The cost of passwords that people choose, from 4 to 31; one more doubles the time.
    pub(crate) bcrypt_cost: u32,
    /// The cost of passwords that the server makes, which are long and random.
    pub(crate) generated_bcrypt_cost: u32,
}

/// `[keys]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Keys {
    /// Where the root key lies; by default `root.key` in the data directory. Made where it is missing.
    pub(crate) root_key_file: Option<PathBuf>,
    /// The root key itself, 64 hexadecimal digits, instead of the file.
    #[serde(serialize_with = "hidden")]
    pub(crate) root_key: Option<Secret>,
    /// Where the secrets of the vault lie; by default `vault.key` in the data directory. Made where it is missing, once a study keeps
    /// identities. Every server on one database has the same.
    pub(crate) vault_key_file: Option<PathBuf>,
}

/// `[privacy]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Privacy {
    /// The ledger of erasures; by default `erasures.ledger` in the data directory. It belongs into no backup of the database.
    pub(crate) erasure_ledger: Option<PathBuf>,
    /// Erase content even where the database server keeps the bytes in its files for some time.
    pub(crate) allow_unscrubbed_erasure: bool,
    /// Take out every day what studies have kept for as long as they said.
    pub(crate) retention: bool,
}

impl Default for Privacy {
    fn default() -> Self {
        Self {
            erasure_ledger: None,
            allow_unscrubbed_erasure: false,
            retention: true,
        }
    }
}

/// `[audit]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Audit {
    /// How many days records are kept, at least 30; 0 for ever.
    pub(crate) keep: u32,
}

impl Audit {
    /// The fewest days: whether a second person may allow a re-identification is read in the log of the last week.
    pub(crate) const FEWEST: u32 = 30;
}

impl Default for Audit {
    fn default() -> Self {
        // Ten years.
        Self { keep: 3653 }
    }
}

/// `[limits]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Bounds {
    /// Bytes of a request, after inflation; what is larger is answered 413.
    pub(crate) body: usize,
    /// Entries of a request.
    pub(crate) entries: usize,
    /// Bytes of an entry's payload.
    pub(crate) payload: usize,
    /// How deep a payload may be nested, at most 100.
    pub(crate) depth: usize,
    /// Entries that may wait to be written before more is answered 503.
    pub(crate) queue_rows: usize,
    /// Bytes that may wait to be written before more is answered 503.
    pub(crate) queue_bytes: usize,
    /// Exports that are written at the same time, and as many of players' own data; one more is answered 503.
    pub(crate) exports: NonZeroUsize,
    /// Seconds that a client may take for the head of a request, and then between two parts of its body.
    pub(crate) client_timeout: u64,
    /// Entries that one commit takes at most; with 1, each request is committed by itself.
    pub(crate) group_rows: usize,
    /// Passwords that may wait to be compared before more log-ins are answered 503.
    pub(crate) hashing_queue: usize,
}

/// `[rates]`: requests a second in the long run, 0 for no limit, and at once after a rest (docs/operation.md).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AskedRates {
    /// Requests of one account.
    pub(crate) account: u32,
    /// Requests of one account at once.
    pub(crate) account_burst: u32,
    /// Requests of one registered client, and with tokens that people got through it; `sillage`, which is everybody's, has no limit.
    pub(crate) client: u32,
    /// Requests of one registered client at once.
    pub(crate) client_burst: u32,
    /// Requests from one address; a server that is asked on loopback by no trusted proxy sees none.
    pub(crate) address: u32,
    /// Requests from one address at once.
    pub(crate) address_burst: u32,
    /// Log-ins by password from one address.
    pub(crate) log_in: u32,
    /// Log-ins by password from one address at once.
    pub(crate) log_in_burst: u32,
    /// Wrong passwords for one username from one address before the next has to wait.
    pub(crate) free_failures: u32,
    /// Seconds of the first delay; each further failure doubles it.
    pub(crate) first_delay: u64,
    /// Seconds of the longest delay.
    pub(crate) longest_delay: u64,
    /// Milliseconds that a failed log-in takes, whatever was wrong; more where a hash takes longer.
    pub(crate) failure_millis: u64,
}

/// `[cors]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Cors {
    /// The origins that browsers may call from; none listed lets all. In the environment, with commas between.
    #[serde(deserialize_with = "list")]
    pub(crate) origins: Vec<String>,
}

/// `[metrics]`: `/metrics`, on a listener of its own, without a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Metrics {
    /// Whether there is one.
    pub(crate) enabled: bool,
    /// Address and port to listen on; port 0 takes a free one.
    pub(crate) bind: SocketAddr,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            enabled: true,
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)),
        }
    }
}

/// `[alerts]`: what the server tells of its own accord.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Alerts {
    /// Whether it looks.
    pub(crate) enabled: bool,
    /// The part of what arrives within an hour that may go to quarantine, from 0 to 1; with 1, any.
    pub(crate) quarantine_share: f64,
    /// The part of the disk of the data directory that should stay free, from 0 to 1; with 0, none.
    pub(crate) disk_free_share: f64,
    /// Seconds between two looks.
    pub(crate) every: u64,
    /// Where alerts are sent to: an address with `https://`, or with `http://` on this machine.
    pub(crate) webhook: Option<String>,
    /// What they are signed with, of at least 32 characters.
    #[serde(serialize_with = "hidden")]
    pub(crate) webhook_secret: Option<Secret>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            enabled: true,
            quarantine_share: 0.2,
            disk_free_share: 0.1,
            every: 60,
            webhook: None,
            webhook_secret: None,
        }
    }
}

/// `[log]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// The least important event that is told: `error`, `warn`, `info`, `debug` or `trace`.
    pub(crate) level: Level,
    /// `text` for people, or `json`, an object a line.
    pub(crate) format: LogFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    #[default]
    Text,
    Json,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            data_dir: PathBuf::from("./sillage-data"),
            base_path: String::new(),
            public_url: None,
            default_study: None,
            workers: None,
            trusted_proxies: Vec::new(),
            forwarded_header: Forwarded::default(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        let options = StoreOptions::new("");
        Self {
            url: None,
            connections: options.connections,
            allow_unsafe_durability: options.allow_unsafe_durability,
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            admin_password: None,
            token_lifetime: HttpSettings::default().token_lifetime.as_secs(),
            refresh_token_lifetime: None,
            signing_key_age: HttpSettings::default()
                .signing_key_age
                .map_or(0, |age| age.as_secs()),
            bcrypt_cost: Cost::default().get(),
            generated_bcrypt_cost: GENERATED_COST,
        }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        let (limits, options) = (Limits::default(), StoreOptions::new(""));
        let http = HttpSettings::default();
        Self {
            body: limits.body,
            entries: limits.entries,
            payload: limits.payload,
            depth: limits.depth,
            queue_rows: options.queue_rows,
            queue_bytes: options.queue_bytes,
            exports: http.exports,
            client_timeout: http.client_timeout.as_secs(),
            group_rows: options.group_rows,
            hashing_queue: http.hashing_queue,
        }
    }
}

impl Default for AskedRates {
    fn default() -> Self {
        let rates = Rates::default();
        let failed = rates.failed_log_ins;
        Self {
            account: rates.account.per_second,
            account_burst: rates.account.burst,
            client: rates.client.per_second,
            client_burst: rates.client.burst,
            address: rates.address.per_second,
            address_burst: rates.address.burst,
            log_in: rates.log_in.per_second,
            log_in_burst: rates.log_in.burst,
            free_failures: failed.free,
            first_delay: failed.first_delay.as_secs(),
            longest_delay: failed.longest_delay.as_secs(),
            failure_millis: failed.duration.as_millis() as u64,
        }
    }
}

/// Says that there is a secret, and not which.
fn hidden<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(|_| "***").serialize(serializer)
}

/// A list, or a text with commas.
fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        List(Vec<String>),
        Text(String),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::List(items) => items,
        Written::Text(text) => text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect(),
    })
}
