//! What the server counts of its work, for Prometheus. Nothing of it is about anybody: a route is its template, a study its slug, and of a participant
//! there is nothing.

mod entries;
mod page;
mod process;
mod requests;
mod state;

pub(crate) use requests::{RouteMeter, name_of};

use crate::api::Api;
use crate::error::ApiError;
use actix_web::http::StatusCode;
use entries::Entries;
use page::Page;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts, Registry};
use sillage_domain::Disk;
use state::State;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Mutex;

/// Upper bounds of the times of requests, in seconds.
const SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The counters. Those of requests and entries are found without a lock.
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    pub(crate) entries: Entries,
    log_ins: IntCounterVec,
    /// What had to be asked of the database, and when.
    state: Mutex<Option<(Instant, Arc<State>)>>,
    /// The disk of the server's data, where that is known.
    pub(crate) disk: Option<Arc<dyn Disk>>,
}

impl Metrics {
    /// All of them at zero.
    ///
    /// Errors: none but for a mistake in this file.
    pub(crate) fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let counter = |name: &str, help: &str, labels: &[&str]| {
            let counter = IntCounterVec::new(Opts::new(name, help), labels)?;
            registry.register(Box::new(counter.clone()))?;
            Ok::<_, prometheus::Error>(counter)
        };
        let requests = counter(
            "sillage_http_requests_total",
            "Requests that were answered, by method, template of the route, and status.",
            &["method", "route", "status"],
        )?;
        let entries = counter(
            "sillage_entries_total",
            "Log entries that were sent, by study and what became of them. Requests that were refused as a whole are not among them.",
            &["study", "outcome"],
        )?;
        let log_ins = counter(
            "sillage_log_ins_total",
            "Log-ins, by what was presented and how they ended.",
            &["grant", "outcome"],
        )?;
        let durations = HistogramOpts::new(
            "sillage_http_request_duration_seconds",
            "Time from the head of a request to the head of its answer, by method, template of the route, and class of the status.",
        );
        let durations = HistogramVec::new(
            durations.buckets(SECONDS.to_vec()),
            &["method", "route", "class"],
        )?;
        registry.register(Box::new(durations.clone()))?;
        Ok(Self {
            registry,
            requests,
            durations,
            entries: Entries::new(entries),
            log_ins,
            state: Mutex::default(),
            disk: None,
        })
    }

    /// One more log-in with that, which ended so.
    pub(crate) fn log_in<T>(&self, grant: &str, ended: &Result<T, ApiError>) {
        let outcome = match ended {
            Ok(_) => "success",
            Err(error) if error.status() == StatusCode::TOO_MANY_REQUESTS => "limited",
            Err(error) if error.status().is_server_error() => "failed",
            Err(_) => "refused",
        };
        self.log_ins.with_label_values(&[grant, outcome]).inc();
    }
}

impl Api {
    /// Everything that is counted and measured, in the text format of Prometheus (version 0.0.4). What is asked of the database is some seconds old at
    /// most, and asked off the threads that take requests.
    pub(crate) async fn metrics(&self) -> Result<String, ApiError> {
        let state = self.state().await;
        let inner = &self.0;
        let mut page = Page::new(inner.metrics.registry.gather());
        page.build();
        page.store(&inner.ports.monitor.load());
        page.limits(&inner.limits.refused());
        page.state(&state);
        if let Some(space) = inner.metrics.disk.as_ref().and_then(|disk| disk.space()) {
            page.disk(space);
        }
        page.process(&process::read());
        page.text().map_err(ApiError::internal)
    }
}
