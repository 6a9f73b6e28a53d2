//! The routes, over the store in memory: a file for each group of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod credentials;
mod everywhere;
mod exports;
mod health;
mod logs_create;
mod logs_read;
mod me;
mod participants;
mod ports;
mod quarantine;
mod studies;
mod support;
mod token;
