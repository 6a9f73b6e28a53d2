//! `sillage codebook put`

use crate::support::{place, try_type, typed};
use sillage_cli::CommandError;
use std::fs;

const FIRST: &str =
    "format = 1\n\n[actions.open.fields.chest]\ntype = \"integer\"\nprivacy = \"other\"\n";

#[test]
fn a_file_becomes_the_codebook_of_a_study_in_the_form_that_its_name_says() {
    let (place, folder) = (place(), tempfile::tempdir().unwrap());
    typed(&place, "study create castle");
    let toml = folder.path().join("castle.toml");
    fs::write(&toml, FIRST).unwrap();
    let put = format!("codebook put --study castle {}", toml.display());
    assert_eq!(
        typed(&place, &put),
        "study castle: version 1 of the codebook\n"
    );
    assert_eq!(
        typed(&place, &put),
        "study castle: nothing is other than in version 1\n"
    );
    let json = folder.path().join("castle.JSON");
    fs::write(&json, r#"{"format":1,"actions":{"close":{}}}"#).unwrap();
    let printed = typed(
        &place,
        &format!("--json codebook put --study castle {}", json.display()),
    );
    let printed: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed["version"], 2);
    assert_eq!(printed["compatible"], false);
    let changes: Vec<_> = printed["differences"].as_array().unwrap().iter().collect();
    assert!(changes.iter().any(|one| one["change"] == "action_removed"));
    assert!(changes.iter().any(|one| one["change"] == "action_added"));
    let study = place
        .ports
        .studies
        .study_by_slug(&"castle".parse().unwrap());
    assert_eq!(study.unwrap().unwrap().codebook.unwrap().0, 2);
}

#[test]
fn a_file_with_faults_is_refused_with_all_of_them_and_nothing_is_kept() {
    let (place, folder) = (place(), tempfile::tempdir().unwrap());
    typed(&place, "study create castle");
    let file = folder.path().join("castle.toml");
    fs::write(
        &file,
        FIRST.replace("integer", "intger").replace("other", "othr"),
    )
    .unwrap();
    let put = format!("codebook put --study castle {}", file.display());
    let failed = try_type(&place, &put);
    assert!(
        matches!(failed, Err(CommandError::Codebook { faults: 2, .. })),
        "{failed:?}"
    );
    let study = place
        .ports
        .studies
        .study_by_slug(&"castle".parse().unwrap());
    assert_eq!(study.unwrap().unwrap().codebook, None);
}
