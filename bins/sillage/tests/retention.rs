//! What studies keep no longer than they say: by command, and by the server every day.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::posting::wait_until;
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};

/// A server with a study whose players have sent three entries each, and which keeps what it has for that long.
fn played(engine: Engine, retention: Value) -> (Server, Class) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 2);
    for n in 0..2 {
        let sent: Vec<_> = (0..3)
            .map(|_| {
                json!({"id": uuid::Uuid::now_v7(), "timestamp": "2024-05-18T10:17:33Z", "action": "open"})
            })
            .collect();
        let answer = class.post(&class.token(n), json!(sent).to_string());
        assert_eq!(answer.json()["accepted"], 3, "{}", answer.text());
    }
    let change = json!({"retention": retention}).to_string();
    server.expect(
        200,
        &class.admin("PATCH", "/v1/studies/castle").json(change),
    );
    (server, class)
}

fn due(server: &Server, words: &[&str]) -> Value {
    let mut all = vec!["--json", "retention"];
    all.extend(words);
    serde_json::from_str(&server.home().done(&all)).unwrap()
}

fn counts(due: &Value) -> [u64; 2] {
    ["accounts", "entries"].map(|member| due[0][member].as_u64().unwrap())
}

/// Has the study closed that many days ago.
fn close(server: &Server, class: &Class, days: i64) {
    class.set_status("closed");
    let earlier = days * 86_400_000_000;
    server.home().sql(&format!(
        "UPDATE studies SET closed_us = closed_us - {earlier}"
    ));
}

fn what_the_server_does_by_itself_stands_in_the_log(engine: Engine) {
    let retention = json!({"months": 2, "from": "closing", "then": "anonymise"});
    let (mut server, class) = played(engine, retention);
    close(&server, &class, 70);
    let rounds = "DELETE FROM server_settings WHERE name = 'round_retention'";
    server.home().sql(rounds);
    server.restart();
    wait_until("it is gone", || server.said().contains("this is gone"));
    server.terminate();
    let home = server.leave();
    let said =
        |what: &str| home.number(&format!("SELECT COUNT(*) FROM audit_records WHERE {what}"));
    assert_eq!(
        said("role = 'server' AND action = 'create-user' AND subject IS NOT NULL"),
        1
    );
    assert_eq!(
        said("role = 'server' AND action = 'retention' AND study = 'castle' AND outcome = 'done'"),
        1
    );
    home.done(&["audit", "verify"]);
}

fn the_command_shows_what_is_due_and_takes_it_out_once_it_is_told_to(engine: Engine) {
    let retention = json!({"months": 2, "from": "closing", "then": "erase"});
    let (server, class) = played(engine, retention);
    assert_eq!(counts(&due(&server, &["--dry-run"])), [0, 0]);
    close(&server, &class, 70);
    assert_eq!(
        counts(&due(&server, &["--dry-run", "--study", "castle"])),
        [2, 6]
    );
    assert_eq!(
        server.home().run(&["retention"]).code,
        Some(2),
        "nobody said yes"
    );
    assert_eq!(class.stored(), 6);
    assert_eq!(counts(&due(&server, &["--yes"])), [2, 6]);
    assert_eq!(class.stored(), 0);
    let accounts = server.expect(200, &class.admin("GET", "/v1/studies/castle/participants"));
    assert_eq!(accounts.json(), json!([]));
    assert_eq!(due(&server, &["--yes"]), json!([]));
    assert_eq!(counts(&due(&server, &["--dry-run"])), [0, 0]);
}

fn the_server_announces_what_is_due_soon_and_takes_out_what_is_due(engine: Engine) {
    let retention = json!({"months": 2, "from": "closing", "then": "anonymise"});
    let (mut server, class) = played(engine, retention);
    close(&server, &class, 57);
    // As a day later: the round of the first start is over.
    let rounds = "DELETE FROM server_settings WHERE name = 'round_retention'";
    server.home().sql(rounds);
    server.restart();
    wait_until("it is announced", || {
        server.said().contains("due within the next days")
    });
    let said = server.said();
    assert!(
        said.contains("castle") && said.contains("accounts=2"),
        "{said}"
    );
    assert!(!said.contains(&class.players[0].0), "{said}");
    let class = Class {
        server: server.address(),
        ..class
    };
    let listed = |server: &Server, class: &Class| {
        let accounts = class.admin("GET", "/v1/studies/castle/participants");
        server
            .expect(200, &accounts)
            .json()
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(listed(&server, &class), 2);
    server
        .home()
        .sql("UPDATE studies SET closed_us = closed_us - 864000000000");
    server.home().sql(rounds);
    server.restart();
    wait_until("they are gone", || server.said().contains("this is gone"));
    let class = Class {
        server: server.address(),
        ..class
    };
    assert_eq!(listed(&server, &class), 0);
    assert_eq!(class.stored(), 6, "what they did stays");
    let said = server.said();
    assert!(said.contains("this is due and goes now"), "{said}");
    assert!(!said.contains(&class.players[0].0), "{said}");
}

engines! {
    the_command_shows_what_is_due_and_takes_it_out_once_it_is_told_to
    the_server_announces_what_is_due_soon_and_takes_out_what_is_due
    what_the_server_does_by_itself_stands_in_the_log
}
