//! How intake, lists, exports and the quality report fare as a study grows, by tens.

use super::{Bench, STUDY, check_equal, rounded};
use crate::api::Api;
use crate::fill::{self, Ids};
use crate::place::Engine;
use crate::requests::Requests;
use crate::server::Server;
use crate::table::{Finding, Spread, Target};
use crate::wire::Wire;
use crate::{Result, load};
use serde_json::Value;
use std::time::Instant;

/// The smallest study.
const LEAST: u64 = 10_000;
/// More parts of a fifth of the smallest would be smaller than a request of each connection.
const MOST_ROUNDS: usize = 10;
/// What the others are compared with.
const BASE: u64 = 100_000;
/// Where intake must not have become slower than the target says.
const JUDGED: u64 = 10_000_000;
/// Entries a request.
const BATCH: usize = 100;
/// Entries a page: the default.
const PAGE: u64 = 10;
/// Beyond this, what takes seconds is done once.
const LARGE: u64 = 1_000_000;

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for ids in [Ids::V7, Ids::V4] {
        let sizes = sizes(bench.scale.entries);
        let measured = grow(bench, engine, ids, &sizes)?;
        let base = sizes.iter().position(|&size| size == BASE).unwrap_or(0);
        for (size, what) in sizes.iter().zip(&measured) {
            for (one, base) in what.iter().zip(&measured[base]) {
                findings.push(one.finding(engine, ids, *size, base));
            }
        }
    }
    // What was measured stands together; sizes keep their order.
    findings.sort_by(|one, other| without_size(&one.what).cmp(without_size(&other.what)));
    Ok(findings)
}

fn without_size(what: &str) -> &str {
    const VERSION: &str = "ids of v7";
    let end = what.rfind("ids of v").map(|at| at + VERSION.len());
    end.and_then(|end| what.get(..end)).unwrap_or(what)
}

/// Powers of ten up to a number, and at least two sizes: 10,000 and twice as many are the least.
fn sizes(most: u64) -> Vec<u64> {
    let tens = std::iter::successors(Some(LEAST), |size| size.checked_mul(10));
    let sizes: Vec<_> = tens.take_while(|size| *size <= most).collect();
    if sizes.len() < 2 {
        return vec![LEAST, most.max(2 * LEAST)];
    }
    sizes
}

/// Something that was measured at one size, by rounds.
struct Measured {
    name: &'static str,
    values: Vec<f64>,
    unit: &'static str,
    /// Whether more is better.
    is_rate: bool,
}

impl Measured {
    fn finding(&self, engine: &Engine, ids: Ids, size: u64, base: &Self) -> Finding {
        let version = if ids == Ids::V7 { "v7" } else { "v4" };
        Finding {
            what: format!(
                "{}, ids of {version}, {} stored / at the base",
                self.name,
                rounded(size as f64)
            ),
            engine: engine.name(),
            value: Spread::ratio(&self.values, &base.values),
            unit: "",
            target: (self.is_rate && size == JUDGED && ids == Ids::V7)
                .then_some(Target::AtLeast(0.8)),
            behind: format!(
                "{} {} against {} {}",
                rounded(Spread::of(&self.values).median),
                self.unit,
                rounded(Spread::of(&base.values).median),
                base.unit
            ),
        }
    }
}

/// Lets a study grow, and measures it at each size.
fn grow(bench: &Bench, engine: &Engine, ids: Ids, sizes: &[u64]) -> Result<Vec<Vec<Measured>>> {
    let place = bench.place(engine)?;
    let study = fill::fill(&place, STUDY, 0)?;
    let mut stored = 0;
    let mut requests = Vec::new();
    let mut measured = Vec::new();
    for &size in sizes {
        eprintln!(
            "growth, {}, {ids:?}: {}",
            engine.name(),
            rounded(size as f64)
        );
        fill::fill_up(&place, &study, stored, size, ids)?;
        let server = bench.start(&place)?;
        let api = server.api()?;
        check_equal("entries by X-Total-Count", api.total(STUDY)?, size)?;
        if requests.is_empty() {
            let accounts = api.enrol(STUDY, "growth", bench.scale.batch_connections)?;
            for (n, account) in accounts.iter().enumerate() {
                let token = api.token_of(&account.username, &account.password)?;
                let batches = Requests::batches(&token, &format!("g-{n}"), BATCH);
                requests.push(match ids {
                    Ids::V7 => batches,
                    Ids::V4 => batches.with_random_ids(),
                });
            }
        }
        let mut here = pages(bench, &server, &api, size)?;
        here.extend(whole(bench, &api, size)?);
        let (intake, added) = intake(bench, &server, &mut requests, size)?;
        here.push(intake);
        stored = size + added;
        check_equal("entries by X-Total-Count", api.total(STUDY)?, stored)?;
        server.stop()?;
        measured.push(here);
    }
    Ok(measured)
}

/// Batches by HTTP: no more than a fifth of what is there, so that the size stays what it is said to be.
fn intake(
    bench: &Bench,
    server: &Server,
    requests: &mut Vec<Requests>,
    size: u64,
) -> Result<(Measured, u64)> {
    let rounds = bench.scale.rounds.min(MOST_ROUNDS) as u64;
    let entries = (size / 5).min(300_000) / (rounds + 1);
    let each = (entries / (BATCH * requests.len()) as u64).max(1);
    let (mut values, mut added) = (Vec::new(), 0);
    for round in 0..=rounds {
        let tally = load::run_some(server.address, requests, each, bench.scale.time * 20, 200)?;
        added += tally.entries;
        // The first is not counted: the pages that the index needs are read in it.
        if round > 0 {
            values.push(tally.rate());
        }
    }
    let intake = Measured {
        name: "intake",
        values,
        unit: "entries/s",
        is_rate: true,
    };
    Ok((intake, added))
}

/// The first page, one in the middle by cursor and by number.
fn pages(bench: &Bench, server: &Server, api: &Api, size: u64) -> Result<Vec<Measured>> {
    let mut wire = Wire::connect(server.address)?;
    let list = format!("/v1/logs?study={STUDY}&page_size={PAGE}");
    let middle = size / PAGE / 2;
    let before = wire.get(&format!("{list}&page={middle}"), &api.token)?;
    let before: Vec<Value> = serde_json::from_slice(before)?;
    let cursor = before
        .last()
        .and_then(|entry| entry["number"].as_u64())
        .ok_or("the page in the middle is empty")?;
    let mut pages = Vec::new();
    for (name, path) in [
        ("page 1", format!("{list}&page=1")),
        (
            "the page in the middle, by cursor",
            format!("{list}&after={cursor}"),
        ),
        (
            "the page in the middle, by number",
            format!("{list}&page={middle}"),
        ),
    ] {
        let times: Result<Vec<_>> = (0..bench.scale.rounds)
            .map(|_| super::pages::median_time(&mut wire, &path, &api.token, bench.scale.requests))
            .collect();
        pages.push(Measured {
            name,
            values: times?,
            unit: "ms",
            is_rate: false,
        });
    }
    Ok(pages)
}

/// What goes through all entries: microseconds for each.
fn whole(bench: &Bench, api: &Api, size: u64) -> Result<Vec<Measured>> {
    let rounds = if size > LARGE { 1 } else { bench.scale.rounds };
    let per_entry = |once: &dyn Fn() -> Result<()>| -> Result<Vec<f64>> {
        (0..rounds)
            .map(|_| {
                let start = Instant::now();
                once()?;
                Ok(start.elapsed().as_secs_f64() * 1e6 / size as f64)
            })
            .collect()
    };
    let export = per_entry(&|| {
        let exported = api.export(STUDY, "csv")?;
        check_equal("lines of the export", exported.lines, size + 1)
    })?;
    let quality = per_entry(&|| api.quality(STUDY).map(drop))?;
    let measured = |name, values| Measured {
        name,
        values,
        unit: "microseconds an entry",
        is_rate: false,
    };
    Ok(vec![
        measured("the CSV export", export),
        measured("the quality report", quality),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_powers_of_ten_and_at_least_two() {
        assert_eq!(sizes(1_000_000), [10_000, 100_000, 1_000_000]);
        assert_eq!(sizes(2_000), [10_000, 20_000]);
        assert_eq!(sizes(50_000), [10_000, 50_000]);
    }
}
