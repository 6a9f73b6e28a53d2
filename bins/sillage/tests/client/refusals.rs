//! What the server refuses, or takes later: bad entries, tokens, passwords, a study that is not open.

use super::{LONG, assert_stored_once, class, record, saw, settings, start};
use crate::support::posting::wait_until;
use crate::support::raw::Request;
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use sillage_client::{Client, Connection, DropReason, Event};

fn a_bad_entry_holds_nothing_back_and_is_set_aside(engine: Engine) {
    let (server, class) = class(engine, &[]);
    let reject = class
        .admin("PATCH", "/v1/studies/castle")
        .json(r#"{"validation":"reject"}"#);
    assert_eq!(reject.send(class.server).status, 200);
    let folder = tempfile::tempdir().unwrap();
    let (client, told) = start(&server.base(), &class, folder.path());
    let mut ids = record(&client, 40);
    client.record("", json!({"no": "action"})).unwrap();
    ids.extend(record(&client, 40));
    // 413 alone: no limit of ours keeps a game from it.
    client.record("huge", "x".repeat(1 << 20)).unwrap();
    ids.extend(record(&client, 10));
    assert_eq!(client.flush(LONG), 0);
    let counts = client.counts();
    assert_eq!(
        (counts.accepted, counts.refused, counts.dropped),
        (90, 2, 0),
        "{counts:?}"
    );
    let events = told.lock().unwrap();
    let refused: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Refused {
                status,
                entry,
                answer,
                aside,
            } => Some((*status, entry, answer, aside.clone().unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(
        refused
            .iter()
            .map(|(status, ..)| *status)
            .collect::<Vec<_>>(),
        [422, 413]
    );
    let text = std::fs::read_to_string(&refused[0].3).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["entry"]["payload"]["no"], "action");
    assert_eq!(lines[0]["answer"]["errors"][0]["pointer"], "/0/action");
    assert_stored_once(&class, &ids);
}

fn what_does_not_fit_lies_in_quarantine_and_is_told(engine: Engine) {
    let (server, class) = class(engine, &[]);
    let folder = tempfile::tempdir().unwrap();
    let (client, told) = start(&server.base(), &class, folder.path());
    let ids = record(&client, 3);
    client.record("", ()).unwrap();
    assert_eq!(client.flush(LONG), 0);
    assert_eq!(client.counts().quarantined, 1);
    assert!(
        saw(
            &told,
            |event| matches!(event, Event::Quarantined { errors, .. } if errors.contains("/action"))
        ),
        "{told:?}"
    );
    assert_eq!(class.quarantine().len(), 1);
    assert_stored_once(&class, &ids);
}

fn an_ended_token_is_renewed_and_a_wrong_password_keeps_the_entries(engine: Engine) {
    let (server, class) = class(engine, &[]);
    let folder = tempfile::tempdir().unwrap();
    let (client, _) = start(&server.base(), &class, folder.path());
    let mut ids = record(&client, 5);
    assert_eq!(client.flush(LONG), 0);
    // All access tokens end; refresh tokens stay. Then the log-ins end as well.
    for path in ["/v1/me/tokens", "/v1/me/grants"] {
        let end = Request::new("DELETE", path).bearer(&class.token(0));
        let status = end.send(class.server).status;
        assert!((200..300).contains(&status), "{path}: {status}");
        ids.extend(record(&client, 5));
        assert_eq!(client.flush(LONG), 0, "{path}");
    }
    drop(client);
    let mut wrong = class.clone();
    wrong.players[0].1 = "not the password".into();
    let (client, told) = start(&server.base(), &wrong, folder.path());
    let kept = record(&client, 5);
    wait_until("the log-in is refused", || {
        client.connection() == Connection::LoggedOut
    });
    // Nobody waits for what a wait does not change.
    assert_eq!(client.quit(LONG), 5);
    assert!(
        saw(&told, |event| matches!(event, Event::LoggedOut { .. })),
        "{told:?}"
    );
    let (client, _) = start(&server.base(), &class, folder.path());
    assert_eq!(client.quit(LONG), 0);
    ids.extend(kept);
    assert_stored_once(&class, &ids);
}

fn a_study_that_is_not_open_pauses_and_loses_nothing(engine: Engine) {
    let (server, class) = class(engine, &[]);
    class.set_status("closed");
    class.set_status("archived");
    let folder = tempfile::tempdir().unwrap();
    let (client, told) = start(&server.base(), &class, folder.path());
    record(&client, 5);
    wait_until("it is paused", || client.connection() == Connection::Paused);
    assert!(
        saw(&told, |event| matches!(
            event,
            Event::Paused { code: 4031, .. }
        )),
        "{told:?}"
    );
    assert_eq!(client.counts().waiting, 5);
    client.discard();
    assert_eq!(client.flush(LONG), 0);
    assert!(
        saw(&told, |event| *event
            == Event::Dropped {
                entries: 5,
                why: DropReason::Discarded
            }),
        "{told:?}"
    );
    assert_eq!(class.harvest().len(), 0);
}

fn a_limit_of_rate_is_waited_out_as_the_server_says(engine: Engine) {
    let (server, mut class) = class(engine, &[]);
    let mut home = server.leave();
    home.set("SILLAGE__RATES__ACCOUNT", "1");
    home.set("SILLAGE__RATES__ACCOUNT_BURST", "2");
    let server = Server::start(home);
    class.server = server.address();
    let folder = tempfile::tempdir().unwrap();
    let (settings, told) = settings(&server.base(), &class, 0, folder.path());
    let client = Client::start(settings.batch(1, 1024)).unwrap();
    let ids = record(&client, 8);
    assert_eq!(client.flush(LONG), 0);
    let counts = client.counts();
    // A client that does not wait as it is told asks fifty times a second.
    assert!((1..=15).contains(&counts.retries), "{counts:?}");
    assert_eq!((counts.accepted, counts.dropped), (8, 0), "{counts:?}");
    let limited = |event: &Event| matches!(event, Event::Offline { why, again_in } if why.starts_with("429") && again_in.as_secs() >= 1);
    assert!(saw(&told, limited), "{told:?}");
    assert_stored_once(&class, &ids);
}

fn a_server_that_takes_less_at_once_gets_less(engine: Engine) {
    let (server, class) = class(engine, &[("SILLAGE__LIMITS__ENTRIES", "10")]);
    let folder = tempfile::tempdir().unwrap();
    let (client, _) = start(&server.base(), &class, folder.path());
    let ids = record(&client, 200);
    assert_eq!(client.flush(LONG), 0);
    let counts = client.counts();
    assert_eq!((counts.accepted, counts.refused), (200, 0), "{counts:?}");
    assert!((20..=100).contains(&counts.batches), "{counts:?}");
    assert_stored_once(&class, &ids);
}

engines! {
    a_bad_entry_holds_nothing_back_and_is_set_aside
    what_does_not_fit_lies_in_quarantine_and_is_told
    an_ended_token_is_renewed_and_a_wrong_password_keeps_the_entries
    a_study_that_is_not_open_pauses_and_loses_nothing
    a_limit_of_rate_is_waited_out_as_the_server_says
    a_server_that_takes_less_at_once_gets_less
}
