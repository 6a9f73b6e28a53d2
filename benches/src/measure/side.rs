//! One of two studies on one server, to which the same is sent in turn.

use super::check_equal;
use crate::Result;
use crate::load;
use crate::requests::Requests;
use crate::server::Server;
use std::time::Duration;

/// A study, and what was sent to it.
pub(super) struct Side {
    pub(super) slug: String,
    /// The access token of each participant.
    pub(super) tokens: Vec<String>,
    requests: Vec<Requests>,
    status: u16,
    acknowledged: u64,
}

impl Side {
    /// An open study, with that many participants who send one entry at a time or batches of so many.
    pub(super) fn start(
        server: &Server,
        slug: &str,
        connections: usize,
        batch: Option<usize>,
    ) -> Result<Self> {
        let tokens = server.api()?.open_study(slug, connections)?;
        let players = tokens.iter().enumerate();
        let requests = players.map(|(n, token)| match batch {
            Some(entries) => Requests::batches(token, &format!("s-{n}"), entries),
            None => Requests::single(token, &format!("s-{n}")),
        });
        Ok(Self {
            slug: slug.to_owned(),
            requests: requests.collect(),
            tokens,
            status: if batch.is_some() { 200 } else { 201 },
            acknowledged: 0,
        })
    }

    /// Sends for that long; gives entries a second.
    pub(super) fn send(&mut self, server: &Server, time: Duration) -> Result<f64> {
        let tally = load::run(server.address, &mut self.requests, time, self.status)?;
        self.acknowledged += tally.entries;
        Ok(tally.rate())
    }

    /// Every entry was taken: it is stored, and not in quarantine.
    pub(super) fn check(&self, server: &Server) -> Result<()> {
        let stored = server.api()?.total(&self.slug)?;
        check_equal("entries by X-Total-Count", stored, self.acknowledged)
    }
}
