//! What ends a log-in, a right or an account: refused at once by the server that did it, and within five seconds by any other process
//! on the same database.

mod by_command;
mod by_request;
mod stage;

use crate::support::Server;
use crate::support::raw::Request;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long another server may go on believing what it knew.
const BOUND: Duration = Duration::from_secs(5);

/// Something that was good until it was ended.
struct Ended {
    what: &'static str,
    request: Request,
    refused: u16,
    at: Instant,
}

impl Ended {
    /// Makes every server know that the request is good, ends that, and notes when.
    fn by(
        what: &'static str,
        request: Request,
        refused: u16,
        servers: &[&Server],
        end: impl FnOnce(),
    ) -> Self {
        for server in servers {
            let answer = request.send(server.address());
            assert_eq!(answer.status, 200, "before: {what}: {}", answer.text());
        }
        end();
        Self {
            what,
            request,
            refused,
            at: Instant::now(),
        }
    }

    fn is_refused_by(&self, server: &Server) {
        let answer = self.request.send(server.address());
        assert_eq!(answer.status, self.refused, "{}", self.what);
    }

    /// Five seconds after it was ended.
    fn is_refused_in_time_by(&self, server: &Server) {
        sleep((self.at + BOUND).saturating_duration_since(Instant::now()));
        self.is_refused_by(server);
    }
}
