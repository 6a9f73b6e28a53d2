//! Durable posts of one entry, against an endpoint that only parses the same body.

use super::{Bench, STUDY, check_stored, rounded};
use crate::Result;
use crate::floor::Floor;
use crate::load;
use crate::place::Engine;
use crate::requests::Requests;
use crate::table::{Finding, Spread, Target};
use std::time::Duration;

/// Before the first round, so that pools, caches and the database's file are there.
const WARM_UP: Duration = Duration::from_millis(500);

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let place = bench.place(engine)?;
    let server = bench.start(&place)?;
    let floor = Floor::start(&bench.this, bench.program.workers)?;
    let most = bench.scale.connections.iter().copied().max().unwrap_or(1);
    let tokens = server.api()?.open_study(STUDY, most)?;
    let mut acknowledged = 0;
    let mut findings = Vec::new();
    for &connections in &bench.scale.connections {
        let requests = |prefix: &str| -> Vec<_> {
            let players = tokens.iter().take(connections).enumerate();
            players
                .map(|(n, token)| Requests::single(token, &format!("{prefix}-{connections}-{n}")))
                .collect()
        };
        let (mut posts, mut parses) = (requests("s"), requests("f"));
        let time = bench.scale.time;
        acknowledged += load::run(server.address, &mut posts, WARM_UP.min(time), 201)?.entries;
        load::run(floor.address, &mut parses, WARM_UP.min(time), 201)?;
        let label = format!("single, {}, {connections} connections", engine.name());
        let (stored, parsed) = bench.alternate(
            &label,
            || {
                let tally = load::run(server.address, &mut posts, time, 201)?;
                acknowledged += tally.entries;
                Ok(tally.rate())
            },
            || Ok(load::run(floor.address, &mut parses, time, 201)?.rate()),
        )?;
        let target = if connections <= 64 { 0.25 } else { 0.40 };
        findings.push(Finding {
            what: format!("single posts / parsing alone, {connections} connections"),
            engine: engine.name(),
            value: Spread::ratio(&stored, &parsed),
            unit: "",
            target: engine.is_sqlite().then_some(Target::AtLeast(target)),
            behind: format!(
                "{}/s against {}/s",
                rounded(Spread::of(&stored).median),
                rounded(Spread::of(&parsed).median)
            ),
        });
    }
    check_stored(&server, acknowledged)?;
    server.stop()?;
    Ok(findings)
}
