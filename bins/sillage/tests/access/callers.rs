//! Those who call: accounts of every kind, and tokens that are good for nothing.

use super::table::Row;
use crate::support::class::{ADMIN_PASSWORD, Class, token};
use crate::support::posting::wait_until;
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Home, Server};
use serde_json::json;
use sillage_auth::{Cost, Passwords, Secret, hash_secret};
use sillage_domain::{
    GrantType, NewAccount, NewClient, Ports, Role, StudyRole, SubjectId, Timestamp,
};
use sillage_store::{Store, StoreOptions};
use std::collections::HashMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

const PASSWORD: &str = "everybody's password";
/// The study that the paths name.
const STUDY: &str = "castle";

/// A client of that study.
const CLIENT: &str = "castle-game";
/// A client of that study that acts for itself, and its secret.
const GAME_SERVER: &str = "castle-server";
const SECRET: &str = "a secret of a test";

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// No credentials.
    Nobody,
    /// With an admin's token that was good once.
    Expired,
    /// With an admin's claims under another token's signature.
    Forged,
    /// With a participant's token, who has been shut out since.
    Deactivated,
    Admin,
    Manager,
    Analyst,
    Developer,
    Monitor,
    /// A researcher who has nothing to do with the study.
    Stranger,
    /// The manager, with a token of `scope=participant`.
    Narrowed,
    /// A participant of the study.
    Player,
    /// A participant of another study.
    PlayerElsewhere,
    /// A game's server that acts for itself in the study, with all that it may do.
    GameServer,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A server with a study, all those people, and their tokens.
pub(crate) struct Callers {
    server: Server,
    class: Class,
    elsewhere: Class,
    tokens: HashMap<Caller, String>,
    /// What stands for the parameters of paths.
    entry: String,
    request: String,
    quarantined: String,
    asked: String,
}

impl Callers {
    pub(crate) fn new(engine: Engine) -> Self {
        let mut home = Home::new(engine);
        home.set("SILLAGE__AUTH__TOKEN_LIFETIME", "1");
        let server = Server::start(home);
        let expired = token(server.address(), "admin", ADMIN_PASSWORD);
        let mut home = server.leave();
        home.unset("SILLAGE__AUTH__TOKEN_LIFETIME");
        let server = Server::start(home);
        let address = server.address();
        let class = Class::new(address, STUDY, 3);
        let elsewhere = Class::new(address, "maze", 1);
        let home = server.leave();
        add_people(&home);
        let server = Server::start(home);
        let address = server.address();
        let [class, elsewhere] = [class, elsewhere].map(|class| Class {
            server: address,
            ..class
        });

        let sent = json!({"timestamp": "2024-05-18T10:17:33Z", "action": "open"}).to_string();
        let entry = class.post(&class.token(0), sent);
        class.post(&class.token(0), r#"{"action":"close"}"#);
        let quarantined = class.quarantine()[0]["id"].to_string();
        let number = entry.json()["number"].to_string();
        let dispute = Request::new("PUT", &format!("/v1/me/logs/{number}/dispute"))
            .bearer(&class.token(0))
            .json("{}");
        assert_eq!(dispute.send(address).status, 200);
        let request = class
            .admin("POST", &format!("/v1/studies/{STUDY}/requests"))
            .json(r#"{"kind":"access","reference":"17"}"#);
        let request = request.send(address);
        assert_eq!(request.status, 201);
        let codebook = class
            .admin("PUT", &format!("/v1/studies/{STUDY}/codebook"))
            .json(r#"{"format":1,"actions":{"open":{}}}"#);
        assert_eq!(codebook.send(address).status, 201);
        let notice = class
            .admin("PUT", &format!("/v1/studies/{STUDY}/notice"))
            .json(r#"{"text":"We keep what you do."}"#);
        assert_eq!(notice.send(address).status, 201);
        let listed = class.admin("GET", "/v1/logs?page_size=1").send(address);
        let whose = json!({"participant": listed.json()[0]["participant"], "reason": "a test"});
        let asked = class
            .admin("POST", &format!("/v1/studies/{STUDY}/reidentifications"))
            .json(whose.to_string())
            .send(address);
        assert_eq!(asked.status, 201, "{}", asked.text());
        let asked = asked.json()["id"].as_str().unwrap().to_owned();
        let deactivated = class.token(2);
        let shut = class
            .admin(
                "PATCH",
                &format!("/v1/studies/{STUDY}/participants/{}", class.players[2].0),
            )
            .json(r#"{"active":false}"#);
        assert_eq!(shut.send(address).status, 200);
        let forged = with_signature_of(&class.admin, &class.token(0));
        wait_until("the token has expired", || {
            let answer = Request::new("GET", "/v1/me").bearer(&expired).send(address);
            answer.status == 401 && answer.errors()[0].0 == 4011
        });
        Self {
            server,
            entry: number,
            request: request.json()["id"].to_string(),
            quarantined,
            asked,
            class,
            elsewhere,
            tokens: HashMap::from([
                (Caller::Expired, expired),
                (Caller::Forged, forged),
                (Caller::Deactivated, deactivated),
            ]),
        }
    }

    pub(crate) fn server(&self) -> SocketAddr {
        self.server.address()
    }

    /// Sends the operation of that row as that caller.
    pub(crate) fn call(&mut self, caller: &Caller, row: &Row) -> Answer {
        let path = self.path(row);
        let mut request = Request::new(&row.method, &format!("{path}{}", row.query));
        if let Some(token) = self.token(*caller) {
            request = request.bearer(&token);
        }
        if row.method != "GET" {
            // No revision is called so: who may change or delete the thing is told that it is another one.
            request = request.header("If-Match", "\"none\"");
        }
        if matches!(row.method.as_str(), "POST" | "PUT" | "PATCH") {
            request = request.json(row.body.as_str());
        }
        let answer = request.send(self.server());
        if row.method == "DELETE" && row.path.starts_with("/v1/me") && answer.status < 300 {
            // The token may have ended with it.
            self.tokens.remove(caller);
        }
        answer
    }

    fn path(&self, row: &Row) -> String {
        let parts = row.path.split('/').map(|part| {
            let before = row.path.split(part).next().unwrap_or_default();
            match part {
                "{study}" => STUDY.to_owned(),
                "{client_id}" => CLIENT.to_owned(),
                "{number}" => self.entry.clone(),
                "{id}" if before.ends_with("/quarantine/") => self.quarantined.clone(),
                "{id}" if before.ends_with("/reidentifications/") => self.asked.clone(),
                "{id}" if before.ends_with("/requests/") => self.request.clone(),
                // The first administrator has the first account.
                "{id}" if before.ends_with("/users/") => "1".to_owned(),
                "{username}" if before.ends_with("/members/") => "analyst".to_owned(),
                "{id}" if before.ends_with("/grants/") => uuid::Uuid::nil().to_string(),
                "{username}" if before.ends_with("/participants/") => {
                    self.class.players[1].0.clone()
                }
                _ if part.starts_with('{') => panic!("what stands for {part} in {}?", row.path),
                _ => part.to_owned(),
            }
        });
        parts.collect::<Vec<_>>().join("/")
    }

    /// A token of that caller, made when it is first asked for.
    fn token(&mut self, caller: Caller) -> Option<String> {
        let address = self.server();
        let new = || match caller {
            Caller::Player => self.class.token(0),
            Caller::PlayerElsewhere => self.elsewhere.token(0),
            Caller::Admin => token(address, "admin", ADMIN_PASSWORD),
            Caller::Narrowed => narrowed(address),
            Caller::Manager => token(address, "manager", PASSWORD),
            Caller::Analyst => token(address, "analyst", PASSWORD),
            Caller::Developer => token(address, "developer", PASSWORD),
            Caller::Monitor => token(address, "monitor", PASSWORD),
            Caller::Stranger => token(address, "stranger", PASSWORD),
            Caller::GameServer => of_game_server(address),
            Caller::Nobody | Caller::Expired | Caller::Forged | Caller::Deactivated => {
                unreachable!("{caller} does not log in")
            }
        };
        if caller == Caller::Nobody {
            return None;
        }
        if let Some(known) = self.tokens.get(&caller) {
            return Some(known.clone());
        }
        let token = new();
        self.tokens.insert(caller, token.clone());
        Some(token)
    }
}

/// The researchers, written to the database while the server is down.
fn add_people(home: &Home) {
    let store = Store::open(&StoreOptions::new(home.database_url())).unwrap();
    let ports = Ports::of(Arc::new(store));
    let study = ports.studies.study_by_slug(&STUDY.parse().unwrap());
    let study = study.unwrap().unwrap().id;
    let client = NewClient {
        id: CLIENT.parse().unwrap(),
        name: "Castle".to_owned(),
        study: Some(study),
        secret_hash: None,
        grants: vec![GrantType::Password],
        scope: "all".to_owned(),
    };
    let server = NewClient {
        id: GAME_SERVER.parse().unwrap(),
        name: "Castle's server".to_owned(),
        secret_hash: Some(hash_secret(&Secret::new(SECRET))),
        grants: vec![GrantType::ClientCredentials],
        ..client.clone()
    };
    for client in [&client, &server] {
        let registered = ports.clients.register_client(client, Timestamp::now());
        registered.unwrap();
    }
    let password_hash = Passwords::new(Cost::new(4).unwrap())
        .unwrap()
        .hash(&Secret::new(PASSWORD))
        .unwrap();
    let people = [
        ("manager", Some(StudyRole::Manager)),
        ("analyst", Some(StudyRole::Analyst)),
        ("developer", Some(StudyRole::Developer)),
        ("monitor", Some(StudyRole::Monitor)),
        ("stranger", None),
    ];
    for (username, role) in people {
        let new = NewAccount {
            subject: SubjectId::new(*uuid::Uuid::new_v4().as_bytes()),
            username: username.parse().unwrap(),
            password_hash: password_hash.clone(),
        };
        let account = ports
            .accounts
            .create_user(&new, Role::Researcher, Timestamp::now())
            .unwrap();
        if let Some(role) = role {
            ports.accounts.put_member(study, account.id, role).unwrap();
        }
    }
}

fn of_game_server(server: SocketAddr) -> String {
    let asked = json!({"grant_type": "client_credentials", "client_id": GAME_SERVER, "client_secret": SECRET});
    let answer = Request::new("POST", "/oauth2/access_token")
        .json(asked.to_string())
        .send(server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// A token that lets the manager see what a player sees.
fn narrowed(server: SocketAddr) -> String {
    let asked = json!({
        "grant_type": "password", "client_id": "sillage", "username": "manager", "password": PASSWORD,
        "scope": "participant",
    });
    let answer = Request::new("POST", "/oauth2/access_token")
        .json(asked.to_string())
        .send(server);
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

fn with_signature_of(token: &str, other: &str) -> String {
    let (claims, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    format!("{claims}.{signature}")
}
