//! The ways around the pseudonyms that decision 11 names, each tried, on both engines. `docs/privacy/audit.md` lists them.

use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use sillage_pseudonym::{Code, RootKey};
use std::fs;

/// A server with a study in which two players have sent three entries each, and a text that does not fit.
fn played(engine: Engine) -> (Server, Class) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 2);
    for n in 0..2 {
        let token = class.token(n);
        for at in 0..3 {
            let sent = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "open", "payload": {"door": at}});
            assert_eq!(class.post(&token, sent.to_string()).status, 201);
        }
        class.post(&token, json!({"secret": format!("misfit {n}")}).to_string());
    }
    (server, class)
}

/// The pseudonym of that player, computed as only the one can who has the root key and the database.
fn pseudonym(server: &Server, username: &str) -> String {
    let home = server.home();
    let key = fs::read_to_string(home.data().join("root.key")).unwrap();
    let key = RootKey::parse(&key).unwrap();
    let salt = home.bytes("SELECT HEX(salt) FROM studies WHERE slug = 'castle'");
    let of = format!("SELECT HEX(subject) FROM accounts WHERE username = '{username}'");
    let subject = home.bytes(&of);
    let code: Code = key
        .study_key(&salt.try_into().unwrap())
        .pseudonym(&subject.try_into().unwrap());
    code.to_string()
}

fn shows(answer: &Answer, text: &str) -> bool {
    answer.text().contains(text) || format!("{answer:?}").contains(text)
}

/// Way 1: an answer that shows a pseudonym beside a known username.
fn no_answer_has_a_pseudonym_beside_a_username(engine: Engine) {
    let (server, class) = played(engine);
    let (username, _) = &class.players[0];
    let code = pseudonym(&server, username);
    let number = class.harvest()[0].0;
    let study = "/v1/studies/castle";
    let paths = [
        "/v1/logs?study=castle&page_size=1000".to_owned(),
        format!("/v1/logs?study=castle&participant={code}"),
        format!("/v1/logs/{number}"),
        format!("/v1/logs/{number}/history"),
        format!("{study}/participants?page_size=1000"),
        format!("{study}/participants/{username}"),
        format!("{study}/participants/{username}/consents"),
        format!("{study}/consents"),
        format!("{study}/live"),
        format!("{study}/quarantine?page_size=1000"),
        format!("{study}/quality"),
        format!("{study}/export?view=full"),
        format!("{study}/export?view=full&format=ndjson"),
        format!("{study}/export?view=full&table=participants"),
        "/v1/utils/export/logs?study=castle".to_owned(),
        format!("{study}/reidentifications"),
        "/v1/audit?page_size=1000".to_owned(),
    ];
    let mut with_code = 0;
    for path in &paths {
        let answer = class.admin("GET", path).send(class.server);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let (beside, alone) = (shows(&answer, username), shows(&answer, &code));
        assert!(!(beside && alone), "{path}: {}", answer.text());
        with_code += usize::from(alone);
    }
    assert!(with_code >= 4, "the pseudonym is the one that answers show");
    // The player is never shown it at all.
    let player = class.token(0);
    for path in [
        "/v1/me",
        "/v1/me/logs",
        "/v1/me/export",
        "/v1/me/export?format=csv",
        "/v1/me/consents",
        "/v1/me/grants",
    ] {
        let answer = Request::new("GET", path).bearer(&player).send(class.server);
        assert_eq!(answer.status, 200, "{path}");
        assert!(!shows(&answer, &code), "{path}: {}", answer.text());
    }
    let sent = r#"{"timestamp":"2024-05-18T10:17:34Z","action":"shut"}"#;
    assert!(!shows(&class.post(&player, sent), &code));
}

/// Way 2: a password reset followed by a look at what the player sees. It shows no pseudonym, and leaves its records.
fn a_password_reset_and_a_look_as_the_player_leave_their_records(engine: Engine) {
    let (server, class) = played(engine);
    let (username, _) = &class.players[0];
    let code = pseudonym(&server, username);
    let path = format!("/v1/studies/castle/participants/{username}");
    let reset = server.expect(200, &class.admin("PATCH", &path).json(r#"{"reset":true}"#));
    let password = reset.json()["password"].as_str().unwrap().to_owned();
    let player = token(class.server, username, &password);
    for path in ["/v1/me", "/v1/me/logs", "/v1/me/export"] {
        let answer = Request::new("GET", path).bearer(&player).send(class.server);
        assert_eq!(answer.status, 200, "{path}");
        assert!(!shows(&answer, &code), "{path}");
    }
    let reference = server.home().done(&["audit", "reference", username]);
    let reference = reference.trim();
    let actions = |query: &str| -> Vec<String> {
        let list = class.admin(
            "GET",
            &format!("/v1/audit?{query}={reference}&page_size=1000"),
        );
        let list = server.expect(200, &list).json();
        let all = list.as_array().unwrap().iter();
        all.map(|one| one["action"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(actions("subject"), ["reset-password"]);
    let own = actions("actor");
    for action in ["log-in", "read-own", "export-own"] {
        assert!(own.iter().any(|one| one == action), "{action} in {own:?}");
    }
    // The player is told, too, with the next look.
    let told = Request::new("GET", "/v1/me/export")
        .bearer(&player)
        .send(class.server);
    let told = told.json()["accesses"].clone();
    let is_reset = |one: &Value| one["action"] == "reset-password" && one["role"] == "admin";
    assert!(told.as_array().unwrap().iter().any(is_reset), "{told}");
}

/// Way 3: a dry run that counts.
fn a_dry_run_counts_nobody_out(engine: Engine) {
    let (server, class) = played(engine);
    let more = r#"[{"timestamp":"2024-05-18T10:17:35Z","action":"open"},{"timestamp":"2024-05-18T10:17:36Z","action":"open"}]"#;
    assert_eq!(class.post(&class.token(0), more).status, 200);
    let said: Vec<_> = (0..2)
        .map(|n| {
            let (username, _) = &class.players[n];
            let path =
                format!("/v1/studies/castle/participants/{username}?mode=erase&dry_run=true");
            let answer = server.expect(200, &class.admin("DELETE", &path));
            let counts = answer.json()["counts"].clone();
            (
                counts["entries"].clone(),
                counts["quarantined_texts"].clone(),
            )
        })
        .collect();
    assert_eq!(said[0], said[1], "five entries and three are told alike");
    assert_eq!(said[0].0, 10, "the first step");
}

/// Way 4: the flat `userID` inside a payload or a quarantined text.
fn a_flat_user_id_is_taken_out_before_anything_is_stored(engine: Engine) {
    let server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    let codebook = json!({"format": 1, "undeclared": "keep",
        "roles": {"participant": "userID", "participant_by": "number", "action": "actionType"}, "actions": {"open": {}}});
    let put = class.admin("PUT", "/v1/studies/castle/codebook");
    server.expect(201, &put.json(codebook.to_string()));
    let player = class.token(0);
    let fits = json!({"userID": 1, "actionType": "open", "timestamp": "2024-05-18T10:17:33Z", "door": "oak"});
    let answer = class.post(&player, fits.to_string());
    assert_eq!(answer.status, 201, "{}", answer.text());
    let misfit = json!({"userID": 1, "actionType": "jump", "door": "oak"});
    assert_eq!(class.post(&player, misfit.to_string()).status, 202);
    let paths = [
        "/v1/logs?study=castle",
        "/v1/studies/castle/quarantine",
        "/v1/studies/castle/export?view=full&format=ndjson",
    ];
    for path in paths {
        let answer = server.expect(200, &class.admin("GET", path));
        assert!(answer.text().contains("oak"), "{path}: {}", answer.text());
        assert!(
            !answer.text().contains("userID"),
            "{path}: {}",
            answer.text()
        );
    }
    for table in ["log_entries WHERE payload", "quarantine WHERE text"] {
        let sql = format!("SELECT COUNT(*) FROM {table} LIKE '%userID%'");
        assert_eq!(server.home().number(&sql), 0, "{table}");
    }
}

/// Way 5: a token in a proxy's log, which has addresses. None is taken from an address, and a pseudonym is nobody's secret there without the keys.
fn a_token_is_not_taken_from_an_address(engine: Engine) {
    let (server, class) = played(engine);
    let player = class.token(0);
    for name in ["access_token", "token", "bearer", "authorization"] {
        let path = format!("/v1/me?{name}={player}");
        let refused = server.expect(401, &Request::new("GET", &path));
        assert_eq!(refused.header("WWW-Authenticate"), Some("Bearer"));
        assert!(!refused.text().contains(&player));
    }
    // Nor does a link lead there with one, nor the server's own log.
    let list = Request::new("GET", "/v1/me/logs?page_size=1").bearer(&player);
    let list = server.expect(200, &list);
    assert!(!format!("{list:?}").contains(&player));
    assert!(!server.said().contains(&player));
}

engines! {
    no_answer_has_a_pseudonym_beside_a_username
    a_password_reset_and_a_look_as_the_player_leave_their_records
    a_dry_run_counts_nobody_out
    a_flat_user_id_is_taken_out_before_anything_is_stored
    a_token_is_not_taken_from_an_address
}
