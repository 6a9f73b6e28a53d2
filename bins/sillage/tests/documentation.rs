//! What the pages of `docs/` say that a program can check.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "documentation/commands.rs"]
mod commands;
#[path = "documentation/promises.rs"]
mod promises;
#[path = "documentation/settings.rs"]
mod settings;
#[path = "documentation/twins.rs"]
mod twins;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sillage_domain::{Codebook, CodebookFormat};
use sillage_http::Code;
use sillage_pseudonym::rules::{Rules, RulesFormat};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every Markdown page below a folder, but for what was built.
fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "sillage-data" {
            pages(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// Where the links of a page lead, without those to other hosts and to places in the same page.
fn relative_links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter_map(|link| link.split('#').next())
        .filter(|link| !link.is_empty() && !link.contains(':') && link.contains(['.', '/']))
}

#[test]
fn every_relative_link_leads_to_a_page() {
    let mut found = Vec::new();
    pages(&root(), &mut found);
    assert!(found.len() > 20, "the pages were not found");
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        for link in relative_links(&text) {
            assert!(
                page.parent().unwrap().join(link).exists(),
                "{} links to {link}",
                page.display()
            );
        }
    }
}

/// The name by which a heading is linked to: small letters, hyphens for spaces, no other marks.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|letter| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        letter => letter.is_alphanumeric().then_some(letter),
    });
    kept.collect::<String>().to_lowercase()
}

#[test]
fn every_link_to_a_place_in_a_page_leads_to_a_heading() {
    let mut found = Vec::new();
    pages(&root(), &mut found);
    let mut tried = 0;
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1);
        let links = links.filter_map(|rest| rest.split(')').next()?.split_once('#'));
        for (file, place) in links.filter(|(file, _)| !file.contains(':')) {
            let to = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            let there = fs::read_to_string(&to).unwrap_or_default();
            let mut headings = there.lines().filter(|line| line.starts_with('#'));
            assert!(
                headings.any(|line| anchor(line.trim_start_matches('#')) == place),
                "{} links to #{place} of {}",
                page.display(),
                to.display()
            );
            tried += 1;
        }
    }
    assert!(tried > 30, "{tried}");
}

#[test]
fn the_page_on_errors_lists_every_code_and_no_other() {
    let page = fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let listed: BTreeSet<u16> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    let known: BTreeSet<u16> = Code::ALL.iter().map(|code| code.number()).collect();
    assert_eq!(listed, known);
}

#[test]
fn every_codebook_in_the_pages_is_one() {
    let mut found = Vec::new();
    pages(&root().join("docs"), &mut found);
    let mut read = 0;
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        for block in text.split("```toml\n").skip(1) {
            let block = block.split("```").next().unwrap();
            if block.starts_with("format = 1") {
                let codebook = Codebook::read(block, CodebookFormat::Toml);
                assert!(codebook.is_ok(), "{}: {codebook:?}", page.display());
                read += 1;
            }
        }
    }
    assert!(read >= 3, "{read}");
}

#[test]
fn the_faults_that_a_page_shows_are_those_of_its_codebook() {
    for page in [
        "design-your-codebook.md",
        "fr/concevoir-son-plan-de-codage.md",
    ] {
        let text = fs::read_to_string(root().join("docs").join(page)).unwrap();
        let block = |opening| text.split_once(opening).unwrap().1.split("```").next();
        let slips = block("```toml\n")
            .unwrap()
            .replacen("type = \"integer\"", "type = \"int\"", 1)
            .replacen("enum =", "enums =", 1);
        let faults = Codebook::read(&slips, CodebookFormat::Toml).unwrap_err();
        let told: Vec<String> = faults.iter().map(|f| format!("castle.toml:{f}")).collect();
        for shown in block("```text\n").unwrap().lines() {
            let shown = shown.trim_end_matches("...");
            let is_told = told.iter().any(|fault| fault.starts_with(shown));
            assert!(is_told, "{page}: {shown}\n{told:#?}");
        }
    }
}

#[test]
fn every_file_of_rules_in_the_pages_is_one() {
    let mut found = Vec::new();
    pages(&root().join("docs"), &mut found);
    let mut read = 0;
    for page in found {
        let text = fs::read_to_string(&page).unwrap();
        for block in text.split("```toml\n# r").skip(1) {
            let block = block.split("```").next().unwrap();
            if let Some(rules) = block
                .strip_prefix("ules.toml\n")
                .or(block.strip_prefix("egles.toml\n"))
            {
                let rules = Rules::read(rules, RulesFormat::Toml);
                assert!(rules.is_ok(), "{}: {rules:?}", page.display());
                read += 1;
            }
        }
    }
    assert!(read >= 2, "{read}");
}
