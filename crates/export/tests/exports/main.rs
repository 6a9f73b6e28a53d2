//! What is written, looked at from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod flat;
mod laws;
mod long;
mod ndjson;
#[cfg(feature = "sheets")]
mod papers;
mod sheet;
mod support;
mod wide;
