//! `sillage quality`

use crate::support::{place, try_type, typed};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sillage_domain::testing::fixtures::{entries, send};
use std::fs;
use std::io::Write;

const ENTRIES: &str = r#"{"session":"s","sequence":0,"timestamp":"2024-05-18T10:00:09Z","action":"open","payload":{"a":1}}
{"session":"s","sequence":1,"timestamp":"2024-05-18T10:00:05Z","action":"close"}

{"session":"s","sequence":4,"timestamp":"2024-05-18T10:00:07Z","action":"open","received_at":"2024-05-18T10:00:08Z"}
{"action":"no time"}
"#;

#[test]
fn a_study_is_judged() {
    let place = place();
    typed(&place, "study create castle --title Castle");
    let slug = "castle".parse().unwrap();
    let study = place.ports.studies.study_by_slug(&slug).unwrap().unwrap();
    let mut sent = entries(&study, 0..5);
    sent.remove(2);
    send(&place.ports, &sent);
    let told: Value =
        serde_json::from_str(&typed(&place, "--json quality --study castle")).unwrap();
    assert_eq!(
        (&told["entries"], &told["gaps"], &told["backwards"]),
        (&json!(4), &json!(1), &json!(0))
    );
    let text = typed(&place, "quality castle");
    assert!(
        text.starts_with("castle: 4 entries, 1 sessions, 1 participants\n"),
        "{text}"
    );
    assert!(
        text.contains(
            "gaps                             1  with 1 sequence numbers missing in them\n"
        ),
        "{text}"
    );
}

#[test]
fn a_study_is_judged_by_its_own_codebook_or_by_the_one_in_a_file() {
    let place = place();
    typed(&place, "study create castle --title Castle");
    let slug = "castle".parse().unwrap();
    let study = place.ports.studies.study_by_slug(&slug).unwrap().unwrap();
    send(&place.ports, &entries(&study, 0..5));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codebook.toml");
    let put = |most: u32| {
        let text = format!(
            "format = 1\n[actions.click.fields.n]\ntype = \"integer\"\nmaximum = {most}\n[actions.jump]\n"
        );
        fs::write(&file, text).unwrap();
    };
    put(3);
    typed(
        &place,
        &format!("codebook put {} --study castle", file.display()),
    );
    put(1);
    let told = |words: &str| -> Value {
        serde_json::from_str(&typed(&place, &format!("--json quality castle{words}"))).unwrap()
    };
    let own = told("");
    assert_eq!(
        (&own["outside"], &own["codebook_version"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(own["never_seen"], json!(["jump"]));
    let named = told(&format!(" --codebook {}", file.display()));
    assert_eq!(named["outside"], 3);
}

#[test]
fn a_file_is_judged_compressed_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let plain = folder.path().join("entries.ndjson");
    fs::write(&plain, ENTRIES).unwrap();
    let packed = folder.path().join("entries.ndjson.gz");
    let mut encoder = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::fast());
    encoder.write_all(ENTRIES.as_bytes()).unwrap();
    encoder.finish().unwrap();
    for file in [plain, packed] {
        let line = format!("--json quality {}", file.display());
        let told: Value = serde_json::from_str(&typed(&place(), &line)).unwrap();
        assert_eq!(
            (&told["entries"], &told["quarantined"]),
            (&json!(3), &json!(1))
        );
        assert_eq!(
            (&told["gaps"], &told["missing"], &told["backwards"]),
            (&json!(1), &json!(2), &json!(1))
        );
        assert_eq!(told["longest_backwards_seconds"], 4.0);
    }
}

#[test]
fn a_line_without_an_end_does_not_fill_the_memory() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.ndjson");
    let long = format!("{{\"filler\":\"{}\"}}\n{ENTRIES}", "x".repeat(3 << 20));
    fs::write(&file, long).unwrap();
    let line = format!("--json quality {}", file.display());
    let told: Value = serde_json::from_str(&typed(&place(), &line)).unwrap();
    assert_eq!(
        (&told["entries"], &told["quarantined"]),
        (&json!(3), &json!(2))
    );
}

#[test]
fn what_is_not_there_is_said_so() {
    let error = try_type(&place(), "quality no-such-file.ndjson").unwrap_err();
    assert!(
        error.to_string().starts_with("no-such-file.ndjson: "),
        "{error}"
    );
    assert_eq!(
        try_type(&place(), "quality Castle")
            .unwrap_err()
            .exit_code(),
        2
    );
    assert_eq!(
        try_type(&place(), "quality castle")
            .unwrap_err()
            .exit_code(),
        1
    );
}

#[test]
fn the_recorded_class_fits_its_codebook() {
    let waves = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/waves");
    let line = format!(
        "--json quality {} --codebook {}",
        waves.join("waves.ndjson.gz").display(),
        waves.join("codebook.toml").display()
    );
    let told: Value = serde_json::from_str(&typed(&place(), &line)).unwrap();
    assert_eq!(told["never_seen"], json!([]));
    assert_eq!(
        (&told["outside"], &told["backwards"]),
        (&json!(0), &json!(243))
    );
    let fields = told["fields"].as_array().unwrap();
    assert!(
        fields
            .iter()
            .all(|field| field["declared"] == true && field["always_empty"] == false)
    );
}

#[test]
fn a_codebook_with_faults_is_told_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("codebook.toml");
    fs::write(&file, "format = 1\n[actions.click]\ncolour = 3\n").unwrap();
    let line = format!("quality entries.ndjson --codebook {}", file.display());
    let error = try_type(&place(), &line).unwrap_err();
    assert!(error.to_string().contains("codebook.toml:3:1:"), "{error}");
    assert_eq!(error.exit_code(), 1);
}
