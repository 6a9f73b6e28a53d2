//! What is taken out of texts, and what stays.
#![cfg(feature = "rules")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use rstest::rstest;
use sillage_pseudonym::scrub::{Roster, RosterError, Scrubber};
use unicode_normalization::UnicodeNormalization;

fn scrub(text: &str) -> String {
    Scrubber::new(None).scrub(text).into_owned()
}

fn scrubber(roster: &str) -> Scrubber {
    Scrubber::new(Some(Roster::read(roster.as_bytes()).unwrap()))
}

const CLASS: &str = "first_name,last_name,login,email,class\n\
    Marie,Dupont,mdupont3,marie@example.org,7P\n\
    Zoé,de la Müller,zoe,,7P\n\
    Jean-Luc,O'Brien,p-17,,7P\n\
    李明,,12,,7P\n\
    Li,Na,1234,,7P\n";

#[rstest]
#[case("écris à marie.dupont+x@unige.ch.", "écris à [email].")]
#[case("MARIE@UNIGE.CH", "[email]")]
#[case("marie (at) unige.ch", "[email]")]
#[case("marie[at]unige.ch!", "[email]!")]
#[case("\"Marie D\"@example.org", "[email]")]
#[case("m@[192.0.2.7]", "[email]")]
#[case("zoé@exämple.org", "[email]")]
#[case("marie\u{ff20}unige.ch", "[email]")]
#[case("<mailto:m@x.ch>", "<mailto:[email]>")]
#[case("see https://example.org/~marie?x=1, then", "see [url], then")]
#[case("(http://example.org)", "([url])")]
#[case("www.example.org/me", "[url]")]
#[case("unige.ch/~marie", "[url]")]
#[case("javascript://x", "[url]")]
fn addresses_are_found(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(scrub(text), expected);
}

#[rstest]
#[case("+41 79 123 45 67", "[phone]")]
#[case("+41 (0)79 123 45 67", "[phone]")]
#[case("+41791234567", "[phone]")]
#[case("0041 79 123 45 67", "[phone]")]
#[case("079 123 45 67", "[phone]")]
#[case("079/123.45.67", "[phone]")]
#[case("(022) 123 45 67", "[phone]")]
#[case("0791234567", "[phone]")]
#[case("+33 6 12 34 56 78", "[phone]")]
#[case("06 12 34 56 78", "[phone]")]
#[case("06.12.34.56.78", "[phone]")]
#[case("+1 (202) 555-0123", "[phone]")]
#[case("+44 20 7946 0958", "[phone]")]
#[case("appelle le 079 123 45 67 à 12:30", "appelle le [phone] à 12:30")]
#[case("079 123 45 67 12", "[phone] 12")]
#[case("+41 79 123 45 67 12:30", "[phone] 12:30")]
#[case("０７９ １２３ ４５ ６７", "[phone]")]
#[case("079\u{a0}123\u{202f}45 67", "[phone]")]
fn telephone_numbers_are_found(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(scrub(text), expected);
}

#[rstest]
#[case("CH93 0076 2011 6238 5295 7", "[iban]")]
#[case("ch9300762011623852957", "[iban]")]
#[case("FR14 2004 1010 0505 0001 3M02 606", "[iban]")]
#[case("DE89370400440532013000.", "[iban].")]
#[case("756.9217.0769.85", "[avs]")]
#[case("7569217076985", "[avs]")]
#[case("AVS 756 9217 0769 85 ok", "AVS [avs] ok")]
#[case("192.0.2.17", "[ip]")]
#[case("from 10.0.0.1:8080", "from [ip]:8080")]
#[case("2001:db8::1", "[ip]")]
#[case("[2001:DB8:0:0:8:800:200C:417A]", "[[ip]]")]
#[case("::ffff:192.0.2.1", "[ip]")]
fn numbers_of_people_and_machines_are_found(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(scrub(text), expected);
}

#[rstest]
#[case("if(none){win}else{loose}")]
#[case("2024-05-18T10:17:33.109Z")]
#[case("le 01.02.2024 10:30")]
#[case("0.1234567891")]
#[case("x = 3.14159265358979")]
#[case("0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10")]
#[case("12345678901234567890")]
#[case("1 2 3 4 5 6 7 8 9 10")]
#[case("CH94 1234 5678 9112 3456 7")]
#[case("756.9217.0769.86")]
#[case("256.1.1.1 et 1.2.3")]
#[case("std::fmt::Write")]
#[case("10:17:33")]
#[case("@Override public int x")]
#[case("a @ b")]
#[case("et/ou, p. ex./etc.")]
#[case("Math.random/2")]
#[case("score 0123456")]
#[case("P-7QX4-M2K9-T0BC-5")]
fn what_only_looks_alike_stays(#[case] text: &str) {
    assert_eq!(scrub(text), text);
}

#[rstest]
#[case("Marie a gagné", "[name] a gagné")]
#[case("MARIE-DUPONT", "[name]")]
#[case("dupont, marie", "[name]")]
#[case("mariedupont et dupontmarie", "[name] et [name]")]
#[case("Mariette et Pierre", "Mariette et Pierre")]
#[case("marie2 marie_x", "[name]2 [name]_x")]
#[case("zoe, ZOÉ, Zoe\u{301}, Z\u{ad}oé", "[name], [name], [name], [name]")]
#[case("Mueller, Muller, MÜLLER", "[name], [name], [name]")]
#[case("de la Müller de la rue", "[name] de la rue")]
#[case(
    "jean luc puis jean\u{2019}luc puis Jean–Luc",
    "[name] puis [name] puis [name]"
)]
#[case("O’Brien obrien o brien", "[name] [name] [name]")]
#[case(
    "mdupont3 / p-17 / p 17 / p-178",
    "[login] / [login] / [login] / p-178"
)]
#[case("我叫李明。", "我叫[name]。")]
#[case("Li Na, na li", "[name], [name]")]
#[case("lin et nager", "lin et nager")]
#[case("niveau 12, salle 1234", "niveau 12, salle [login]")]
#[case("marie@example.org", "[email]")]
fn people_of_the_roster_are_found_however_they_are_written(
    #[case] text: &str,
    #[case] expected: &str,
) {
    assert_eq!(scrubber(CLASS).scrub(text), expected);
}

#[test]
fn a_roster_says_what_it_leaves_alone() {
    let roster = Roster::read("Nom,Prénom,identifiant,classe\nA,Bo,12,7P\n".as_bytes()).unwrap();
    assert_eq!(roster.people(), 1);
    assert_eq!(roster.ignored_columns().collect::<Vec<_>>(), ["classe"]);
    assert_eq!(roster.left_out(), 2);
    assert!(!format!("{roster:?}").contains("Bo"));
    let refused = Roster::read("class,level\n7P,3\n".as_bytes());
    assert!(matches!(refused, Err(RosterError::NoColumn)));
    assert!(matches!(
        Roster::read("".as_bytes()),
        Err(RosterError::NoColumn)
    ));
}

#[test]
fn a_roster_with_the_word_of_a_placeholder_changes_nothing_that_was_scrubbed() {
    let mut scrubber = scrubber("name\nName\nemail\nip\n");
    let once = scrubber.scrub("Name Email m@x.ch IP").into_owned();
    assert_eq!(once, "[name] [name] [email] [name]");
    assert_eq!(scrubber.scrub(&once), once);
}

#[test]
fn what_a_placeholder_uncovers_is_found_too() {
    let text = "079 123 45 67".repeat(40);
    let scrubbed = scrub(&text);
    assert!(!scrubbed.contains("123 45 67 079"), "{scrubbed}");
    assert_eq!(scrub(&scrubbed), scrubbed);
}

/// Texts that are nearly something.
fn near() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "marie",
        "Dupont",
        "@",
        "unige.ch",
        " ",
        ".",
        "079",
        "123",
        "45",
        "67",
        "+41",
        "(0)",
        "-",
        "/",
        "CH93",
        "0076 2011",
        "6238 5295 7",
        "756",
        ".9217.0769.85",
        "192.0.2.",
        "1",
        "::",
        "2001:db8",
        "www.",
        "https://",
        "[",
        "]",
        "name",
        "[email]",
        "é",
        "e\u{301}",
        "\u{200b}",
        "ß",
        "李明",
        "Li",
        "Na",
        "'",
        "(at)",
        "\n",
        "x",
        "٣",
        "ﬁ",
        "İ",
        "\u{345}",
        "😀",
    ]);
    prop::collection::vec(parts, 0..14).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_text_that_was_scrubbed_once_does_not_change_any_more(text in prop_oneof![near(), "\\PC{0,60}"]) {
        let mut scrubber = scrubber(CLASS);
        let once = scrubber.scrub(&text).into_owned();
        prop_assert_eq!(scrubber.scrub(&once), once.as_str());
    }

    #[test]
    fn no_name_of_the_roster_survives(
        name in "[A-ZÀ-Þ][a-zà-ÿ]{2,8}( [A-Z][a-zß-ÿ]{1,8})?", before in "[ ,.!(0-9-]{1,3}", after in "[ ,.!)0-9-]{1,3}",
        upper in any::<bool>(), apart in any::<bool>(), hidden in any::<bool>(), rest in near(),
    ) {
        let csv = format!("name\n{name}\n");
        let mut scrubber = scrubber(&csv);
        let mut written = if upper { name.to_uppercase() } else { name.clone() };
        if apart {
            written = written.nfd().collect();
        }
        if hidden {
            written.insert(written.chars().next().map_or(0, char::len_utf8), '\u{ad}');
        }
        let folded = |text: &str| -> String {
            let plain = text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c) && *c != '\u{ad}');
            plain.collect::<String>().to_lowercase().replace('ß', "ss")
        };
        let scrubbed = scrubber.scrub(&format!("{rest} {before}{written}{after}")).into_owned();
        for part in folded(&name).split(' ').filter(|part| part.chars().count() >= 3) {
            let words = folded(&scrubbed);
            let words: Vec<&str> = words.split(|c: char| !c.is_alphabetic()).collect();
            // What stands for a name, or stood there already, is a word of its own.
            if ["name", "email", "login", "phone", "iban", "avs", "url", "marie", "dupont", "unige"].contains(&part) {
                continue;
            }
            prop_assert!(!words.contains(&part), "{part} in {scrubbed}");
        }
    }

    #[test]
    fn addresses_and_numbers_do_not_survive_among_other_words(
        n in 0..5_usize, before in "[a-z ]{0,10} ", after in " [a-z ]{0,10}",
    ) {
        let needles = ["marie.dupont@unige.ch", "https://example.org/marie", "+41 79 123 45 67", "CH93 0076 2011 6238 5295 7", "756.9217.0769.85"];
        let scrubbed = scrub(&format!("{before}{}{after}", needles[n]));
        prop_assert!(scrubbed.contains('['), "{}", scrubbed);
        prop_assert!(!scrubbed.contains(needles[n]));
        prop_assert!(scrubbed.starts_with(&before) && scrubbed.ends_with(&after));
    }
}
