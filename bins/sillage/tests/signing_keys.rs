//! Keys that sign tokens follow each other while two servers run on one database.

use crate::support::Server;
use crate::support::class::{ADMIN_PASSWORD, token};
use crate::support::nodes::Nodes;
use crate::support::posting::wait_until;
use crate::support::raw::{Answer, Request};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::Value;
use sillage_domain::Ports;
use sillage_store::{Store, StoreOptions};
use std::cell::RefCell;
use std::sync::Arc;

/// How old a key gets, and how long a token lives, in seconds.
const SETTINGS: [(&str, &str); 2] = [
    ("SILLAGE__AUTH__SIGNING_KEY_AGE", "1800"),
    ("SILLAGE__AUTH__TOKEN_LIFETIME", "600"),
];

#[test]
fn keys_follow_each_other_and_a_token_of_either_server_is_good_on_both() {
    let Some(mut nodes) = Nodes::start(&SETTINGS) else {
        return;
    };
    let keys = Keys::of(&nodes.first);
    let first = log_in(&nodes.first);
    // An hour later, a server's upkeep has another key follow.
    keys.age(3600);
    nodes.second.restart();
    wait_until("there is another key", || keys.names().len() == 2);
    let new = keys.names()[0].clone();
    assert_ne!(new, kid(&first));

    // Whatever either signs from now on, both accept, until both sign with the new key.
    let tokens = RefCell::new(vec![first.clone()]);
    wait_until("both servers sign with the new key", || {
        let made = nodes.both().map(log_in);
        tokens.borrow_mut().extend(made.clone());
        for (server, token) in nodes
            .both()
            .iter()
            .flat_map(|server| made.iter().map(move |token| (server, token)))
        {
            assert_eq!(ask(server, token).status, 200);
        }
        made.iter().all(|token| kid(token) == new)
    });
    let tokens = tokens.into_inner();
    assert!(tokens.iter().any(|token| kid(token) != new));
    for token in &tokens {
        assert!(nodes.both().map(|server| ask(server, token).status) == [200; 2]);
    }

    // When the last token of the old key must have expired, its name is gone from the store, and it is good nowhere.
    keys.age(900);
    nodes.second.restart();
    wait_until("the old key is gone", || keys.names() == [new.clone()]);
    wait_until("no server takes what it signed", || {
        nodes.both().iter().all(|server| {
            let answer = ask(server, &first);
            answer.status == 401 && answer.errors()[0].0 == 4013
        })
    });
    for token in tokens.iter().filter(|token| kid(token) == new) {
        assert!(nodes.both().map(|server| ask(server, token).status) == [200; 2]);
    }
}

fn log_in(server: &Server) -> String {
    token(server.address(), "admin", ADMIN_PASSWORD)
}

fn ask(server: &Server, token: &str) -> Answer {
    Request::new("GET", "/v1/me")
        .bearer(token)
        .send(server.address())
}

/// The name of the key that signed a token.
fn kid(token: &str) -> String {
    let header = token.split('.').next().unwrap();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

/// The keys as they lie in the database.
struct Keys(Ports);

impl Keys {
    fn of(server: &Server) -> Self {
        let options = StoreOptions::new(server.home().database_url());
        Self(Ports::of(Arc::new(Store::open(&options).unwrap())))
    }

    /// The newest first.
    fn names(&self) -> Vec<String> {
        let keys = self.0.server.signing_keys().unwrap();
        keys.into_iter().map(|key| key.kid).collect()
    }

    /// Has them made so many seconds earlier.
    fn age(&self, seconds: i64) {
        for mut key in self.0.server.signing_keys().unwrap() {
            self.0.server.remove_signing_key(&key.kid).unwrap();
            key.created_at = key.created_at.plus_seconds(-seconds);
            assert!(self.0.server.add_signing_key(&key).unwrap());
        }
    }
}
