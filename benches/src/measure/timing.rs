//! Whether failed log-ins tell by their time what was wrong: a statistical test, so it is no part of `all`.
//!
//! Every kind of failure is tried in turn, in an order that changes, one at a time on one connection. If the kind does not matter, the labels
//! of the times can be exchanged: the greatest difference that is found between two kinds, of medians and of distributions, is held against
//! the greatest differences that are found when labels are drawn at random.

use super::{Bench, STUDY};
use crate::Result;
use crate::api::{Account, Api};
use crate::place::Engine;
use crate::requests::log_in;
use crate::table::{Finding, Spread, Target};
use crate::wire::Wire;
use std::time::Instant;

/// How often an account may fail before it is told to wait, less one.
const FAILURES_OF_AN_ACCOUNT: usize = 4;
/// How often labels are drawn.
const DRAWS: usize = 2_000;
/// Of the draws that are greater than what counts as no difference.
const LEVEL: f64 = 0.01;
/// What is added to the times of one kind, in milliseconds, to see whether such a difference would be found.
const ADDED: f64 = 1.0;

/// The times of one kind of failure, in milliseconds.
type Times = Vec<f64>;

pub(super) fn measure(bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
    let place = bench.place(engine)?;
    let server = bench.start(&place)?;
    let api = server.api()?;
    let failures = bench.scale.failures;
    let kinds = kinds(&api, failures.div_ceil(FAILURES_OF_AN_ACCOUNT))?;
    let mut wire = Wire::connect(server.address)?;
    let mut random = Random(0x5111_A6E0);
    let mut times: Vec<Times> = vec![Vec::new(); kinds.len()];
    for round in 0..failures {
        let mut order: Vec<_> = (0..kinds.len()).collect();
        random.shuffle(&mut order);
        for kind in order {
            let account = &kinds[kind].1[round / FAILURES_OF_AN_ACCOUNT];
            let request = log_in("localhost", "", account);
            let start = Instant::now();
            let (status, body) = wire.send(&request)?;
            let elapsed = start.elapsed();
            if status != 400 {
                let body = String::from_utf8_lossy(body);
                return Err(format!("a failed log-in was answered {status}: {body}").into());
            }
            times[kind].push(elapsed.as_secs_f64() * 1e3);
        }
        eprintln!(
            "failed log-ins, {}, round {} of {failures}",
            engine.name(),
            round + 1
        );
    }
    server.stop()?;
    let medians: Vec<_> = kinds
        .iter()
        .zip(&times)
        .map(|((name, _), times)| format!("{name} {:.3} ms", Spread::of(times).median))
        .collect();
    let mut slower = times.clone();
    slower[0].iter_mut().for_each(|time| *time += ADDED);
    let mut findings = Vec::new();
    for (name, statistic) in [
        ("medians", between_medians as Statistic),
        ("distributions", between_distributions),
    ] {
        let found = Tested::of(&times, statistic, &mut random);
        findings.push(found.finding(
            format!("failed log-ins: greatest difference of {name} / its 99 % bound by chance"),
            engine,
            Target::AtMost(1.0),
            medians.join(", "),
        ));
        let found = Tested::of(&slower, statistic, &mut random);
        findings.push(found.finding(
            format!("the same, with {ADDED} ms added to one kind"),
            engine,
            Target::AtLeast(1.0),
            String::new(),
        ));
    }
    Ok(findings)
}

/// Kinds of failures, with enough accounts for each.
fn kinds(api: &Api, count: usize) -> Result<Vec<(&'static str, Vec<Account>)>> {
    api.begin_study(STUDY)?;
    let wrong = |accounts: Vec<Account>| -> Vec<Account> {
        let wrong = |account: Account| Account {
            password: "wrong.password".to_owned(),
            ..account
        };
        accounts.into_iter().map(wrong).collect()
    };
    let nobody = |n| Account {
        username: format!("nobody-{n}"),
        password: "wrong.password".to_owned(),
    };
    let gone = api.enrol(STUDY, "gone", count)?;
    let gone_too = api.enrol_with_password(STUDY, "gone-too", count)?;
    for account in gone.iter().chain(&gone_too) {
        api.deactivate(STUDY, account)?;
    }
    Ok(vec![
        ("unknown user", (0..count).map(nobody).collect()),
        ("wrong, cost 8", wrong(api.enrol(STUDY, "made", count)?)),
        (
            "wrong, cost 12",
            wrong(api.enrol_with_password(STUDY, "chosen", count)?),
        ),
        ("deactivated, cost 8", gone),
        ("deactivated, cost 12", gone_too),
    ])
}

type Statistic = fn(&[Times]) -> f64;

/// A difference, and what chance makes of it.
struct Tested {
    found: f64,
    /// What chance exceeds in one of a hundred draws.
    bound: f64,
    /// The share of draws that were as great.
    p: f64,
}

impl Tested {
    fn of(times: &[Times], statistic: Statistic, random: &mut Random) -> Self {
        let found = statistic(times);
        let mut all = times.concat();
        let mut drawn: Vec<f64> = (0..DRAWS)
            .map(|_| {
                random.shuffle(&mut all);
                let mut rest = all.as_slice();
                let relabelled: Vec<Times> = times
                    .iter()
                    .map(|times| {
                        let (these, others) = rest.split_at(times.len());
                        rest = others;
                        these.to_vec()
                    })
                    .collect();
                statistic(&relabelled)
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let as_great = drawn.iter().filter(|drawn| **drawn >= found).count();
        Self {
            found,
            bound: drawn[DRAWS - 1 - (LEVEL * DRAWS as f64) as usize],
            p: (as_great + 1) as f64 / (DRAWS + 1) as f64,
        }
    }

    fn finding(&self, what: String, engine: &Engine, target: Target, more: String) -> Finding {
        let Self { found, bound, p } = self;
        let ratio = found / bound;
        Finding {
            what,
            engine: engine.name(),
            value: Spread::of(&[ratio]),
            unit: "",
            target: Some(target),
            behind: format!("{found:.3} against {bound:.3}, p = {p:.4}; {more}")
                .trim_end_matches("; ")
                .to_owned(),
        }
    }
}

/// The greatest difference of two medians, in milliseconds.
fn between_medians(times: &[Times]) -> f64 {
    let medians: Vec<_> = times.iter().map(|times| Spread::of(times).median).collect();
    let spread = Spread::of(&medians);
    spread.greatest - spread.least
}

/// The greatest distance of two empirical distribution functions (Kolmogorov and Smirnov).
fn between_distributions(times: &[Times]) -> f64 {
    let sorted: Vec<Times> = times
        .iter()
        .map(|times| {
            let mut sorted = times.clone();
            sorted.sort_by(f64::total_cmp);
            sorted
        })
        .collect();
    let mut greatest = 0.0_f64;
    for (n, one) in sorted.iter().enumerate() {
        for other in &sorted[n + 1..] {
            greatest = greatest.max(distance(one, other));
        }
    }
    greatest
}

fn distance(one: &[f64], other: &[f64]) -> f64 {
    let share = |times: &[f64], time: f64| {
        times.partition_point(|t| *t <= time) as f64 / times.len() as f64
    };
    one.iter()
        .chain(other)
        .map(|time| (share(one, *time) - share(other, *time)).abs())
        .fold(0.0, f64::max)
}

/// SplitMix64: the same draws in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Fisher and Yates. The remainder's bias, less than 2^-50, shows in no test.
    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = (self.next() % (last as u64 + 1)) as usize;
            items.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(shift: f64) -> Vec<Times> {
        let mut random = Random(1);
        let mut noise = || (random.next() % 1000) as f64 / 1000.0;
        let kind = |shift: f64, noise: &mut dyn FnMut() -> f64| {
            (0..60).map(|_| 500.0 + shift + noise()).collect()
        };
        vec![
            kind(shift, &mut noise),
            kind(0.0, &mut noise),
            kind(0.0, &mut noise),
        ]
    }

    #[test]
    fn what_is_slower_is_found_and_what_is_not_is_not() {
        for statistic in [between_medians as Statistic, between_distributions] {
            let same = Tested::of(&times(0.0), statistic, &mut Random(2));
            assert!(same.found <= same.bound && same.p > LEVEL);
            let slower = Tested::of(&times(0.5), statistic, &mut Random(2));
            assert!(slower.found > slower.bound && slower.p < LEVEL);
        }
    }

    #[test]
    fn the_distance_of_distributions_is_that_of_their_steps() {
        assert_eq!(distance(&[1.0, 2.0], &[1.0, 2.0]), 0.0);
        assert_eq!(distance(&[1.0, 2.0], &[3.0, 4.0]), 1.0);
        assert_eq!(distance(&[1.0, 3.0], &[2.0, 3.0]), 0.5);
    }
}
