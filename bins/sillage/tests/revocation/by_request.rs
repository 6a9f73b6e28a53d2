//! Ended over HTTP, on one server of two.

use super::Ended;
use super::stage::{GameServer, LogIn, PASSWORD, basic, member, renewal, revocation, user};
use crate::support::Server;
use crate::support::class::Class;
use crate::support::nodes::Nodes;
use crate::support::raw::Request;
use serde_json::json;

const STUDY: &str = "castle";

#[test]
fn what_one_server_ends_it_refuses_at_once_and_another_within_five_seconds() {
    let Some(nodes) = Nodes::start(&[]) else {
        return;
    };
    let class = Class::new(nodes.first.address(), STUDY, 10);
    let stage = Stage {
        class: &class,
        servers: nodes.both(),
    };
    let mut ended = stage.log_ins();
    ended.extend(stage.participants());
    ended.extend(stage.users());
    ended.extend(stage.clients());
    for one in &ended {
        one.is_refused_in_time_by(&nodes.second);
        one.is_refused_by(&nodes.first);
    }
}

#[test]
fn a_refresh_token_that_one_server_ended_is_good_for_nothing_on_another() {
    let Some(nodes) = Nodes::start(&[]) else {
        return;
    };
    let class = Class::new(nodes.first.address(), STUDY, 2);
    let [ended, other] = [0, 1].map(|n| {
        let (username, password) = &class.players[n];
        LogIn::new(nodes.second.address(), username, password)
    });
    nodes.first.expect(200, &revocation(&ended.refresh));
    let refused = nodes.second.expect(400, &renewal(&ended.refresh));
    assert_eq!(refused.json()["error"], "invalid_grant");

    let tokens = other.asks("DELETE", "/v1/me/tokens");
    nodes.first.expect(204, &tokens);
    let renewed = nodes.second.expect(200, &renewal(&other.refresh)).json();
    let access = renewed["access_token"].as_str().unwrap();
    for server in nodes.both() {
        server.expect(200, &Request::new("GET", "/v1/me").bearer(access));
    }
}

struct Stage<'a> {
    class: &'a Class,
    servers: [&'a Server; 2],
}

impl Stage<'_> {
    /// What was good until the first server is asked so, which is then refused there at once.
    fn end(&self, what: &'static str, good: Request, refused: u16, by: &Request) -> Ended {
        let ended = Ended::by(what, good, refused, &self.servers, || {
            let answer = by.send(self.class.server);
            let status = answer.status;
            assert!((200..300).contains(&status), "{what}: {}", answer.text());
        });
        ended.is_refused_by(self.servers[0]);
        ended
    }

    fn player(&self, n: usize) -> LogIn {
        let (username, password) = &self.class.players[n];
        LogIn::new(self.class.server, username, password)
    }

    fn pair(&self, n: usize) -> Request {
        let (username, password) = &self.class.players[n];
        basic(username, password)
    }

    fn participant(&self, method: &str, n: usize, query: &str) -> Request {
        let username = &self.class.players[n].0;
        let path = format!("/v1/studies/{STUDY}/participants/{username}{query}");
        self.class.admin(method, &path)
    }

    /// By those whose they are.
    fn log_ins(&self) -> Vec<Ended> {
        let (first, second, third) = (self.player(0), self.player(0), self.player(0));
        let other = self.player(0);
        let grants = first.asks("GET", "/v1/me/grants").send(self.class.server);
        let grants = grants.json();
        let own = grants.as_array().unwrap().iter();
        let own = own.filter(|grant| grant["current"] == true);
        let id = own
            .map(|grant| grant["id"].as_str().unwrap())
            .next()
            .unwrap();
        let one = other.asks("DELETE", &format!("/v1/me/grants/{id}"));
        let tokens = self.player(1);
        let password = json!({"old_password": PASSWORD, "password": "another password"});
        user(self.class, "paula");
        let [here, there] = [(); 2].map(|()| LogIn::new(self.class.server, "paula", PASSWORD));
        let password = here.asks("PATCH", "/v1/me").json(password.to_string());
        vec![
            self.end("a log-in, by its id", first.me(), 401, &one),
            self.end(
                "a log-in, by its refresh token",
                second.me(),
                401,
                &revocation(&second.refresh),
            ),
            self.end(
                "the access tokens of a log-in",
                third.me(),
                401,
                &revocation(&third.access),
            ),
            self.end(
                "all log-ins of an account",
                self.player(0).me(),
                401,
                &other.asks("DELETE", "/v1/me/grants"),
            ),
            self.end(
                "all access tokens of an account",
                self.player(1).me(),
                401,
                &tokens.asks("DELETE", "/v1/me/tokens"),
            ),
            self.end("log-ins under an old password", there.me(), 401, &password),
        ]
    }

    fn participants(&self) -> Vec<Ended> {
        let inactive = |n| self.participant("PATCH", n, "").json(r#"{"active":false}"#);
        let reset = |n| {
            let password = json!({"password": "another password"}).to_string();
            self.participant("PATCH", n, "").json(password)
        };
        let deleted = |n| self.participant("DELETE", n, "?mode=anonymise");
        vec![
            self.end(
                "a participant deactivated",
                self.player(2).me(),
                401,
                &inactive(2),
            ),
            self.end("a pair deactivated", self.pair(3), 401, &inactive(3)),
            self.end(
                "a participant's password",
                self.player(4).me(),
                401,
                &reset(4),
            ),
            self.end("a pair with an old password", self.pair(5), 401, &reset(5)),
            self.end(
                "a participant deleted",
                self.player(6).me(),
                401,
                &deleted(6),
            ),
            self.end("a pair deleted", self.pair(7), 401, &deleted(7)),
        ]
    }

    fn users(&self) -> Vec<Ended> {
        let ask = |method: &str, id: i64| self.class.admin(method, &format!("/v1/users/{id}"));
        let made = |username: &str| {
            let id = user(self.class, username);
            (id, LogIn::new(self.class.server, username, PASSWORD))
        };
        let ((resting, resting_login), (gone, gone_login)) = (made("rita"), made("gina"));
        let (reset, reset_login) = made("petra");
        let another = json!({"password": "another password"}).to_string();
        let members = format!("/v1/studies/{STUDY}/members");
        let of = |username: &str| format!("{members}/{username}");
        let (analyst, manager) = (
            member(self.class, "ann", "analyst"),
            member(self.class, "mia", "manager"),
        );
        let study = format!("/v1/studies/{STUDY}");
        vec![
            self.end(
                "a user deactivated",
                resting_login.me(),
                401,
                &ask("PATCH", resting).json(r#"{"active":false}"#),
            ),
            self.end("a user deleted", gone_login.me(), 401, &ask("DELETE", gone)),
            self.end(
                "a user's password",
                reset_login.me(),
                401,
                &ask("PATCH", reset).json(another),
            ),
            self.end(
                "a member put out",
                analyst.asks("GET", &study),
                404,
                &self.class.admin("DELETE", &of("ann")),
            ),
            self.end(
                "a member with a lesser role",
                manager.asks("GET", &members),
                403,
                &self
                    .class
                    .admin("PATCH", &of("mia"))
                    .json(r#"{"role":"monitor"}"#),
            ),
        ]
    }

    fn clients(&self) -> Vec<Ended> {
        let [renewed, resting, gone] = [(); 3].map(|()| GameServer::register(self.class));
        let path = |client: &GameServer| format!("/v1/clients/{}", client.id);
        let player = |client: &GameServer| {
            let (username, password) = &self.class.players[8];
            client.log_in(self.class.server, username, password).me()
        };
        let secret = self
            .class
            .admin("POST", &format!("{}/secret", path(&renewed)));
        let rest = self.class.admin("PATCH", &path(&resting));
        let rest = rest.json(r#"{"active":false}"#);
        let remove = self.class.admin("DELETE", &path(&gone));
        let through_resting = player(&resting);
        let through_gone = player(&gone);
        vec![
            self.end(
                "a client with another secret",
                renewed.sees(self.class),
                401,
                &secret.json("{}"),
            ),
            self.end("a client deactivated", through_resting, 401, &rest),
            self.end("a client deleted", through_gone, 401, &remove),
        ]
    }
}
