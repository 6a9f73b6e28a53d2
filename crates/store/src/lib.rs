#![doc = include_str!("../README.md")]

#[cfg(not(any(feature = "sqlite", feature = "mysql")))]
compile_error!("enable at least one of the features `sqlite` and `mysql`");

mod accounts;
mod alerts;
mod amendments;
mod audit;
mod clients;
mod codebooks;
mod connection;
mod consents;
mod counters;
mod database;
mod deletion;
mod dialect;
mod disputes;
mod erasure;
mod error;
mod foreign;
mod grants;
mod holds;
mod ingest;
mod inspection;
mod live;
mod logs;
mod migrations;
mod monitor;
mod moving;
#[cfg(feature = "mysql")]
mod mysql;
mod notices;
mod options;
mod paging;
mod people;
mod quarantine;
mod raw;
mod reidentifications;
mod requests;
mod retention;
mod schema;
mod server;
mod store;
mod studies;
#[cfg(test)]
mod testing;
mod tombstones;
mod turn;
mod vault;
mod visible;
mod whole;

pub use error::OpenError;
pub use foreign::open_foreign;
pub use inspection::inspect;
pub use migrations::{Migration, migrate, migrations};
pub use options::StoreOptions;
pub use server::fingerprint;
pub use store::Store;
pub use vault::{VaultFileError, VaultKeyFile};
pub use whole::{open_source, open_target};
