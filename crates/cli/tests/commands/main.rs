//! The commands, on a store in memory.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod accounts;
mod client;
mod codebook;
mod codebook_put;
mod export;
mod help;
mod migrate;
mod notice;
mod papers;
mod participants;
mod participants_import;
mod quality;
mod requests;
mod study;
mod support;
mod user;
