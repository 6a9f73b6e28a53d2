//! Ten classes behind one address begin at once, with the limits as they are by default.
//!
//! A program of its own, and one engine after the other: the time that it measures is not to be that of other tests.
#![expect(clippy::unwrap_used, reason = "a test that can't go on ends here")]

#[expect(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "the harness of the black-box tests, of which this one needs a part"
)]
mod support;

#[path = "class_of_300/player.rs"]
mod player;

use player::{Played, Player};
use std::time::{Duration, Instant};
use support::class::Class;
use support::posting::Seen;
use support::{Engine, Home, Server};
use tokio::task::JoinSet;

const PLAYERS: usize = 300;
/// Within which all of them send their log-in: thirty of a class at once, a class a second.
const ARRIVAL: Duration = Duration::from_secs(10);
const CLASS: usize = 30;
/// By when, after the first log-in was sent, the last one must have been answered.
const IN: Duration = Duration::from_secs(15);
/// How often each plays then, and how often a second.
const ENTRIES: u32 = 100;
const PACE: Duration = Duration::from_millis(200);
/// Longer than all of it takes on any machine that passes.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn three_hundred_players_behind_one_address_log_in_within_ten_seconds_and_play() {
    for engine in [Engine::Sqlite, Engine::Mariadb] {
        if engine.is_there() {
            all_get_in_and_nothing_is_refused_or_lost(engine);
        }
    }
}

fn all_get_in_and_nothing_is_refused_or_lost(engine: Engine) {
    let mut home = Home::new(engine);
    // What passwords cost by default.
    home.unset("SILLAGE__AUTH__BCRYPT_COST");
    home.unset("SILLAGE__AUTH__GENERATED_BCRYPT_COST");
    // The school's address is told by a proxy: this machine has no address that counts.
    home.set("SILLAGE__SERVER__TRUSTED_PROXIES", "127.0.0.1");
    let server = Server::start(home);
    let class = Class::new(server.address(), "school", PLAYERS);
    let played = play(&server, &class);

    let others: Vec<_> = played.iter().flat_map(|one| &one.refused).collect();
    assert!(
        others.is_empty(),
        "{engine:?}: {others:?}\n{}",
        server.said()
    );
    let first = played.iter().map(|one| one.asked).min().unwrap();
    let last_asked = played.iter().map(|one| one.asked).max().unwrap();
    let last = played.iter().map(|one| one.let_in).max().unwrap();
    eprintln!(
        "{engine:?}: the last was in {:?} after the first log-in, asked {:?} after it",
        last - first,
        last_asked - first
    );
    assert!(last - first < IN, "{engine:?}: {:?}", last - first);
    let acknowledged: Vec<_> = played
        .into_iter()
        .flat_map(|one| one.acknowledged)
        .collect();
    assert_eq!(acknowledged.len(), PLAYERS * ENTRIES as usize);
    let seen = Seen {
        acknowledged,
        ..Seen::default()
    };
    seen.assert_stored_once(&class);
    assert_eq!(class.stored(), (PLAYERS * ENTRIES as usize) as u64);
}

/// All players at work, from one thread, so that the machine is the server's.
fn play(server: &Server, class: &Class) -> Vec<Played> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let start = Instant::now() + Duration::from_millis(100);
    let players = class.players.iter().enumerate().map(|(n, account)| {
        let classes = PLAYERS.div_ceil(CLASS);
        Player {
            server: server.address(),
            account: account.clone(),
            comes: start + ARRIVAL.mul_f64((n / CLASS) as f64 / classes as f64),
        }
    });
    let whole = async {
        let mut all: JoinSet<_> = players.map(|player| player.play(ENTRIES, PACE)).collect();
        let mut played = Vec::new();
        while let Some(one) = all.join_next().await {
            played.push(one.unwrap());
        }
        played
    };
    let whole = async { tokio::time::timeout(PATIENCE, whole).await };
    runtime
        .block_on(whole)
        .unwrap_or_else(|_| panic!("it takes longer than {PATIENCE:?}:\n{}", server.said()))
}
