//! Entries of a study that asks for consent, and has it of everybody, against the same entries of a study that asks for none.

use super::side::Side;
use super::{Bench, rounded};
use crate::Result;
use crate::place::Engine;
use crate::table::{Finding, Spread, Target};

/// Entries a request.
const BATCH: usize = 100;
/// Looking consents up may cost that much of the rate without it.
const TARGET: f64 = 0.95;

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let place = bench.place(engine)?;
    let server = bench.start(&place)?;
    let mut findings = Vec::new();
    let single = bench.scale.connections.first().copied().unwrap_or(1);
    for (batch, connections) in [(None, single), (Some(BATCH), bench.scale.batch_connections)] {
        let what = match batch {
            None => format!("single posts, {connections} connections"),
            Some(entries) => format!("batches of {entries}"),
        };
        let name = if batch.is_some() { "batches" } else { "posts" };
        let mut asking = Side::start(&server, &format!("{name}-asking"), connections, batch)?;
        let api = server.api()?;
        api.ask_for_consent(&asking.slug)?;
        for token in &asking.tokens {
            api.consent(token)?;
        }
        let mut free = Side::start(&server, &format!("{name}-free"), connections, batch)?;
        let label = format!("with consents, {}, {what}", engine.name());
        let time = bench.scale.time;
        let (with, without) = bench.alternate(
            &label,
            || asking.send(&server, time),
            || free.send(&server, time),
        )?;
        asking.check(&server)?;
        free.check(&server)?;
        findings.push(Finding {
            what: format!(
                "{what}, of people whose consent is looked up / of a study that asks for none"
            ),
            engine: engine.name(),
            value: Spread::ratio(&with, &without),
            unit: "",
            target: Some(Target::AtLeast(TARGET)),
            behind: format!(
                "{} entries/s against {} entries/s",
                rounded(Spread::of(&with).median),
                rounded(Spread::of(&without).median)
            ),
        });
    }
    server.stop()?;
    Ok(findings)
}
