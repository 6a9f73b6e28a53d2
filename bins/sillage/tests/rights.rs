//! The player's rights, over HTTP and from the command line: disputes, restrictions, objections, and requests by letter.

use crate::support::class::Class;
use crate::support::posting::wait_until;
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};

fn entry(n: u32) -> String {
    json!({"timestamp": "2024-05-18T10:17:33Z", "action": "jump", "sequence": n, "session": "s-1"})
        .to_string()
}

fn send(class: &Class, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    let request = Request::new(method, path).bearer(token);
    request.json(body.to_string()).send(class.server)
}

fn exported(class: &Class) -> Vec<Value> {
    let path = format!("/v1/studies/{}/export?format=ndjson", class.study);
    let answer = class.admin("GET", &path).send(class.server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let lines = answer.text().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn what_players_dispute_restrict_and_object_to_is_so_in_every_file(engine: Engine) {
    let server = Server::start(Home::new(engine));
    let class = Class::new(server.address(), "castle", 2);
    let [ada, bob] = [0, 1].map(|n| class.token(n));
    let number = class.post(&ada, entry(1)).json()["number"].clone();
    class.post(&ada, entry(2));
    class.post(&bob, entry(3));
    let path = format!("/v1/me/logs/{number}/dispute");
    let said = json!({"text": "My brother played.\nNot me."});
    assert_eq!(send(&class, "PUT", &path, &bob, &said).status, 404);
    assert_eq!(send(&class, "PUT", &path, &ada, &said).status, 200);
    let disputed = |lines: &[Value]| {
        let marked = lines.iter().filter(|line| line["disputed"] == true);
        marked
            .map(|line| line["number"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(disputed(&exported(&class)), [number]);
    let processing = "/v1/me/processing";
    let restrict = |is: bool| {
        send(
            &class,
            "PATCH",
            processing,
            &ada,
            &json!({"restricted": is}),
        )
    };
    assert_eq!(restrict(true).status, 200);
    assert_eq!(exported(&class).len(), 1);
    assert_eq!(restrict(false).status, 200);
    assert_eq!(exported(&class).len(), 3);
    let object = send(
        &class,
        "PATCH",
        processing,
        &bob,
        &json!({"objected": true}),
    );
    assert_eq!(object.status, 200, "{}", object.text());
    let refused = Request::new("POST", "/v1/logs").bearer(&bob).json(entry(4));
    let refused = refused.send(class.server);
    assert_eq!((refused.status, refused.errors()[0].0), (403, 4032));
    class.post(&ada, entry(5));
    assert_eq!(exported(&class).len(), 3);
    assert_eq!(class.stored(), 4, "what bob had sent is kept");
    // From the command line too.
    let home = server.leave();
    let csv = home.done(&["export", "castle", "--format", "csv"]);
    let header = csv.lines().next().unwrap();
    assert!(header.ends_with(",disputed"), "{csv}");
    let marks: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|row| row.rsplit(',').next().unwrap())
        .collect();
    assert_eq!(marks, ["true", "false", "false"]);
    let report: Value =
        serde_json::from_str(&home.done(&["quality", "--study", "castle", "--json"])).unwrap();
    assert_eq!(
        (&report["entries"], &report["disputed"]),
        (&json!(3), &json!(1))
    );
    // Whoever is taken out leaves the mark, and no words.
    let name = class.players[0].0.clone();
    home.done(&[
        "participants",
        "delete",
        &name,
        "--mode",
        "anonymise",
        "--yes",
    ]);
    let server = Server::start(home);
    let class = Class {
        server: server.address(),
        ..class
    };
    let left = class
        .admin("GET", "/v1/studies/castle/disputes")
        .send(class.server)
        .json();
    assert_eq!(
        (left[0]["text"].clone(), left.as_array().unwrap().len()),
        (Value::Null, 1)
    );
}

fn a_request_that_is_overdue_is_told_in_the_log(engine: Engine) {
    let server = Server::start(Home::new(engine));
    let class = Class::new(server.address(), "castle", 1);
    let request = json!({"kind": "access", "reference": "2024-17", "received_on": "2024-01-31"});
    let request = class
        .admin("POST", "/v1/studies/castle/requests")
        .json(request.to_string());
    let request = request.send(class.server);
    assert_eq!(request.status, 201, "{}", request.text());
    assert_eq!(request.json()["due_on"], "2024-02-29");
    let mut server = server;
    server.restart();
    wait_until("the log tells it", || {
        server.said().contains("rights_requests_overdue")
    });
    let class = Class {
        server: server.address(),
        ..class
    };
    let study = class
        .admin("GET", "/v1/studies/castle")
        .send(class.server)
        .json();
    assert_eq!(study["requests"], json!({"open": 1, "overdue": 1}));
    let answer = json!({"answered_on": "2024-02-20", "outcome": "granted"});
    let path = format!("/v1/studies/castle/requests/{}", request.json()["id"]);
    let answered = class.admin("PATCH", &path).json(answer.to_string());
    assert_eq!(answered.send(class.server).status, 200);
    let study = class
        .admin("GET", "/v1/studies/castle")
        .send(class.server)
        .json();
    assert_eq!(study["requests"], json!({"open": 0, "overdue": 0}));
}

engines! {
    what_players_dispute_restrict_and_object_to_is_so_in_every_file
    a_request_that_is_overdue_is_told_in_the_log
}
