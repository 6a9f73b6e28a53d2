//! Consents between two batches and between two servers, and the gate of a study over HTTP and from the command line.

use crate::support::class::Class;
use crate::support::nodes::Nodes;
use crate::support::posting::wait_until;
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long another server may go on taking what it took.
const BOUND: Duration = Duration::from_secs(5);

/// Has the study ask for consent to the collection and to research, with a notice.
fn ask(class: &Class) {
    let path = format!("/v1/studies/{}", class.study);
    let notice = json!({"text": "# What we keep", "language": "en"});
    let notice = class
        .admin("PUT", &format!("{path}/notice"))
        .json(notice.to_string());
    assert_eq!(notice.send(class.server).status, 201);
    let asked = json!({"consent_purposes": ["collection", "research"]});
    let asked = class.admin("PATCH", &path).json(asked.to_string());
    let asked = asked.send(class.server);
    assert_eq!(asked.status, 200, "{}", asked.text());
}

fn decide(server: &Server, token: &str, decision: &str) {
    let decided = json!({"decision": decision, "notice": 1});
    let decided = Request::new("POST", "/v1/me/consents")
        .bearer(token)
        .json(decided.to_string())
        .send(server.address());
    assert_eq!(decided.status, 201, "{}", decided.text());
}

fn batch(from: usize) -> String {
    let entry = |n: usize| {
        json!({"id": uuid::Uuid::from_u128(0x0190_c1d2_7e1c_7000_8000_0000_0000_0000 + n as u128).to_string(),
            "timestamp": "2024-05-18T10:17:33Z", "action": "jump", "payload": {"height": n}})
    };
    Value::from_iter((from..from + 2).map(entry)).to_string()
}

fn send(server: &Server, token: &str, from: usize) -> Answer {
    Request::new("POST", "/v1/logs")
        .bearer(token)
        .json(batch(from))
        .send(server.address())
}

fn code(answer: &Answer) -> (u16, u64) {
    let code = answer.errors().first().map_or(0, |error| error.0);
    (answer.status, code)
}

fn exported(class: &Class) -> usize {
    let path = format!("/v1/studies/{}/export?format=ndjson", class.study);
    let answer = class.admin("GET", &path).send(class.server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().lines().count()
}

fn a_consent_that_is_withdrawn_between_two_batches_stops_the_second(engine: Engine) {
    let server = Server::start(Home::new(engine));
    let class = Class::new(server.address(), "castle", 2);
    ask(&class);
    let [ada, bob] = [0, 1].map(|n| class.token(n));
    assert_eq!(code(&send(&server, &ada, 0)), (403, 4032));
    for token in [&ada, &bob] {
        decide(&server, token, "given");
        assert_eq!(send(&server, token, 0).status, 200);
    }
    assert_eq!((class.stored(), exported(&class)), (4, 4));
    decide(&server, &ada, "withdrawn");
    assert_eq!(code(&send(&server, &ada, 2)), (403, 4032));
    assert_eq!(send(&server, &bob, 2).status, 200);
    assert_eq!(exported(&class), 4);
    // Whoever runs the study still has what was collected, to delete it.
    assert_eq!(class.stored(), 6);
    // From the command line too.
    let home = server.leave();
    let finished = home.run(&["export", "castle", "--format", "ndjson"]);
    assert_eq!(finished.stdout.lines().count(), 4, "{finished:?}");
}

fn a_study_that_collects_identifiers_is_not_opened_before_it_has_said_what_it_must(engine: Engine) {
    let server = Server::start(Home::new(engine));
    let class = Class::new(server.address(), "castle", 1);
    class.set_status("closed");
    let path = "/v1/studies/castle";
    let codebook = json!({"format": 1, "actions": {"open": {"fields": {"who": {"type": "string", "privacy": "identifier"}}}}});
    let codebook = class
        .admin("PUT", &format!("{path}/codebook"))
        .json(codebook.to_string());
    assert_eq!(codebook.send(class.server).status, 201);
    let open = class.admin("PATCH", path).json(r#"{"status":"open"}"#);
    let refused = open.send(class.server);
    assert_eq!((refused.status, refused.errors().len()), (409, 8));
    let home = server.leave();
    let finished = home.run(&["study", "open", "castle"]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    for missing in ["controllers:", "retention:", "notice:"] {
        assert!(finished.stderr.contains(missing), "{finished:?}");
    }
    let server = Server::start(home);
    let class = Class {
        server: server.address(),
        ..class
    };
    let said = json!({
        "legal_regimes": ["LIPAD"], "controllers": [{"name": "Université de Genève", "country": "CH"}],
        "contact": {"name": "The team", "email": "team@example.org"}, "purpose": "how people learn",
        "recipients": [], "retention": {"months": 60}, "ethics_reference": "2024-17",
    });
    let said = class.admin("PATCH", path).json(said.to_string());
    assert_eq!(said.send(class.server).status, 200);
    let notice = class
        .admin("PUT", &format!("{path}/notice?language=fr"))
        .json(r##"{"text":"# Ce que nous gardons"}"##);
    assert_eq!(notice.send(class.server).status, 201);
    let home = server.leave();
    let finished = home.run(&["study", "open", "castle"]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
}

engines! {
    a_consent_that_is_withdrawn_between_two_batches_stops_the_second
    a_study_that_collects_identifiers_is_not_opened_before_it_has_said_what_it_must
}

#[test]
fn a_withdrawal_holds_at_once_where_it_was_sent_and_within_five_seconds_on_another_server() {
    let Some(nodes) = Nodes::start(&[]) else {
        return;
    };
    let class = Class::new(nodes.first.address(), "castle", 1);
    ask(&class);
    let token = class.token(0);
    decide(&nodes.first, &token, "given");
    // Both know that it was given.
    wait_until("the other server knows the consent", || {
        send(&nodes.second, &token, 0).status == 200
    });
    assert_eq!(send(&nodes.first, &token, 2).status, 200);
    decide(&nodes.first, &token, "withdrawn");
    let at = Instant::now();
    assert_eq!(code(&send(&nodes.first, &token, 4)), (403, 4032));
    sleep((at + BOUND).saturating_duration_since(Instant::now()));
    assert_eq!(code(&send(&nodes.second, &token, 6)), (403, 4032));
    // And the other way round: what is given on one is taken on the other in that time.
    decide(&nodes.second, &token, "given");
    let at = Instant::now();
    assert_eq!(send(&nodes.second, &token, 8).status, 200);
    sleep((at + BOUND).saturating_duration_since(Instant::now()));
    assert_eq!(send(&nodes.first, &token, 10).status, 200);
}
