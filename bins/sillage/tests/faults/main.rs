//! Faults under load, in one harness: what was acknowledged is stored, and stored once, whatever happens.
//!
//! `cargo test -p sillage --test faults -- run` plays them all, on both databases; `run --short` a bounded form of each, `run kill cut` these
//! two. `docs/faults.md` says what each does, and has the last results. It ends with a table, and with an error if anything was lost or
//! doubled. Without the word `run` it only says what there is: `cargo test` starts every test program there is.
#![expect(clippy::unwrap_used, reason = "a fault that can't be played ends here")]

#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the harness of the black-box tests, of which this one needs a part"
)]
#[path = "../support/mod.rs"]
mod support;

mod bad_network;
mod client;
mod clock;
mod cut;
mod database;
mod dice;
mod disk;
mod kill;
mod load;
mod nodes;
mod overflow;
mod process;
mod proxy;
mod slow;
mod stage;
mod table;
mod tally;

use stage::{Ended, Stage};
use std::process::ExitCode;
use support::Engine;
use table::Row;

/// A fault that can be played.
struct Fault {
    /// What it is called on the command line.
    name: &'static str,
    /// What happens.
    what: &'static str,
    play: fn(&Stage) -> Ended,
}

const FAULTS: [Fault; 10] = [
    Fault {
        name: "kill",
        what: "SIGKILL of the server, 50 times (short: 5)",
        play: kill::play,
    },
    Fault {
        name: "cut",
        what: "connections cut in the middle of a body, 10,000 times (short: 500)",
        play: cut::play,
    },
    Fault {
        name: "slow",
        what: "1,000 clients that send a byte a second, for a minute (short: 8 s)",
        play: slow::play,
    },
    Fault {
        name: "database",
        what: "SIGKILL of MariaDB, 10 times (short: 2)",
        play: database::play,
    },
    Fault {
        name: "disk",
        what: "the disk is full, 5 times (short: once)",
        play: disk::play,
    },
    Fault {
        name: "clock",
        what: "the clock is set back by an hour and forward by days, 5 times (short: once)",
        play: clock::play,
    },
    Fault {
        name: "nodes",
        what: "two servers on one MariaDB behind haproxy, one killed, 10 times (short: 2)",
        play: nodes::play,
    },
    Fault {
        name: "overflow",
        what: "a queue that is too small for what comes, for a minute (short: 5 s)",
        play: overflow::play,
    },
    Fault {
        name: "proxy",
        what: "a network that drops, doubles, delays and reorders requests, and loses answers, for a minute (short: 6 s)",
        play: proxy::play,
    },
    Fault {
        name: "client",
        what: "the same network, for games that play through sillage-client",
        play: client::play,
    },
];

/// What was asked for.
struct Order {
    faults: Vec<&'static Fault>,
    engines: Vec<Engine>,
    short: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((first, words)) = words.split_first().filter(|(first, _)| *first == "run") else {
        println!("nothing is played: say `-- run [--short] [--engine sqlite|mariadb] [NAME...]`");
        for Fault { name, what, .. } in &FAULTS {
            println!("  {name:9} {what}");
        }
        return ExitCode::SUCCESS;
    };
    let order = match read(words) {
        Ok(order) => order,
        Err(wrong) => {
            eprintln!("{first}: {wrong}");
            return ExitCode::from(2);
        }
    };
    let mut rows = Vec::new();
    for fault in &order.faults {
        for engine in &order.engines {
            let stage = Stage::new(*engine, order.short);
            eprintln!("{} on {}: {}", fault.name, stage.engine_name(), fault.what);
            let play = fault.play;
            // A fault of its own must not keep the others from being played.
            let ended = std::thread::spawn(move || play(&stage)).join();
            rows.push(Row::new(fault.name, *engine, ended.ok()));
        }
    }
    rows.retain(|row| !row.is_elsewhere());
    println!("\n{}", table::text(&rows));
    match rows.iter().all(Row::is_well) && !rows.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn read(words: &[String]) -> Result<Order, String> {
    let mut order = Order {
        faults: Vec::new(),
        engines: vec![Engine::Sqlite, Engine::Mariadb],
        short: false,
    };
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--short" => order.short = true,
            "--engine" => {
                order.engines = match words.next() {
                    Some("sqlite") => vec![Engine::Sqlite],
                    Some("mariadb") => vec![Engine::Mariadb],
                    _ => return Err("--engine is sqlite or mariadb".to_owned()),
                }
            }
            name => {
                let found = FAULTS.iter().find(|fault| fault.name == name);
                order
                    .faults
                    .push(found.ok_or_else(|| format!("there is no fault `{name}`"))?);
            }
        }
    }
    if order.faults.is_empty() {
        order.faults = FAULTS.iter().collect();
    }
    let all = std::env::var("SILLAGE_TEST_ENGINES").is_ok_and(|engines| engines == "all");
    let there = |engine: &Engine| engine.is_there();
    if all && !order.engines.iter().all(there) {
        return Err("TEST_MYSQL_URL names no database server".to_owned());
    }
    order.engines.retain(there);
    Ok(order)
}
