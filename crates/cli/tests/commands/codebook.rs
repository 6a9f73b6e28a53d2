//! `sillage codebook`: files in, text out.

use clap::Parser;
use rstest::rstest;
use serde_json::Value;
use sillage_cli::{Arguments, Command, CommandError, Output, codebook};
use std::path::PathBuf;

fn example(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/waves");
    folder.join(name).to_str().unwrap().to_owned()
}

fn tried(words: &[&str]) -> (Result<(), CommandError>, String) {
    let arguments = Arguments::try_parse_from([&["sillage", "codebook"], words].concat()).unwrap();
    let Command::Codebook(command) = &arguments.command else {
        panic!("{words:?}")
    };
    let mut printed = Vec::new();
    let done = codebook::run(command, &mut Output::new(&mut printed, arguments.json));
    (done, String::from_utf8(printed).unwrap())
}

fn done(words: &[&str]) -> String {
    let (done, printed) = tried(words);
    done.unwrap_or_else(|error| panic!("{words:?}: {error}\n{printed}"));
    printed
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, text: &str) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

#[test]
fn all_ten_thousand_recorded_entries_fit_the_codebook_of_the_example() {
    let file = example("codebook.toml");
    let printed = done(&["check", &file, "--entries", &example("waves.ndjson.gz")]);
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines[0], format!("{file}: valid; 11 actions, 24 fields"));
    assert_eq!(
        lines[1],
        "  begin                1 field    A level is opened."
    );
    assert_eq!(lines[12], "privacy: 25 other");
    assert!(lines[13].starts_with("all 10000 entries of "), "{printed}");
}

#[test]
fn every_fault_of_a_codebook_is_printed_with_its_place() {
    let folder = Folder::new();
    let file = folder.put(
        "c.toml",
        "format = 1\n[actions.a]\n[fields.x]\ntype = \"text\"\n[fields.y]\n",
    );
    let (result, printed) = tried(&["check", &file]);
    let error = result.unwrap_err();
    assert_eq!(
        (error.exit_code(), error.to_string()),
        (1, format!("{file}: 2 faults"))
    );
    assert_eq!(
        printed,
        format!(
            "{file}:4:8: /fields/x/type: there is no `text` here; there is string, integer, number, boolean, datetime, array, object\n\
             {file}:5:9: /fields/y: `type` is missing\n"
        )
    );
    let (result, printed) = tried(&["check", &file, "--json"]);
    assert_eq!(result.unwrap_err().exit_code(), 1);
    let value: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(value["valid"], false);
    assert_eq!(value["faults"][1]["line"], 5);
}

#[test]
fn entries_that_do_not_fit_are_named_by_line_and_reason() {
    let folder = Folder::new();
    let entries = folder.put(
        "e.ndjson",
        "{\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":\"begin\",\"level\":3}\n\n\
         {\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":\"begin\",\"payload\":{\"level\":35}}\n\
         {\"timestamp\":\"2024-05-18T10:17:33Z\",\"action\":\"begun\"}\nnothing\n",
    );
    let (result, printed) = tried(&["check", &example("codebook.toml"), "--entries", &entries]);
    assert_eq!(
        result.unwrap_err().to_string(),
        format!("{entries}: 3 of 4 entries do not fit")
    );
    assert!(
        printed.contains(&format!(
            "{entries}:3: /payload/level: above maximum (maximum 34)\n"
        )),
        "{printed}"
    );
    assert!(
        printed.contains(&format!("{entries}:4: /action: unknown action\n")),
        "{printed}"
    );
    assert!(printed.contains("       1  unknown action\n"), "{printed}");
    let (_, printed) = tried(&[
        "check",
        &example("codebook.toml"),
        "--entries",
        &entries,
        "--json",
    ]);
    let value: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(value["entries"]["misfits"], 3);
    assert_eq!(value["entries"]["reasons"]["above_maximum"], 1);
}

#[rstest]
#[case("toml")]
#[case("json")]
fn the_recorded_entries_fit_what_is_proposed_from_them(#[case] format: &str) {
    let folder = Folder::new();
    let entries = example("waves.ndjson.gz");
    let proposed = done(&["infer", &entries, "--format", format]);
    let file = folder.put(&format!("proposed.{format}"), &proposed);
    let printed = done(&["check", &file, "--entries", &entries]);
    assert!(
        printed.contains("valid; 11 actions, 24 fields"),
        "{printed}"
    );
    assert!(printed.contains("all 10000 entries"), "{printed}");
    assert!(printed.contains("without a privacy class"), "{printed}");
}

#[rstest]
#[case("json", &["--from", "json"])]
#[case("toml", &["--from", "toml"])]
#[case("jsonschema", &["--from", "jsonschema"])]
fn a_codebook_goes_through_another_notation_and_back(
    #[case] notation: &str,
    #[case] from: &[&str],
) {
    let folder = Folder::new();
    let own = done(&["convert", &example("codebook.toml"), "--to", "toml"]);
    let other = done(&["convert", &example("codebook.toml"), "--to", notation]);
    let file = folder.put("other", &other);
    let back = done(&[&["convert", &file, "--to", "toml"], from].concat());
    assert_eq!(back, own);
}

#[test]
fn a_data_package_and_a_wide_schema_are_written_and_read() {
    let folder = Folder::new();
    let package = done(&["convert", &example("codebook.toml"), "--to", "tableschema"]);
    let file = folder.put("datapackage.json", &package);
    let back = done(&["convert", &file, "--from", "tableschema", "--to", "json"]);
    let value: Value = serde_json::from_str(&back).unwrap();
    assert_eq!(value["actions"].as_object().unwrap().len(), 11);
    let wide = done(&[
        "convert",
        &example("codebook.toml"),
        "--to",
        "tableschema",
        "--wide",
    ]);
    let file = folder.put("schema.json", &wide);
    let back = done(&[
        "convert",
        &file,
        "--from",
        "tableschema",
        "--to",
        "json",
        "--action",
        "any",
    ]);
    let value: Value = serde_json::from_str(&back).unwrap();
    assert_eq!(
        value["actions"]["any"]["fields"].as_object().unwrap().len(),
        24
    );
}

#[test]
fn what_can_not_be_read_is_said() {
    let folder = Folder::new();
    let (result, _) = tried(&["check", "nowhere.toml"]);
    assert!(
        result
            .unwrap_err()
            .to_string()
            .starts_with("nowhere.toml: ")
    );
    let empty = folder.put("empty.ndjson", "\n");
    let (result, _) = tried(&["infer", &empty]);
    assert_eq!(
        result.unwrap_err().to_string(),
        format!("{empty}: no line of it is a log entry")
    );
    let long = folder.put("long.ndjson", &"x".repeat(2 << 20));
    assert!(tried(&["infer", &long]).0.is_err());
}
