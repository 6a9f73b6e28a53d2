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
