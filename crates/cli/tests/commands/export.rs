//! `sillage export`

use crate::support::{place, try_type, typed};
use sillage_cli::{CommandError, Workplace};
use sillage_domain::testing::fixtures::{entries, send};

fn with_entries() -> Workplace {
    let place = place();
    typed(&place, "study create castle --title Castle");
    let study = place
        .ports
        .studies
        .study_by_slug(&"castle".parse().unwrap())
        .unwrap()
        .unwrap();
    send(&place.ports, &entries(&study, 0..5));
    place
}

#[test]
fn a_study_goes_to_the_standard_output() {
    let printed = typed(&with_entries(), "export castle");
    assert!(printed.starts_with("number,id,participant,"));
    assert_eq!(printed.lines().count(), 6);
}

#[test]
fn a_filter_narrows_it() {
    let place = with_entries();
    assert_eq!(
        typed(
            &place,
            "export castle --format ndjson --from 2024-05-18T00:00:03Z"
        )
        .lines()
        .count(),
        2
    );
    assert_eq!(
        typed(&place, "export castle --format ndjson --action jump"),
        ""
    );
}

#[test]
fn a_file_has_its_name_once_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("castle.csv");
    let printed = typed(
        &with_entries(),
        &format!("export castle --output {}", file.display()),
    );
    assert_eq!(
        printed,
        format!("5 entries of castle written to {}\n", file.display())
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 6);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_folder_that_is_not_there_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none").join("castle.csv");
    let error = try_type(
        &with_entries(),
        &format!("export castle --output {}", file.display()),
    )
    .unwrap_err();
    assert!(matches!(&error, CommandError::File { path, .. } if *path == file));
    assert_eq!(error.exit_code(), 1);
}

#[test]
fn sessions_and_participants_have_tables_of_their_own() {
    let place = with_entries();
    let sessions = typed(&place, "export castle --table sessions --idle PT0S");
    assert!(
        sessions.starts_with("session,participant,entries,"),
        "{sessions}"
    );
    assert!(
        sessions.lines().nth(1).unwrap().contains(",4,0,0,4,"),
        "{sessions}"
    );
    let people = typed(&place, "export castle --table participants --format ndjson");
    assert!(people.contains(r#""entries":5"#), "{people}");
}

#[test]
fn what_needs_a_codebook_says_so() {
    for wanted in ["--shape wide", "--view deidentified", "--clean values"] {
        let error = try_type(&with_entries(), &format!("export castle {wanted}")).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{wanted}");
    }
}

#[test]
fn what_is_cleaned_is_left_out_and_told() {
    let place = with_entries();
    let study = place
        .ports
        .studies
        .study_by_slug(&"castle".parse().unwrap());
    let mut again = entries(&study.unwrap().unwrap(), 0..1).remove(0);
    again.id = sillage_domain::EntryId(uuid::Uuid::from_u128(9));
    send(&place.ports, &[again]);
    assert_eq!(typed(&place, "export castle").lines().count(), 7);
    assert_eq!(
        typed(&place, "export castle --clean duplicates")
            .lines()
            .count(),
        6
    );
    let folder = tempfile::tempdir().unwrap();
    typed(
        &place,
        &format!(
            "export castle --clean duplicates --tables {}",
            folder.path().display()
        ),
    );
    let reasons = std::fs::read_to_string(folder.path().join("cleaning.csv")).unwrap();
    assert!(
        reasons
            .lines()
            .nth(1)
            .unwrap()
            .ends_with(",,duplicates,an earlier entry has its content"),
        "{reasons}"
    );
}

const CODEBOOK: &str = "format = 1\n[actions.click.fields.n]\ntype = \"integer\"\nmaximum = 3\nprivacy = \"other\"\n[actions.jump]\n";

/// What is typed to go by a codebook in a file.
fn with_codebook(folder: &std::path::Path, words: &str) -> String {
    let file = folder.join("codebook.toml");
    std::fs::write(&file, CODEBOOK).unwrap();
    typed(
        &with_entries(),
        &format!("export castle --codebook {} {words}", file.display()),
    )
}

#[test]
fn a_wide_table_has_the_columns_of_the_codebook() {
    let folder = tempfile::tempdir().unwrap();
    let printed = with_codebook(
        folder.path(),
        "--shape wide --view deidentified --clean values",
    );
    let mut lines = printed.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .ends_with(",received_at,sent_at,disputed,n")
    );
    // Of 0 to 4, the last does not fit.
    assert!(lines.next_back().unwrap().ends_with(','), "{printed}");
    let printed = with_codebook(folder.path(), "--shape wide --clean values");
    assert!(
        printed.lines().next().unwrap().ends_with(",disputed,n"),
        "{printed}"
    );
    let full = with_codebook(folder.path(), "--shape wide --view full");
    assert!(
        full.lines()
            .nth(1)
            .unwrap()
            .ends_with(r#",0,"{""b"":1.10}""#),
        "{full}"
    );
}

#[test]
fn a_study_with_a_codebook_needs_no_file_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codebook.toml");
    std::fs::write(&file, CODEBOOK).unwrap();
    let place = with_entries();
    typed(
        &place,
        &format!("codebook put {} --study castle", file.display()),
    );
    let words = "export castle --shape wide --view deidentified --clean values";
    let named = format!("{words} --codebook {}", file.display());
    assert_eq!(typed(&place, words), typed(&place, &named));
    let tables = folder.path().join("tables");
    typed(
        &place,
        &format!("export castle --tables {}", tables.display()),
    );
    let provenance = std::fs::read_to_string(tables.join("provenance.json")).unwrap();
    let provenance: serde_json::Value = serde_json::from_str(&provenance).unwrap();
    assert_eq!(provenance["codebook_version"], 1);
}

#[test]
fn every_table_goes_to_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let tables = folder.path().join("tables");
    let words = format!("--clean times,values --tables {}", tables.display());
    let printed = with_codebook(folder.path(), &words);
    assert!(
        printed.starts_with("7 tables of castle written to "),
        "{printed}"
    );
    let read = |name: &str| std::fs::read_to_string(tables.join(name)).unwrap();
    let package: serde_json::Value = serde_json::from_str(&read("datapackage.json")).unwrap();
    let paths: Vec<_> = package["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["path"].as_str().unwrap())
        .collect();
    let expected = [
        "entries.csv",
        "action-click.csv",
        "action-jump.csv",
        "codebook.csv",
        "sessions.csv",
        "participants.csv",
        "cleaning.csv",
    ];
    assert_eq!(paths, expected);
    assert_eq!(read("entries.csv").lines().count(), 6);
    assert_eq!(read("action-jump.csv").lines().count(), 1);
    assert_eq!(read("cleaning.csv").lines().count(), 2);
    assert_eq!(read("sessions.csv").lines().count(), 2);
    let provenance: serde_json::Value = serde_json::from_str(&read("provenance.json")).unwrap();
    assert_eq!(provenance["clean"], serde_json::json!(["times", "values"]));
    assert!(read("tableschema.json").contains("\"integer\""));
}
