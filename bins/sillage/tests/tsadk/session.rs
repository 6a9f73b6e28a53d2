//! The session of a player and of whoever runs the study, in the requests of their old programs.

use super::{basic, home, import, old_collector};
use crate::support::class::ADMIN_PASSWORD;
use crate::support::raw::Answer;
use crate::support::{Engine, Server, engines};
use serde_json::json;

/// A token, as the old programs get one.
fn token(server: &Server, name: &str, password: &str) -> String {
    let answer = server.expect(200, &basic("GET", "/v1/utils/token", name, password));
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    answer.json()["token"].as_str().unwrap().to_owned()
}

fn an_old_card_opens_the_account_and_gets_a_hash_of_ours(engine: Engine) {
    let home = home(engine);
    let old = old_collector(engine, &home);
    import(&home, &old, &[]);
    let server = Server::start(home);
    assert!(server.home().password_hash("joueur-7").starts_with("$6$"));
    let log_in = |password: &str| basic("GET", "/v1/utils/token", "JOUEUR-7", password);
    assert_eq!(server.expect(401, &log_in("carte-8")).errors().len(), 1);
    assert!(server.home().password_hash("joueur-7").starts_with("$6$"));
    // Six characters: fewer than Sillage asks of those who choose a password now.
    server.expect(200, &log_in("carte-7"));
    let hash = server.home().password_hash("joueur-7");
    assert!(hash.starts_with("$2b$04$"), "{hash}");
    server.expect(200, &log_in("carte-7"));
    server.expect(401, &log_in("carte-8"));
    assert_eq!(server.home().password_hash("joueur-7"), hash);
    // Whoever had no hash that can be compared with is let in by nothing.
    for name in ["joueur-6", "joueur-3"] {
        server.expect(401, &basic("GET", "/v1/utils/token", name, "carte-2"));
    }
    server.expect(
        401,
        &basic("GET", "/v1/utils/token", "chercheuse", "carte-2"),
    );
}

fn an_administrator_makes_players_in_the_old_words(engine: Engine) {
    let home = home(engine);
    let old = old_collector(engine, &home);
    import(&home, &old, &[]);
    let server = Server::start(home);
    let admin = token(&server, "admin", ADMIN_PASSWORD);
    let ask = |method: &str, path: &str| basic(method, path, &admin, "");
    let new = |body: serde_json::Value| ask("POST", "/v1/users").json(body.to_string());
    let made: Answer = server.expect(201, &new(json!({"username": "Joueur-20", "pwd": "court"})));
    // The numbers go on after those of the old collector.
    assert_eq!(made.json()["number"], 9);
    assert_eq!(made.json()["username"], "joueur-20");
    let place = format!("{}/tsadk/api/v1/users/9", server.base());
    assert_eq!(made.header("Location"), Some(place.as_str()));
    let shown = server.expect(200, &ask("GET", "/v1/users/9")).json();
    assert_eq!(shown, made.json());
    assert_eq!(
        server.expect(200, &ask("GET", "/v1/users/7")).json()["username"],
        "joueur-7"
    );
    token(&server, "joueur-20", "court");
    server.expect(409, &new(json!({"username": "joueur-20", "pwd": "court"})));
    let bad = server.expect(422, &new(json!({"username": "x y", "pwd": ""})));
    assert_eq!(bad.errors().len(), 2);
    // Those who run studies are still there, by their names.
    let made = server.expect(
        201,
        &new(json!({"username": "marie", "password": "a long password", "role": "researcher"})),
    );
    let place = made.header("Location").unwrap().to_owned();
    assert!(place.ends_with("/v1/users/marie"), "{place}");
    server.expect(200, &ask("GET", "/v1/users/marie"));
    server.expect(200, &ask("GET", "/v1/users/admin"));
    // A number that is a participant's names nobody else.
    server.expect(409, &ask("DELETE", "/v1/users/2"));
    server.expect(204, &ask("DELETE", "/v1/users/marie"));
    // Who plays makes nobody.
    let player = token(&server, "joueur-2", "carte-2");
    let other = basic("POST", "/v1/users", &player, "")
        .json(json!({"username": "joueur-21", "pwd": "court"}).to_string());
    server.expect(403, &other);
    server.expect(403, &basic("GET", "/v1/users/7", &player, ""));
}

engines! {
    an_old_card_opens_the_account_and_gets_a_hash_of_ours
    an_administrator_makes_players_in_the_old_words
}
