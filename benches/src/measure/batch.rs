//! Batches of 100 by HTTP, against a loader that inserts the same rows and does nothing else.

use super::{Bench, STUDY, check_stored, rounded};
use crate::Result;
use crate::fill::{self, Players};
use crate::place::Engine;
use crate::requests::Requests;
use crate::table::{Finding, Spread, Target};
use crate::{load, loader};

/// Entries a request.
const BATCH: usize = 100;

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let connections = bench.scale.batch_connections;
    let place = bench.place(engine)?;
    let server = bench.start(&place)?;
    let tokens = server.api()?.open_study(STUDY, connections)?;
    let players = tokens.iter().enumerate();
    let mut requests = players
        .map(|(n, token)| Requests::batches(token, &format!("s-{n}"), BATCH))
        .collect();
    let bare = bench.place(engine)?;
    let study = fill::fill(&bare, STUDY, 0)?;
    let players = Players {
        count: connections as u64,
        at_once: BATCH as u64,
    };
    let time = bench.scale.time;
    let mut acknowledged = 0;
    let label = format!("batch, {}, {connections} connections", engine.name());
    let (sent, loaded) = bench.alternate(
        &label,
        || {
            let tally = load::run(server.address, &mut requests, time, 200)?;
            acknowledged += tally.entries;
            Ok(tally.rate())
        },
        || Ok(loader::load(&bare, &study, players, time)?.rate()),
    )?;
    check_stored(&server, acknowledged)?;
    server.stop()?;
    Ok(vec![Finding {
        what: format!("batches of {BATCH} by HTTP / a bare loader"),
        engine: engine.name(),
        value: Spread::ratio(&sent, &loaded),
        unit: "",
        target: engine.is_sqlite().then_some(Target::AtLeast(0.67)),
        behind: format!(
            "{} entries/s against {} rows/s",
            rounded(Spread::of(&sent).median),
            rounded(Spread::of(&loaded).median)
        ),
    }])
}
