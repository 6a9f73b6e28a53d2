//! `sillage participants import`.

use crate::support::{place, try_type, type_all, typed, vault};
use sillage_cli::{CommandError, Workplace};
use sillage_domain::{IdentityField, StudyChange};
use std::path::{Path, PathBuf};

/// A study that keeps first names and guardians' addresses.
fn club() -> Workplace {
    let place = place();
    typed(&place, "study create club");
    typed(&place, "study create maze");
    let fields = [IdentityField::FirstName, IdentityField::GuardianEmail];
    let study = place.ports.studies.study_by_slug(&"club".parse().unwrap());
    let change = StudyChange {
        identity: Some(fields.into_iter().collect()),
        ..StudyChange::default()
    };
    let study = study.unwrap().unwrap().id;
    let studies = &place.ports.studies;
    studies
        .change_study(study, &change, None, place.now)
        .unwrap();
    place
}

fn file(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("class.csv");
    std::fs::write(&path, text).unwrap();
    path
}

fn first_name(place: &Workplace, username: &str) -> Option<String> {
    let account = place
        .ports
        .accounts
        .account_by_username(&username.parse().unwrap());
    let known = vault(place).read(account.unwrap().unwrap().id).unwrap();
    known
        .identity
        .get(IdentityField::FirstName)
        .map(str::to_owned)
}

#[test]
fn accounts_are_made_by_a_file_and_who_they_are_lies_in_the_vault() {
    let (folder, place) = (tempfile::tempdir().unwrap(), club());
    typed(&place, "participants generate club --count 1 --prefix c");
    let path = file(
        folder.path(),
        "\u{feff}username;first_name;guardian_email\r\nc-01;Chiara;paola@example.org\r\nc-02;Zoé;\r\nc-03;;\r\n",
    );
    let line = format!("participants import {} --study club", path.display());
    let dry = typed(&place, &format!("{line} --dry-run"));
    assert_eq!(
        dry,
        "2 account(s) would be made, 2 identities written down\n"
    );
    assert_eq!(typed(&place, "participants list club").lines().count(), 1);
    let printed = typed(&place, &line);
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[0], "username,password");
    assert!(
        lines[1].starts_with("c-02,") && lines[2].starts_with("c-03,"),
        "{printed}"
    );
    assert_eq!(lines.len(), 3, "{printed}");
    assert_eq!(first_name(&place, "c-01").as_deref(), Some("Chiara"));
    assert_eq!(first_name(&place, "c-02").as_deref(), Some("Zoé"));
    assert_eq!(first_name(&place, "c-03"), None);
    // Sent again it makes nobody, and an empty place takes nothing away.
    let path = file(
        folder.path(),
        "first_name,username\nChiaretta,c-01\n,c-02\n",
    );
    let line = format!("participants import {} --study club", path.display());
    assert_eq!(typed(&place, &line), "1 identities written down\n");
    assert_eq!(first_name(&place, "c-01").as_deref(), Some("Chiaretta"));
    assert_eq!(first_name(&place, "c-02").as_deref(), Some("Zoé"));
}

#[test]
fn what_the_study_does_not_keep_is_refused_with_its_line_and_nothing_is_done() {
    let (folder, place) = (tempfile::tempdir().unwrap(), club());
    let text = "username,name,guardian_email\nc-01,,paola@example.org\nc-02,Müller,nowhere\n";
    let path = file(folder.path(), text);
    for (study, faults) in [
        (
            "club",
            [
                "3: name: the study does not keep it, but first_name, guardian_email",
                "3: guardian_email: is no e-mail address",
            ]
            .as_slice(),
        ),
        (
            "maze",
            &[
                "2: guardian_email: the study keeps no identity; it would have to say so (`identity`)",
                "3: name: the study keeps no identity; it would have to say so (`identity`)",
                "3: guardian_email: the study keeps no identity; it would have to say so (`identity`)",
            ],
        ),
    ] {
        let line = format!("participants import {} --study {study}", path.display());
        let (printed, refused) = type_all(&place, &line, "");
        let lines = faults
            .iter()
            .map(|fault| format!("{}:{fault}\n", path.display()));
        assert_eq!(printed, lines.collect::<String>());
        assert!(matches!(refused, Err(CommandError::Participants { .. })));
        assert_eq!(typed(&place, &format!("participants list {study}")), "");
    }
}

#[test]
fn every_fault_of_a_file_is_told_at_once() {
    let (folder, place) = (tempfile::tempdir().unwrap(), club());
    typed(&place, "participants generate maze --count 1 --prefix m");
    for (text, count) in [
        ("", 1),
        ("first_name\nZoé\n", 1),
        ("username,password,nickname\na,b,c\n", 2),
        ("username,username\na,b\n", 1),
        (
            "username,first_name\nm-01,Zoé\nnot a name,Zoé\nc-01,Zoé\nc-01,Zoé\n",
            3,
        ),
        ("username,first_name\nc-01\n", 1),
    ] {
        let path = file(folder.path(), text);
        let line = format!("participants import {} --study club", path.display());
        match try_type(&place, &line) {
            Err(CommandError::Participants { faults, .. }) => assert_eq!(faults, count, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(typed(&place, "participants list club"), "");
}
