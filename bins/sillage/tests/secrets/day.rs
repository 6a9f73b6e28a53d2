//! A day of a server: all that is done with secrets, and all that goes wrong with them.

use super::needles::{Needles, percent};
use crate::support::raw::{Answer, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Where everybody sits, as a proxy says.
pub(crate) const ADDRESS: &str = "203.0.113.77";
/// With what.
pub(crate) const AGENT: &str = "game-of-the-test/9.7";
/// What somebody did.
pub(crate) const PLAYED: &str = "what a pupil answered";
/// The name of some requests, which is to be found.
pub(crate) const REQUEST_ID: &str = "the-name-of-a-request";

const CHOSEN: &str = "chosen & by a player/+%";
const CHANGED: &str = "changed by the player";
const COLLEAGUE: &str = "of a colleague, long";
const WRONG: &str = "wrong & guessed=password";
const MISTYPED: &str = "typed into another field";

pub(crate) struct Day<'a> {
    server: SocketAddr,
    needles: &'a mut Needles,
    admin: String,
    /// Username and password of a player.
    player: (String, String),
    token: String,
    refresh: String,
    /// Id and secret of a client.
    client: (String, String),
}

impl<'a> Day<'a> {
    /// The people and the clients of a study.
    pub(crate) fn begin(server: SocketAddr, password: &str, needles: &'a mut Needles) -> Self {
        for (what, text) in [
            ("a chosen password", CHOSEN),
            ("a changed password", CHANGED),
            ("a colleague's password", COLLEAGUE),
            ("a wrong password", WRONG),
            ("a password in the wrong place", MISTYPED),
        ] {
            needles.secret(what, text);
        }
        for (what, text) in [
            ("an address", ADDRESS),
            ("a user agent", AGENT),
            ("what was played", PLAYED),
            ("a player's name", "zebra-1"),
            ("players' names", "okapi-"),
            ("a colleague's name", "tapir"),
        ] {
            needles.person(what, text);
        }
        let mut day = Self {
            server,
            needles,
            admin: String::new(),
            player: ("zebra-1".to_owned(), CHOSEN.to_owned()),
            token: String::new(),
            refresh: String::new(),
            client: Default::default(),
        };
        let tokens = day.log_in("admin", password, "").ok(200);
        day.admin = text(&tokens.json()["access_token"]);
        day.needles.token("the admin's token", &day.admin);
        day.needles.secret(
            "the admin's refresh token",
            &text(&tokens.json()["refresh_token"]),
        );
        day.make_people();
        day.make_client();
        day
    }

    /// All that has been a secret so far.
    pub(crate) fn needles(&self) -> &Needles {
        self.needles
    }

    fn make_people(&mut self) {
        self.admin(
            "POST",
            "/v1/studies",
            json!({"slug": "castle", "title": "Castle"}),
        )
        .ok(201);
        self.admin("PATCH", "/v1/studies/castle", json!({"status": "open"}))
            .ok(200);
        let path = "/v1/studies/castle/participants";
        self.admin(
            "POST",
            path,
            json!({"username": "zebra-1", "password": CHOSEN}),
        )
        .ok(201);
        let made = self
            .admin("POST", path, json!({"count": 3, "prefix": "okapi"}))
            .ok(201);
        for account in made.json()["participants"].as_array().unwrap() {
            self.needles
                .secret("a generated password", &text(&account["password"]));
        }
        let reset = self
            .admin("PATCH", &format!("{path}/okapi-01"), json!({"reset": true}))
            .ok(200);
        self.needles
            .secret("a reset password", &text(&reset.json()["password"]));
        let tapir = json!({"username": "tapir", "password": COLLEAGUE, "role": "researcher"});
        self.admin("POST", "/v1/users", tapir).ok(201);
        let other = self.admin(
            "POST",
            "/v1/users",
            json!({"username": "tapir-2", "role": "admin"}),
        );
        self.needles.secret(
            "a user's generated password",
            &text(&other.ok(201).json()["password"]),
        );
        let member = json!({"username": "tapir", "role": "analyst"});
        self.admin("POST", "/v1/studies/castle/members", member)
            .ok(201);
    }

    fn make_client(&mut self) {
        let client = json!({"name": "Game", "study": "castle", "type": "confidential",
            "grants": ["password", "refresh_token", "client_credentials"]});
        let made = self.admin("POST", "/v1/clients", client).ok(201).json();
        let id = text(&made["client_id"]);
        self.needles
            .secret("a client's first secret", &text(&made["client_secret"]));
        let renewed = self.admin("POST", &format!("/v1/clients/{id}/secret"), json!({}));
        let secret = text(&renewed.ok(201).json()["client_secret"]);
        self.needles.secret("a client's secret", &secret);
        let basic = basic(&percent(&id), &percent(&secret));
        self.needles
            .secret("a client's header", &basic["Basic ".len()..]);
        self.client = (id, secret);
    }

    /// What good clients do.
    pub(crate) fn passes(&mut self) {
        let (username, password) = self.player.clone();
        let header = basic(&username, &password);
        self.needles
            .secret("a header with a password", &header["Basic ".len()..]);
        let tokens = self.through_client(&[
            ("grant_type", "password"),
            ("username", &username),
            ("password", &password),
        ]);
        let first = self.keep(&tokens.ok(200));
        let again = [
            ("grant_type", "refresh_token"),
            ("refresh_token", first.as_str()),
        ];
        let tokens = self.through_client(&again).ok(200);
        let second = self.keep(&tokens);
        let itself = self
            .through_client(&[("grant_type", "client_credentials")])
            .ok(200);
        self.needles
            .token("a client's token", &text(&itself.json()["access_token"]));
        for token in [self.token.clone(), second] {
            self.oauth("/oauth2/introspect", &[("token", token.as_str())])
                .ok(200);
        }
        let tsadk = request("GET", "/v1/utils/token").header("Authorization", &header);
        let tsadk = text(&self.send(&tsadk).ok(200).json()["token"]);
        self.needles.token("a token of TSADK's", &tsadk);
        let as_name = request("GET", "/v1/me").header("Authorization", &basic(&tsadk, "x"));
        self.send(&as_name).ok(200);
        let entry = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "say", "payload": {"said": PLAYED}});
        self.player("POST", "/v1/logs", entry).ok(201);
        let change = json!({"old_password": password, "password": CHANGED});
        self.player("PATCH", "/v1/me", change).ok(200);
        self.player.1 = CHANGED.to_owned();
        self.player("GET", "/v1/me/grants", json!(null)).ok(200);
    }

    /// What others do, and what goes wrong.
    pub(crate) fn goes_wrong(&mut self) {
        let (token, refresh) = (self.token.clone(), self.refresh.clone());
        for _ in 0..7 {
            self.log_in(&self.player.0, WRONG, "");
        }
        self.log_in(WRONG, MISTYPED, "");
        self.log_in(
            "tapir",
            COLLEAGUE,
            &format!("?password={}", percent(COLLEAGUE)),
        );
        let wrong = json!({"grant_type": "password", "username": "zebra-1", "password": [WRONG], MISTYPED: 1});
        self.send(&request("POST", "/oauth2/access_token").json(wrong.to_string()));
        self.player(
            "PATCH",
            "/v1/me",
            json!({"old_password": WRONG, "password": CHOSEN}),
        );
        self.player(
            "PATCH",
            "/v1/me",
            json!({"old_password": WRONG, "password": MISTYPED, MISTYPED: MISTYPED}),
        );
        self.player("DELETE", "/v1/me?mode=erase", json!({"password": WRONG}));
        let guess = basic("nobody-there", WRONG);
        self.send(&request("GET", "/v1/me").header("Authorization", &guess));
        let client = basic(&self.client.0.clone(), WRONG);
        let form = format!(
            "grant_type=client_credentials&client_secret={}",
            percent(WRONG)
        );
        self.send(&form_request("/oauth2/access_token", &form).header("Authorization", &client));
        let changed = format!(
            "{}x.{}",
            &token[..token.len() - 60],
            &token[token.len() - 43..]
        );
        for header in [
            format!("Bearer {changed}"),
            format!("Bearer {}", WRONG),
            format!("Basic {WRONG}"),
            format!("Digest {MISTYPED}"),
            MISTYPED.to_owned(),
        ] {
            self.send(&request("GET", "/v1/me").header("Authorization", &header));
        }
        for path in [
            format!("/v1/me?access_token={token}"),
            format!("/v1/studies?password={}", percent(MISTYPED)),
            format!("/v1/{token}"),
            format!("/v1/studies/{}", percent(MISTYPED)),
            format!(
                "/oauth2/revoke?token={refresh}&client_secret={}",
                self.client.1
            ),
        ] {
            self.send(&request("GET", &path).header("Cookie", &format!("token={token}")));
            self.send(
                &request("GET", &path)
                    .bearer(&token)
                    .header("X-Request-Id", REQUEST_ID),
            );
        }
        self.bad_bodies();
        self.bad_requests(&token);
        // The one that was used before ends the log-in.
        self.through_client(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]);
        self.oauth("/oauth2/revoke", &[("token", token.as_str())]);
    }

    fn bad_bodies(&mut self) {
        let admin = self.admin.clone();
        let path = "/v1/studies/castle/participants";
        for body in [
            format!(r#"{{"username":"zebra-1","password":"{MISTYPED}"}}"#),
            format!(r#"{{"username":"zebra-2","password":"{MISTYPED}""#),
            format!(r#"{{"username":"zebra-2","password":"{MISTYPED}","password":1}}"#),
            format!(r#"{{"{MISTYPED}":"{MISTYPED}"}}"#),
            format!(r#"["{MISTYPED}"]"#),
            format!(r#"{{"password":"{}"}}"#, MISTYPED.repeat(60_000)),
        ] {
            self.send(&request("POST", path).bearer(&admin).json(body.clone()));
            self.send(
                &request("POST", path)
                    .bearer(&admin)
                    .body("text/plain", body.clone()),
            );
            let zipped = request("POST", path)
                .bearer(&admin)
                .header("Content-Encoding", "gzip");
            self.send(&zipped.json(body.clone()));
            self.send(&form_request("/oauth2/access_token", &body));
        }
        for (prefer, entry) in [
            (
                "handling=lenient",
                json!({"action": PLAYED, "timestamp": PLAYED}),
            ),
            (
                "handling=strict",
                json!({"action": PLAYED, "timestamp": PLAYED, "payload": PLAYED}),
            ),
        ] {
            let sent = request("POST", "/v1/logs")
                .bearer(&self.token)
                .header("Prefer", prefer);
            self.send(&sent.json(entry.to_string()));
        }
    }

    /// What is hardly HTTP.
    fn bad_requests(&self, token: &str) {
        let host = format!("Host: x\r\nUser-Agent: {AGENT}\r\nX-Forwarded-For: {ADDRESS}\r\n");
        for head in [
            format!("GET /v1/me?access_token={token} HTTP/9.9\r\n{host}\r\n"),
            format!("{MISTYPED}\r\n{host}\r\n"),
            format!("GET /v1/me HTTP/1.1\r\n{host}Authorization : Bearer {token}\r\n\r\n"),
            format!("GET /v1/me HTTP/1.1\r\n{host}Authorization: Bearer {token}\u{1}\r\n\r\n"),
            format!("POST /oauth2/revoke HTTP/1.1\r\n{host}Content-Length: x{token}\r\n\r\n"),
            format!(
                "GET /v1/me HTTP/1.1\r\n{host}X-Long: {}\r\n\r\n",
                token.repeat(900)
            ),
        ] {
            let mut stream = TcpStream::connect(self.server).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            // The server may close before it has read all, and need not answer.
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }

    /// The same things while the database can't be used; how many were answered with a status of a server that failed.
    pub(crate) fn without_database(&mut self) -> usize {
        let (username, password) = self.player.clone();
        let header = basic(&username, &password);
        let admin = self.admin.clone();
        let (id, secret) = self.client.clone();
        let form = format!(
            "grant_type=refresh_token&client_id={id}&client_secret={secret}&refresh_token={}",
            self.refresh
        );
        let entry = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "say", "payload": {"said": PLAYED}});
        let answers = [
            self.log_in(&username, &password, ""),
            self.log_in("admin", WRONG, &format!("?password={}", percent(WRONG))),
            self.send(&request("GET", "/v1/me").header("Authorization", &header)),
            self.send(
                &request("GET", "/v1/me")
                    .bearer(&admin)
                    .header("X-Request-Id", REQUEST_ID),
            ),
            self.send(&form_request("/oauth2/access_token", &form)),
            self.oauth("/oauth2/introspect", &[("token", admin.as_str())]),
            self.admin(
                "POST",
                "/v1/studies/castle/participants",
                json!({"username": "zebra-3", "password": MISTYPED}),
            ),
            self.admin(
                "POST",
                "/v1/users",
                json!({"username": "tapir-3", "password": MISTYPED, "role": "admin"}),
            ),
            self.admin(
                "PATCH",
                "/v1/me",
                json!({"old_password": WRONG, "password": MISTYPED}),
            ),
            self.admin(
                "GET",
                "/v1/studies/castle/export?participant=zebra-1",
                json!(null),
            ),
            self.player("POST", "/v1/logs", entry),
        ];
        answers.iter().filter(|answer| answer.status >= 500).count()
    }

    fn log_in(&self, username: &str, password: &str, query: &str) -> Answer {
        let form = format!(
            "grant_type=password&client_id=sillage&username={}&password={}",
            percent(username),
            percent(password).replace("%20", "+")
        );
        self.send(&form_request(
            &format!("/oauth2/access_token{query}"),
            &form,
        ))
    }

    /// As the client that was registered, whose header says who it is.
    fn oauth(&self, path: &str, members: &[(&str, &str)]) -> Answer {
        let pairs: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("{name}={}", percent(value)))
            .collect();
        let (id, secret) = &self.client;
        let header = basic(&percent(id), &percent(secret));
        self.send(&form_request(path, &pairs.join("&")).header("Authorization", &header))
    }

    fn through_client(&self, members: &[(&str, &str)]) -> Answer {
        self.oauth("/oauth2/access_token", members)
    }

    /// Takes the tokens of an answer for those of the player; gives the refresh token.
    fn keep(&mut self, tokens: &Answer) -> String {
        let tokens = tokens.json();
        self.token = text(&tokens["access_token"]);
        self.needles.token("a player's token", &self.token);
        let refresh = text(&tokens["refresh_token"]);
        self.needles.secret("a refresh token", &refresh);
        if self.refresh.is_empty() {
            self.refresh.clone_from(&refresh);
        }
        refresh
    }

    fn admin(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(&with_body(request(method, path).bearer(&self.admin), &body))
    }

    fn player(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(&with_body(request(method, path).bearer(&self.token), &body))
    }

    fn send(&self, request: &Request) -> Answer {
        request.send(self.server)
    }
}

impl Answer {
    #[track_caller]
    fn ok(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

fn request(method: &str, path: &str) -> Request {
    Request::new(method, path)
        .without("User-Agent")
        .header("User-Agent", AGENT)
        .header("X-Forwarded-For", ADDRESS)
}

fn with_body(request: Request, body: &Value) -> Request {
    match body {
        Value::Null => request,
        body => request.json(body.to_string()),
    }
}

fn form_request(path: &str, form: &str) -> Request {
    request("POST", path).body("application/x-www-form-urlencoded", form)
}

fn basic(username: &str, password: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{username}:{password}"))
    )
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
