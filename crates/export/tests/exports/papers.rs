//! The record of processing, the impact assessment and the notice.

use crate::support::Archive;
use proptest::prelude::*;
use rstest::rstest;
use sillage_domain::codebook::Codebook;
use sillage_domain::testing::fixtures::at;
use sillage_domain::{
    CodebookFormat, CodebookVersion, Contact, Controller, LegalRegime, MAX_NOTICE, MAX_PARTIES,
    NoticeSummary, NoticeVersion, Protection, Purpose, Recipient, Removal, Retention,
    RetentionStart, Study,
};
use sillage_export::{Paper, PaperLanguage, Papers};

const BOOK: &str = r#"
format = 1
undeclared = "keep"

[roles]
participant = "pupil"

[fields.pupil]
type = "string"
privacy = "identifier"

[actions.level_completed]
label = { en = "A level is completed", fr = "Un niveau est terminé" }
description = { fr = "avec le nombre d'essais" }

[actions.level_completed.fields.tries]
type = "integer"
privacy = "other"

[actions.level_completed.fields.level]
type = "string"

[actions.answered]

[actions.answered.fields.answer]
type = "object"
privacy = "free-text"
label = { en = "your answer", fr = "votre réponse" }

[actions.answered.fields.answer.fields.text]
type = "string"

[actions.answered.fields.answer.fields.mood]
type = "string"
privacy = "sensitive"

[actions.answered.fields.age]
type = "integer"
privacy = "quasi-identifier"
"#;

fn book() -> Codebook {
    Codebook::read(BOOK, CodebookFormat::Toml).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn bare() -> Study {
    Archive::new().study
}

fn controller(name: &str, country: &str) -> Controller {
    Controller {
        name: name.to_owned(),
        address: Some("Rue du Château 4".to_owned()),
        country: Some(country.to_owned()),
        contact: Some("dpo@example.org".to_owned()),
    }
}

fn recipient(name: &str, country: &str) -> Recipient {
    Recipient {
        name: name.to_owned(),
        country: Some(country.to_owned()),
        purpose: Some("the analysis".to_owned()),
    }
}

/// A study that has said everything.
fn whole() -> Study {
    let mut study = bare();
    study.title = "Castle | <b>2</b>".to_owned();
    study.consent = [Purpose::Collection, Purpose::Research]
        .into_iter()
        .collect();
    study.protection = Protection {
        legal_regimes: vec![LegalRegime::Lipad, LegalRegime::Gdpr, LegalRegime::Fadp],
        controllers: vec![
            controller("University of the Lake", "CH"),
            controller("Université du Nord", "FR"),
        ],
        contact: Some(Contact {
            name: "The team".to_owned(),
            email: "castle@example.org".to_owned(),
        }),
        data_protection_officer: Some(Contact {
            name: "The officer".to_owned(),
            email: "officer@example.org".to_owned(),
        }),
        purpose: Some("How pupils learn\n\n# loops".to_owned()),
        legal_basis: Some("a task in the public interest".to_owned()),
        recipients: Some(vec![
            recipient("The team of the north", "FR"),
            recipient("A partner", "US"),
        ]),
        retention: Some(Retention {
            months: 24,
            from: RetentionStart::Closing,
            then: Removal::Erase,
        }),
        ethics_reference: Some("CE-2024-05".to_owned()),
        authorisation_reference: Some("ACE 2024-118".to_owned()),
    };
    study
}

fn notices() -> Vec<NoticeSummary> {
    let notice = |version, language: &str| NoticeSummary {
        version: NoticeVersion(version),
        language: language.to_owned(),
        hash: [0xab; 32],
        created_at: at(0),
        created_by: None,
    };
    vec![notice(1, "fr"), notice(2, "en")]
}

fn with<T>(study: &Study, book: Option<&Codebook>, made: impl FnOnce(&Papers<'_>) -> T) -> T {
    let codebook = book.map(|book| (CodebookVersion(3), book));
    let notices = if book.is_some() {
        notices()
    } else {
        Vec::new()
    };
    made(&Papers {
        study,
        codebook,
        notices: &notices,
        now: at(86_400),
    })
}

fn versionless(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

#[rstest]
#[case("english", PaperLanguage::English)]
#[case("french", PaperLanguage::French)]
fn the_papers_of_a_study_that_said_everything_look_so(
    #[case] name: &str,
    #[case] language: PaperLanguage,
) {
    let book = book();
    let papers = with(&whole(), Some(&book), |papers| {
        [
            papers.record_text(language),
            papers.impact_assessment(language),
            papers.notice(language),
        ]
    });
    let text = papers.map(|paper| paper.text).join("\n\n----\n\n");
    insta::assert_snapshot!(format!("whole_{name}"), versionless(&text));
}

#[rstest]
#[case("english", PaperLanguage::English)]
#[case("french", PaperLanguage::French)]
fn the_papers_of_a_study_that_said_nothing_look_so(
    #[case] name: &str,
    #[case] language: PaperLanguage,
) {
    let text = with(&bare(), None, |papers| {
        [
            papers.record_text(language).text,
            papers.notice(language).text,
        ]
    });
    insta::assert_snapshot!(
        format!("bare_{name}"),
        versionless(&text.join("\n\n----\n\n"))
    );
}

#[test]
fn the_record_for_programs_looks_so() {
    let book = book();
    let record = with(&whole(), Some(&book), |papers| {
        papers.record(PaperLanguage::English)
    });
    let text = serde_json::to_string_pretty(&record).unwrap();
    insta::assert_snapshot!(versionless(&text));
}

fn texts(papers: &Papers<'_>) -> Vec<Paper> {
    [PaperLanguage::English, PaperLanguage::French]
        .into_iter()
        .flat_map(|language| {
            [
                papers.record_text(language),
                papers.impact_assessment(language),
                papers.notice(language),
            ]
        })
        .collect()
}

/// What a study may leave unsaid, one after the other.
type Silence = fn(&mut Protection);

#[rstest]
#[case("legal_regimes", |said: &mut Protection| said.legal_regimes.clear())]
#[case("controllers", |said: &mut Protection| said.controllers.clear())]
#[case("contact", |said: &mut Protection| said.contact = None)]
#[case("data_protection_officer", |said: &mut Protection| said.data_protection_officer = None)]
#[case("purpose", |said: &mut Protection| said.purpose = None)]
#[case("legal_basis", |said: &mut Protection| said.legal_basis = None)]
#[case("recipients", |said: &mut Protection| said.recipients = None)]
#[case("retention", |said: &mut Protection| said.retention = None)]
#[case("ethics_reference", |said: &mut Protection| said.ethics_reference = None)]
#[case("authorisation_reference", |said: &mut Protection| said.authorisation_reference = None)]
fn what_a_study_does_not_say_is_named_as_missing(#[case] about: &str, #[case] silence: Silence) {
    let book = book();
    let gaps = |study: &Study| {
        let record = with(study, Some(&book), |papers| {
            papers.record(PaperLanguage::English)
        });
        let about = record
            .to_complete
            .into_iter()
            .filter(|gap| gap.about == about);
        about.count()
    };
    let mut silent = whole();
    silence(&mut silent.protection);
    assert!(gaps(&silent) > 0);
    let asked_always =
        usize::from(["legal_regimes", "controllers", "recipients", "retention"].contains(&about));
    assert_eq!(gaps(&whole()), asked_always, "{about}");
}

#[test]
fn every_gap_of_a_text_is_marked_in_it() {
    let book = book();
    for (study, book) in [(bare(), None), (whole(), Some(&book))] {
        for paper in with(&study, book, texts) {
            assert!(!paper.gaps.is_empty());
            for gap in &paper.gaps {
                let marks = ["To be completed:", "À compléter :"]
                    .map(|mark| format!("**{mark} {}**", gap.text));
                assert!(
                    marks.iter().any(|mark| paper.text.contains(mark)),
                    "{} in {}",
                    gap.text,
                    paper.text
                );
            }
        }
    }
}

#[test]
fn the_member_that_says_who_played_is_no_field_of_the_record() {
    let book = book();
    let record = with(&whole(), Some(&book), |papers| {
        papers.record(PaperLanguage::English)
    });
    assert!(record.fields.iter().all(|field| field.name != "pupil"));
}

#[test]
fn a_recipient_abroad_is_a_transfer_and_one_at_a_controllers_is_none() {
    let record = with(&whole(), None, |papers| {
        papers.record(PaperLanguage::English)
    });
    let abroad: Vec<_> = record
        .transfers
        .iter()
        .map(|one| one.recipient.as_str())
        .collect();
    assert_eq!(abroad, ["A partner"]);
}

#[test]
fn the_longest_settings_make_a_notice_that_can_be_put() {
    let mut study = whole();
    let long = "long words ".repeat(18);
    let said = &mut study.protection;
    said.controllers = vec![controller(&long, "CH"); MAX_PARTIES];
    said.controllers.iter_mut().for_each(|one| {
        one.address = Some(long.clone());
        one.contact = Some(long.clone());
    });
    said.recipients = Some(vec![recipient(&long, "CH"); MAX_PARTIES]);
    said.purpose = Some("purpose ".repeat(500));
    said.legal_basis = said.purpose.clone();
    let actions: String = (0..500)
        .map(|n| format!("[actions.action_{n}]\ndescription = \"{long}\"\n"))
        .collect();
    let book = Codebook::read(&format!("format = 1\n{actions}"), CodebookFormat::Toml);
    let book = book.unwrap_or_else(|faults| panic!("{faults:?}"));
    for language in [PaperLanguage::English, PaperLanguage::French] {
        let notice = with(&study, Some(&book), |papers| papers.notice(language));
        let length = notice.text.chars().count();
        assert!(length <= MAX_NOTICE, "{length}");
        assert!(
            notice.gaps.iter().any(|gap| gap.about == "actions"),
            "the rest is not summed up"
        );
    }
}

proptest! {
    #[test]
    fn whatever_is_said_the_headings_are_ours(text in "(?s)[ -~\n]{1,60}") {
        let headings = |study: &Study| {
            let paper = with(study, None, |papers| papers.record_text(PaperLanguage::English));
            paper.text.lines().filter(|line| line.starts_with("## ")).map(str::to_owned).collect::<Vec<_>>()
        };
        let mut study = whole();
        let said = &mut study.protection;
        said.purpose = Some(text.clone());
        said.controllers[0].name.clone_from(&text);
        said.recipients = Some(vec![recipient(&text, "CH")]);
        prop_assert_eq!(headings(&study), headings(&whole()));
    }
}
