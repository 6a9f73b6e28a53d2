//! `sillage participants` and `sillage admin`

use crate::support::{place, try_type, try_type_with, typed};
use sillage_auth::{Passwords, Secret};
use sillage_cli::Workplace;
use sillage_domain::{Account, Role};

fn account(place: &Workplace, username: &str) -> Account {
    place
        .ports
        .accounts
        .account_by_username(&username.parse().unwrap())
        .unwrap()
        .unwrap()
}

fn opens(place: &Workplace, username: &str, password: &str) -> bool {
    let hash = account(place, username).password_hash;
    Passwords::new(place.cost)
        .unwrap()
        .verify(&Secret::new(password), Some(&hash))
        .unwrap()
}

#[test]
fn accounts_are_printed_with_passwords_that_open_them() {
    let place = place();
    typed(&place, "study create castle --title Castle");
    let printed = typed(
        &place,
        "participants generate castle --count 3 --prefix classe-a",
    );
    let rows: Vec<_> = printed
        .lines()
        .map(|line| line.split_once(',').unwrap())
        .collect();
    assert_eq!(
        rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        ["username", "classe-a-01", "classe-a-02", "classe-a-03"]
    );
    for (username, password) in &rows[1..] {
        assert!(opens(&place, username, password));
    }
    assert!(!opens(&place, rows[1].0, rows[2].1));
    assert_eq!(
        account(&place, "classe-a-03").enrolment.unwrap().number.0,
        3
    );
}

#[test]
fn a_second_list_goes_on_where_the_first_ended() {
    let place = place();
    typed(&place, "study create castle --title Castle");
    typed(&place, "participants generate castle --count 2");
    let printed = typed(&place, "--json participants generate castle --count 1");
    let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(value["participants"][0]["username"], "castle-03");
    assert_eq!(value["participants"][0]["number"], 3);
    assert!(opens(
        &place,
        "castle-03",
        value["participants"][0]["password"].as_str().unwrap()
    ));
}

#[test]
fn a_prefix_that_can_not_be_one_is_a_slip_of_the_pen() {
    let place = place();
    typed(&place, "study create castle --title Castle");
    let error = try_type(
        &place,
        "participants generate castle --count 1 --prefix a:b",
    )
    .unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert_eq!(
        place
            .ports
            .accounts
            .count_accounts(Role::Participant)
            .unwrap(),
        0
    );
}

#[test]
fn an_administrator_gets_a_password_that_is_shown_once() {
    let place = place();
    let printed = typed(&place, "admin create marie");
    let password = printed.trim_end().rsplit(' ').next().unwrap();
    assert!(opens(&place, "marie", password));
    assert_eq!(account(&place, "marie").role, Role::Admin);
}

#[test]
fn a_password_that_is_given_is_not_shown() {
    let place = place();
    let printed = try_type_with(
        &place,
        "admin create marie --password-stdin",
        "correct horse\r\nsecond line\n",
    )
    .unwrap();
    assert_eq!(printed, "administrator marie made\n");
    assert!(opens(&place, "marie", "correct horse"));
}

#[test]
fn a_password_that_is_too_short_is_refused() {
    let error =
        try_type_with(&place(), "admin create marie --password-stdin", "short\n").unwrap_err();
    assert_eq!(error.exit_code(), 2);
}
