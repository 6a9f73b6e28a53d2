//! `sillage user` and `sillage member`

use crate::support::{place, try_type, try_type_with, typed};
use sillage_auth::{Passwords, Secret};
use sillage_cli::Workplace;

fn opens(place: &Workplace, username: &str, password: &str) -> bool {
    let account = place
        .ports
        .accounts
        .account_by_username(&username.parse().unwrap())
        .unwrap()
        .unwrap();
    Passwords::new(place.cost)
        .unwrap()
        .verify(&Secret::new(password), Some(&account.password_hash))
        .unwrap()
}

fn last_word(printed: &str) -> &str {
    printed.trim_end().rsplit(' ').next().unwrap()
}

#[test]
fn a_user_is_made_listed_reset_deactivated_and_deleted() {
    let place = place();
    let made = typed(&place, "user create Paul");
    assert!(made.starts_with("user paul made, researcher\n"), "{made}");
    assert!(opens(&place, "paul", last_word(&made)));
    let given = "user create marie --role admin --password-stdin";
    let printed = try_type_with(&place, given, "correct horse\n").unwrap();
    assert_eq!(printed, "user marie made, admin\n");
    let reset = typed(&place, "user reset paul");
    assert!(opens(&place, "paul", last_word(&reset)));
    assert!(!opens(&place, "paul", last_word(&made)));
    typed(&place, "user deactivate paul");
    assert_eq!(
        typed(&place, "user list"),
        "marie admin\npaul researcher, deactivated\n"
    );
    assert_eq!(typed(&place, "user list --search MAR"), "marie admin\n");
    typed(&place, "user activate paul");
    assert_eq!(
        typed(&place, "user delete paul"),
        "user paul deleted, researcher\n"
    );
    let json = typed(&place, "--json user list");
    let list: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(list[0]["username"], "marie");
    assert!(list[0].get("password").is_none() && list[1].is_null());
}

#[test]
fn the_last_administrator_and_who_is_not_there_are_refused() {
    let place = place();
    typed(&place, "user create marie --role admin");
    for line in [
        "user deactivate marie",
        "user delete marie",
        "user reset nobody",
    ] {
        let error = try_type(&place, line).unwrap_err();
        assert_eq!(error.exit_code(), 1, "{line}: {error}");
    }
}

#[test]
fn members_are_added_changed_and_removed() {
    let place = place();
    typed(&place, "study create castle");
    typed(&place, "user create paul");
    assert_eq!(
        typed(&place, "member add castle paul --role analyst"),
        "paul is analyst of castle\n"
    );
    typed(&place, "member add castle paul --role manager");
    assert_eq!(typed(&place, "member list castle"), "paul manager\n");
    let error = try_type(&place, "user delete paul").unwrap_err();
    assert!(error.to_string().contains("`castle`"), "{error}");
    assert_eq!(
        typed(&place, "member remove castle paul"),
        "paul is no longer manager of castle\n"
    );
    assert_eq!(typed(&place, "member list castle"), "");
    assert!(try_type(&place, "member remove castle paul").is_err());
}
