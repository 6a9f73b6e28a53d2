//! `sillage study`

use crate::support::{place, try_type, typed};
use clap::Parser;
use sillage_cli::{Arguments, CommandError};
use sillage_domain::StoreError;

#[test]
fn a_study_is_made_opened_and_closed() {
    let place = place();
    assert_eq!(
        typed(&place, "study create castle --title Castle"),
        "study castle made, draft\n"
    );
    assert_eq!(
        typed(&place, "study open castle"),
        "study castle changed, open\n"
    );
    assert_eq!(
        typed(&place, "study close castle"),
        "study castle changed, closed\n"
    );
    let study = place
        .ports
        .studies
        .study_by_slug(&"castle".parse().unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(study.closed_at, Some(place.now));
}

#[test]
fn a_study_is_printed_as_json_for_programs() {
    let printed = typed(
        &place(),
        "--json study create castle --title Castle --validation reject --open",
    );
    let value: serde_json::Value = serde_json::from_str(&printed).unwrap();
    let expected = serde_json::json!({
        "slug": "castle", "title": "Castle", "description": "", "game_url": null, "status": "open",
        "validation": "reject", "created_at": "2024-05-18T00:00:00.000000Z", "closed_at": null,
    });
    assert_eq!(value, expected);
}

#[test]
fn a_study_is_named_alone_or_with_its_option_and_has_a_title_of_its_own_or_its_name() {
    let place = place();
    typed(&place, "study create castle");
    assert_eq!(
        typed(&place, "study open --study castle"),
        "study castle changed, open\n"
    );
    let study = place
        .ports
        .studies
        .study_by_slug(&"castle".parse().unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(study.title, "castle");
    assert!(typed(&place, "participants generate --study castle --count 1").contains("castle-01,"));
    for line in ["sillage study open", "sillage export castle --study castle"] {
        assert!(
            Arguments::try_parse_from(line.split(' ')).is_err(),
            "{line}"
        );
    }
}

#[test]
fn a_name_is_taken_once() {
    let place = place();
    typed(&place, "study create castle --title Castle");
    let again = try_type(&place, "study create castle --title Other").unwrap_err();
    assert!(matches!(
        again,
        CommandError::Store(StoreError::NameTaken(_))
    ));
    assert_eq!(again.exit_code(), 1);
}

#[test]
fn a_study_that_is_not_there_is_said_so() {
    let error = try_type(&place(), "study open castle").unwrap_err();
    assert!(matches!(error, CommandError::NoSuchStudy(_)));
    assert_eq!(error.exit_code(), 1);
}

#[test]
fn two_studies_have_two_salts() {
    let place = place();
    typed(&place, "study create a --title A");
    typed(&place, "study create b --title B");
    let salt = |slug: &str| {
        place
            .ports
            .studies
            .study_by_slug(&slug.parse().unwrap())
            .unwrap()
            .unwrap()
            .salt
    };
    assert_ne!(salt("a"), salt("b"));
}
