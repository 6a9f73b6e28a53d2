//! Who logs in, so that it can be ended.

use crate::support::class::Class;
use crate::support::raw::Request;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use std::net::SocketAddr;

pub(super) const PASSWORD: &str = "everybody's password";

/// The tokens of a log-in.
pub(super) struct LogIn {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl LogIn {
    /// Through that client, which may have a secret.
    pub(super) fn through(
        server: SocketAddr,
        client: (&str, Option<&str>),
        username: &str,
        password: &str,
    ) -> Self {
        let asked = json!({
            "grant_type": "password", "client_id": client.0, "client_secret": client.1, "username": username, "password": password,
        });
        let tokens = tokens(server, &asked);
        let refresh = tokens["refresh_token"].as_str().unwrap().to_owned();
        Self {
            access: access(&tokens),
            refresh,
        }
    }

    pub(super) fn new(server: SocketAddr, username: &str, password: &str) -> Self {
        Self::through(server, ("sillage", None), username, password)
    }

    /// Who the access token belongs to.
    pub(super) fn me(&self) -> Request {
        Request::new("GET", "/v1/me").bearer(&self.access)
    }

    pub(super) fn asks(&self, method: &str, path: &str) -> Request {
        Request::new(method, path).bearer(&self.access)
    }
}

/// What renews a log-in by that refresh token.
pub(super) fn renewal(refresh: &str) -> Request {
    let asked =
        json!({"grant_type": "refresh_token", "client_id": "sillage", "refresh_token": refresh});
    Request::new("POST", "/oauth2/access_token").json(asked.to_string())
}

/// What ends a token, as RFC 7009 has it.
pub(super) fn revocation(token: &str) -> Request {
    let asked = json!({"client_id": "sillage", "token": token});
    Request::new("POST", "/oauth2/revoke").json(asked.to_string())
}

/// HTTP Basic.
pub(super) fn basic(username: &str, password: &str) -> Request {
    let pair = format!("{username}:{password}");
    let pair = BASE64_STANDARD.encode(pair);
    Request::new("GET", "/v1/me").header("Authorization", &format!("Basic {pair}"))
}

/// A confidential client of the study: id, secret and a token that it got for itself.
pub(super) struct GameServer {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) access: String,
}

impl GameServer {
    pub(super) fn register(class: &Class) -> Self {
        let wanted = json!({
            "name": "Game", "study": class.study, "type": "confidential",
            "grants": ["password", "refresh_token", "client_credentials"],
        });
        let made = class.admin("POST", "/v1/clients").json(wanted.to_string());
        let made = made.send(class.server);
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        let (id, secret) = (text("client_id"), text("client_secret"));
        let asked =
            json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
        let access = access(&tokens(class.server, &asked));
        Self { id, secret, access }
    }

    /// What it sees of its study.
    pub(super) fn sees(&self, class: &Class) -> Request {
        Request::new("GET", &format!("/v1/studies/{}", class.study)).bearer(&self.access)
    }

    /// A player's log-in through it.
    pub(super) fn log_in(&self, server: SocketAddr, username: &str, password: &str) -> LogIn {
        LogIn::through(server, (&self.id, Some(&self.secret)), username, password)
    }
}

/// Makes a researcher, and gives the id.
pub(super) fn user(class: &Class, username: &str) -> i64 {
    let wanted = json!({"username": username, "password": PASSWORD, "role": "researcher"});
    let made = class.admin("POST", "/v1/users").json(wanted.to_string());
    let made = made.send(class.server);
    assert_eq!(made.status, 201, "{}", made.text());
    made.json()["id"].as_i64().unwrap()
}

/// Makes a researcher who is that in the study.
pub(super) fn member(class: &Class, username: &str, role: &str) -> LogIn {
    user(class, username);
    let wanted = json!({"username": username, "role": role});
    let path = format!("/v1/studies/{}/members", class.study);
    let added = class.admin("POST", &path).json(wanted.to_string());
    let added = added.send(class.server);
    assert_eq!(added.status, 201, "{}", added.text());
    LogIn::new(class.server, username, PASSWORD)
}

fn tokens(server: SocketAddr, asked: &Value) -> Value {
    let request = Request::new("POST", "/oauth2/access_token").json(asked.to_string());
    let answer = request.send(server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn access(tokens: &Value) -> String {
    tokens["access_token"].as_str().unwrap().to_owned()
}
