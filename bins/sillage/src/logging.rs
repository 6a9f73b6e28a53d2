//! The log: what happens in the server, on the standard error. Nothing in it is secret or about a person.

use crate::settings::{Level, Log, LogFormat};
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// Begins to tell. Only the first call in a process counts.
pub(crate) fn start(log: &Log) {
    let level = match log.level {
        Level::Error => "error",
        Level::Warn => "warn",
        Level::Info => "info",
        Level::Debug => "debug",
        Level::Trace => "trace",
    };
    // What other crates tell may have addresses and statements in it: their warnings are enough.
    let others = if log.level == Level::Error {
        "error"
    } else {
        "warn"
    };
    // What is no HTTP is its sender's fault, who is told so: whoever likes could fill the log with it.
    let filter = EnvFilter::new(format!(
        "{others},actix_http::h1::dispatcher=off,sillage={level}"
    ));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    // Another subscriber is there only in a program that embeds this one, and then it is the one that counts.
    let _ = match log.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
    };
}
