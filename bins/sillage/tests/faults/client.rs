//! Games with `sillage-client` behind a bad network.

use crate::bad_network::BadNetwork;
use crate::stage::{Ended, Stage};
use crate::support::Server;
use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::tally::{Tally, read_back};
use sillage_client::{Account, Client, Settings};
use std::fmt::Write;
use std::time::Duration;

/// How long the last entries may take once the games are over.
const PATIENCE: Duration = Duration::from_secs(240);

pub(crate) fn play(stage: &Stage) -> Ended {
    let server = Server::with_admin_password(stage.engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "games", 8);
    let network = BadNetwork::start(server.address(), 2);
    let folder = tempfile::tempdir().unwrap();
    let actions = stage.times(2000, 150);
    let games: Vec<_> = class
        .players
        .iter()
        .enumerate()
        .map(|(n, (username, password))| {
            let account = Account::player(username, password);
            let settings = Settings::new(format!("http://{}", network.address), account)
                .folder(folder.path())
                .game("faults/1")
                .batch(10, 64 << 10)
                .send_every(Duration::from_millis(50))
                .retry(Duration::from_millis(20), Duration::from_secs(1));
            std::thread::spawn(move || game(n, settings, actions))
        })
        .collect();
    let mut acknowledged = String::new();
    for game in games {
        acknowledged.push_str(&game.join().unwrap());
    }
    let happened = network.happened.clone();
    // The last copies arrive before everything is read back.
    drop(network);
    let path = folder.path().join("acknowledged");
    std::fs::write(&path, acknowledged).unwrap();
    let tally = read_back(&class, &path);
    Ended::Played(Tally {
        note: format!("8 games; {}", happened.told()),
        ..tally
    })
}

/// Plays, quits, and gives the session and the number of each entry, all of which the server has then.
fn game(n: usize, settings: Settings, actions: usize) -> String {
    let client = Client::start(settings).unwrap();
    let session = client.new_session(Some(&format!("w{n}")));
    let mut told = String::new();
    for k in 0..actions {
        session.record("a", serde_json::json!({"k": k})).unwrap();
        writeln!(told, "w{n} {k}").unwrap();
        std::thread::sleep(Duration::from_millis(2));
    }
    let left = client.quit(PATIENCE);
    assert_eq!(left, 0, "game {n} could not send all");
    told
}
