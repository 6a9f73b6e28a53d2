//! For each promise of `docs/privacy/` there is a test, and the index has them all.

use super::{pages, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const HEADER: &str = "| promise | test |";
/// Below it, the index is made from the other pages.
const MADE: &str = "<!-- Made from the pages named here: UPDATE_PAGES=1 cargo test -p sillage --test documentation -->";

/// A page's file, its title, and the rows of its table of promises.
fn promises() -> Vec<(String, String, Vec<String>)> {
    let folder = root().join("docs/privacy");
    let mut found = Vec::new();
    pages(&folder, &mut found);
    found.sort();
    let of = |path: &Path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(path).unwrap();
        let title = text
            .lines()
            .next()
            .unwrap()
            .trim_start_matches("# ")
            .to_owned();
        let rows = text.lines().skip_while(|line| *line != HEADER).skip(2);
        let rows: Vec<_> = rows
            .take_while(|line| line.starts_with('|'))
            .map(str::to_owned)
            .collect();
        (name != "README.md" && !rows.is_empty()).then_some((name, title, rows))
    };
    found.iter().filter_map(|path| of(path)).collect()
}

/// Every function of the workspace.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "target" {
            functions(&path, found);
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(&path).unwrap();
            let named = text.split("fn ").skip(1);
            let named = named.filter_map(|rest| rest.split(['(', '<']).next());
            found.extend(named.map(str::to_owned));
        }
    }
}

#[test]
fn every_promise_names_a_test_that_there_is() {
    let mut there = BTreeSet::new();
    for folder in ["crates", "bins", "examples"] {
        functions(&root().join(folder), &mut there);
    }
    let mut named = 0;
    for (page, _, rows) in promises() {
        for row in rows {
            let tests = row.split(" | ").nth(1).unwrap_or_default();
            let tests = tests.split('`').skip(1).step_by(2);
            let tests: Vec<_> = tests.filter(|name| !name.contains(['/', '.'])).collect();
            assert!(!tests.is_empty(), "{page}: {row} names no test");
            for test in tests {
                assert!(
                    there.contains(test),
                    "{page} names {test}, which is nowhere"
                );
                named += 1;
            }
        }
    }
    assert!(named > 40, "{named}");
}

#[test]
fn what_stands_in_the_way_of_a_threat_is_held_by_a_test_that_there_is() {
    let mut there = BTreeSet::new();
    for folder in ["crates", "bins"] {
        functions(&root().join(folder), &mut there);
    }
    let page = fs::read_to_string(root().join("docs/threat-model.md")).unwrap();
    let (_, table) = page.split_once("| held by |\n|---|---|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let mut read = 0;
    for row in rows {
        let held = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for name in held.split('`').skip(1).step_by(2) {
            let is_there = match name.contains('/') {
                true => root().join(name).exists(),
                false => there.contains(name),
            };
            assert!(is_there, "{name} is nowhere: {row}");
        }
        assert!(held.contains('`') || held == "the operator", "{row}");
        read += 1;
    }
    assert!(read > 15, "{read}");
}

#[test]
fn the_index_has_every_promise() {
    let path = root().join("docs/privacy/README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (above, _) = text.split_once(MADE).unwrap();
    let mut wanted = format!("{above}{MADE}\n");
    for (page, title, rows) in promises() {
        wanted += &format!(
            "\n### [{title}]({page})\n\n{HEADER}\n|---|---|\n{}\n",
            rows.join("\n")
        );
    }
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(
        written, wanted,
        "the index is not what the pages say; UPDATE_PAGES=1 makes it anew"
    );
}
