//! What a store is opened with.

use sillage_domain::ErasureLedger;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How to open a [`Store`](crate::Store). Made by [`StoreOptions::new`], then changed field by field.
#[derive(Clone)]
#[non_exhaustive]
pub struct StoreOptions {
    /// `sqlite://path`, `mysql://user:password@host:port/database` or `mariadb://...`, which is the same.
    ///
    /// A SQLite file that is not there is made, readable by its owner only. For MySQL and MariaDB the parameters of the driver are understood, of
    /// which `?require_ssl=true` asks for TLS (rustls, with the roots of Mozilla's list).
    pub url: String,
    /// How many connections read at the same time. Default 4.
    pub connections: u32,
    /// How many threads write on MySQL and MariaDB, 1 to 4. Default 2. SQLite has one writer, whatever stands here.
    pub writers: u32,
    /// Open a database that may lose in a crash what it has acknowledged. Default `false`.
    ///
    /// MySQL and MariaDB only: `innodb_flush_log_at_trx_commit` other than 1, or `sync_binlog` other than 1 with a binary log.
    pub allow_unsafe_durability: bool,
    /// How many entries and texts may wait to be written before more is refused. Default 65,536.
    pub queue_rows: usize,
    /// How many bytes may wait to be written before more is refused. Default 64 MiB.
    pub queue_bytes: usize,
    /// How many entries and texts one transaction takes at most, from what waits; a submission that is larger has one to itself. Default 4,096.
    /// With 1, each submission is committed by itself.
    pub group_rows: usize,
    /// How often a thread of the store looks for erasures to go on with. Default 10 seconds.
    pub sweep: Duration,
    /// Whether opening runs the migrations that are pending, or fails if there are any. Default `true`.
    pub migrate: bool,
    /// The fingerprint of the root key that the database must belong to. A database that belongs to another is not touched: it is compared
    /// before any migration runs. Default `None`, which compares nothing.
    pub fingerprint: Option<String>,
    /// Where erasures are written down before they are committed. Default `None`: nowhere, so that nothing repeats them on an old copy.
    pub ledger: Option<Arc<dyn ErasureLedger>>,
}

impl StoreOptions {
    /// The defaults, for the database of that URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            connections: 4,
            writers: 2,
            allow_unsafe_durability: false,
            queue_rows: 65_536,
            queue_bytes: 64 << 20,
            group_rows: 4096,
            sweep: Duration::from_secs(10),
            migrate: true,
            fingerprint: None,
            ledger: None,
        }
    }
}

impl fmt::Debug for StoreOptions {
    /// Shows the scheme of the URL only: there may be a password in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.url.split_once("://").map_or("", |(scheme, _)| scheme);
        f.debug_struct("StoreOptions")
            .field("url", &format_args!("{scheme}://***"))
            .field("connections", &self.connections)
            .field("writers", &self.writers)
            .field("allow_unsafe_durability", &self.allow_unsafe_durability)
            .field("queue_rows", &self.queue_rows)
            .field("queue_bytes", &self.queue_bytes)
            .field("group_rows", &self.group_rows)
            .field("sweep", &self.sweep)
            .field("migrate", &self.migrate)
            .field("fingerprint", &self.fingerprint)
            .field("ledger", &self.ledger)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_in_the_url_is_not_shown() {
        let options = StoreOptions::new("mysql://sillage:hunter2@db.example.org/sillage");
        let shown = format!("{options:?}");
        assert!(
            shown.contains("mysql://***") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}
