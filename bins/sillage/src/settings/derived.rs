//! What follows from the settings: what the parts of the server are set up with.

use super::{AskedRates, Audit, DatabaseUrl, Forwarded, Settings};
use crate::failure::Failure;
use sillage_auth::{Cost, Passwords};
use sillage_domain::Limits;
use sillage_http::{ForwardedHeader, HttpSettings, Rate, Rates, networks};
use sillage_store::StoreOptions;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The JSON parser reads some levels more than this.
const MAX_DEPTH: usize = 100;

impl Settings {
    /// Where the database is.
    pub(crate) fn database_url(&self) -> DatabaseUrl {
        self.database
            .url
            .clone()
            .unwrap_or_else(|| DatabaseUrl::sqlite(&self.server.data_dir.join("sillage.db")))
    }

    /// Where the root key is, unless it is in the settings.
    pub(crate) fn root_key_file(&self) -> PathBuf {
        self.keys
            .root_key_file
            .clone()
            .unwrap_or_else(|| self.server.data_dir.join("root.key"))
    }

    /// Where the ledger of erasures is.
    pub(crate) fn erasure_ledger(&self) -> PathBuf {
        self.privacy
            .erasure_ledger
            .clone()
            .unwrap_or_else(|| self.server.data_dir.join("erasures.ledger"))
    }

    /// Where the secrets of the vault are.
    pub(crate) fn vault_key_file(&self) -> PathBuf {
        self.keys
            .vault_key_file
            .clone()
            .unwrap_or_else(|| self.server.data_dir.join("vault.key"))
    }

    /// What the store is opened with.
    pub(crate) fn store_options(&self) -> StoreOptions {
        let mut options = StoreOptions::new(self.database_url().expose());
        options.connections = self.database.connections;
        options.allow_unsafe_durability = self.database.allow_unsafe_durability;
        options.queue_rows = self.limits.queue_rows;
        options.queue_bytes = self.limits.queue_bytes;
        options.group_rows = self.limits.group_rows;
        options
    }

    /// What the API is set up with, on a server that listens there.
    pub(crate) fn http(&self, listens_on: SocketAddr) -> Result<HttpSettings, Failure> {
        self.check()?;
        let settings = HttpSettings {
            base_path: self.server.base_path.clone(),
            public_url: self
                .server
                .public_url
                .clone()
                .unwrap_or_else(|| format!("http://{}", reachable(listens_on))),
            default_study: self.server.default_study.clone(),
            limits: Limits {
                body: self.limits.body,
                entries: self.limits.entries,
                payload: self.limits.payload,
                depth: self.limits.depth,
            },
            token_lifetime: Duration::from_secs(self.auth.token_lifetime),
            refresh_token_lifetime: self.auth.refresh_token_lifetime.map(Duration::from_secs),
            signing_key_age: Some(self.auth.signing_key_age)
                .filter(|age| *age > 0)
                .map(Duration::from_secs),
            password_cost: self.cost()?,
            generated_password_cost: self.generated_cost()?,
            allow_unscrubbed_erasure: self.privacy.allow_unscrubbed_erasure,
            exports: self.limits.exports,
            client_timeout: Duration::from_secs(self.limits.client_timeout),
            hashing_queue: self.limits.hashing_queue,
            rates: self.rates.derived(),
            trusted_proxies: networks(&self.server.trusted_proxies)
                .map_err(|text| Failure::Proxy(text.to_owned()))?,
            forwarded_header: match self.server.forwarded_header {
                Forwarded::XForwardedFor => ForwardedHeader::XForwardedFor,
                Forwarded::Forwarded => ForwardedHeader::Forwarded,
            },
            cors_origins: self.cors.origins.clone(),
            ..HttpSettings::default()
        };
        settings.check()?;
        Ok(settings)
    }

    /// Whether the numbers make sense, each and together.
    fn check(&self) -> Result<(), Failure> {
        if let Some(password) = &self.auth.admin_password {
            Passwords::check(password)?;
        }
        crate::alarm::webhook(&self.alerts)?;
        let limits = &self.limits;
        let alerts = &self.alerts;
        let rules = [
            (
                self.auth.token_lifetime > 0,
                "[auth] token_lifetime must be at least 1 second",
            ),
            (
                self.auth
                    .refresh_token_lifetime
                    .is_none_or(|lifetime| lifetime >= self.auth.token_lifetime),
                "[auth] refresh_token_lifetime must be at least token_lifetime; leave it out, and refresh tokens do not expire",
            ),
            (
                self.audit.keep == 0 || self.audit.keep >= Audit::FEWEST,
                "[audit] keep must be at least 30 days, or 0 for ever",
            ),
            (
                self.database.connections > 0,
                "[database] connections must be at least 1",
            ),
            (
                (0.0..=1.0).contains(&alerts.quarantine_share)
                    && (0.0..=1.0).contains(&alerts.disk_free_share),
                "[alerts] quarantine_share and disk_free_share must be between 0 and 1",
            ),
            (alerts.every > 0, "[alerts] every must be at least 1 second"),
            (
                limits.entries > 0 && limits.body > 0,
                "[limits] entries and body must be at least 1",
            ),
            (
                limits.payload <= limits.body,
                "[limits] payload must not be more than body",
            ),
            (
                limits.client_timeout > 0,
                "[limits] client_timeout must be at least 1 second",
            ),
            (
                limits.depth > 0 && limits.depth <= MAX_DEPTH,
                "[limits] depth must be between 1 and 100",
            ),
            (
                limits.queue_rows >= limits.entries,
                "[limits] queue_rows must be at least entries, or no full request has room",
            ),
            (
                limits.queue_bytes >= limits.body,
                "[limits] queue_bytes must be at least body, or no full request has room",
            ),
        ];
        match rules.iter().find(|(kept, _)| !kept) {
            Some((_, rule)) => Err(Failure::Rule(rule)),
            None => Ok(()),
        }
    }

    pub(crate) fn cost(&self) -> Result<Cost, Failure> {
        Ok(Cost::new(self.auth.bcrypt_cost)?)
    }

    pub(crate) fn generated_cost(&self) -> Result<Cost, Failure> {
        Ok(Cost::new(self.auth.generated_bcrypt_cost)?)
    }
}

impl AskedRates {
    fn derived(&self) -> Rates {
        let rate = |per_second, burst| Rate { per_second, burst };
        let mut rates = Rates::default();
        rates.account = rate(self.account, self.account_burst);
        rates.client = rate(self.client, self.client_burst);
        rates.address = rate(self.address, self.address_burst);
        rates.log_in = rate(self.log_in, self.log_in_burst);
        rates.failed_log_ins.free = self.free_failures;
        rates.failed_log_ins.first_delay = Duration::from_secs(self.first_delay);
        rates.failed_log_ins.longest_delay = Duration::from_secs(self.longest_delay);
        rates.failed_log_ins.duration = Duration::from_millis(self.failure_millis);
        rates
    }
}

/// An address that can be typed: a server that listens on all of them is reached on the loopback interface.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        other => other,
    }
}
