//! Measurements of Sillage, each a ratio of two things done in turn in one run, so that it holds on other machines too.
//!
//! `cargo run --release -p sillage-benches -- all` does all of them; `docs/performance.md` says what they are.

mod codebook;
mod fill;
mod loader;
mod measure;
mod place;
mod pseudonymise;
mod table;

use sillage_load::{api, child, closed as load, floor, requests, server, wire};

use clap::{Args, Parser, Subcommand, ValueEnum};
use measure::{Bench, Measurement, Scale};
use place::Engine;
use server::Program;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use sillage_load::{Failure, Result};

/// Measures Sillage: ratios within one run, on SQLite and, where TEST_MYSQL_URL names a server, on MariaDB or MySQL.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: What,
}

#[derive(Subcommand)]
enum What {
    /// Everything below, in order
    All(Options),
    /// Durable posts of one entry, against an endpoint that only parses the same body
    Single(Options),
    /// One commit for all that waits, against a commit for each request
    Group(Options),
    /// Batches of 100 by HTTP, against a bare loader of the same rows
    Batch(Options),
    /// Entries that are checked against a codebook, against such that are not
    Checked(Options),
    /// Entries of people whose consent is looked up, against such of a study that asks for none
    Consents(Options),
    /// CSV of a million entries: time against `sqlite3 -csv`, memory, first byte
    Export(Options),
    /// Page 50,000 against page 1
    Pages(Options),
    /// Resident memory of an idle server
    Idle(Options),
    /// Durable posts of one entry while log-ins go on without pause, against the same without them
    Logins(Options),
    /// Not among `all`: whether failed log-ins tell by their time what was wrong. Takes some minutes
    Timing(Options),
    /// Not among `all`: intake, lists, exports and the quality report from 10,000 entries to as many as `--entries` says, by tens
    Growth(Options),
    /// Checking entries against a codebook, against reading them; no server is started
    Codebook(Options),
    /// Pseudonymising a CSV of a million rows, against copying it; no server is started
    Pseudonymise(Options),
    /// Everything with tiny numbers: do they run, do the counts agree? Judges no time
    Smoke(Options),
    /// The endpoint that only parses, which `single` starts by itself
    #[command(hide = true)]
    ServeFloor {
        /// Threads that take requests
        #[arg(long)]
        workers: usize,
    },
}

#[derive(Args)]
struct Options {
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
    /// On this database only
    #[arg(long, value_enum)]
    engine: Option<EngineName>,
    /// How often two things are measured in turn
    #[arg(long)]
    rounds: Option<usize>,
    /// How long one side goes on in a round
    #[arg(long)]
    seconds: Option<f64>,
    /// Entries of the study that is listed and exported, at least 100
    #[arg(long)]
    entries: Option<u64>,
    /// Where the databases are made, on a disk [default: beside this program]
    #[arg(long)]
    folder: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineName {
    Sqlite,
    Mysql,
}

fn main() -> ExitCode {
    let what = Arguments::parse().command;
    let result = match what {
        What::All(options) => run(&options, Scale::full(), &Measurement::ALL),
        What::Single(options) => run(&options, Scale::full(), &[Measurement::Single]),
        What::Group(options) => run(&options, Scale::full(), &[Measurement::Group]),
        What::Batch(options) => run(&options, Scale::full(), &[Measurement::Batch]),
        What::Checked(options) => run(&options, Scale::full(), &[Measurement::Checked]),
        What::Consents(options) => run(&options, Scale::full(), &[Measurement::Consents]),
        What::Export(options) => run(&options, Scale::full(), &[Measurement::Export]),
        What::Pages(options) => run(&options, Scale::full(), &[Measurement::Pages]),
        What::Idle(options) => run(&options, Scale::full(), &[Measurement::Idle]),
        What::Logins(options) => run(&options, Scale::full(), &[Measurement::Logins]),
        What::Timing(options) => run(&options, Scale::full(), &[Measurement::Timing]),
        What::Growth(options) => run(&options, Scale::full(), &[Measurement::Growth]),
        What::Codebook(options) => {
            codebook::run(options.rounds.unwrap_or(50)).map(|()| ExitCode::SUCCESS)
        }
        What::Pseudonymise(options) => {
            let folder = options.folder.clone().map_or_else(beside_this, Ok);
            folder
                .and_then(|folder| {
                    let rows = options.entries.unwrap_or(1_000_000);
                    pseudonymise::run(options.rounds.unwrap_or(5), rows, &folder, options.json)
                })
                .map(|()| ExitCode::SUCCESS)
        }
        What::Smoke(options) => run(&options, Scale::smoke(), &Measurement::ALL),
        What::ServeFloor { workers } => floor::serve(workers).map(|()| ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|failure| {
        eprintln!("failed: {failure}");
        ExitCode::FAILURE
    })
}

/// Runs the measurements on every database there is. What fails is said at the end, and does not stop the others.
fn run(options: &Options, mut scale: Scale, measurements: &[Measurement]) -> Result<ExitCode> {
    scale.rounds = options.rounds.unwrap_or(scale.rounds).max(1);
    scale.entries = options.entries.unwrap_or(scale.entries).max(100);
    if let Some(seconds) = options.seconds {
        scale.time = Duration::try_from_secs_f64(seconds)?;
    }
    let this = std::env::current_exe()?;
    let beside = beside_this()?;
    let bench = Bench {
        scale,
        program: Program {
            path: sillage(&beside)?,
            workers: std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
        },
        this,
        folder: options.folder.clone().unwrap_or(beside),
    };
    let engines = engines(options.engine);
    let mut findings = Vec::new();
    let mut failures = Vec::new();
    for &measurement in measurements {
        for engine in &engines {
            match measurement.run(&bench, engine) {
                Ok(more) => findings.extend(more),
                Err(failure) => {
                    let failure = format!("{measurement:?} on {}: {failure}", engine.name());
                    eprintln!("{failure}");
                    failures.push(failure);
                }
            }
        }
    }
    if !bench.scale.judged {
        findings
            .iter_mut()
            .for_each(|finding| finding.target = None);
    }
    let report = if options.json {
        table::json(&findings)?
    } else {
        table::text(&findings)
    };
    writeln!(std::io::stdout(), "{}", report.trim_end())?;
    for failure in &failures {
        eprintln!("failed: {failure}");
    }
    Ok(if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The folder that this program lies in.
fn beside_this() -> Result<PathBuf> {
    let this = std::env::current_exe()?;
    let beside = this.parent().ok_or("this program lies nowhere")?;
    Ok(beside.to_path_buf())
}

/// The databases to measure on.
fn engines(only: Option<EngineName>) -> Vec<Engine> {
    let mut engines = Vec::new();
    if only != Some(EngineName::Mysql) {
        engines.push(Engine::Sqlite);
    }
    if only != Some(EngineName::Sqlite) {
        match std::env::var("TEST_MYSQL_URL") {
            Ok(url) => engines.push(Engine::Mysql(url.trim_end_matches('/').to_owned())),
            Err(_) => eprintln!(
                "MariaDB is left out: TEST_MYSQL_URL names no server (benches/run starts one)"
            ),
        }
    }
    engines
}

/// The program under test, of the same profile as this one; built first where Cargo runs this one.
fn sillage(beside: &Path) -> Result<PathBuf> {
    let path = beside.join("sillage");
    if let Some(cargo) = std::env::var_os("CARGO") {
        let mut build = Command::new(cargo);
        build.args(["build", "--package", "sillage"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        if !build.status()?.success() {
            return Err("the server could not be built".into());
        }
    }
    if path.exists() {
        Ok(path)
    } else {
        Err(format!(
            "there is no {}: build the package `sillage` first",
            path.display()
        )
        .into())
    }
}
