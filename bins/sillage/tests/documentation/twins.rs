//! French pages say what their English twins say, in the same order.

use std::collections::BTreeSet;
use std::fs;

use super::root;

/// The page in `docs/fr`, and its twin in `docs`.
const TWINS: [(&str, &str); 8] = [
    (
        "ce-que-sillage-sait-de-vous",
        "what-sillage-knows-about-you",
    ),
    ("concevoir-son-plan-de-codage", "design-your-codebook"),
    ("pour-les-chercheurs", "for-researchers"),
    ("pour-les-enseignants", "for-teachers"),
    ("pour-les-joueurs", "for-players"),
    ("protection-des-donnees", "data-protection"),
    ("pseudonymiser-des-donnees", "privacy/rules"),
    ("regles-d-acces", "access-policy"),
];
/// Pages that are another text than the English one, which they lead to.
const OTHER_TEXTS: [(&str, &str); 3] = [
    ("README", "README"),
    ("depuis-tsadk", "tsadk"),
    ("inscrire-un-jeu", "clients"),
];

/// What there is to a page besides its words: headings by their depth, and blocks of commands.
fn skeleton(page: &str) -> Vec<String> {
    let path = root().join(format!("docs/{page}.md"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
    let mut inside = false;
    let mut parts = Vec::new();
    for line in text.lines() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            inside = !inside;
            if inside {
                parts.push(format!("a block of {kind}"));
            }
        } else if !inside && line.starts_with('#') {
            let depth = line.len() - line.trim_start_matches('#').len();
            parts.push(format!("a heading of depth {depth}"));
        }
    }
    parts
}

#[test]
fn a_french_page_has_the_headings_and_commands_of_its_twin() {
    for (french, english) in TWINS {
        assert_eq!(
            skeleton(&format!("fr/{french}")),
            skeleton(english),
            "docs/fr/{french}.md and docs/{english}.md"
        );
    }
}

#[test]
fn every_french_page_has_a_twin_or_leads_to_the_other_text() {
    let folder = root().join("docs/fr");
    let there: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let known = TWINS.iter().chain(&OTHER_TEXTS);
    let known: BTreeSet<String> = known.map(|(page, _)| format!("{page}.md")).collect();
    assert_eq!(there, known);
    for (french, english) in OTHER_TEXTS {
        let text = fs::read_to_string(folder.join(format!("{french}.md"))).unwrap();
        assert!(
            text.contains(&format!("](../{english}.md")),
            "{french} does not lead to {english}"
        );
    }
}
