//! The page that shows the policy, in English and in French, is made from the table that decides.
//!
//! `UPDATE_PAGES=1 cargo test -p sillage-auth --test page` writes the two pages anew; a person reads what has changed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod english;
mod french;

use sillage_auth::policy::{self, Rule, Standing};
use sillage_auth::{Action, Reach};
use std::path::Path;

/// What the page is called, and says, in one language.
struct Words {
    /// Below `docs/`.
    file: &'static str,
    before: &'static str,
    in_study: &'static str,
    on_server: &'static str,
    after: &'static str,
    /// The heading of the first column.
    what: &'static str,
    standing: fn(Standing) -> &'static str,
    reach: fn(Reach) -> &'static str,
    in_draft: &'static str,
    summary: fn(Action) -> &'static str,
}

fn page(words: &Words) -> String {
    use Standing::{Admin, Analyst, Client, Developer, Manager, Monitor, Participant, Researcher};
    let in_study = [
        Admin,
        Manager,
        Analyst,
        Developer,
        Monitor,
        Participant,
        Client,
    ];
    let on_server = [Admin, Researcher, Participant, Client];
    let texts = [
        words.before.to_owned(),
        words.in_study.to_owned(),
        table(words, &in_study, Action::is_in_study),
        words.on_server.to_owned(),
        table(words, &on_server, |action| !action.is_in_study()),
        words.after.to_owned(),
    ];
    format!(
        "{}\n",
        texts.map(|text| text.trim().to_owned()).join("\n\n")
    )
}

fn table(words: &Words, standings: &[Standing], of: fn(Action) -> bool) -> String {
    let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(
        [words.what]
            .into_iter()
            .chain(standings.iter().map(|one| (words.standing)(*one)))
            .collect(),
    );
    text.push_str(&format!("|{}\n", "---|".repeat(standings.len() + 1)));
    for action in Action::ALL.iter().copied().filter(|action| of(*action)) {
        let cells: Vec<String> = standings
            .iter()
            .map(|standing| match policy::rule(*standing, action) {
                Some(Rule::Always(reach)) => (words.reach)(reach).to_owned(),
                Some(Rule::InDraft(reach)) => {
                    format!("{}, {}", (words.reach)(reach), words.in_draft)
                }
                None => String::new(),
            })
            .collect();
        let what = (words.summary)(action).trim_end_matches('.');
        text.push_str(&line(
            [what]
                .into_iter()
                .chain(cells.iter().map(String::as_str))
                .collect(),
        ));
    }
    text
}

fn is_as_the_table(words: &Words) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(words.file);
    let made = page(words);
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&file, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(
        kept == made,
        "docs/{} is not what the policy says; UPDATE_PAGES=1 writes it anew:\n{made}",
        words.file
    );
}

#[test]
fn the_page_says_what_the_table_says() {
    is_as_the_table(&english::WORDS);
}

#[test]
fn the_french_page_says_what_the_table_says() {
    is_as_the_table(&french::WORDS);
}

#[test]
fn every_action_is_told_in_french_in_its_own_words() {
    let told: std::collections::BTreeSet<_> = Action::ALL
        .iter()
        .map(|action| (french::WORDS.summary)(*action))
        .collect();
    assert_eq!(told.len(), Action::ALL.len());
}
