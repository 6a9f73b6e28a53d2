//! Durable posts of one entry while log-ins go on without pause, against the same without them.

use super::{Bench, STUDY, check_stored, rounded};
use crate::api::Account;
use crate::place::Engine;
use crate::requests::Requests;
use crate::table::{Finding, Spread, Target};
use crate::{Result, load};
use std::net::SocketAddr;
use std::time::Duration;

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let connections = bench.scale.connections.first().copied().unwrap_or(1);
    let place = bench.place(engine)?;
    let server = bench.start(&place)?;
    let api = server.api()?;
    let players = api.open_study(STUDY, connections)?;
    let count = bench.scale.log_in_connections;
    let kinds = [
        ("generated passwords", api.enrol(STUDY, "made", count)?),
        (
            "chosen passwords",
            api.enrol_with_password(STUDY, "chosen", count)?,
        ),
    ];
    let time = bench.scale.time;
    let mut acknowledged = 0;
    let mut findings = Vec::new();
    for (kind, accounts) in &kinds {
        let requests = |prefix: &str| -> Vec<_> {
            let players = players.iter().enumerate();
            players
                .map(|(n, token)| Requests::single(token, &format!("{kind}-{prefix}-{n}")))
                .collect()
        };
        let (mut beside, mut alone) = (requests("beside"), requests("alone"));
        let (mut stored_beside, mut stored_alone) = (0, 0);
        let mut log_ins = Vec::new();
        let label = format!("posts beside log-ins with {kind}, {}", engine.name());
        let (disturbed, undisturbed) = bench.alternate(
            &label,
            || {
                let (posts, rate) = at_once(server.address, &mut beside, accounts, time)?;
                log_ins.push(rate);
                stored_beside += posts.entries;
                Ok(posts.rate())
            },
            || {
                let tally = load::run(server.address, &mut alone, time, 201)?;
                stored_alone += tally.entries;
                Ok(tally.rate())
            },
        )?;
        acknowledged += stored_beside + stored_alone;
        findings.push(Finding {
            what: format!(
                "single posts beside log-ins with {kind} / without, {connections} connections"
            ),
            engine: engine.name(),
            value: Spread::ratio(&disturbed, &undisturbed),
            unit: "",
            target: Some(Target::AtLeast(0.5)),
            behind: format!(
                "{}/s against {}/s, beside {} log-ins/s",
                rounded(Spread::of(&disturbed).median),
                rounded(Spread::of(&undisturbed).median),
                rounded(Spread::of(&log_ins).median)
            ),
        });
    }
    check_stored(&server, acknowledged)?;
    server.stop()?;
    Ok(findings)
}

/// Posts and logs in at the same time; what was posted, and how many log-ins there were a second.
fn at_once(
    address: SocketAddr,
    posts: &mut Vec<Requests>,
    accounts: &[Account],
    time: Duration,
) -> Result<(load::Tally, f64)> {
    let mut log_ins: Vec<_> = accounts.iter().map(Requests::log_ins).collect();
    std::thread::scope(|scope| {
        let log_ins = scope.spawn(move || load::run(address, &mut log_ins, time, 200));
        let posts = load::run(address, posts, time, 201)?;
        let log_ins = log_ins.join().map_err(|_| "the log-ins panicked")??;
        Ok((posts, log_ins.rate()))
    })
}
