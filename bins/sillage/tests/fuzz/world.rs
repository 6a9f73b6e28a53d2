//! A server with something of everything in it, and those who ask.

use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Server};
use serde_json::json;
use std::net::SocketAddr;

/// A study that may be asked for, broken and taken apart, and one that stays out of it.
pub(crate) struct World {
    pub(crate) server: Server,
    /// What is good must be taken there at any time.
    good: Class,
    player: String,
    /// How many studies there have been to be broken.
    made: usize,
}

/// What stands in place of names in requests.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) study: String,
    pub(crate) username: String,
    /// Of a manager, an analyst, a player, and an administrator.
    pub(crate) tokens: Vec<String>,
}

impl World {
    pub(crate) fn new(engine: Engine) -> Self {
        let settings = [
            ("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD),
            // What is guessed wrong is told so at once.
            ("SILLAGE__RATES__FAILURE_MILLIS", "0"),
            ("SILLAGE__LIMITS__CLIENT_TIMEOUT", "5"),
        ];
        let server = Server::with_settings(engine, &settings);
        let good = Class::new(server.address(), "untouched", 1);
        let player = good.token(0);
        Self {
            server,
            good,
            player,
            made: 0,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Another study with everything, and those who may ask for it. `None` where the administrator's account was lost.
    pub(crate) fn names(&mut self) -> Option<Names> {
        self.made += 1;
        let (study, n) = (format!("broken-{}", self.made), self.made);
        let address = self.address();
        let ask = |method: &str, path: &str, body: serde_json::Value| {
            let request = Request::new(method, path).bearer(&self.good.admin);
            request.json(body.to_string()).try_send(address).ok()
        };
        let is_well =
            |answer: &Option<Answer>| answer.as_ref().is_some_and(|answer| answer.status < 300);
        if !is_well(&ask(
            "POST",
            "/v1/studies",
            json!({"slug": study, "title": study}),
        )) {
            return None;
        }
        let below = |part: &str| format!("/v1/studies/{study}{part}");
        ask("PATCH", &below(""), json!({"status": "open"}));
        for role in ["manager", "analyst"] {
            let username = format!("{role}-{n}");
            let user =
                json!({"username": username, "password": ADMIN_PASSWORD, "role": "researcher"});
            ask("POST", "/v1/users", user);
            ask(
                "POST",
                &below("/members"),
                json!({"username": username, "role": role}),
            );
        }
        let admin =
            json!({"username": format!("admin-{n}"), "password": ADMIN_PASSWORD, "role": "admin"});
        ask("POST", "/v1/users", admin);
        let player = json!({"username": format!("player-{n}"), "password": ADMIN_PASSWORD});
        ask("POST", &below("/participants"), player);
        let book = include_str!("../../../../examples/tsadk/codebook.toml")
            .replace("study = \"tsadk\"\n", "");
        let put = Request::new("PUT", &below("/codebook")).bearer(&self.good.admin);
        put.body("application/toml", book).try_send(address).ok()?;
        let put = Request::new("PUT", &below("/notice")).bearer(&self.good.admin);
        put.body("text/markdown", "# What is kept")
            .try_send(address)
            .ok()?;
        let tokens: Vec<String> = ["manager", "analyst", "player", "admin"]
            .map(|role| token(address, &format!("{role}-{n}"), ADMIN_PASSWORD))
            .into();
        let entry = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "regionDeposer", "session": "s", "sequence": 1});
        let post = Request::new("POST", "/v1/logs").bearer(&tokens[2]);
        post.json(entry.to_string()).try_send(address).ok()?;
        Some(Names {
            study,
            username: format!("player-{n}"),
            tokens,
        })
    }

    /// Whether a good entry is taken.
    pub(crate) fn takes_a_good_entry(&self) {
        let id = uuid::Uuid::now_v7();
        let entry = format!(r#"{{"id":"{id}","timestamp":"2024-05-18T10:17:33Z","action":"a"}}"#);
        let answer = self.good.post(&self.player, entry);
        assert_eq!(
            answer.status,
            201,
            "{}\n{}",
            answer.text(),
            self.server.said()
        );
    }
}
