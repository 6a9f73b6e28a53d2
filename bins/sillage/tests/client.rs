//! `sillage-client` against the real server: each entry is stored once, whatever happens on the way.

mod faults;
mod refusals;

use crate::support::class::Class;
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use sillage_client::{Account, Client, Connection, Event, NotRecorded, Settings};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const LONG: Duration = Duration::from_secs(60);

/// All that the client told.
type Told = Arc<Mutex<Vec<Event>>>;

fn class(engine: Engine, settings: &[(&str, &str)]) -> (Server, Class) {
    let server = Server::with_settings(engine, settings);
    let class = Class::new(server.address(), "castle", 2);
    (server, class)
}

/// Of the n-th player, quick to try again.
fn settings(base: &str, class: &Class, n: usize, folder: &Path) -> (Settings, Told) {
    let (username, password) = &class.players[n];
    let told = Told::default();
    let tell = Arc::clone(&told);
    let settings = Settings::new(base, Account::player(username, password))
        .folder(folder)
        .game("castle/1.4")
        .write_every(Duration::from_millis(5))
        .send_every(Duration::from_millis(50))
        .retry(Duration::from_millis(20), Duration::from_millis(200))
        .on_event(move |event| tell.lock().unwrap().push(event.clone()));
    (settings, told)
}

fn start(base: &str, class: &Class, folder: &Path) -> (Client, Told) {
    let (settings, told) = settings(base, class, 0, folder);
    (Client::start(settings).unwrap(), told)
}

/// Records so many, and gives their ids.
fn record(client: &Client, count: usize) -> BTreeSet<String> {
    let one = |n| {
        client
            .record("jump", json!({ "n": n }))
            .unwrap()
            .to_string()
    };
    (0..count).map(one).collect()
}

/// The study holds these and no others, each once.
fn assert_stored_once(class: &Class, expected: &BTreeSet<String>) {
    let harvest = class.harvest();
    let stored: BTreeSet<_> = harvest.iter().map(|(_, id)| id.clone()).collect();
    assert_eq!(stored.len(), harvest.len(), "something is stored twice");
    assert_eq!(&stored, expected);
}

fn saw(told: &Told, what: impl Fn(&Event) -> bool) -> bool {
    told.lock().unwrap().iter().any(what)
}

fn from_capture_to_stored_entry(engine: Engine) {
    let (server, class) = class(engine, &[]);
    let folder = tempfile::tempdir().unwrap();
    let (client, told) = start(&server.base(), &class, folder.path());
    let first = client.record("enter", ()).unwrap();
    client.record("drop", json!({"room": "forêt"})).unwrap();
    let other = client.new_session(Some("level-2"));
    other.record("enter", ()).unwrap();
    let forwarded = r#"{"id":"0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10",
        "timestamp":"2024-05-18T10:17:33.109Z","action":"old"}"#;
    client.forward(forwarded).unwrap();
    assert!(matches!(client.forward("[1]"), Err(NotRecorded::Json(_))));
    let session = client.session().name().to_owned();
    assert_eq!(client.flush(LONG), 0);
    let counts = client.counts();
    assert_eq!(
        (counts.recorded, counts.written, counts.accepted),
        (4, 4, 4)
    );
    assert_eq!(client.connection(), Connection::Online);
    assert_eq!(client.quit(LONG), 0);

    let list = class.admin("GET", "/v1/logs?study=castle&page_size=100");
    let list = list.send(class.server).json();
    let shown: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (
                entry["session"].as_str().map(str::to_owned),
                entry["sequence"].as_u64(),
                entry["action"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    let action = |session: &str, sequence, action: &str| {
        (Some(session.to_owned()), Some(sequence), action.to_owned())
    };
    assert_eq!(
        shown.iter().cloned().collect::<BTreeSet<_>>(),
        BTreeSet::from([
            action(&session, 0, "enter"),
            action(&session, 1, "drop"),
            action("level-2", 0, "enter"),
            (None, None, "old".into())
        ])
    );
    let entry = list
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["id"] == first.to_string())
        .unwrap();
    assert_eq!(entry["payload"], Value::Null);
    let told = told.lock().unwrap();
    let sent = told.iter().map(|event| match event {
        Event::Sent { accepted, .. } => *accepted,
        _ => 0,
    });
    assert_eq!(sent.sum::<u64>(), 4, "{told:?}");
}

engines! {
    from_capture_to_stored_entry
}
