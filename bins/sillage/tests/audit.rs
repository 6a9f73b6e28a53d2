//! The audit log of a real server, on both engines: what commands find out about one that somebody has written in, who has the database.

use crate::support::class::{ADMIN_PASSWORD, Class};
use crate::support::nodes::Nodes;
use crate::support::raw::Request;
use crate::support::{Engine, Home, Server, engines};
use serde_json::{Value, json};

/// A home whose server has recorded an export, a look at the accounts and a password that was reset, and was asked to stop.
fn recorded(engine: Engine) -> Home {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 2);
    class.post(
        &class.token(0),
        r#"{"timestamp":"2024-05-18T10:17:33Z","action":"open"}"#,
    );
    let path = "/v1/studies/castle";
    server.expect(
        200,
        &class.admin("GET", &format!("{path}/export?view=full")),
    );
    server.expect(200, &class.admin("GET", &format!("{path}/participants")));
    let player = format!("{path}/participants/{}", class.players[1].0);
    server.expect(
        200,
        &class.admin("PATCH", &player).json(r#"{"reset":true}"#),
    );
    assert!(server.terminate().success());
    server.leave()
}

/// What `sillage audit verify` says: its exit code, and each fault as sequence and kind.
fn verified(home: &Home) -> (Option<i32>, Vec<(u64, String)>) {
    let finished = home.run(&["audit", "verify", "--json"]);
    let said: Value = serde_json::from_str(&finished.stdout).unwrap();
    let faults = said["faults"].as_array().unwrap().iter();
    let of = |one: &Value| {
        let kind = one["kind"].as_str().unwrap().to_owned();
        (one["sequence"].as_u64().unwrap(), kind)
    };
    let faults: Vec<_> = faults.map(of).collect();
    assert_eq!(said["intact"], json!(faults.is_empty()));
    (finished.code, faults)
}

/// The place of the first record of that action in its chain.
fn place_of(home: &Home, action: &str) -> i64 {
    home.number(&format!(
        "SELECT sequence FROM audit_records WHERE action = '{action}' ORDER BY number LIMIT 1"
    ))
}

fn last(home: &Home) -> i64 {
    home.number("SELECT MAX(sequence) FROM audit_records")
}

fn what_is_young_stays_and_a_beginning_that_was_cut_off_by_hand_is_found(engine: Engine) {
    let mut home = recorded(engine);
    home.set("SILLAGE__AUDIT__KEEP", "29");
    assert!(!home.run(&["config", "check"]).stderr.is_empty());
    home.set("SILLAGE__AUDIT__KEEP", "30");
    let (first, end) = (place_of(&home, "create-user"), last(&home));
    assert_eq!(first, 1, "the first administrator comes first");
    // Nothing is a month old: the next round of the day takes nothing away.
    let rounds = "DELETE FROM server_settings WHERE name = 'round_audit'";
    home.sql(rounds);
    let mut server = Server::start(home);
    assert!(server.terminate().success());
    let home = server.leave();
    assert_eq!(place_of(&home, "create-user"), first);
    assert_eq!(verified(&home), (Some(0), vec![]));
    // Whoever cuts the beginning off by hand is found out.
    let kept = home.number("SELECT COUNT(*) FROM audit_records");
    home.sql("DELETE FROM audit_records WHERE sequence <= 2");
    assert_eq!(verified(&home), (Some(1), vec![(3, "missing".to_owned())]));
    assert!(kept > end);
}

fn a_log_that_nobody_touched_is_as_it_was_written(engine: Engine) {
    let home = recorded(engine);
    assert_eq!(verified(&home), (Some(0), vec![]));
    // Commands write the same chain, and say so.
    home.done(&["participants", "list", "castle"]);
    home.done(&["export", "castle"]);
    assert!(
        home.done(&["audit", "verify"])
            .contains("as it was written")
    );
    let chains = home.number("SELECT COUNT(DISTINCT chain) FROM audit_records");
    assert_eq!(chains, 1);
    let by_command = "SELECT COUNT(*) FROM audit_records WHERE role = 'operator'";
    assert_eq!(home.number(by_command), 4, "each verification, too");
    // After another start it goes on where it was.
    let mut server = Server::start(home);
    let class_admin = crate::support::class::token(server.address(), "admin", ADMIN_PASSWORD);
    let list = Request::new("GET", "/v1/audit?page_size=1000").bearer(&class_admin);
    let actions: Vec<_> = server.expect(200, &list).json().as_array().unwrap().clone();
    let has = |action: &str| actions.iter().any(|one| one["action"] == action);
    for action in [
        "log-in",
        "create-study",
        "export-full",
        "reset-password",
        "read-audit",
    ] {
        assert!(has(action), "{action}");
    }
    assert!(server.terminate().success());
    assert_eq!(verified(server.home()), (Some(0), vec![]));
}

fn a_record_that_was_changed_is_found(engine: Engine) {
    let home = recorded(engine);
    let place = place_of(&home, "export-full");
    home.sql("UPDATE audit_records SET action = 'export' WHERE action = 'export-full'");
    let (code, faults) = verified(&home);
    assert_eq!(code, Some(1));
    assert_eq!(faults, [(place.unsigned_abs(), "changed".to_owned())]);
    let told = home.run(&["audit", "verify"]);
    assert!(told.stdout.contains("says something else"), "{told:?}");
    assert!(told.stderr.contains("not as it was written"), "{told:?}");
}

fn a_record_that_is_missing_is_found(engine: Engine) {
    let home = recorded(engine);
    let place = place_of(&home, "export-full");
    home.sql("DELETE FROM audit_records WHERE action = 'export-full'");
    let (code, faults) = verified(&home);
    assert_eq!(code, Some(1));
    assert_eq!(faults, [(place.unsigned_abs() + 1, "missing".to_owned())]);
}

fn records_that_changed_places_are_found(engine: Engine) {
    let home = recorded(engine);
    let (one, other) = (
        place_of(&home, "export-full"),
        place_of(&home, "reset-password"),
    );
    for (from, to) in [(one, 0), (other, one), (0, other)] {
        home.sql(&format!(
            "UPDATE audit_records SET sequence = {to} WHERE sequence = {from}"
        ));
    }
    let (code, faults) = verified(&home);
    assert_eq!(code, Some(1));
    for place in [one, other] {
        let is_there = |kind: &str| faults.contains(&(place.unsigned_abs(), kind.to_owned()));
        assert!(is_there("changed"), "{place} in {faults:?}");
    }
}

/// Whoever has the database can compute the hashes, and not the codes under a key of the root key.
fn a_forged_audit_record_is_found(engine: Engine) {
    let home = recorded(engine);
    let last = last(&home);
    home.sql(&format!(
        "INSERT INTO audit_records (chain, sequence, at_us, role, action, outcome, previous, hash, mac) \
         SELECT chain, sequence + 1, at_us, 'nobody', 'other', 'done', hash, hash, mac FROM audit_records WHERE sequence = {last}"
    ));
    let (code, faults) = verified(&home);
    assert_eq!(code, Some(1));
    assert_eq!(faults, [(last.unsigned_abs() + 1, "changed".to_owned())]);
    // A whole chain under another root key, put in the place of ours, checkpoint and all.
    let theirs = recorded(engine);
    let mut home = home;
    home.set("SILLAGE__DATABASE__URL", &theirs.database_url());
    theirs.sql(
        "DELETE FROM server_settings WHERE name IN ('root_key_fingerprint', 'erasure_ledger')",
    );
    let (code, faults) = verified(&home);
    assert_eq!(code, Some(1));
    let forged = faults.iter().filter(|(_, kind)| kind == "forged").count();
    assert!(forged >= 5, "{faults:?}");
    // What is written from now on has a gap before it, where ours were.
    assert!(
        faults.iter().any(|(_, kind)| kind == "missing"),
        "{faults:?}"
    );
}

fn a_chain_that_was_cut_off_is_found_by_the_checkpoint_outside_of_the_database(engine: Engine) {
    let home = recorded(engine);
    let last = last(&home);
    home.sql(&format!(
        "DELETE FROM audit_records WHERE sequence = {last}"
    ));
    home.sql("DELETE FROM audit_checkpoints");
    // The verification is recorded, behind the gap.
    let (code, faults) = verified(&home);
    assert_eq!(code, Some(1));
    assert_eq!(faults, [(last.unsigned_abs() + 1, "missing".to_owned())]);
    // And so it is found for ever, however many records come after.
    home.done(&["participants", "list", "castle"]);
    assert_eq!(verified(&home).0, Some(1));
    home.sql("DELETE FROM audit_records");
    home.sql("DELETE FROM audit_checkpoints");
    assert_eq!(verified(&home).0, Some(1), "nor can all of it go");
}

fn a_server_that_is_killed_leaves_a_whole_chain(engine: Engine) {
    let mut server = Server::with_admin_password(engine, ADMIN_PASSWORD);
    let class = Class::new(server.address(), "castle", 1);
    for _ in 0..20 {
        server.expect(200, &class.admin("GET", "/v1/studies/castle/participants"));
    }
    server.kill();
    let home = server.leave();
    assert_eq!(verified(&home), (Some(0), vec![]));
    let read = "SELECT COUNT(*) FROM audit_records WHERE action = 'read-participants'";
    assert_eq!(home.number(read), 20, "what was handed out is recorded");
}

fn there_is_no_personal_data_in_the_log(engine: Engine) {
    let home = recorded(engine);
    let names = "SELECT COUNT(*) FROM audit_records WHERE study LIKE '%-%' OR request LIKE '%castle-%' OR action LIKE '%castle%'";
    assert_eq!(home.number(names), 0);
    let reference = home.done(&["audit", "reference", "admin"]);
    let by = format!(
        "SELECT COUNT(*) FROM audit_records WHERE HEX(actor) = '{}'",
        reference.trim().to_uppercase()
    );
    assert!(home.number(&by) >= 3);
}

engines! {
    a_log_that_nobody_touched_is_as_it_was_written
    what_is_young_stays_and_a_beginning_that_was_cut_off_by_hand_is_found
    a_record_that_was_changed_is_found
    a_record_that_is_missing_is_found
    records_that_changed_places_are_found
    a_forged_audit_record_is_found
    a_chain_that_was_cut_off_is_found_by_the_checkpoint_outside_of_the_database
    a_server_that_is_killed_leaves_a_whole_chain
    there_is_no_personal_data_in_the_log
}

#[test]
fn each_server_writes_a_chain_of_its_own() {
    let Some(mut nodes) = Nodes::start(&[("SILLAGE__AUTH__ADMIN_PASSWORD", ADMIN_PASSWORD)]) else {
        return;
    };
    let class = Class::new(nodes.first.address(), "castle", 1);
    for server in nodes.both() {
        let list = class.admin("GET", "/v1/studies/castle/participants");
        server.expect(200, &list);
    }
    assert!(nodes.second.terminate().success());
    assert!(nodes.first.terminate().success());
    let home = nodes.first.home();
    assert_eq!(
        home.number("SELECT COUNT(DISTINCT chain) FROM audit_records"),
        2
    );
    assert_eq!(verified(home), (Some(0), vec![]));
}
