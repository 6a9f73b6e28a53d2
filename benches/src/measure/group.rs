//! One commit for all that waits, against a commit for each request.

use super::{Bench, STUDY, check_stored, rounded};
use crate::Result;
use crate::load;
use crate::place::{Engine, Place};
use crate::requests::Requests;
use crate::server::Server;
use crate::table::{Finding, Spread, Target};
use std::time::Duration;

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let connections = bench.scale.connections.first().copied().unwrap_or(1);
    let place = bench.place(engine)?;
    let mut together = Side::start(bench, &place, &[], connections)?;
    let other_place = bench.place(engine)?;
    // A group is never larger than one row, so each request has a transaction of its own.
    let alone = [("SILLAGE__LIMITS__GROUP_ROWS", "1")];
    let mut alone = Side::start(bench, &other_place, &alone, connections)?;
    let time = bench.scale.time;
    let label = format!("group, {}, {connections} connections", engine.name());
    let (grouped, each) = bench.alternate(&label, || together.send(time), || alone.send(time))?;
    together.end()?;
    alone.end()?;
    Ok(vec![Finding {
        what: format!("group commit / a commit a request, {connections} connections"),
        engine: engine.name(),
        value: Spread::ratio(&grouped, &each),
        unit: "",
        target: engine.is_sqlite().then_some(Target::AtLeast(6.0)),
        behind: format!(
            "{}/s against {}/s",
            rounded(Spread::of(&grouped).median),
            rounded(Spread::of(&each).median)
        ),
    }])
}

/// A server, and what was sent to it.
struct Side {
    server: Server,
    requests: Vec<Requests>,
    acknowledged: u64,
}

impl Side {
    fn start(
        bench: &Bench,
        place: &Place,
        settings: &[(&str, &str)],
        connections: usize,
    ) -> Result<Self> {
        let server = Server::start(&bench.program, place.folder(), &place.url, settings)?;
        let tokens = server.api()?.open_study(STUDY, connections)?;
        let players = tokens.iter().enumerate();
        let requests = players.map(|(n, token)| Requests::single(token, &format!("s-{n}")));
        Ok(Self {
            requests: requests.collect(),
            server,
            acknowledged: 0,
        })
    }

    fn send(&mut self, time: Duration) -> Result<f64> {
        let tally = load::run(self.server.address, &mut self.requests, time, 201)?;
        self.acknowledged += tally.entries;
        Ok(tally.rate())
    }

    fn end(self) -> Result<()> {
        check_stored(&self.server, self.acknowledged)?;
        self.server.stop()
    }
}
