//! `sillage participants`: accounts that there are.

use crate::support::{place, try_type, try_type_with, typed};
use sillage_auth::{Passwords, Secret};
use sillage_cli::Workplace;

fn class() -> Workplace {
    let place = place();
    typed(&place, "study create castle --title Castle");
    typed(&place, "study create maze --title Maze");
    typed(&place, "participants generate castle --count 3 --prefix a");
    place
}

fn usernames(place: &Workplace) -> Vec<String> {
    typed(place, "participants list castle")
        .lines()
        .map(|line| line.split('\t').next().unwrap().to_owned())
        .collect()
}

#[test]
fn accounts_are_listed_one_a_line() {
    let place = class();
    typed(&place, "participants deactivate a-02");
    assert_eq!(
        typed(&place, "participants list castle"),
        "a-01\t1\tactive\na-02\t2\tinactive\na-03\t3\tactive\n"
    );
    assert_eq!(
        typed(&place, "participants list --study castle --search 03"),
        "a-03\t3\tactive\n"
    );
    typed(&place, "participants activate a-02 --study castle");
    let json = typed(&place, "--json participants list castle --search A-02");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["participants"][0]["active"], true);
}

#[test]
fn a_reset_prints_passwords_that_open_the_accounts() {
    let place = class();
    let printed = typed(&place, "participants reset a-01 a-03");
    let row = printed.lines().nth(2).unwrap();
    let (username, password) = row.split_once(',').unwrap();
    assert_eq!(username, "a-03");
    let account = place
        .ports
        .accounts
        .account_by_username(&"a-03".parse().unwrap())
        .unwrap()
        .unwrap();
    let passwords = Passwords::new(place.cost).unwrap();
    assert!(
        passwords
            .verify(&Secret::new(password), Some(&account.password_hash))
            .unwrap()
    );
}

#[cfg(feature = "sheets")]
#[test]
fn accounts_are_printed_as_cards() {
    let place = class();
    let page = typed(
        &place,
        "participants generate castle --count 2 --format html --language fr",
    );
    assert!(page.starts_with("<!DOCTYPE html>\n<html lang=\"fr\">"));
    assert_eq!(page.matches("<dd>https://logs.example.org</dd>").count(), 2);
    let page = typed(
        &place,
        "participants reset a-01 --format html --address https://game.example.org",
    );
    assert_eq!(page.matches("<dd>https://game.example.org</dd>").count(), 1);
}

#[cfg(feature = "sheets")]
#[test]
fn cards_name_the_game_of_the_study() {
    let place = place();
    typed(
        &place,
        "study create waves --title Waves --game-url https://waves.example.org/",
    );
    let line = "participants generate waves --count 2 --prefix w --format html";
    let page = typed(&place, line);
    let address = "<dd>https://waves.example.org/</dd>";
    assert_eq!(page.matches(address).count(), 2);
    let page = typed(&place, "participants reset w-01 --format html");
    assert_eq!(page.matches(address).count(), 1);
}

#[test]
fn nobody_is_deleted_without_a_yes() {
    let place = class();
    for input in ["", "no\n", "y\n"] {
        let error =
            try_type_with(&place, "participants delete a-01 --mode erase", input).unwrap_err();
        assert_eq!(error.exit_code(), 2);
    }
    typed(&place, "participants delete a-01 --mode erase --dry-run");
    assert_eq!(usernames(&place), ["a-01", "a-02", "a-03"]);
    try_type_with(&place, "participants delete a-01 --mode erase", "yes\n").unwrap();
    typed(&place, "participants delete a-02 --mode anonymise --yes");
    assert_eq!(usernames(&place), ["a-03"]);
}

#[test]
fn with_a_name_that_is_none_nothing_is_done() {
    let place = class();
    for line in [
        "participants delete a-01 nobody --mode erase --yes",
        "participants delete a-01 --study maze --mode erase --yes",
        "participants deactivate a-01 nobody",
        "participants reset a-01 nobody",
    ] {
        assert_eq!(try_type(&place, line).unwrap_err().exit_code(), 1, "{line}");
    }
    assert!(!typed(&place, "participants list castle").contains("inactive"));
    assert_eq!(usernames(&place).len(), 3);
}
