//! The contract suite on SQLite files.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use sillage_domain::Ports;
use sillage_store::{Store, StoreOptions};
use std::sync::Arc;
use tempfile::TempDir;

fn open(_name: &str) -> Option<(Ports, TempDir)> {
    let dir = tempfile::tempdir().unwrap();
    let mut options =
        StoreOptions::new(format!("sqlite://{}", dir.path().join("test.db").display()));
    // A test sweeps by itself.
    options.sweep = std::time::Duration::from_secs(3600);
    Some((Ports::of(Arc::new(Store::open(&options).unwrap())), dir))
}

sillage_domain::contract_suite!(open);
