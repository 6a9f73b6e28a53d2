//! A page far into a list, against the first.

use super::{Bench, STUDY, check_equal, rounded};
use crate::Result;
use crate::fill;
use crate::place::Engine;
use crate::table::{Finding, Spread, Target};
use crate::wire::Wire;
use serde_json::Value;
use std::time::Instant;

/// Entries a page: the default.
const SIZE: u64 = 10;
/// The far page of the target; half way, where there are fewer.
const FAR: u64 = 50_000;

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let place = bench.place(engine)?;
    let entries = bench.scale.entries;
    fill::fill(&place, STUDY, entries)?;
    let server = bench.start(&place)?;
    let api = server.api()?;
    let token = &api.token;
    check_equal("entries by X-Total-Count", api.total(STUDY)?, entries)?;
    let far = FAR.min(entries / SIZE / 2);
    let list = format!("/v1/logs?study={STUDY}&page_size={SIZE}");
    let page = |number: u64| format!("{list}&page={number}");
    let after = |number: u64| format!("{list}&after={number}");
    let mut wire = Wire::connect(server.address)?;

    let last = entries / SIZE - 1;
    let mut cursors = Vec::new();
    for number in [far, last] {
        let before = numbers(wire.get(&page(number - 1), token)?)?;
        let cursor = before.last().copied().ok_or("the page before is empty")?;
        let by_page = numbers(wire.get(&page(number), token)?)?;
        let by_cursor = numbers(wire.get(&after(cursor), token)?)?;
        check_equal("entries of a far page", by_page.len() as u64, SIZE)?;
        if by_page != by_cursor {
            return Err(format!(
                "page {number} has {by_page:?}, the cursor {cursor} gives {by_cursor:?}"
            )
            .into());
        }
        cursors.push(cursor);
    }

    let mut findings = Vec::new();
    for (name, way, first, distant) in [
        (far, "cursor", after(0), after(cursors[0])),
        (last, "cursor", after(0), after(cursors[1])),
        (far, "number", page(1), page(far)),
    ] {
        let mut other = Wire::connect(server.address)?;
        let label = format!("page {name} by {way}, {}, milliseconds", engine.name());
        let requests = bench.scale.requests;
        let (far_times, first_times) = bench.alternate(
            &label,
            || median_time(&mut wire, &distant, token, requests),
            || median_time(&mut other, &first, token, requests),
        )?;
        findings.push(Finding {
            what: format!("page {} / page 1, by {way}", rounded(name as f64)),
            engine: engine.name(),
            value: Spread::ratio(&far_times, &first_times),
            unit: "",
            // What is promised is the cursor's; that a page's number costs more is reported.
            target: (way == "cursor").then_some(Target::AtMost(2.0)),
            behind: format!(
                "{} ms against {} ms",
                rounded(Spread::of(&far_times).median),
                rounded(Spread::of(&first_times).median)
            ),
        });
    }
    server.stop()?;
    Ok(findings)
}

/// The median time of one request, in milliseconds.
pub(super) fn median_time(
    wire: &mut Wire,
    path: &str,
    token: &str,
    requests: usize,
) -> Result<f64> {
    let mut times = Vec::with_capacity(requests);
    for _ in 0..requests {
        let start = Instant::now();
        wire.get(path, token)?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Spread::of(&times).median)
}

/// The numbers of the entries of a list.
fn numbers(body: &[u8]) -> Result<Vec<u64>> {
    let entries: Vec<Value> = serde_json::from_slice(body)?;
    entries
        .iter()
        .map(|entry| {
            let number = entry["number"].as_u64();
            number.ok_or_else(|| "an entry has no number".into())
        })
        .collect()
}
