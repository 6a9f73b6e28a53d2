//! Parsers and the running server, given what was changed at random.
//!
//! `cargo test -p sillage --test fuzz -- run` gives each parser 200,000 texts, and the server 100,000 requests on each database; `run --short` a bounded
//! form, `run time requests` these two. `--seed N` begins elsewhere; the seed is printed, and the same seed gives the same inputs.
//! `docs/fuzzing.md` says what must hold, and has the last results. Without the word `run` it only says what there is.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends here")]

#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the harness of the black-box tests, of which this one needs a part"
)]
#[path = "../support/mod.rs"]
mod support;

#[path = "../faults/dice.rs"]
mod dice;
#[expect(dead_code, reason = "what faults look at too")]
#[path = "../faults/process.rs"]
mod process;

mod description;
mod import;
mod laws;
mod making;
mod mutate;
mod parsers;
mod requests;
mod world;

use parsers::PARSERS;
use std::process::ExitCode;
use std::time::Instant;
use support::Engine;

/// What the running server is called among the parsers.
const REQUESTS: &str = "requests";
/// What the command is called that reads lists of participants.
const IMPORT: &str = "import";

/// What was asked for.
struct Order {
    targets: Vec<String>,
    seed: u64,
    short: bool,
    engines: Vec<Engine>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((_, words)) = words.split_first().filter(|(first, _)| *first == "run") else {
        println!(
            "nothing is played: say `-- run [--short] [--seed N] [--engine sqlite|mariadb] [NAME...]`"
        );
        let names: Vec<_> = PARSERS.iter().map(|parser| parser.name).collect();
        println!("  {} {IMPORT} {REQUESTS}", names.join(" "));
        return ExitCode::SUCCESS;
    };
    let order = match read(words) {
        Ok(order) => order,
        Err(wrong) => {
            eprintln!("{wrong}");
            return ExitCode::from(2);
        }
    };
    println!("seed {}", order.seed);
    let wanted = |name: &str| order.targets.is_empty() || order.targets.iter().any(|n| n == name);
    let mut well = true;
    for parser in PARSERS.iter().filter(|parser| wanted(parser.name)) {
        let begin = Instant::now();
        let outcome = parser.play(order.seed, if order.short { 3000 } else { 200_000 });
        println!(
            "{:14} {:7} texts, {:6} taken, {:5.1} s",
            parser.name,
            outcome.inputs,
            outcome.taken,
            begin.elapsed().as_secs_f64()
        );
        if let Some((n, input)) = outcome.broken {
            println!(
                "{}: BROKEN by text {n}: {}",
                parser.name,
                input.escape_ascii()
            );
            well = false;
        }
        if outcome.taken == 0 {
            println!("{}: nothing was taken, so nothing was checked", parser.name);
            well = false;
        }
    }
    if wanted(IMPORT) {
        let (seed, count) = (order.seed, if order.short { 60 } else { 2000 });
        match std::thread::spawn(move || import::play(seed, count)).join() {
            Ok(told) => println!("{told}"),
            Err(_) => well = false,
        }
    }
    if wanted(REQUESTS) {
        for engine in &order.engines {
            let (engine, seed) = (*engine, order.seed);
            let count = if order.short { 5000 } else { 100_000 };
            let played = std::thread::spawn(move || requests::play(engine, seed, count)).join();
            match played {
                Ok(told) => println!("{told}"),
                Err(_) => well = false,
            }
        }
    }
    match well {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn read(words: &[String]) -> Result<Order, String> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let mut order = Order {
        targets: Vec::new(),
        seed: u64::from(now.unwrap_or_default().subsec_nanos()),
        short: false,
        engines: vec![Engine::Sqlite, Engine::Mariadb],
    };
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--short" => order.short = true,
            "--seed" => {
                let seed = words.next().and_then(|seed| seed.parse().ok());
                order.seed = seed.ok_or("--seed is a number")?;
            }
            "--engine" => {
                order.engines = match words.next() {
                    Some("sqlite") => vec![Engine::Sqlite],
                    Some("mariadb") => vec![Engine::Mariadb],
                    _ => return Err("--engine is sqlite or mariadb".to_owned()),
                }
            }
            name if [IMPORT, REQUESTS].contains(&name)
                || PARSERS.iter().any(|parser| parser.name == name) =>
            {
                order.targets.push(name.to_owned());
            }
            name => return Err(format!("there is no `{name}`")),
        }
    }
    let all = std::env::var("SILLAGE_TEST_ENGINES").is_ok_and(|engines| engines == "all");
    if all && !order.engines.iter().all(|engine| engine.is_there()) {
        return Err("TEST_MYSQL_URL names no database server".to_owned());
    }
    order.engines.retain(|engine| engine.is_there());
    Ok(order)
}
