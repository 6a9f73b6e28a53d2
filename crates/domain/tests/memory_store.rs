//! The memory store keeps the contract.
#![cfg(feature = "testing")]

use sillage_domain::Ports;
use sillage_domain::testing::MemoryStore;
use std::sync::Arc;

fn open(_test: &str) -> Option<(Ports, ())> {
    Some((Ports::of(Arc::new(MemoryStore::default())), ()))
}

sillage_domain::contract_suite!(open);
