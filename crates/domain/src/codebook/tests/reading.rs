use super::dice::{codebook, dice};
use super::{read, toml};
use crate::codebook::{
    Codebook, CodebookFormat, FieldType, Part, ParticipantBy, PrivacyClass, Scalar, Undeclared,
};
use proptest::prelude::*;
use rstest::rstest;

const WAVES: &str = include_str!("../../../../../examples/waves/codebook.toml");

#[test]
fn the_codebook_of_the_example_is_read_whole() {
    let waves = read(WAVES).unwrap();
    assert_eq!(waves.study().unwrap().as_str(), "waves");
    assert_eq!(waves.version(), Some("1"));
    assert_eq!(
        waves.title().get("fr"),
        Some("Waves : accorder une onde à une autre")
    );
    assert_eq!(waves.actions().len(), 11);
    let fail = waves.action("fail").unwrap();
    let names: Vec<_> = waves.fields_of(fail).map(|field| field.name()).collect();
    assert_eq!(
        names,
        [
            "level",
            "amplitude_left",
            "amplitude_right",
            "wavelength_left",
            "wavelength_right",
            "offset_left",
            "offset_right",
            "closeness"
        ]
    );
    let closeness = waves.fields_of(fail).last().unwrap();
    assert_eq!(closeness.kind(), FieldType::Number);
    assert!(closeness.required());
    assert_eq!(closeness.missing()[0].to_string(), "999999");
    assert_eq!(closeness.privacy(), Some(PrivacyClass::Other));
    // `closeness` stands in a group and in an action, and is one column.
    assert_eq!(waves.columns().len(), 24);
}

#[test]
fn actions_come_in_the_order_of_the_text() {
    let waves = read(WAVES).unwrap();
    let names: Vec<_> = waves.actions().iter().map(|action| action.name()).collect();
    assert_eq!(names[..3], ["begin", "complete", "succeed"]);
    assert_eq!(names[10], "dismiss_menu_button");
}

#[test]
fn a_codebook_has_the_same_hash_however_it_is_written() {
    let waves = read(WAVES).unwrap();
    let json = waves.write(CodebookFormat::Json);
    let again = Codebook::read(&json, CodebookFormat::Json).unwrap();
    assert_eq!(waves.hash(), again.hash());
    let changed = read(&WAVES.replace("version = \"1\"", "version = \"2\"")).unwrap();
    assert_ne!(waves.hash(), changed.hash());
}

#[test]
fn members_play_parts() {
    let text = r#"
format = 1
[roles]
participant = "userID"
participant_by = "number"
action = "actionType"
timestamp = "timestamp"
game_version = "build"
session_start = ["begin"]
[fields.build]
type = "string"
[actions.begin]
"#;
    let roles = read(text).unwrap().roles().clone();
    assert_eq!(roles.member(Part::Participant), Some("userID"));
    assert_eq!(roles.participant_by(), ParticipantBy::Number);
    assert_eq!(roles.part_of("actionType"), Some(Part::Action));
    assert_eq!(roles.game_version(), Some("build"));
    assert_eq!(roles.session_start().collect::<Vec<_>>(), ["begin"]);
    // The entry's own member plays its part anyway.
    assert_eq!(roles.member(Part::Timestamp), None);
    assert_eq!(roles.member(Part::Session), None);
}

#[test]
fn fields_lie_in_objects_and_arrays() {
    let text = toml(
        r#"
[fields.path]
type = "array"
max_length = 100
privacy = "other"
items = { type = "object", undeclared = "refuse", fields.x = { type = "number" }, fields.who = { type = "string", privacy = "identifier" } }
"#,
    );
    let codebook = read(&text).unwrap();
    let path = &codebook.fields()[0];
    let items = path.items().unwrap();
    assert_eq!(items.name(), "path");
    assert_eq!(items.undeclared(), Some(Undeclared::Refuse));
    assert_eq!(items.fields()[1].name(), "who");
    // Whoever shows the path shows who it was.
    assert_eq!(
        path.classes(),
        [Some(PrivacyClass::Other), Some(PrivacyClass::Identifier)]
    );
}

#[test]
fn two_spellings_of_a_name_are_one() {
    let decomposed = "e\u{301}toile";
    let codebook = read(&format!(
        "format = 1\n[actions.\"{decomposed}\"]\nfields.\"{decomposed}\".type = \"string\""
    ))
    .unwrap();
    let action = codebook.action(decomposed).unwrap();
    assert_eq!(action.name(), "\u{e9}toile");
    assert_eq!(action.fields()[0].name(), "\u{e9}toile");
}

#[rstest]
#[case("9007199254740993", "9007199254740993")]
#[case("123456789012345678901234567890", "123456789012345678901234567890")]
#[case("0x10", "16")]
#[case("1_000.50", "1000.5")]
#[case("1e400", "1e400")]
fn a_number_is_exact(#[case] written: &str, #[case] read_as: &str) {
    let text = toml(&format!(
        "[fields.a]\ntype = \"number\"\nminimum = {written}"
    ));
    let codebook = read(&text).unwrap();
    let minimum = codebook.fields()[0].minimum().unwrap();
    assert_eq!(minimum.to_string(), read_as);
    assert_eq!(read(&codebook.write(CodebookFormat::Toml)), Ok(codebook));
}

#[test]
fn a_time_stands_with_or_without_quotation_marks() {
    let with = |minimum: &str| {
        let text = toml(&format!(
            "[fields.a]\ntype = \"datetime\"\nminimum = {minimum}"
        ));
        read(&text).unwrap().fields()[0].minimum().cloned()
    };
    let instant = Scalar::Time("2024-05-18T08:17:33Z".parse().unwrap());
    assert_eq!(with("\"2024-05-18T10:17:33+02:00\""), Some(instant.clone()));
    assert_eq!(with("2024-05-18T10:17:33+02:00"), Some(instant));
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_are_taken() {
    let text = format!("\u{feff}{}", WAVES.replace('\n', "\r\n"));
    assert_eq!(read(&text), read(WAVES));
}

proptest! {
    #[test]
    fn what_is_written_reads_as_the_same_codebook(mut dice in dice()) {
        let codebook = codebook(&mut dice);
        for &format in CodebookFormat::ALL {
            let text = codebook.write(format);
            let again = Codebook::read(&text, format);
            prop_assert_eq!(again.as_ref(), Ok(&codebook), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(at in 0usize..11_000, length in 0usize..40, junk in r#"[\[\]{}="\\.\n#ae0é🎮-]{0,12}"#) {
        let mut text = WAVES.to_owned();
        let start = text.floor_char_boundary(at.min(text.len()));
        let end = text.floor_char_boundary((start + length).min(text.len()));
        text.replace_range(start..end, &junk);
        for &format in CodebookFormat::ALL {
            if let Err(faults) = Codebook::read(&text, format) {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|fault| fault.line >= 1 && fault.column >= 1));
            }
        }
        let json = read(WAVES).unwrap().write(CodebookFormat::Json);
        let mut json = json.as_str().to_owned();
        let start = json.floor_char_boundary(at.min(json.len()));
        let end = json.floor_char_boundary((start + length).min(json.len()));
        json.replace_range(start..end, &junk);
        let _ = Codebook::read(&json, CodebookFormat::Json);
    }
}
