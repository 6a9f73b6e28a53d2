//! `sillage papers`

use crate::support::{place, try_type, typed};
use sillage_cli::CommandError;
use sillage_domain::{NewNotice, Slug};
use std::fs;

#[test]
fn papers_are_written_to_a_folder_and_tell_what_is_missing() {
    let place = place();
    typed(&place, "study create castle --title Castle");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("papers");
    let printed = typed(&place, &format!("papers castle --out {}", out.display()));
    let mut names: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let expected = [
        "impact-assessment.md",
        "notice.en.md",
        "notice.fr.md",
        "record.json",
        "record.md",
    ];
    assert_eq!(names, expected);
    assert!(printed.contains("things are to be completed"), "{printed}");
    let record = fs::read_to_string(out.join("record.md")).unwrap();
    assert!(
        record.contains("**To be completed: who decides about the study**"),
        "{record}"
    );
}

#[test]
fn what_was_completed_by_hand_is_not_written_over() {
    let place = place();
    typed(&place, "study create castle");
    let folder = tempfile::tempdir().unwrap();
    let line = format!("papers --study castle --out {}", folder.path().display());
    let notice = folder.path().join("notice.fr.md");
    fs::write(&notice, "fini").unwrap();
    let error = try_type(&place, &line).unwrap_err();
    assert!(matches!(error, CommandError::File { .. }), "{error}");
    assert!(error.to_string().contains("--replace"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    typed(&place, &format!("{line} --replace"));
    assert_ne!(fs::read_to_string(&notice).unwrap(), "fini");
}

#[test]
fn programs_are_told_the_files_and_what_is_missing() {
    let place = place();
    typed(&place, "study create castle");
    let folder = tempfile::tempdir().unwrap();
    let line = format!(
        "--json papers castle --language fr --out {}",
        folder.path().display()
    );
    let printed: serde_json::Value = serde_json::from_str(&typed(&place, &line)).unwrap();
    assert_eq!(printed["study"], "castle");
    assert_eq!(printed["files"].as_array().unwrap().len(), 5);
    let gaps = printed["to_complete"].as_array().unwrap();
    let about: Vec<_> = gaps
        .iter()
        .map(|gap| gap["about"].as_str().unwrap())
        .collect();
    for one in [
        "legal_regimes",
        "controllers",
        "contact",
        "purpose",
        "recipients",
        "retention",
    ] {
        assert!(about.contains(&one), "no {one} in {about:?}");
    }
    assert!(
        gaps.iter()
            .any(|gap| gap["text"] == "qui décide de l'étude")
    );
}

#[test]
fn a_notice_that_holds_stands_in_the_record() {
    let place = place();
    typed(&place, "study create castle");
    let slug: Slug = "castle".parse().unwrap();
    let study = place.ports.studies.study_by_slug(&slug).unwrap().unwrap();
    let notice = NewNotice {
        language: "fr".to_owned(),
        text: "# Ce que nous gardons".to_owned(),
        by: None,
    };
    let notices = &place.ports.notices;
    notices
        .put_notice(study.id, &notice, None, place.now)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    typed(
        &place,
        &format!("papers castle --out {}", folder.path().display()),
    );
    let record = fs::read_to_string(folder.path().join("record.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let hash: String = notice
        .hash()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(record["notices"][0]["sha256"], hash);
    assert_eq!(record["notices"][0]["version"], 1);
}

#[test]
fn a_study_that_is_not_there_has_no_papers() {
    let error = try_type(&place(), "papers castle").unwrap_err();
    assert!(matches!(error, CommandError::NoSuchStudy(_)));
}
