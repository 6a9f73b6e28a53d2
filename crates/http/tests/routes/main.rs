//! The routes, over the store in memory: a file for each group of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bodies;
mod browsers;
mod client;
mod client_authentication;
mod clients;
mod compression;
mod connections;
mod credentials;
mod everywhere;
mod exports;
mod grants;
mod health;
mod logs_batch;
mod logs_create;
mod logs_read;
mod logs_refused;
mod logs_senders;
mod me;
mod members;
mod mounting;
mod oauth;
mod origins;
mod own_logs;
mod participants;
mod participants_removal;
mod participants_sheet;
mod ports;
mod quarantine;
mod serve;
mod studies;
mod study_deletion;
mod support;
mod token;
mod users;
mod walk;
