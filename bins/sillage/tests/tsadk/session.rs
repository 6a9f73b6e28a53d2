//! The session of a player and of whoever runs the study, in the requests of their old programs.

use super::{basic, home, import, old_collector};
use crate::support::class::ADMIN_PASSWORD;
use crate::support::raw::{Answer, Request};
use crate::support::{Engine, Server, engines};
use serde_json::{Value, json};
use std::fs::File;
use std::path::Path;
use std::process::Command;

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

/// Puts the codebook of the example.
fn put_codebook(server: &Server, admin: &str) {
    let codebook = include_str!("../../../../examples/tsadk/codebook.toml");
    let put =
        basic("PUT", "/v1/studies/tsadk/codebook", admin, "").body("application/toml", codebook);
    let answer = put.send(server.address());
    assert!(answer.status < 300, "{}", answer.text());
}

/// As published, but for the time of a retry.
fn published(number: i64) -> String {
    json!({
        "userID": number, "timestamp": "2023-04-18T10:17.109Z", "sequence": 9, "roomName": "salleForet",
        "actionNature": "mettre_main", "actionType": "regionDeposer", "userAnswer": "if(none){win}else{loose}",
        "userError": "incorrect",
    })
    .to_string()
}

fn the_game_goes_on_with_nothing_changed_but_the_address(engine: Engine) {
    let home = home(engine);
    let old = old_collector(engine, &home);
    import(&home, &old, &[]);
    let server = Server::start(home);
    let admin = token(&server, "admin", ADMIN_PASSWORD);
    put_codebook(&server, &admin);
    // The player: a token for name and password, then the token in the place of the name.
    let player = token(&server, "joueur-7", "carte-7");
    let post = |who: &str, body: String| basic("POST", "/v1/logs", who, "unused").json(body);
    let first = server.expect(201, &post(&player, published(7)));
    assert_eq!(first.json()["timestamp"], "2023-04-18T10:17:06.540000Z");
    assert_eq!(first.json()["action"], "regionDeposer");
    assert!(!first.text().contains("userID") && !first.text().contains("actionType"));
    // The answer was lost: the game sends it again, without an id, and it is known by its sequence and content.
    let again = server.expect(200, &post(&player, published(7)));
    assert_eq!(again.json()["number"], first.json()["number"]);
    // Another's number is refused, and nothing of it is kept.
    let other = server.expect(403, &post(&player, published(2)));
    assert_eq!(other.errors(), [(4033, "/userID".to_owned())]);
    let batch = format!("[{},{}]", published(7), published(2));
    let other = server.expect(403, &post(&player, batch));
    assert_eq!(other.errors(), [(4033, "/1/userID".to_owned())]);
    // What does not fit is kept, without the number.
    let without_time = r#"{"userID":7,"sequence":10,"actionType":"regionDeposer"}"#.to_owned();
    let kept = server.expect(202, &post(&player, without_time));
    assert_eq!(kept.errors()[0].1, "/timestamp");
    // An administrator names whom he likes, if there is one.
    server.expect(201, &post(&admin, published(2)));
    let nobody = server.expect(202, &post(&admin, published(99)));
    assert!(nobody.text().contains("participant"), "{}", nobody.text());
    let quarantine = basic(
        "GET",
        "/v1/studies/tsadk/quarantine?page_size=100",
        &admin,
        "",
    );
    let texts = server.expect(200, &quarantine);
    assert!(!texts.text().contains("userID"), "{}", texts.text());
    the_administrator_reads_what_he_read_before(&server, &admin);
    the_export_has_the_columns_that_it_had(&server, &admin);
}

fn the_administrator_reads_what_he_read_before(server: &Server, admin: &str) {
    let path = "/v1/logs?page_size=100";
    let list = server.expect(200, &basic("GET", path, admin, "")).json();
    let last = list.as_array().unwrap().last().unwrap();
    for (member, value) in [
        ("userID", json!(2)),
        ("sequence", json!(9)),
        ("roomName", json!("salleForet")),
        ("actionNature", json!("mettre_main")),
        ("actionType", json!("regionDeposer")),
        ("userError", json!("incorrect")),
        ("userAnswer", json!("if(none){win}else{loose}")),
    ] {
        assert_eq!(last[member], value, "{last}");
    }
    assert!(
        last.get("participant").is_none(),
        "no pseudonym beside a number: {last}"
    );
    // Who comes with Bearer knows Sillage, and gets the pseudonym instead of the number.
    let bearer = Request::new("GET", &format!("/tsadk/api{path}")).bearer(admin);
    let list = server.expect(200, &bearer).json();
    let last = list.as_array().unwrap().last().unwrap().clone();
    assert!(last["participant"].as_str().unwrap().starts_with("P-"));
    assert_eq!(last["roomName"], "salleForet");
    assert!(last.get("userID").is_none(), "{last}");
    // Nor does a list of one pseudonym's entries show whose it is.
    let pseudonym = last["participant"].as_str().unwrap();
    let of_one = basic(
        "GET",
        &format!("/v1/logs?participant={pseudonym}"),
        admin,
        "",
    );
    let list = server.expect(200, &of_one);
    assert!(!list.text().contains("userID"), "{}", list.text());
}

fn the_export_has_the_columns_that_it_had(server: &Server, admin: &str) {
    let csv = server.expect(200, &basic("GET", "/v1/utils/export/logs", admin, ""));
    let name = csv.header("Content-Disposition").unwrap();
    assert!(name.contains("filename=\"tsadk_export_logs_2"), "{name}");
    let mut lines = csv.text().lines();
    assert_eq!(
        lines.next(),
        Some(
            "id,userID,timestamp,sequence,roomName,actionNature,actionType,userError,userAnswer,tsadk_id,tsadk_timestamp"
        )
    );
    let rows: Vec<_> = lines.collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(
        rows[0].split_once(',').unwrap().1,
        "2,2023-04-18T10:17:06.540000Z,9,salleForet,mettre_main,regionDeposer,incorrect,if(none){win}else{loose},11,2023-04-18T10:17.109Z"
    );
    assert_eq!(
        rows[3].split_once(',').unwrap().1,
        "2,2023-04-18T10:17:06.540000Z,9,salleForet,mettre_main,regionDeposer,incorrect,if(none){win}else{loose},,"
    );
}

fn the_script_of_the_example_plays_a_session_and_played_again_it_stores_nothing(engine: Engine) {
    let home = home(engine);
    let old = old_collector(engine, &home);
    import(&home, &old, &[]);
    let server = Server::start(home);
    let admin = token(&server, "admin", ADMIN_PASSWORD);
    put_codebook(&server, &admin);
    let total = || {
        let list = server.expect(200, &basic("GET", "/v1/logs?page_size=1", &admin, ""));
        let total = list.header("X-Total-Count").unwrap();
        total.parse::<usize>().unwrap()
    };
    let before = total();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/tsadk");
    let play = || -> Vec<Value> {
        let done = Command::new("sh")
            .arg(example.join("play.sh"))
            .arg(format!("{}/tsadk/api", server.base()))
            .args(["joueur-7", "carte-7", "7"])
            .env("NO_PROXY", "*")
            .stdin(File::open(example.join("session.ndjson")).unwrap())
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let said = String::from_utf8(done.stdout).unwrap();
        let answers = said.lines().filter(|line| !line.is_empty());
        answers
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let first = play();
    assert_eq!(first.len(), 3);
    assert!(first.iter().all(|one| one["action"] == "regionDeposer"));
    assert_eq!(
        first[2]["payload"]["userAnswer"],
        "if (clé != null) { ouvrir(); }"
    );
    assert_eq!(total(), before + 3);
    assert_eq!(play(), first);
    assert_eq!(total(), before + 3);
}

engines! {
    the_script_of_the_example_plays_a_session_and_played_again_it_stores_nothing
    an_old_card_opens_the_account_and_gets_a_hash_of_ours
    an_administrator_makes_players_in_the_old_words
    the_game_goes_on_with_nothing_changed_but_the_address
}
