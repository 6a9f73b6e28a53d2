//! Entries that are checked against a codebook, against the same entries of a study that takes everything.

use super::side::Side;
use super::{Bench, rounded};
use crate::Result;
use crate::place::Engine;
use crate::table::{Finding, Spread, Target};

/// Entries a request.
const BATCH: usize = 100;
/// Checking may cost that much of the rate without it.
const TARGET: f64 = 0.85;

/// The fields of the entries, with a rule on each, among others as a study has them.
const CODEBOOK: &str = r#"
format = 1

[fields]
attempt = { type = "integer", required = true, minimum = 1, maximum = 1000, privacy = "other" }
level = { type = "integer", minimum = 0, maximum = 99, privacy = "other" }

[groups.place]
roomName = { type = "string", required = true, enum = ["salleForet", "salleEau", "salleFeu", "salleVent"], privacy = "other" }
position = { type = "array", required = true, max_length = 3, items = { type = "number", minimum = -1e6, maximum = 1e6 }, privacy = "other" }

[actions.regionDeposer]
groups = ["place"]
undeclared = "refuse"

[actions.regionDeposer.fields]
userAnswer = { type = "string", required = true, max_length = 2000, pattern = "[a-z(){}]*", privacy = "free-text" }

[actions.regionPrendre]
groups = ["place"]
"#;

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
        let mut checked = Side::start(&server, &format!("{name}-checked"), connections, batch)?;
        server.api()?.put_codebook(&checked.slug, CODEBOOK)?;
        let mut free = Side::start(&server, &format!("{name}-free"), connections, batch)?;
        let label = format!("checked, {}, {what}", engine.name());
        let time = bench.scale.time;
        let (with, without) = bench.alternate(
            &label,
            || checked.send(&server, time),
            || free.send(&server, time),
        )?;
        checked.check(&server)?;
        free.check(&server)?;
        findings.push(Finding {
            what: format!("{what}, checked against a codebook / taken as they are"),
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
