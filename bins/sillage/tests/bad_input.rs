//! What a server meets from games in the making, bugs and strangers: each is answered, and nothing is lost or let in.

use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::posting::wait_until;
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::ops::Deref;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(20);
const TIME: &str = r#""timestamp":"2024-05-18T10:17:33.109Z""#;

/// A study on a server of its own.
struct Room {
    class: Class,
    _server: Server,
}

impl Deref for Room {
    type Target = Class;

    fn deref(&self) -> &Class {
        &self.class
    }
}

fn class(engine: Engine, study: &str) -> Room {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    Room {
        class: Class::new(server.address(), study, 2),
        _server: server,
    }
}

fn strictly(class: &Class, token: &str, body: impl Into<Vec<u8>>) -> Answer {
    Request::new("POST", "/v1/logs")
        .bearer(token)
        .header("Prefer", "handling=strict")
        .json(body)
        .send(class.server)
}

/// The one error of a body of one object: its status, code and place, quarantined and strictly.
fn both_ways(engine: Engine, study: &str, body: &str) -> [(u16, Vec<(u64, String)>); 2] {
    let class = class(engine, study);
    let player = class.token(0);
    let strict = strictly(&class, &player, body);
    assert_eq!(
        class.quarantine().len(),
        0,
        "a strict request keeps nothing"
    );
    let kept = class.post(&player, body);
    assert_eq!(kept.json()["status"], "quarantined", "{}", kept.text());
    assert_eq!(class.quarantine().len(), 1);
    assert_eq!(
        class.quarantine()[0]["text"],
        Value::String(body.to_owned())
    );
    assert_eq!(class.stored(), 0);
    [
        (kept.status, kept.errors()),
        (strict.status, strict.errors()),
    ]
}

fn error(code: u64, place: &str) -> Vec<(u64, String)> {
    vec![(code, place.to_owned())]
}

engines! {
    malformed_json_is_refused_with_the_place_of_the_error
    every_fault_of_a_batch_is_reported_and_the_sound_entries_are_stored
    a_time_without_offset_is_malformed
    half_a_surrogate_pair_is_no_character
    the_character_nul_is_kept_out_of_the_archive
    depth_32_is_taken_and_33_is_not
    a_payload_of_64_kib_is_taken_and_a_larger_one_is_not
    wrong_types_are_named_each_with_its_place
    one_bad_entry_among_hundreds_fails_alone
    an_empty_array_is_a_batch_of_nothing
    a_thousand_entries_are_taken_and_one_more_is_not
    a_body_over_one_mib_is_refused_and_a_bomb_is_stopped_there
    a_member_that_stands_twice_is_refused
    an_unknown_study_is_not_found
    a_draft_takes_nothing_and_a_closed_study_takes_what_happened_before
    a_forged_token_opens_nothing
    a_token_that_ran_out_is_told_apart
    a_token_of_another_study_sees_nothing_of_this_one
    what_the_contract_does_not_know_is_answered_in_the_one_format
    pages_that_are_none_are_refused_each_in_its_way
    values_that_a_spreadsheet_would_run_are_kept_for_analysis_and_guarded_for_spreadsheets
}

fn malformed_json_is_refused_with_the_place_of_the_error(engine: Engine) {
    let class = class(engine, "malformed");
    let answer = class.post(&class.token(0), "{\n \"action\": \"a\",,\n}");
    assert_eq!((answer.status, answer.errors()), (400, error(4004, "")));
    let message = answer.json()["errors"][0]["message"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        message.contains("line 2") && message.contains("column 16"),
        "{message}"
    );
    assert_eq!(class.quarantine().len(), 0);
}

fn every_fault_of_a_batch_is_reported_and_the_sound_entries_are_stored(engine: Engine) {
    let class = class(engine, "faults");
    let player = class.token(0);
    let body =
        format!(r#"[{{{TIME},"action":"a"}},{{"timestamp":"then","sequence":"x"}},{{{TIME}}},7]"#);
    let places = [
        "/1/timestamp",
        "/1/action",
        "/1/sequence",
        "/2/action",
        "/3",
    ];
    let strict = strictly(&class, &player, body.as_bytes());
    assert_eq!(strict.status, 422);
    let mut found: Vec<_> = strict
        .errors()
        .into_iter()
        .map(|(_, place)| place)
        .collect();
    found.sort();
    let mut expected = places.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!((class.stored(), class.quarantine().len()), (0, 0));
    let answer = class.post(&player, body.as_bytes());
    assert_eq!(answer.status, 200);
    let report = answer.json();
    assert_eq!(
        (
            &report["accepted"],
            &report["quarantined"],
            &report["duplicates"]
        ),
        (&json!(1), &json!(3), &json!(0))
    );
    let mut found: Vec<_> = report["results"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|result| result["errors"].as_array().cloned().unwrap_or_default())
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect();
    found.sort();
    assert_eq!(found, expected);
    assert_eq!((class.stored(), class.quarantine().len()), (1, 3));
}

fn a_time_without_offset_is_malformed(engine: Engine) {
    let found = both_ways(
        engine,
        "no-offset",
        r#"{"timestamp":"2024-05-18T10:17:33","action":"a"}"#,
    );
    assert_eq!(
        found,
        [
            (202, error(4005, "/timestamp")),
            (422, error(4005, "/timestamp"))
        ]
    );
}

fn half_a_surrogate_pair_is_no_character(engine: Engine) {
    let found = both_ways(
        engine,
        "surrogate",
        &format!(r#"{{{TIME},"action":"a","payload":{{"x":"\ud83c"}}}}"#),
    );
    assert_eq!(
        found,
        [
            (202, error(4222, "/payload/x")),
            (422, error(4222, "/payload/x"))
        ]
    );
}

fn the_character_nul_is_kept_out_of_the_archive(engine: Engine) {
    let found = both_ways(
        engine,
        "nul",
        &format!(r#"{{{TIME},"action":"a","payload":{{"x":["\u0000"]}}}}"#),
    );
    assert_eq!(
        found,
        [
            (202, error(4222, "/payload/x/0")),
            (422, error(4222, "/payload/x/0"))
        ]
    );
}

fn depth_32_is_taken_and_33_is_not(engine: Engine) {
    let body = |depth: usize| {
        format!(
            r#"{{{TIME},"action":"a","payload":{{"x":{}{}}}}}"#,
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
    };
    let [(kept, _), (strict, errors)] = both_ways(engine, "depth", &body(33));
    assert_eq!((kept, strict, errors[0].0), (202, 422, 4222));
    let class = class(engine, "depth-32");
    assert_eq!(class.post(&class.token(0), body(32)).status, 201);
}

fn a_payload_of_64_kib_is_taken_and_a_larger_one_is_not(engine: Engine) {
    let body = |bytes: usize| {
        format!(
            r#"{{{TIME},"action":"a","payload":{{"x":"{}"}}}}"#,
            "y".repeat(bytes - 8)
        )
    };
    let found = both_ways(engine, "payload", &body((64 << 10) + 1));
    assert_eq!(
        found,
        [
            (202, error(4133, "/payload")),
            (413, error(4133, "/payload"))
        ]
    );
    let class = class(engine, "payload-64");
    assert_eq!(class.post(&class.token(0), body(64 << 10)).status, 201);
}

fn wrong_types_are_named_each_with_its_place(engine: Engine) {
    let body = r#"{"id":7,"session":1,"sequence":"x","timestamp":3,"action":[],"payload":"p","sent_at":{}}"#;
    let [(kept, errors), (strict, strict_errors)] = both_ways(engine, "types", body);
    assert_eq!((kept, strict), (202, 422));
    let mut places: Vec<_> = errors.iter().map(|(_, place)| place.as_str()).collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            "/action",
            "/id",
            "/payload",
            "/sent_at",
            "/sequence",
            "/session",
            "/timestamp"
        ]
    );
    assert_eq!(errors, strict_errors);
}

fn one_bad_entry_among_hundreds_fails_alone(engine: Engine) {
    let class = class(engine, "alone");
    let tokens = [class.token(0), class.token(1)];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let post = |n: usize| {
            let (class, token) = (&class, &tokens[n % 2]);
            let id = uuid::Uuid::now_v7();
            let body = match n {
                77 => format!(r#"{{"id":"{id}",{TIME}}}"#),
                _ => format!(r#"{{"id":"{id}",{TIME},"action":"a"}}"#),
            };
            scope.spawn(move || class.post(token, body).status)
        };
        (0..10)
            .flat_map(|round| {
                let threads: Vec<_> = (0..30).map(|n| post(round * 30 + n)).collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect::<Vec<_>>()
            })
            .collect()
    });
    assert_eq!(
        statuses.iter().filter(|&&status| status == 201).count(),
        299
    );
    assert_eq!(statuses[77], 202);
    assert_eq!((class.stored(), class.quarantine().len()), (299, 1));
}

fn an_empty_array_is_a_batch_of_nothing(engine: Engine) {
    let class = class(engine, "empty");
    let answer = class.post(&class.token(0), "[]");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({"accepted":0,"duplicates":0,"quarantined":0,"results":[]})
    );
}

fn a_thousand_entries_are_taken_and_one_more_is_not(engine: Engine) {
    let class = class(engine, "thousand");
    let batch = |n: usize| {
        format!(
            "[{}]",
            vec![format!(r#"{{{TIME},"action":"a"}}"#); n].join(",")
        )
    };
    let answer = class.post(&class.token(0), batch(1001));
    assert_eq!((answer.status, answer.errors()[0].0), (413, 4132));
    assert_eq!(
        class.post(&class.token(0), batch(1000)).json()["accepted"],
        1000
    );
    assert_eq!(class.stored(), 1000);
}

fn a_body_over_one_mib_is_refused_and_a_bomb_is_stopped_there(engine: Engine) {
    let class = class(engine, "large");
    let player = class.token(0);
    let large = class.post(&player, " ".repeat((1 << 20) + 1));
    assert_eq!((large.status, large.errors()[0].0), (413, 4131));
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..200 {
        bomb.write_all(&[b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 1 << 20, "it is small on the wire");
    let request = Request::new("POST", "/v1/logs")
        .bearer(&player)
        .header("Content-Encoding", "gzip")
        .json(bomb);
    let answer = request.send(class.server);
    assert_eq!((answer.status, answer.errors()[0].0), (413, 4131));
    let mut sound = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    sound
        .write_all(format!(r#"{{{TIME},"action":"a"}}"#).as_bytes())
        .unwrap();
    let request = Request::new("POST", "/v1/logs")
        .bearer(&player)
        .header("Content-Encoding", "gzip")
        .json(sound.finish().unwrap());
    assert_eq!(request.send(class.server).status, 201);
    let broken = Request::new("POST", "/v1/logs")
        .bearer(&player)
        .header("Content-Encoding", "gzip")
        .json("not gzip");
    assert_eq!(broken.send(class.server).status, 400);
}

fn a_member_that_stands_twice_is_refused(engine: Engine) {
    let class = class(engine, "twice");
    let player = class.token(0);
    for (body, place) in [
        (
            format!(r#"{{{TIME},"action":"a","action":"b"}}"#),
            "/action",
        ),
        (
            format!(r#"{{{TIME},"action":"a","payload":{{"x":1,"x":2}}}}"#),
            "/payload/x",
        ),
    ] {
        let answer = class.post(&player, body);
        assert_eq!((answer.status, answer.errors()), (400, error(4004, place)));
    }
    assert_eq!((class.stored(), class.quarantine().len()), (0, 0));
}

fn an_unknown_study_is_not_found(engine: Engine) {
    let class = class(engine, "known");
    for path in [
        "/v1/studies/unknown",
        "/v1/studies/unknown/export",
        "/v1/logs?study=unknown",
    ] {
        assert_eq!(
            class.admin("GET", path).send(class.server).status,
            404,
            "{path}"
        );
    }
    Class::new(class.server, "other", 1);
    let player = class.token(0);
    let other = Request::new("GET", "/v1/studies/other/participants")
        .bearer(&player)
        .send(class.server);
    assert_eq!(other.status, 404);
}

fn a_draft_takes_nothing_and_a_closed_study_takes_what_happened_before(engine: Engine) {
    let class = class(engine, "closing");
    let player = class.token(0);
    class.set_status("closed");
    let before = class.post(&player, format!(r#"{{{TIME},"action":"a"}}"#));
    assert_eq!(before.status, 201, "{}", before.text());
    let after = class.post(
        &player,
        r#"{"timestamp":"2999-01-01T00:00:00Z","action":"a"}"#,
    );
    assert_eq!(
        (after.status, &after.json()["status"]),
        (202, &json!("quarantined"))
    );
    class.set_status("draft");
    let draft = class.post(&player, format!(r#"{{{TIME},"action":"a"}}"#));
    assert_eq!((draft.status, draft.errors()[0].0), (403, 4031));
    assert_eq!((class.stored(), class.quarantine().len()), (1, 1));
}

fn a_forged_token_opens_nothing(engine: Engine) {
    let class = class(engine, "forged");
    let sound = class.token(0);
    let parts: Vec<&str> = sound.split('.').collect();
    let base64 = |text: &str| encode_base64url(text.as_bytes());
    let header = base64(r#"{"alg":"none","typ":"JWT"}"#);
    let hs256 = base64(r#"{"alg":"HS256","typ":"JWT"}"#);
    let other_key = "A".repeat(parts[2].len());
    for forged in [
        format!("{header}.{}.", parts[1]),
        format!("{header}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{other_key}", parts[0], parts[1]),
        format!("{hs256}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], base64(r#"{"sub":"admin"}"#), parts[2]),
        "x".to_owned(),
    ] {
        let answer = class.post(&forged, format!(r#"{{{TIME},"action":"a"}}"#));
        assert_eq!(
            (answer.status, answer.errors()),
            (401, error(4013, "")),
            "{forged}"
        );
        assert_eq!(
            answer
                .header("WWW-Authenticate")
                .map(|c| c.starts_with("Bearer")),
            Some(true)
        );
    }
    assert_eq!(
        class
            .post(&sound, format!(r#"{{{TIME},"action":"a"}}"#))
            .status,
        201
    );
}

fn a_token_that_ran_out_is_told_apart(engine: Engine) {
    let server = Server::with_settings(
        engine,
        &[
            ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD),
            ("SILLAGE__AUTH__TOKEN_LIFETIME", "1"),
        ],
    );
    let token = token(server.address(), "admin", ADMIN_PASSWORD);
    std::thread::sleep(std::time::Duration::from_millis(2500));
    let answer = Request::new("GET", "/v1/me")
        .bearer(&token)
        .send(server.address());
    assert_eq!((answer.status, answer.errors()), (401, error(4011, "")));
}

fn a_token_of_another_study_sees_nothing_of_this_one(engine: Engine) {
    let one = class(engine, "mine");
    let two = Class::new(one.server, "theirs", 1);
    let stranger = two.token(0);
    assert_eq!(
        one.post(&one.token(0), format!(r#"{{{TIME},"action":"a"}}"#))
            .status,
        201
    );
    for path in [
        "/v1/studies/mine",
        "/v1/studies/mine/participants",
        "/v1/studies/mine/export",
        "/v1/studies/mine/quarantine",
    ] {
        let answer = Request::new("GET", path).bearer(&stranger).send(one.server);
        assert_eq!(answer.status, 404, "{path}");
    }
    // What it posts lands in its own study, whatever it says.
    let body = format!(r#"{{{TIME},"action":"a","study":"mine"}}"#);
    assert_eq!(two.post(&stranger, body).status, 201);
    assert_eq!((one.stored(), two.stored()), (1, 1));
    let body = format!(
        r#"{{{TIME},"action":"a","participant":"{}"}}"#,
        one.players[0].0
    );
    let answer = two.post(&stranger, body);
    assert_eq!(
        (answer.status, answer.errors()),
        (403, error(4033, "/participant"))
    );
    assert_eq!(two.quarantine().len(), 0);
}

fn what_the_contract_does_not_know_is_answered_in_the_one_format(engine: Engine) {
    let class = class(engine, "unknown");
    let send = |request: Request| {
        let answer = request.send(class.server);
        let codes: Vec<_> = answer.errors().iter().map(|(code, _)| *code).collect();
        (
            answer.status,
            codes,
            answer.header("Allow").map(str::to_owned),
        )
    };
    assert_eq!(
        send(class.admin("GET", "/v1/nothing")),
        (404, vec![404], None)
    );
    assert_eq!(
        send(Request::new("GET", "/nothing")),
        (404, vec![404], None)
    );
    let (status, codes, allow) = send(class.admin("DELETE", "/v1/me/nothing"));
    assert_eq!((status, codes, allow), (404, vec![404], None));
    let (status, codes, allow) = send(class.admin("PUT", "/v1/logs"));
    assert_eq!((status, codes), (405, vec![405]));
    let allow = allow.unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
    assert_eq!(
        send(class.admin("GET", "/v1/logs").header("Accept", "image/png")).0,
        406
    );
    let text = class.admin("POST", "/v1/logs").body("text/plain", "x");
    let (status, ..) = send(text.clone());
    assert_eq!(status, 406);
    assert!(text.send(class.server).text().contains("application/json"));
    let nameless = class.admin("GET", "/v1/logs").without("User-Agent");
    assert_eq!(send(nameless), (400, vec![4006], None));
}

fn pages_that_are_none_are_refused_each_in_its_way(engine: Engine) {
    let class = class(engine, "pages");
    let player = class.token(0);
    for _ in 0..3 {
        assert_eq!(
            class
                .post(&player, format!(r#"{{{TIME},"action":"a"}}"#))
                .status,
            201
        );
    }
    let cases = [
        ("page=0", 404, 4002, "page"),
        ("page=-1", 404, 4002, "page"),
        ("page=abc", 400, 4001, "page"),
        ("page=1.5", 400, 4001, "page"),
        ("page=2", 404, 4002, "page"),
        ("page=99999999999999999999", 404, 4002, "page"),
        ("page_size=100000", 400, 4007, "page_size"),
        ("page_size=0", 400, 4007, "page_size"),
        ("colour=red", 400, 4003, "colour"),
        ("sort=colour", 400, 4003, "sort"),
    ];
    for (query, status, code, parameter) in cases {
        let answer = class
            .admin("GET", &format!("/v1/logs?study=pages&{query}"))
            .send(class.server);
        assert_eq!(
            (answer.status, answer.errors()),
            (status, error(code, parameter)),
            "{query}"
        );
    }
    let empty = class
        .admin("GET", "/v1/logs?study=pages&action=none")
        .send(class.server);
    assert_eq!(
        (empty.status, empty.json(), empty.header("X-Total-Count")),
        (200, json!([]), Some("0"))
    );
}

fn values_that_a_spreadsheet_would_run_are_kept_for_analysis_and_guarded_for_spreadsheets(
    engine: Engine,
) {
    let class = class(engine, "formulas");
    let player = class.token(0);
    for action in ["=1+1", "+1", "-1", "@sum", "plain"] {
        assert_eq!(
            class
                .post(&player, format!(r#"{{{TIME},"action":"{action}"}}"#))
                .status,
            201
        );
    }
    let csv = |query: &str| {
        let answer = class
            .admin(
                "GET",
                &format!("/v1/studies/formulas/export?format=csv{query}"),
            )
            .send(class.server);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text().to_owned()
    };
    let plain = csv("");
    for action in [",=1+1,", ",+1,", ",-1,", ",@sum,", ",plain,"] {
        assert!(plain.contains(action), "{plain}");
    }
    let guarded = csv("&profile=spreadsheet");
    for action in [",=1+1,", ",+1,", ",-1,", ",@sum,"] {
        assert!(!guarded.contains(action), "{guarded}");
    }
    assert!(
        guarded.contains("=1+1") && guarded.contains(",plain,"),
        "{guarded}"
    );
}

/// Whoever likes could otherwise fill the log, and hide in it what its reader has to see.
#[test]
fn what_is_no_http_stands_in_no_log() {
    let mut server = Server::with_admin_password(Engine::Sqlite, ADMIN_PASSWORD);
    for line in [
        "EHLO example.org\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(line.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
    server.terminate();
    wait_until("its last line is read", || {
        server.said().contains("stopped")
    });
    let said = server.said();
    assert!(!said.contains("actix_http"), "{said}");
    assert!(!said.contains("ERROR"), "{said}");
}

fn encode_base64url(bytes: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let bits = chunk
                .iter()
                .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte))
                << (8 * (3 - chunk.len()));
            (0..=chunk.len()).map(move |n| SYMBOLS[(bits >> (18 - 6 * n)) as usize & 63] as char)
        })
        .collect()
}
