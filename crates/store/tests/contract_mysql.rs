//! The contract suite on MySQL or MariaDB.
#![cfg(feature = "mysql")]

mod engines;

use engines::Schema;
use sillage_domain::Ports;
use std::sync::Arc;

fn open(name: &str) -> Option<(Ports, Schema)> {
    let schema = Schema::create(name)?;
    Some((Ports::of(Arc::new(schema.open())), schema))
}

sillage_domain::contract_suite!(open);
