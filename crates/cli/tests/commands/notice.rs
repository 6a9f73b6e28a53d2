//! `sillage notice`.

use crate::support::{place, try_type, typed};
use sillage_cli::CommandError;
use std::fs;

#[test]
fn a_notice_is_put_from_a_file_in_versions_and_languages() {
    let (folder, place) = (tempfile::tempdir().unwrap(), place());
    typed(&place, "study create castle");
    let path = folder.path().join("notice.md");
    let line = format!("notice put castle {} --language", path.display());
    fs::write(&path, "\u{feff}# What we keep\n").unwrap();
    assert_eq!(
        typed(&place, &format!("{line} en")),
        "study castle: version 1 is the notice that holds in en\n"
    );
    assert_eq!(
        typed(&place, &format!("{line} en")),
        "study castle: version 1 says the same, and holds in en\n"
    );
    typed(&place, &format!("{line} fr-CH"));
    fs::write(&path, "# What we keep now\n").unwrap();
    let json = typed(&place, &format!("--json {line} en"));
    let put: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&put["version"], &put["changed"]),
        (&3.into(), &true.into())
    );
    let listed = typed(&place, "notice list castle");
    let listed: Vec<Vec<&str>> = listed
        .lines()
        .map(|one| one.split('\t').collect())
        .collect();
    let shown: Vec<_> = listed
        .iter()
        .map(|one| (one[0], one[1], one.get(4)))
        .collect();
    assert_eq!(
        shown,
        [
            ("3", "en", Some(&"in force")),
            ("2", "fr-ch", Some(&"in force")),
            ("1", "en", None)
        ]
    );
    assert_eq!(listed[0][3], put["hash"].as_str().unwrap());
    let json = typed(&place, "--json notice list --study castle");
    let all: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(all[2]["in_force"], false);
}

#[test]
fn what_can_be_no_notice_is_not_put() {
    let (folder, place) = (tempfile::tempdir().unwrap(), place());
    typed(&place, "study create castle");
    let path = folder.path().join("notice.md");
    let line = format!("notice put castle {} --language en", path.display());
    let missing = try_type(&place, &line).unwrap_err();
    assert!(matches!(missing, CommandError::File { .. }), "{missing}");
    for text in ["", " \n", "a\0b", &"a".repeat((64 << 10) + 1)] {
        fs::write(&path, text).unwrap();
        let refused = try_type(&place, &line).unwrap_err();
        assert!(matches!(refused, CommandError::Notice { .. }), "{refused}");
    }
    assert_eq!(typed(&place, "notice list castle"), "");
    let nowhere = try_type(&place, "notice list maze").unwrap_err();
    assert!(matches!(nowhere, CommandError::NoSuchStudy(_)), "{nowhere}");
}
