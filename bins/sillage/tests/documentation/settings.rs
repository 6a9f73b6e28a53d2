//! `docs/configuration.md` shows every setting, as the code has it: the sentences of `settings.rs`, the defaults of the program.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use super::root;

const SOURCE: &str = include_str!("../../src/settings.rs");
/// Characters of a line of the page.
const WIDTH: usize = 110;

/// A structure of the settings: what is said of it, and its fields with what is said of them.
type Structure = (String, Vec<(String, String, String)>);

/// The structures by their names, each field with its type and its sentences.
fn structures() -> BTreeMap<String, Structure> {
    let mut all: BTreeMap<String, Structure> = BTreeMap::new();
    let (mut said, mut inside) = (String::new(), None);
    for line in SOURCE.lines().map(str::trim) {
        if let Some(sentence) = line.strip_prefix("///") {
            said = format!("{said} {}", sentence.trim()).trim().to_owned();
        } else if let Some(rest) = line.strip_prefix("pub(crate) struct ") {
            let name = rest.split([' ', '{']).next().unwrap().to_owned();
            all.insert(name.clone(), (std::mem::take(&mut said), Vec::new()));
            inside = Some(name);
        } else if line == "}" {
            inside = None;
        } else if !line.starts_with("#[") {
            let field = line
                .strip_prefix("pub(crate) ")
                .and_then(|rest| rest.split_once(": "));
            if let (Some(name), Some((key, kind))) = (&inside, field) {
                let kind = kind.trim_end_matches(',').to_owned();
                let field = (key.to_owned(), kind, std::mem::take(&mut said));
                all.get_mut(name).unwrap().1.push(field);
            }
            said.clear();
        }
    }
    all
}

fn sillage(arguments: &[&str], folder: &std::path::Path) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_sillage"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    assert!(done.status.success(), "{arguments:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// The line that `sillage config show` has for each setting, by section and key.
fn defaults() -> BTreeMap<(String, String), String> {
    let folder = tempfile::tempdir().unwrap();
    let (mut section, mut found) = (String::new(), BTreeMap::new());
    for line in sillage(&["config", "show"], folder.path()).lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some((key, _)) = line.split_once(" =") {
            let key = key.trim_start_matches("# ").to_owned();
            found.insert((section.clone(), key), line.trim_end().to_owned());
        }
    }
    found
}

fn comment(text: &str, page: &mut String) {
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.len() + word.len() > WIDTH {
            writeln!(page, "#{line}").unwrap();
            line.clear();
        }
        write!(line, " {word}").unwrap();
    }
    writeln!(page, "#{line}").unwrap();
}

/// The configuration file with every setting.
fn file() -> String {
    let (structures, mut defaults, mut file) = (structures(), defaults(), String::new());
    for (section, structure, _) in &structures["Settings"].1 {
        let (about, fields) = &structures[structure];
        let about = about
            .strip_prefix(&format!("`[{section}]`"))
            .unwrap_or_else(|| panic!("{structure} is [{section}]"));
        if !file.is_empty() {
            file.push('\n');
        }
        if let Some(about) = about.strip_prefix(": ") {
            comment(about, &mut file);
        }
        writeln!(file, "[{section}]").unwrap();
        for (key, _, said) in fields {
            assert!(!said.is_empty(), "[{section}] {key} is not explained");
            comment(said, &mut file);
            let default = defaults.remove(&(section.clone(), key.clone()));
            let default = default.unwrap_or_else(|| panic!("[{section}] {key} is not shown"));
            writeln!(file, "{default}").unwrap();
        }
    }
    assert!(defaults.is_empty(), "not in the code: {defaults:?}");
    file
}

#[test]
fn the_page_on_the_configuration_is_made_of_the_settings() {
    let path = root().join("docs/configuration.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- settings -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- end -->").unwrap();
    let wanted = format!(
        "{before}<!-- settings -->\n```toml\n{}```\n<!-- end -->{after}",
        file()
    );
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::write(&path, wanted).unwrap();
    } else {
        assert!(
            page == wanted,
            "docs/configuration.md is not what the settings are: run `UPDATE_PAGES=1 cargo test -p sillage --test documentation`"
        );
    }
}

#[test]
fn the_file_with_every_setting_and_those_of_the_packages_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let packaged = fs::read_to_string(root().join("packaging/debian/sillage.toml")).unwrap();
    for text in [file(), packaged] {
        let name = folder.path().join("one.toml");
        fs::write(&name, &text).unwrap();
        let words = ["config", "check", "--config", "one.toml"];
        assert_eq!(
            sillage(&words, folder.path()),
            "the configuration can be used\n"
        );
    }
}
