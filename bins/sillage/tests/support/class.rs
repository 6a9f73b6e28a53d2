//! A study with its players, made over HTTP as an experimenter would.

use super::raw::{Answer, Request};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The first admin's password in every test that needs one.
pub(crate) const ADMIN_PASSWORD: &str = "correct horse battery";

/// A study on a running server.
#[derive(Clone)]
pub(crate) struct Class {
    pub(crate) server: SocketAddr,
    pub(crate) admin: String,
    pub(crate) study: String,
    /// Username and password of each player.
    pub(crate) players: Vec<(String, String)>,
}

impl Class {
    /// An open study of that slug with that many players.
    pub(crate) fn new(server: SocketAddr, study: &str, players: usize) -> Self {
        let admin = token(server, "admin", ADMIN_PASSWORD);
        let class = Self {
            server,
            admin,
            study: study.to_owned(),
            players: Vec::new(),
        };
        let made = class
            .admin("POST", "/v1/studies")
            .json(json!({"slug": study, "title": study}).to_string());
        assert_eq!(made.send(server).status, 201);
        class.set_status("open");
        let order = json!({"count": players, "prefix": format!("{study}-")}).to_string();
        let answer = class
            .admin("POST", &format!("/v1/studies/{study}/participants"))
            .json(order)
            .send(server);
        assert_eq!(answer.status, 201, "{}", answer.text());
        let accounts = answer.json()["participants"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let players = accounts
            .iter()
            .map(|a| (text(&a["username"]), text(&a["password"])))
            .collect();
        Self { players, ..class }
    }

    /// A request with the admin's token.
    pub(crate) fn admin(&self, method: &str, path: &str) -> Request {
        Request::new(method, path).bearer(&self.admin)
    }

    pub(crate) fn set_status(&self, status: &str) {
        let change = self
            .admin("PATCH", &format!("/v1/studies/{}", self.study))
            .json(json!({"status": status}).to_string());
        let answer = change.send(self.server);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// A token of the n-th player.
    pub(crate) fn token(&self, n: usize) -> String {
        let (username, password) = &self.players[n];
        token(self.server, username, password)
    }

    /// Posts as somebody who has that token.
    pub(crate) fn post(&self, token: &str, body: impl Into<Vec<u8>>) -> Answer {
        Request::new("POST", "/v1/logs")
            .bearer(token)
            .json(body)
            .send(self.server)
    }

    /// How many entries the study holds, by the total of their list.
    pub(crate) fn stored(&self) -> u64 {
        let answer = self
            .admin("GET", &format!("/v1/logs?study={}&page_size=1", self.study))
            .send(self.server);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.header("X-Total-Count").unwrap().parse().unwrap()
    }

    /// Everything the study holds, by cursor, as (number, id).
    pub(crate) fn harvest(&self) -> Vec<(i64, String)> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let path = format!("/v1/logs?study={}&page_size=1000&after={after}", self.study);
            let answer = self.admin("GET", &path).send(self.server);
            assert_eq!(answer.status, 200, "{}", answer.text());
            let page = answer.json();
            let page = page.as_array().unwrap();
            all.extend(page.iter().map(|e| {
                (
                    e["number"].as_i64().unwrap(),
                    e["id"].as_str().unwrap().to_owned(),
                )
            }));
            match page.last() {
                Some(last)
                    if answer
                        .header("Link")
                        .is_some_and(|link| link.contains("rel=\"next\"")) =>
                {
                    after = last["number"].as_i64().unwrap();
                }
                _ => return all,
            }
        }
    }

    /// What lies in quarantine.
    pub(crate) fn quarantine(&self) -> Vec<Value> {
        let answer = self
            .admin(
                "GET",
                &format!("/v1/studies/{}/quarantine?page_size=1000", self.study),
            )
            .send(self.server);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().as_array().unwrap().clone()
    }
}

/// A token for username and password.
pub(crate) fn token(server: SocketAddr, username: &str, password: &str) -> String {
    let form = format!(
        "grant_type=password&client_id=sillage&username={username}&password={}",
        password.replace(' ', "+")
    );
    let answer = Request::new("POST", "/oauth2/access_token")
        .body("application/x-www-form-urlencoded", form)
        .send(server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}
