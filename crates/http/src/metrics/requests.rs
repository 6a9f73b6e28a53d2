//! Requests, by route.

use super::Metrics;
use actix_web::http::{Method, StatusCode};
use prometheus::{Histogram, IntCounter};
use std::cell::RefCell;
use std::time::Duration;

/// The route of what has no path in the table.
const UNMATCHED: &str = "unmatched";

/// Counts the requests of one route, on one thread. What it counts in is looked up at the first request of a kind, and at hand from then on.
pub(crate) struct RouteMeter {
    route: &'static str,
    seen: RefCell<Vec<Seen>>,
}

struct Seen {
    method: &'static str,
    status: StatusCode,
    requests: IntCounter,
    duration: Histogram,
}

impl RouteMeter {
    /// For that template; the empty one is of all paths that are not in the table.
    pub(crate) fn new(template: &'static str) -> Self {
        Self {
            route: if template.is_empty() {
                UNMATCHED
            } else {
                template
            },
            seen: RefCell::default(),
        }
    }

    /// One more, that was answered so after that time.
    pub(crate) fn count(
        &self,
        metrics: &Metrics,
        method: &'static str,
        status: StatusCode,
        took: Duration,
    ) {
        let mut seen = self.seen.borrow_mut();
        let is_it = |one: &Seen| one.status == status && one.method == method;
        if !seen.iter().any(is_it) {
            seen.push(self.first(metrics, method, status));
        }
        if let Some(one) = seen.iter().find(|one| is_it(one)) {
            one.requests.inc();
            one.duration.observe(took.as_secs_f64());
        }
    }

    fn first(&self, metrics: &Metrics, method: &'static str, status: StatusCode) -> Seen {
        let class = match status.as_u16() / 100 {
            1 => "1xx",
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let requests = metrics
            .requests
            .with_label_values(&[method, self.route, status.as_str()]);
        let duration = metrics
            .durations
            .with_label_values(&[method, self.route, class]);
        Seen {
            method,
            status,
            requests,
            duration,
        }
    }
}

/// The name of a method; there is one for all that nobody has heard of, of which a client could make up any number.
pub(crate) fn name_of(method: &Method) -> &'static str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::POST,
        Method::HEAD,
        Method::PATCH,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
    ];
    const NAMES: [&str; 7] = ["GET", "POST", "HEAD", "PATCH", "PUT", "DELETE", "OPTIONS"];
    let known = KNOWN.iter().position(|known| known == method);
    known.map_or("other", |at| NAMES[at])
}
