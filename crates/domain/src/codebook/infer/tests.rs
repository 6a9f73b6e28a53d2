use super::{Inference, Note};
use crate::codebook::checker::tests::{Maker, entry};
use crate::codebook::tests::dice::{codebook, dice};
use crate::codebook::{Checker, Codebook, CodebookFormat, FieldType, PrivacyClass};
use proptest::prelude::*;

fn inferred(entries: &[(&str, &str)]) -> super::Proposal {
    let mut inference = Inference::default();
    for (action, payload) in entries {
        inference.add(&entry(action, payload));
    }
    inference.propose().unwrap()
}

#[test]
fn types_ranges_and_what_is_required_are_proposed() {
    let proposal = inferred(&[
        (
            "begin",
            r#"{"level": 3, "at": "2024-05-18T10:17:33Z", "score": 1.5, "won": true}"#,
        ),
        (
            "begin",
            r#"{"level": 10, "at": "2024-05-18T10:18Z", "score": -2, "won": null, "path": [{"x": 1}]}"#,
        ),
        ("end", r#"{"level": 4.0}"#),
    ]);
    let codebook = &proposal.codebook;
    let level = &codebook.fields()[0];
    assert_eq!(
        (level.name(), level.kind(), level.required()),
        ("level", FieldType::Integer, true)
    );
    assert_eq!(level.minimum().unwrap().to_string(), "3");
    assert_eq!(level.maximum().unwrap().to_string(), "10");
    assert_eq!(level.privacy(), None);
    let begin = codebook.action("begin").unwrap();
    let found: Vec<_> = begin
        .fields()
        .iter()
        .map(|field| (field.name(), field.kind(), field.required()))
        .collect();
    assert_eq!(
        found,
        [
            ("at", FieldType::Datetime, true),
            ("score", FieldType::Number, true),
            ("won", FieldType::Boolean, false),
            ("path", FieldType::Array, false)
        ]
    );
    let path = begin.fields()[3].items().unwrap();
    assert_eq!(path.fields()[0].kind(), FieldType::Integer);
    assert_eq!(proposal.notes, []);
}

#[test]
fn few_values_are_an_enumeration_and_typed_texts_are_free_text() {
    let payloads: Vec<_> = (0..40)
        .map(|n| {
            let side = ["left", "right"][n % 2];
            format!("{{\"side\": \"{side}\", \"said\": \"I think {n}\", \"code\": \"c{n}\"}}")
        })
        .collect();
    let entries: Vec<_> = payloads
        .iter()
        .map(|payload| ("a", payload.as_str()))
        .collect();
    let codebook = inferred(&entries).codebook;
    let fields = codebook.actions()[0].fields();
    let side: Vec<_> = fields[0]
        .enumeration()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(side, ["left", "right"]);
    assert_eq!(fields[1].privacy(), Some(PrivacyClass::FreeText));
    // What a code reveals about somebody is not for a program to say.
    assert_eq!(
        (fields[2].privacy(), fields[2].enumeration()),
        (None, &[][..])
    );
}

#[test]
fn a_field_of_several_types_is_left_out_and_said() {
    let proposal = inferred(&[("a", r#"{"x": [1]}"#), ("a", r#"{"x": {"y": 1}}"#)]);
    assert_eq!(proposal.codebook.actions()[0].fields(), []);
    assert_eq!(
        proposal.notes[0].to_string(),
        "`x` of `a` holds values of several types: array, object; it was left out"
    );
}

#[test]
fn nothing_is_proposed_from_nothing() {
    assert_eq!(Inference::default().propose(), None);
}

#[test]
fn memory_is_bounded_whatever_comes() {
    let mut inference = Inference::default();
    for n in 0..30_000 {
        let payload = format!("{{\"f{n}\": \"text {n}\", \"g\": {{\"h{n}\": 1}}}}");
        inference.add(&entry(&format!("a{}", n % 1500), &payload));
    }
    let proposal = inference.propose().unwrap();
    assert!(proposal.notes.contains(&Note::Overflow));
    assert!(proposal.codebook.actions().len() <= 1000);
    let text = proposal.codebook.write(CodebookFormat::Json);
    assert_eq!(
        Codebook::read(&text, CodebookFormat::Json),
        Ok(proposal.codebook)
    );
}

proptest! {
    #[test]
    fn every_entry_fits_what_was_proposed_from_it(mut dice in dice(), count in 1usize..6) {
        let codebook = codebook(&mut dice);
        let mut inference = Inference::default();
        let mut entries = Vec::new();
        for n in 0..count {
            let n = n % codebook.actions().len();
            let payload = Maker::new(&mut dice, None).payload(&codebook, n);
            entries.push(entry(codebook.actions()[n].name(), &payload));
            inference.add(&entries[entries.len() - 1]);
        }
        let proposal = inference.propose().unwrap();
        let checker = Checker::new(&proposal.codebook);
        for entry in &entries {
            prop_assert_eq!(checker.check(entry), [], "{:?} {:?}", entry.payload, proposal);
        }
        for &format in CodebookFormat::ALL {
            let text = proposal.codebook.write(format);
            let again = Codebook::read(&text, format);
            prop_assert_eq!(again.as_ref(), Ok(&proposal.codebook));
        }
    }
}
