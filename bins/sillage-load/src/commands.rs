//! What the commands do: they find the server and its players, and hand over to the library.

use crate::arguments::{Compare, Floor, Game, Run, Server as Where, Through, Verify};
use crate::line::Line;
use crate::place::{Place, processors};
use sillage_load::address::Target;
use sillage_load::api::Api;
use sillage_load::compare::{self, Side};
use sillage_load::floor::Floor as BareEndpoint;
use sillage_load::play::{self, Outage, Pace, Plan, Progress};
use sillage_load::report::{FloorRatio, Report, number};
use sillage_load::requests::Requests;
use sillage_load::{Failure, Result, closed, verify as reading};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// No measurement of `floor` and `compare` takes longer in a round, nor has more rounds.
const LONGEST_ROUND: Duration = Duration::from_secs(60);
const MOST_ROUNDS: usize = 100;

/// Plays, and reports.
pub(crate) fn run(run: Run) -> Result<ExitCode> {
    let plan = plan(&run);
    plan.check(run.players)?;
    let place = Place::find(&run.server)?;
    if run.verify || run.floor.is_some() {
        place.api()?;
    }
    let accounts = place.accounts(run.server.participants.as_deref(), run.players)?;
    let at = sillage_domain::Timestamp::now().to_string();
    let mut line = Line::new(run.quiet);
    let played = play::play(&place.target, &accounts, &plan, &run.acknowledged, |now| {
        line.show(&told(&now));
    })?;
    let verified = if run.verify {
        let mut told = |read| line.show(&format!("{read} entries read back"));
        Some(reading::verify(
            place.api()?,
            &place.study,
            &run.acknowledged,
            &mut told,
        )?)
    } else {
        None
    };
    let floor = match run.floor {
        Some(connections) => Some(ratio(
            &place,
            &run.server,
            connections,
            3,
            Duration::from_secs(2),
            &mut line,
        )?),
        None => None,
    };
    line.end();
    let report = Report {
        version: env!("CARGO_PKG_VERSION"),
        at,
        server: place.target.base.clone(),
        study: place.study.clone(),
        plan,
        played,
        verified,
        floor,
    };
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    if let Some(path) = &run.report {
        write(path, report.json()?)?;
    }
    if let Some(path) = &run.html {
        write(path, report.html())?;
    }
    print(&if run.json {
        report.json()?
    } else {
        report.text()
    })?;
    place.end()?;
    Ok(code(report.is_whole()))
}

fn plan(run: &Run) -> Plan {
    let pace = match (run.rate, run.closed, run.game) {
        (Some(rate), _, _) => Pace::Rate(rate),
        (None, true, _) => Pace::Closed,
        (None, false, Game::Recorded) => Pace::Recorded,
        (None, false, Game::Fast) => Pace::Fast,
    };
    // A speed out of bounds is refused by the plan.
    let shorter = |time: Duration| {
        Duration::try_from_secs_f64(time.as_secs_f64() / run.speed).unwrap_or(Duration::MAX)
    };
    let through = if pace.is_game() && run.through == Through::Client {
        play::Through::Client
    } else {
        play::Through::Connections
    };
    Plan {
        pace,
        through,
        time: run.time,
        speed: run.speed,
        log_ins_within: shorter(run.log_ins_within),
        outage: run.wifi_drop.map(|lasts| {
            let begins = run.time / 3;
            Outage {
                begins,
                ends: begins.saturating_add(shorter(lasts)),
            }
        }),
        patience: run.patience,
    }
}

fn told(now: &Progress) -> String {
    format!(
        "{} s of {} s: {} of {} players, {} entries acknowledged, {}/s, 99 % within {} ms, {} failures",
        now.elapsed.as_secs(),
        now.time.as_secs(),
        now.playing,
        now.players,
        number(now.acknowledged as f64),
        number(now.last.acknowledged as f64),
        number(now.last.p99),
        now.last.failures
    )
}

/// Compares a file of ids with what the server has.
pub(crate) fn verify(verify: &Verify) -> Result<ExitCode> {
    let place = Place::find(&verify.server)?;
    if verify.server.study.is_none() {
        return Err("--study names the study that was played in".into());
    }
    let mut line = Line::new(false);
    let found = reading::verify(place.api()?, &place.study, &verify.acknowledged, |read| {
        line.show(&format!("{read} entries read back"));
    })?;
    line.end();
    print(&if verify.json {
        serde_json::to_string_pretty(&found)?
    } else {
        format!(
            "acknowledged {}, stored {}, lost {}, doubled {}, stored and not acknowledged {}",
            found.acknowledged, found.stored, found.lost, found.doubled, found.unacknowledged
        )
    })?;
    Ok(code(found.is_whole()))
}

/// Measures the server beside the endpoint that only parses.
pub(crate) fn floor(floor: &Floor) -> Result<ExitCode> {
    bounded(floor.rounds, floor.time)?;
    let place = Place::find(&floor.server)?;
    let mut line = Line::new(false);
    let found = ratio(
        &place,
        &floor.server,
        floor.connections,
        floor.rounds,
        floor.time,
        &mut line,
    )?;
    line.end();
    print(&if floor.json {
        serde_json::to_string_pretty(&found)?
    } else {
        format!(
            "single posts / parsing alone, {} connections: {:.2} ({:.2} to {:.2}); {} against {} a second",
            found.connections,
            found.ratio.median,
            found.ratio.least,
            found.ratio.greatest,
            number(found.server.median),
            number(found.floor.median)
        )
    })?;
    place.end()?;
    Ok(ExitCode::SUCCESS)
}

fn ratio(
    place: &Place,
    given: &Where,
    connections: usize,
    rounds: usize,
    time: Duration,
    line: &mut Line,
) -> Result<FloorRatio> {
    let accounts = place.accounts(given.participants.as_deref(), connections)?;
    let anybody = Api::new(&place.target.base, "");
    let posts: Result<Vec<_>> = accounts
        .iter()
        .enumerate()
        .map(|(n, account)| {
            let token = anybody.token_of(&account.username, &account.password)?;
            let path = &place.target.path;
            Ok(Requests::single_below(path, &token, &format!("floor-{n}")))
        })
        .collect();
    let bare = BareEndpoint::start(&std::env::current_exe()?, processors())?;
    closed::against(
        bare.address,
        place.target.address,
        &mut posts?,
        rounds,
        time,
        |_, ratio| line.show(&format!("beside an endpoint that only parses: {ratio:.2}")),
    )
}

/// Plays the old protocol against two servers.
pub(crate) fn compare(given: &Compare) -> Result<ExitCode> {
    bounded(given.rounds, given.time)?;
    let mine = given.yes_this_is_my_server;
    let second = given.second_players.as_ref().unwrap_or(&given.players);
    let sides = [
        Side {
            target: Target::new(&given.first, mine)?,
            players: compare::players(&given.players)?,
        },
        Side {
            target: Target::new(&given.second, mine)?,
            players: compare::players(second)?,
        },
    ];
    let mut line = Line::new(false);
    let found = compare::compare(
        &sides,
        given.connections,
        given.rounds,
        given.time,
        |server, rate| line.show(&format!("{server}: {} actions a second", number(rate))),
    )?;
    line.end();
    print(&if given.json {
        serde_json::to_string_pretty(&found)?
    } else {
        found.text()
    })?;
    Ok(ExitCode::SUCCESS)
}

fn bounded(rounds: usize, time: Duration) -> Result<()> {
    if rounds > MOST_ROUNDS || time > LONGEST_ROUND {
        return Err(format!("at most {MOST_ROUNDS} rounds of a minute").into());
    }
    Ok(())
}

fn code(well: bool) -> ExitCode {
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn print(text: &str) -> Result<()> {
    writeln!(std::io::stdout(), "{}", text.trim_end()).map_err(Failure::from)
}
