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

const NAMES: &str = "format = 1\n[actions.open]\n[actions.open.fields.who]\ntype = \"string\"\nprivacy = \"identifier\"\n";

fn castle(place: &sillage_cli::Workplace) -> sillage_domain::Study {
    let slug = "castle".parse().unwrap();
    let found = place.ports.studies.study_by_slug(&slug).unwrap();
    found.unwrap()
}

fn put_names(place: &sillage_cli::Workplace) -> Result<String, CommandError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codebook.toml");
    std::fs::write(&file, NAMES).unwrap();
    try_type(
        place,
        &format!("codebook put {} --study castle", file.display()),
    )
}

#[test]
fn a_study_that_collects_identifiers_opens_once_it_has_said_what_it_must() {
    let place = place();
    typed(&place, "study create castle");
    put_names(&place).unwrap();
    let error = try_type(&place, "study open castle").unwrap_err();
    assert_eq!(error.exit_code(), 1);
    let told = error.to_string();
    let missing = [
        "legal_regimes",
        "controllers",
        "contact",
        "purpose",
        "recipients",
        "retention",
        "ethics_reference",
        "notice",
    ];
    for one in missing {
        assert!(told.contains(&format!("\n  {one}: ")), "no {one} in {told}");
    }
    assert!(!told.contains("authorisation_reference"), "{told}");
    let study = castle(&place);
    assert_eq!(study.status, sillage_domain::StudyStatus::Draft);
}

#[test]
fn an_open_study_takes_no_codebook_for_which_something_is_missing() {
    let place = place();
    typed(&place, "study create castle --open");
    let error = put_names(&place).unwrap_err();
    assert!(matches!(error, CommandError::NotReady { .. }), "{error}");
    let study = castle(&place);
    assert_eq!(study.codebook, None);
}
