use super::*;
use crate::codebook::CodebookFormat;
use crate::testing::MemoryStore;
use crate::testing::fixtures::{at, study};
use crate::{CodebookVersion, NewCodebook, NewNotice, Ports, Purpose, StudyChange, StudyStatus};
use rstest::rstest;
use std::sync::Arc;

const PLAIN: &str = "format = 1\n[actions.open]\n[actions.open.fields.door]\ntype = \"string\"\nprivacy = \"other\"\n";
const NAMES: &str = "format = 1\n[actions.open]\n[actions.open.fields.who]\ntype = \"string\"\nprivacy = \"identifier\"\n";
const SENSITIVE: &str = "format = 1\n[actions.open]\n[actions.open.fields.state]\ntype = \"object\"\n[actions.open.fields.state.fields.health]\ntype = \"string\"\nprivacy = \"sensitive\"\n";
const ROLE: &str = "format = 1\nundeclared = \"keep\"\n[roles]\nparticipant = \"userID\"\nparticipant_by = \"number\"\n[fields.userID]\ntype = \"integer\"\nprivacy = \"identifier\"\n[actions.open]\n";

fn codebook(text: &str) -> Codebook {
    Codebook::read(text, CodebookFormat::Toml).unwrap()
}

/// Everything that can be said.
fn everything() -> ProtectionChange {
    let contact = Contact {
        name: "The team".to_owned(),
        email: "team@example.org".to_owned(),
    };
    ProtectionChange {
        legal_regimes: Some(vec![LegalRegime::Lipad, LegalRegime::Gdpr]),
        controllers: Some(vec![Controller {
            name: "A university".to_owned(),
            address: None,
            country: Some("CH".to_owned()),
            contact: None,
        }]),
        contact: Some(contact),
        data_protection_officer: None,
        purpose: Some("how people learn".to_owned()),
        legal_basis: None,
        recipients: Some(Vec::new()),
        retention: Some(Retention {
            months: 60,
            from: RetentionStart::Closing,
            then: Removal::Erase,
        }),
        ethics_reference: Some("2024-17".to_owned()),
        authorisation_reference: Some("ACE 12".to_owned()),
    }
}

fn ports() -> Ports {
    Ports::of(Arc::new(MemoryStore::default()))
}

fn gate(ports: &Ports) -> Gate<'_> {
    Gate {
        codebooks: &*ports.codebooks,
        notices: &*ports.notices,
    }
}

fn put(ports: &Ports, study: &Study, text: &str) {
    let new = NewCodebook {
        format: CodebookFormat::Toml,
        text: text.to_owned(),
        hash: codebook(text).hash(),
        by: None,
    };
    ports
        .codebooks
        .put_codebook(study.id, &new, None, at(0))
        .unwrap();
}

fn tell(ports: &Ports, study: &Study) {
    let notice = NewNotice {
        language: "fr".to_owned(),
        text: "# Bonjour".to_owned(),
        by: None,
    };
    ports
        .notices
        .put_notice(study.id, &notice, None, at(0))
        .unwrap();
}

#[rstest]
#[case(PLAIN, false, false)]
#[case(NAMES, true, false)]
#[case(SENSITIVE, false, true)]
#[case(ROLE, false, false)]
fn a_codebook_asks_by_its_privacy_classes(
    #[case] text: &str,
    #[case] identifiers: bool,
    #[case] sensitive: bool,
) {
    let expected = Demand {
        identifiers,
        sensitive,
    };
    assert_eq!(Demand::of(&codebook(text)), expected);
}

#[test]
fn a_study_that_collects_nothing_that_asks_for_it_lacks_nothing() {
    let ports = ports();
    let bare = study(&ports, "bare");
    assert_eq!(gate(&ports).missing(&bare).unwrap(), []);
    put(&ports, &bare, PLAIN);
    let bare = ports.studies.study(bare.id).unwrap().unwrap();
    assert_eq!(bare.codebook, Some(CodebookVersion(1)));
    assert_eq!(gate(&ports).missing(&bare).unwrap(), []);
}

#[test]
fn everything_that_is_missing_is_named() {
    let ports = ports();
    let mut named = study(&ports, "named");
    put(&ports, &named, NAMES);
    named = ports.studies.study(named.id).unwrap().unwrap();
    use Missing::*;
    let without_authorisation = [
        LegalRegimes,
        Controllers,
        Contact,
        Purpose,
        Recipients,
        Retention,
        EthicsReference,
        Notice,
    ];
    assert_eq!(gate(&ports).missing(&named).unwrap(), without_authorisation);
    put(&ports, &named, SENSITIVE);
    named = ports.studies.study(named.id).unwrap().unwrap();
    assert_eq!(gate(&ports).missing(&named).unwrap(), Missing::ALL);
    named.protection.apply(&everything());
    assert_eq!(gate(&ports).missing(&named).unwrap(), [Notice]);
    tell(&ports, &named);
    assert_eq!(gate(&ports).missing(&named).unwrap(), []);
}

#[rstest]
#[case(&[LegalRegime::Lipad], true)]
#[case(&[LegalRegime::Gdpr, LegalRegime::Lipad], true)]
#[case(&[LegalRegime::Gdpr], false)]
#[case(&[LegalRegime::Fadp], false)]
fn an_authorisation_is_asked_for_under_the_law_of_geneva(
    #[case] regimes: &[LegalRegime],
    #[case] asked: bool,
) {
    let mut sensitive = study(&ports(), "s");
    sensitive.protection.apply(&ProtectionChange {
        legal_regimes: Some(regimes.to_vec()),
        authorisation_reference: Some(String::new()),
        ..everything()
    });
    let demand = Demand {
        identifiers: false,
        sensitive: true,
    };
    let expected: &[Missing] = match asked {
        true => &[Missing::AuthorisationReference],
        false => &[],
    };
    assert_eq!(missing(&sensitive, demand, true), expected);
}

#[test]
fn who_asks_for_consent_says_to_what() {
    let ports = ports();
    let mut asking = study(&ports, "asking");
    asking.consent = Purposes::from_iter([Purpose::Collection]);
    assert_eq!(gate(&ports).missing(&asking).unwrap(), [Missing::Notice]);
    tell(&ports, &asking);
    assert_eq!(gate(&ports).missing(&asking).unwrap(), []);
}

#[test]
fn an_open_study_is_held_to_what_it_would_lack_and_did_not_before() {
    let ports = ports();
    let draft = study(&ports, "s");
    let open = StudyChange {
        status: Some(StudyStatus::Open),
        ..StudyChange::default()
    };
    let open = ports
        .studies
        .change_study(draft.id, &open, None, at(0))
        .unwrap();
    let gate = gate(&ports);
    assert_eq!(gate.against_codebook(&open, &codebook(PLAIN)).unwrap(), []);
    let lacks = gate.against_codebook(&open, &codebook(NAMES)).unwrap();
    assert_eq!(lacks.len(), 8);
    assert_eq!(gate.against_codebook(&draft, &codebook(NAMES)).unwrap(), []);
    // As a study is that had opened before there was a gate.
    put(&ports, &open, NAMES);
    let old = ports.studies.study(open.id).unwrap().unwrap();
    assert_eq!(gate.against_codebook(&old, &codebook(NAMES)).unwrap(), []);
    assert_eq!(gate.against(&old, &old).unwrap(), []);
    let worse = gate.against_codebook(&old, &codebook(SENSITIVE)).unwrap();
    assert_eq!(worse, Missing::ALL);
    let closed = Study {
        status: StudyStatus::Closed,
        ..old.clone()
    };
    assert_eq!(gate.against(&closed, &old).unwrap().len(), 8);
    assert_eq!(gate.against(&old, &closed).unwrap(), []);
    let said = {
        let mut said = old.clone();
        said.protection.apply(&everything());
        said
    };
    tell(&ports, &old);
    assert_eq!(gate.against(&closed, &said).unwrap(), []);
    let without = {
        let mut without = said.clone();
        without.protection.purpose = None;
        without
    };
    assert_eq!(gate.against(&said, &without).unwrap(), [Missing::Purpose]);
}

#[test]
fn what_is_said_is_kept_until_it_is_changed_or_taken_away() {
    let mut said = Protection::default();
    said.apply(&everything());
    let before = said.clone();
    said.apply(&ProtectionChange::default());
    assert_eq!(said, before);
    said.apply(&ProtectionChange {
        purpose: Some(" ".to_owned()),
        controllers: Some(Vec::new()),
        ..ProtectionChange::default()
    });
    assert_eq!(said.purpose, None);
    assert_eq!(said.controllers, []);
    assert_eq!(said.contact, before.contact);
}
