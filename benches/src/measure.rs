//! The measurements, one a module, and how large each is.

mod batch;
mod checked;
mod consents;
mod export;
mod group;
mod growth;
mod idle;
mod logins;
mod pages;
mod side;
mod single;
mod timing;

use crate::Result;
use crate::place::{Engine, Place};
use crate::server::{Program, Server};
use crate::table::Finding;
use std::path::PathBuf;
use std::time::Duration;

/// The slug of the study that measurements write into.
const STUDY: &str = "benches";

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measurement {
    /// Durable posts of one entry against the floor.
    Single,
    /// Group commit against a commit for each request.
    Group,
    /// Batches of 100 by HTTP against the bare loader.
    Batch,
    /// Entries that are checked against a codebook, against such that are not.
    Checked,
    /// Entries of people whose consent is looked up, against such of a study that asks for none.
    Consents,
    /// The CSV export against `sqlite3 -csv`.
    Export,
    /// A far page against the first.
    Pages,
    /// Memory of a server that does nothing.
    Idle,
    /// Single posts while log-ins go on without pause.
    Logins,
    /// How long failed log-ins take, by what was wrong.
    Timing,
    /// Intake, lists, exports and the quality report as a study grows.
    Growth,
}

impl Measurement {
    /// All, in the order of the documentation, but for the statistical one and the long one.
    pub(crate) const ALL: [Self; 9] = [
        Self::Single,
        Self::Group,
        Self::Batch,
        Self::Checked,
        Self::Consents,
        Self::Export,
        Self::Pages,
        Self::Idle,
        Self::Logins,
    ];

    /// Measures it on one database.
    pub(crate) fn run(self, bench: &Bench, engine: &Engine) -> Result<Vec<Finding>> {
        match self {
            Self::Single => single::measure(bench, engine),
            Self::Group => group::measure(bench, engine),
            Self::Batch => batch::measure(bench, engine),
            Self::Checked => checked::measure(bench, engine),
            Self::Consents => consents::measure(bench, engine),
            Self::Export => export::measure(bench, engine),
            Self::Pages => pages::measure(bench, engine),
            Self::Idle => idle::measure(bench, engine),
            Self::Logins => logins::measure(bench, engine),
            Self::Timing => timing::measure(bench, engine),
            Self::Growth => growth::measure(bench, engine),
        }
    }
}

/// How much is done.
#[derive(Debug, Clone)]
pub(crate) struct Scale {
    /// Connections of the single posts; the first also of the group commit.
    pub(crate) connections: Vec<usize>,
    /// Connections that send batches.
    pub(crate) batch_connections: usize,
    /// Connections that log in.
    pub(crate) log_in_connections: usize,
    /// Failed log-ins of each kind.
    pub(crate) failures: usize,
    /// How often two things are measured in turn.
    pub(crate) rounds: usize,
    /// How long one goes on sending in a round.
    pub(crate) time: Duration,
    /// Entries of the study that is listed and exported.
    pub(crate) entries: u64,
    /// Requests for each page in a round.
    pub(crate) requests: usize,
    /// How long a server is left alone before its memory is looked at.
    pub(crate) rest: Duration,
    /// Whether it is large enough to be held against the targets.
    pub(crate) judged: bool,
}

impl Scale {
    /// What the targets were set for.
    pub(crate) fn full() -> Self {
        Self {
            connections: vec![64, 256],
            batch_connections: 8,
            log_in_connections: 16,
            failures: 100,
            rounds: 5,
            time: Duration::from_secs(3),
            entries: 1_000_000,
            requests: 200,
            rest: Duration::from_secs(5),
            judged: true,
        }
    }

    /// Enough to see that everything runs and that the counts agree.
    pub(crate) fn smoke() -> Self {
        Self {
            connections: vec![4],
            batch_connections: 2,
            log_in_connections: 2,
            failures: 4,
            rounds: 1,
            time: Duration::from_millis(200),
            entries: 2_000,
            requests: 3,
            rest: Duration::ZERO,
            judged: false,
        }
    }
}

/// What measurements work with.
pub(crate) struct Bench {
    /// How much is done.
    pub(crate) scale: Scale,
    /// The server under test.
    pub(crate) program: Program,
    /// This program, which is the floor too.
    pub(crate) this: PathBuf,
    /// Where databases are made.
    pub(crate) folder: PathBuf,
}

impl Bench {
    fn place(&self, engine: &Engine) -> Result<Place> {
        Place::new(engine, &self.folder)
    }

    fn start(&self, place: &Place) -> Result<Server> {
        Server::start(&self.program, place.folder(), &place.url, &[])
    }

    /// Measures two things in turn, so that what the machine does besides meets both; gives the values of each.
    fn alternate(
        &self,
        label: &str,
        mut one: impl FnMut() -> Result<f64>,
        mut other: impl FnMut() -> Result<f64>,
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let rounds = self.scale.rounds;
        let mut values = (Vec::with_capacity(rounds), Vec::with_capacity(rounds));
        for round in 1..=rounds {
            values.0.push(one()?);
            values.1.push(other()?);
            eprintln!(
                "{label}, round {round} of {rounds}: {} against {}",
                rounded(values.0[round - 1]),
                rounded(values.1[round - 1])
            );
        }
        Ok(values)
    }
}

/// Fails where two counts differ that must not.
pub(crate) fn check_equal(what: &str, found: u64, expected: u64) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: {found}, and {expected} were expected").into())
}

/// Fails unless what was acknowledged is what is stored, by the counter and by the rows of an export.
fn check_stored(server: &Server, acknowledged: u64) -> Result<()> {
    let api = server.api()?;
    check_equal("entries by X-Total-Count", api.total(STUDY)?, acknowledged)?;
    check_equal(
        "rows of the export",
        api.export(STUDY, "ndjson")?.lines,
        acknowledged,
    )
}

/// A number as people read it: `12,300`, `0.31`.
fn rounded(value: f64) -> String {
    if value < 1000.0 {
        let text = format!("{value:.3}");
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(rounded(1_234_567.0), "1,234,567");
        assert_eq!(rounded(0.3141), "0.314");
        assert_eq!(rounded(100.0), "100");
    }

    #[test]
    fn counts_that_differ_are_a_failure() {
        assert!(check_equal("rows", 1, 2).is_err());
        assert!(check_equal("rows", 2, 2).is_ok());
    }
}
