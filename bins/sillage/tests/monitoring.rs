//! `/metrics` on a listener of its own, what Prometheus and Grafana make of it, and alerts, of the real binary.

use crate::support::class::Class;
use crate::support::nodes::Nodes;
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread::sleep;
use std::time::{Duration, Instant};

engines! {
    every_metric_is_there_and_promtool_finds_no_fault_with_the_page
    a_port_that_is_taken_keeps_no_server_from_running
    a_silent_study_is_told_in_the_log_over_http_and_to_the_webhook
}

const ENTRY: &str = r#"{"timestamp":"2024-05-18T10:17:33Z","action":"open"}"#;
const PATIENCE: Duration = Duration::from_secs(60);

/// With `/metrics` on a free port.
fn start(engine: Engine, settings: &[(&str, &str)]) -> (Server, SocketAddr) {
    let mut home = Home::new(engine);
    home.set("SILLAGE__METRICS__ENABLED", "true");
    home.set("SILLAGE__METRICS__BIND", "127.0.0.1:0");
    home.set("SILLAGE__LOG__FORMAT", "json");
    home.set_all(settings);
    let server = Server::start(home);
    let address = metrics_of(&server);
    (server, address)
}

/// Waits until the log says something, and gives it.
fn said<T>(server: &Server, find: impl Fn(&Value) -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        let text = server.said();
        let mut lines = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        if let Some(found) = lines.find_map(|line: Value| find(&line)) {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "it was not said:\n{text}");
        sleep(Duration::from_millis(50));
    }
}

fn metrics_of(server: &Server) -> SocketAddr {
    said(server, |line| {
        let is_it = line["message"] == "metrics are at /metrics";
        is_it.then(|| line["address"].as_str().unwrap().parse().unwrap())
    })
}

fn scrape(address: SocketAddr) -> String {
    let answer = Request::new("GET", "/metrics").send(address);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text().to_owned()
}

/// A tool of Prometheus; says so if there is none.
fn promtool(words: &[&str], folder: &Path, input: &str) {
    let mut command = Command::new("promtool");
    command
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: there is no promtool");
        return;
    };
    // It may end before it has read all.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "promtool {words:?}: {told}\n{input}"
    );
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/monitoring")
}

/// The names of metrics of Sillage and of the process in a text.
fn names(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text.split(|c| !is_part(c))
        .filter(|word| word.starts_with("sillage_") || word.starts_with("process_"))
        .filter(|word| word.matches('_').count() > 1 || *word == "sillage_alerts")
        .map(str::to_owned)
        .collect()
}

/// The names of all series of a page.
fn series(page: &str) -> BTreeSet<String> {
    let samples = page.lines().filter(|line| !line.starts_with('#'));
    let name = |line: &str| line.split(['{', ' ']).next().unwrap().to_owned();
    samples.map(name).collect()
}

fn every_metric_is_there_and_promtool_finds_no_fault_with_the_page(engine: Engine) {
    let (server, address) = start(engine, &[]);
    let class = Class::new(server.address(), "castle", 2);
    let token = class.token(0);
    let answer = class.post(&token, ENTRY);
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(class.post(&token, r#"{"action":"x"}"#).status, 202);
    let page = scrape(address);
    promtool(&["check", "metrics"], &examples(), &page);
    let found = series(&page);
    for file in ["rules.yml", "dashboard.json"] {
        let text = fs::read_to_string(examples().join(file)).unwrap();
        let wanted = names(&text);
        assert!(wanted.len() > 5, "{file}");
        let missing: Vec<_> = wanted.difference(&found).collect();
        assert!(missing.is_empty(), "{file} names {missing:?}:\n{page}");
    }
    let documented = fs::read_to_string(examples().join("../../docs/operation.md")).unwrap();
    for family in page.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = family.split(' ').next().unwrap();
        assert!(
            documented.contains(&format!("`{name}`")),
            "docs/operation.md lacks {name}"
        );
    }
    assert!(
        page.contains(r#"sillage_entries_total{outcome="accepted",study="castle"} 1"#),
        "{page}"
    );
    assert!(
        page.contains(r#"sillage_study_quarantined_texts{study="castle"} 1"#),
        "{page}"
    );
    // Nobody is in it, nor the path of anybody.
    for (username, _) in &class.players {
        assert!(!page.contains(username.as_str()));
    }
    // Neither is it to be had where the API is, nor the API where it is.
    assert_eq!(
        Request::new("GET", "/metrics")
            .send(server.address())
            .status,
        404
    );
    assert_eq!(Request::new("GET", "/v1/studies").send(address).status, 404);
}

fn a_port_that_is_taken_keeps_no_server_from_running(engine: Engine) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut home = Home::new(engine);
    home.set("SILLAGE__METRICS__ENABLED", "true");
    home.set(
        "SILLAGE__METRICS__BIND",
        &taken.local_addr().unwrap().to_string(),
    );
    home.set("SILLAGE__LOG__FORMAT", "json");
    let server = Server::start(home);
    said(&server, |line| {
        let text = line["message"].as_str()?;
        (line["level"] == "WARN" && text.contains("[metrics] bind")).then_some(())
    });
    assert_eq!(
        Request::new("GET", "/health/ready")
            .send(server.address())
            .status,
        200
    );
}

#[test]
fn rules_are_rules_and_fire_as_their_tests_say() {
    promtool(&["check", "rules", "rules.yml"], &examples(), "");
    promtool(&["test", "rules", "rules.test.yml"], &examples(), "");
    promtool(&["check", "config", "prometheus.yml"], &examples(), "");
}

#[test]
fn the_dashboard_is_whole() {
    let text = fs::read_to_string(examples().join("dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    assert!(dashboard["schemaVersion"].as_i64().unwrap() >= 36);
    assert_eq!(dashboard["id"], Value::Null, "an id is of one Grafana only");
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let variables: BTreeSet<_> = variables
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    let (mut ids, mut places, mut titles) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = panel["title"].as_str().unwrap();
        assert!(ids.insert(panel["id"].as_i64().unwrap()), "{title}");
        assert!(titles.insert(title), "{title}");
        let of = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        assert!(
            of("w") > 0 && of("h") > 0 && of("x") + of("w") <= 24,
            "{title}"
        );
        for x in of("x")..of("x") + of("w") {
            for y in of("y")..of("y") + of("h") {
                assert!(places.insert((x, y)), "{title} lies over another panel");
            }
        }
        if panel["type"] == "row" {
            continue;
        }
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        assert!(
            panel["fieldConfig"]["defaults"]["unit"].is_string(),
            "{title}"
        );
        let targets = panel["targets"].as_array().unwrap();
        assert!(!targets.is_empty(), "{title}");
        for target in targets {
            let query = target["expr"].as_str().unwrap();
            for (open, close) in [('(', ')'), ('{', '}'), ('[', ']')] {
                assert_eq!(
                    query.matches(open).count(),
                    query.matches(close).count(),
                    "{title}"
                );
            }
            let used = query.split('$').skip(1).map(|rest| {
                let end = rest
                    .find(|c: char| !c.is_ascii_lowercase())
                    .unwrap_or(rest.len());
                &rest[..end]
            });
            for name in used {
                assert!(variables.contains(name), "{title}: ${name}");
            }
        }
    }
    assert!(titles.len() > 10);
}

/// Reads what is posted there, and answers 204.
fn webhook() -> (String, Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (send, receive) = mpsc::channel();
    // It ends with the test.
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if line.trim().is_empty() {
                    break;
                }
                let line = line.to_lowercase();
                if let Some(value) = line.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer = b"HTTP/1.1 204 x\r\nConnection: close\r\n\r\n";
            (&stream).write_all(answer).unwrap();
            if send
                .send((head, serde_json::from_slice(&body).unwrap()))
                .is_err()
            {
                return;
            }
        }
    });
    (url, receive)
}

const ALARM: [(&str, &str); 3] = [
    ("SILLAGE__ALERTS__ENABLED", "true"),
    ("SILLAGE__ALERTS__EVERY", "1"),
    ("SILLAGE__ALERTS__DISK_FREE_SHARE", "0"),
];
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Has the study be silent for longer than it says.
fn silence(server: &Server, class: &Class) {
    let path = format!("/v1/studies/{}", class.study);
    let change = class
        .admin("PATCH", &path)
        .json(json!({"silence_alert_minutes": 1}).to_string());
    server.expect(200, &change);
    server
        .home()
        .sql("UPDATE studies SET watched_us = watched_us - 600000000");
}

fn alerts(class: &Class, path: &str) -> Vec<Value> {
    let answer = class.admin("GET", path).send(class.server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().as_array().unwrap().clone()
}

fn a_silent_study_is_told_in_the_log_over_http_and_to_the_webhook(engine: Engine) {
    let (url, received) = webhook();
    let mut settings = ALARM.to_vec();
    settings.push(("SILLAGE__ALERTS__WEBHOOK", &url));
    settings.push(("SILLAGE__ALERTS__WEBHOOK_SECRET", SECRET));
    let (server, metrics) = start(engine, &settings);
    let class = Class::new(server.address(), "castle", 1);
    silence(&server, &class);
    let (head, body) = received.recv_timeout(PATIENCE).unwrap();
    assert!(head.contains("x-sillage-signature: sha256="), "{head}");
    let told = |body: &Value| {
        (
            body["kind"].clone(),
            body["study"].clone(),
            body["state"].clone(),
        )
    };
    assert_eq!(
        told(&body),
        ("study_silent".into(), "castle".into(), "raised".into())
    );
    for path in ["/v1/alerts", "/v1/studies/castle/alerts"] {
        let found = alerts(&class, path);
        assert_eq!(found.len(), 1, "{path}");
        assert_eq!(found[0]["id"], body["id"]);
        assert!(found[0]["value"].as_f64().unwrap() > 60.0);
    }
    said(&server, |line| {
        (line["message"] == "an alert was raised" && line["study"] == "castle").then_some(())
    });
    let page = scrape(metrics);
    assert!(
        page.contains(r#"sillage_alerts{kind="study_silent"} 1"#),
        "{page}"
    );
    assert_eq!(class.post(&class.token(0), ENTRY).status, 201);
    let (_, resolved) = received.recv_timeout(PATIENCE).unwrap();
    assert_eq!(
        told(&resolved),
        ("study_silent".into(), "castle".into(), "resolved".into())
    );
    said(&server, |line| {
        (line["message"] == "an alert was resolved").then_some(())
    });
    assert_eq!(alerts(&class, "/v1/alerts"), Vec::<Value>::new());
    assert_eq!(alerts(&class, "/v1/alerts?state=all").len(), 1);
    assert!(
        received.recv_timeout(Duration::from_millis(1500)).is_err(),
        "told twice"
    );
}

#[test]
fn several_servers_tell_of_one_alert_once() {
    let (url, received) = webhook();
    let mut settings = ALARM.to_vec();
    settings.push(("SILLAGE__ALERTS__WEBHOOK", &url));
    settings.push(("SILLAGE__ALERTS__WEBHOOK_SECRET", SECRET));
    let Some(nodes) = Nodes::start(&settings) else {
        return;
    };
    let class = Class::new(nodes.first.address(), "castle", 1);
    silence(&nodes.first, &class);
    let (_, body) = received.recv_timeout(PATIENCE).unwrap();
    assert_eq!(body["state"], "raised");
    let again = received.recv_timeout(Duration::from_secs(4));
    assert!(again.is_err(), "told twice");
    let there = Class {
        server: nodes.second.address(),
        ..class
    };
    assert_eq!(alerts(&there, "/v1/alerts").len(), 1);
}

#[test]
fn each_line_about_a_request_has_its_id_in_both_forms_of_the_log() {
    for form in ["json", "text"] {
        let server = Server::with_settings(Engine::Sqlite, &[("SILLAGE__LOG__FORMAT", form)]);
        let class = Class::new(server.address(), "castle", 1);
        let letter = json!({"kind": "access", "participant": class.players[0].0});
        let request = class
            .admin("POST", "/v1/studies/castle/requests")
            .header("X-Request-Id", "letter-2024-17")
            .json(letter.to_string());
        server.expect(201, &request);
        let begin = Instant::now();
        let line = loop {
            let text = server.said();
            if let Some(line) = text.lines().find(|line| line.contains("was written down")) {
                break line.to_owned();
            }
            assert!(begin.elapsed() < PATIENCE, "{text}");
            sleep(Duration::from_millis(50));
        };
        match form {
            "json" => {
                let line: Value = serde_json::from_str(&line).unwrap();
                assert_eq!(line["request"], "letter-2024-17");
                assert_eq!(line["level"], "INFO");
            }
            _ => assert!(line.ends_with("request=letter-2024-17"), "{line}"),
        }
        let listening = server.said();
        let listening = listening
            .lines()
            .find(|line| line.contains("listening") && line.contains("INFO"));
        assert!(!listening.unwrap().contains("request"), "it is about none");
    }
}

#[test]
fn a_webhook_that_others_could_read_is_refused() {
    for (url, secret, word) in [
        ("http://alerts.example.org/", SECRET, "https://"),
        ("https://alerts.example.org/", "short", "32 characters"),
    ] {
        let mut home = Home::new(Engine::Sqlite);
        home.set("SILLAGE__ALERTS__WEBHOOK", url);
        home.set("SILLAGE__ALERTS__WEBHOOK_SECRET", secret);
        let checked = home.run(&["config", "check"]);
        assert_eq!(checked.code, Some(1), "{checked:?}");
        assert!(checked.stderr.contains(word), "{checked:?}");
        assert!(!checked.stderr.contains(secret), "{checked:?}");
    }
    let mut home = Home::new(Engine::Sqlite);
    home.set("SILLAGE__ALERTS__WEBHOOK", "https://alerts.example.org/");
    let checked = home.run(&["config", "check"]);
    assert!(checked.stderr.contains("webhook_secret"), "{checked:?}");
}
