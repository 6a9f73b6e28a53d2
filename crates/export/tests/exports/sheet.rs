//! Accounts on paper.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use sillage_export::{Card, SHEET_POLICY, Sheet, SheetLanguage};

const CARDS: [Card<'static>; 2] = [
    Card {
        username: "classe-a-01",
        password: Some("k7rm-x2pd-9hqe"),
    },
    Card {
        username: "classe-a-02",
        password: Some("abcd-efgh-ijkm"),
    },
];

fn sheet<'a>(title: &'a str, cards: &'a [Card<'a>]) -> Sheet<'a> {
    Sheet {
        title,
        address: "https://game.example.org",
        cards,
        language: SheetLanguage::English,
    }
}

/// What stands between the first `<style>` and its end.
fn style(page: &str) -> &str {
    let (_, rest) = page.split_once("<style>").unwrap();
    rest.split_once("</style>").unwrap().0
}

#[test]
fn a_sheet_has_a_card_for_each_account() {
    let page = sheet("The castle", &CARDS).html();
    insta::assert_snapshot!(page.replace(style(&page), "..."));
}

#[test]
fn a_sheet_speaks_french() {
    let french = Sheet {
        language: SheetLanguage::French,
        ..sheet("Le château", &CARDS[..1])
    };
    let page = french.html();
    insta::assert_snapshot!(page.replace(style(&page), "..."));
}

#[test]
fn a_password_that_somebody_chose_is_not_on_the_card() {
    let cards = [Card {
        username: "eve",
        password: None,
    }];
    let page = sheet("s", &cards).html();
    assert!(page.contains("(as it was chosen)") && !page.contains("no letter l or o"));
}

#[test]
fn the_policy_allows_the_style_of_the_page_and_nothing_else() {
    let page = sheet("s", &CARDS).html();
    let hash = BASE64_STANDARD.encode(Sha256::digest(style(&page)));
    assert_eq!(
        SHEET_POLICY,
        format!(
            "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'"
        )
    );
    assert!(page.contains(&format!("content=\"{SHEET_POLICY}\"")));
}

#[test]
fn a_page_loads_nothing_and_runs_nothing() {
    let page = sheet("s", &CARDS).html();
    for outside in [
        "<script", "<link", "<img", "src=", "href=", "url(", "@import",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn the_debug_output_of_a_sheet_shows_no_password() {
    let shown = format!("{:?} {CARDS:?}", sheet("s", &CARDS));
    assert!(!shown.contains("k7rm"), "{shown}");
}

proptest! {
    #[test]
    fn no_text_gets_out_of_its_place(text in "[<>&\"'/a-c!\\-\\PC\\x00-\\x1f]{0,24}") {
        let cards = [Card { username: &text, password: Some(&text) }];
        let page = Sheet { address: &text, ..sheet(&text, &cards) }.html();
        let plain = Sheet { address: "", ..sheet("", &[Card { username: "", password: Some("") }]) }.html();
        let marks = |page: &str, mark: char| page.matches(mark).count();
        for mark in ['<', '>', '"'] {
            prop_assert_eq!(marks(&page, mark), marks(&plain, mark));
        }
        // Each ampersand begins one of the five references.
        let references = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
        let known: usize = references.iter().map(|one| page.matches(one).count()).sum();
        prop_assert_eq!(marks(&page, '&'), known);
        prop_assert!(!page.contains('\0'));
    }
}
