//! The log: what happens in the server, on the standard error. Nothing in it is secret or about a person.

use crate::settings::{Level, Log, LogFormat};
use sillage_http::current_request_id;
use std::fmt;
use std::io::{self, IsTerminal};
use tracing::{Event, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

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
        LogFormat::Text => subscriber
            .map_event_format(|lines| Named {
                lines,
                form: log.format,
            })
            .try_init(),
        LogFormat::Json => subscriber
            .json()
            .flatten_event(true)
            .map_event_format(|lines| Named {
                lines,
                form: log.format,
            })
            .try_init(),
    };
}

/// Lines with the id of the request that they are about at their end, if they are about one.
struct Named<F> {
    lines: F,
    form: LogFormat,
}

impl<S, N, F> FormatEvent<S, N> for Named<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(id) = current_request_id() else {
            return self.lines.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.lines
            .format_event(context, Writer::new(&mut line), event)?;
        let line = line.trim_end();
        match (self.form, line.strip_suffix('}')) {
            // It is made of letters, digits, `-`, `_` and `.` only.
            (LogFormat::Json, Some(open)) => writeln!(writer, r#"{open},"request":"{id}"}}"#),
            _ => writeln!(writer, "{line} request={id}"),
        }
    }
}
