//! Consents: what holds, the histories, and what follows for lists and scans.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    AccountId, Consent, ConsentCode, ConsentEvent, DecidedBy, Decision, NewConsent, NoticeShown,
    NoticeVersion, Pseudonym, Purpose, Purposes, Study,
};
use Decision::{Given, Refused, Withdrawn};
use Purpose::{Collection, Publication, Research, Reuse};
use std::sync::Barrier;

const PEOPLE: u64 = 4;

fn code(n: u64) -> ConsentCode {
    ConsentCode::new(
        u128::from(n)
            .wrapping_mul(0x0123_4567_89ab_cdef_0011_2233_4455_6677)
            .to_be_bytes(),
    )
}

fn consent(n: u64, decision: Decision, purposes: &[Purpose]) -> NewConsent {
    NewConsent {
        code: code(n),
        pseudonym: player(n),
        consent: Consent {
            decision,
            purposes: purposes.iter().copied().collect(),
            notice: None,
            by: DecidedBy::Participant,
            reference: None,
            recorded_by: None,
        },
    }
}

fn record(ports: &Ports, study: &Study, new: &[NewConsent], second: i64) {
    ports
        .consents
        .record_consents(study.id, new, at(second))
        .expect("it is kept");
}

fn history(ports: &Ports, study: &Study, n: u64) -> Vec<ConsentEvent> {
    let found = ports.consents.consents(study.id, &code(n), &page(1, 1000));
    found.expect("read").items
}

fn of(ports: &Ports, study: &Study, n: u64, purpose: Purpose) -> Option<Decision> {
    let found = ports.consents.decisions(study.id, &[player(n)]);
    found
        .expect("read")
        .get(&player(n))
        .and_then(|decided| decided.of(purpose))
}

fn asks(ports: &Ports, study: &Study, purposes: &[Purpose]) {
    let change = StudyChange {
        consent: Some(purposes.iter().copied().collect()),
        ..StudyChange::default()
    };
    let changed = ports.studies.change_study(study.id, &change, None, at(0));
    let asked = changed.expect("changed").consent;
    assert_eq!(asked, purposes.iter().copied().collect::<Purposes>());
}

/// One entry of each of four people, and of each two tombstones and a second session.
fn everybody_plays(ports: &Ports, study: &Study) {
    let mut entries = Vec::new();
    for n in 0..i64::try_from(PEOPLE).expect("few") * 3 {
        let mut new = entry(study, n);
        new.pseudonym = player(u64::try_from(n).expect("from 0") % PEOPLE);
        entries.push(new);
    }
    send(ports, &entries);
}

fn filter(purpose: Purpose) -> LogFilter {
    LogFilter {
        purpose: Some(purpose),
        ..LogFilter::live()
    }
}

fn players(entries: &[StoredEntry]) -> Vec<u64> {
    let number = |pseudonym: Pseudonym| (0..PEOPLE).find(|n| player(*n) == pseudonym);
    let mut found: Vec<_> = entries
        .iter()
        .filter_map(|entry| number(entry.pseudonym))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whose entries may serve the purpose: as every way of reading tells alike.
fn served(ports: &Ports, study: &Study, purpose: Purpose) -> Vec<u64> {
    let mut scanned = Vec::new();
    ports
        .logs
        .scan(study.id, &filter(purpose), &mut |entry| {
            scanned.push(entry);
            ControlFlow::Continue(())
        })
        .expect("read");
    let orders = [
        LogOrder::Received,
        LogOrder::ReceivedDescending,
        LogOrder::Timestamp,
        LogOrder::TimestampDescending,
    ];
    for order in orders {
        let mut together = Vec::new();
        for n in 1.. {
            let asked = LogQuery {
                filter: filter(purpose),
                order,
                ..page_of(study, n, 2)
            };
            let part = ports.logs.page(&asked).expect("read");
            assert_eq!(part.total, Some(scanned.len() as u64), "{order:?}");
            together.extend(part.entries);
            if !part.more {
                break;
            }
        }
        together.sort_by_key(|entry| entry.number);
        assert_eq!(together, scanned, "{order:?}");
    }
    let cursor = LogQuery {
        filter: filter(purpose),
        window: Window::After(LogNumber(0)),
        ..page_of(study, 1, 1000)
    };
    assert_eq!(list(ports, &cursor), scanned);
    let of_one = LogQuery {
        filter: LogFilter {
            participant: Some(player(0)),
            ..filter(purpose)
        },
        ..page_of(study, 1, 1000)
    };
    let of_one = list(ports, &of_one);
    assert_eq!(of_one.is_empty(), !players(&scanned).contains(&0));
    players(&scanned)
}

pub fn a_decision_is_kept_with_all_that_is_known_of_it(ports: &Ports) {
    let study = study(ports, "s");
    let manager = ports
        .accounts
        .create_user(&new_account("mia"), Role::Researcher, at(0))
        .expect("made");
    let mut paper = consent(0, Given, &[Collection, Publication]);
    paper.consent.notice = Some(NoticeShown {
        version: NoticeVersion(3),
        language: "fr-ch".to_owned(),
        hash: [7; 32],
    });
    paper.consent.by = DecidedBy::Paper;
    paper.consent.reference = Some("classeur 3, n° 12".to_owned());
    paper.consent.recorded_by = Some(manager.id);
    record(ports, &study, std::slice::from_ref(&paper), 5);
    let kept = history(ports, &study, 0);
    let expected = ConsentEvent {
        consent: paper.consent.clone(),
        recorded_at: at(5),
    };
    assert_eq!(kept, [expected]);
    assert_eq!(history(ports, &study, 1), []);
    ports.erasure.unlink(manager.id).expect("gone");
    let forgotten: Option<AccountId> = history(ports, &study, 0)[0].consent.recorded_by;
    assert_eq!(forgotten, None, "who it was goes with the account");
    let nowhere = ports
        .consents
        .record_consents(crate::StudyId(9_999_999), &[paper], at(5));
    assert!(matches!(nowhere, Err(StoreError::NotFound)), "{nowhere:?}");
}

pub fn a_history_only_grows_and_its_last_decision_holds(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    record(
        ports,
        &one,
        &[consent(0, Given, &[Collection, Research])],
        1,
    );
    record(ports, &one, &[consent(0, Refused, &[Reuse])], 2);
    record(ports, &one, &[consent(0, Withdrawn, &[Research])], 3);
    record(ports, &two, &[consent(0, Refused, &[Collection])], 4);
    let told = |study| {
        let told = history(ports, study, 0);
        let told = told.iter().map(|event| event.consent.decision);
        told.collect::<Vec<_>>()
    };
    assert_eq!(told(&one), [Withdrawn, Refused, Given]);
    assert_eq!(told(&two), [Refused]);
    let holds = Purpose::ALL.iter().map(|p| of(ports, &one, 0, *p));
    let expected = [Some(Given), Some(Withdrawn), Some(Refused), None];
    assert_eq!(holds.collect::<Vec<_>>(), expected);
    assert_eq!(of(ports, &two, 0, Collection), Some(Refused));
    let part = ports.consents.consents(one.id, &code(0), &page(2, 2));
    let part = part.expect("read");
    assert_eq!((part.total, part.items.len()), (3, 1));
}

pub fn where_a_paper_lies_is_forgotten_of_one_and_what_was_decided_stays(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    let paper = |n| {
        let mut paper = consent(n, Given, &[Collection]);
        paper.consent.reference = Some("folder 3".to_owned());
        paper
    };
    record(ports, &one, &[paper(0), paper(1)], 1);
    record(ports, &one, &[paper(0)], 2);
    record(ports, &two, &[paper(0)], 3);
    for _ in 0..2 {
        let forgotten = ports.consents.forget_references(one.id, &code(0));
        forgotten.expect("it can be forgotten, and again");
    }
    let references = |study, n| {
        let told = history(ports, study, n);
        let told = told.into_iter().map(|event| event.consent.reference);
        told.collect::<Vec<_>>()
    };
    assert_eq!(references(&one, 0), [None, None]);
    let kept = [Some("folder 3".to_owned())];
    assert_eq!(references(&one, 1), kept);
    assert_eq!(references(&two, 0), kept);
    assert_eq!(history(ports, &one, 0)[1].consent.decision, Given);
    assert_eq!(of(ports, &one, 0, Collection), Some(Given));
}

pub fn decisions_of_a_class_are_kept_all_at_once(ports: &Ports) {
    let study = study(ports, "s");
    let class: Vec<_> = (0..300).map(|n| consent(n, Given, &[Collection])).collect();
    record(ports, &study, &class, 1);
    let people: Vec<_> = (0..300).map(player).collect();
    let found = ports.consents.decisions(study.id, &people).expect("read");
    assert_eq!(found.len(), 300);
    assert!((0..300).all(|n| history(ports, &study, n).len() == 1));
}

pub fn decisions_about_several_purposes_at_once_all_hold(ports: &Ports) {
    let study = study(ports, "s");
    let (study, barrier) = (&study, &Barrier::new(Purpose::ALL.len()));
    std::thread::scope(|scope| {
        for purpose in Purpose::ALL {
            scope.spawn(move || {
                barrier.wait();
                record(ports, study, &[consent(0, Given, &[*purpose])], 1);
                record(ports, study, &[consent(0, Withdrawn, &[*purpose])], 2);
            });
        }
    });
    for purpose in Purpose::ALL {
        assert_eq!(of(ports, study, 0, *purpose), Some(Withdrawn), "{purpose}");
    }
    assert_eq!(history(ports, study, 0).len(), 8);
}

pub fn a_decision_changes_the_revision_of_the_entries(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    let revision = |study: &Study| {
        let scope = StudyScope::Only(vec![study.id]);
        ports.logs.revision(&scope).expect("read")
    };
    let (first, other) = (revision(&one), revision(&two));
    record(ports, &one, &[consent(0, Withdrawn, &[Research])], 1);
    let second = revision(&one);
    assert_ne!(first, second);
    asks(ports, &one, &[Collection]);
    assert_ne!(revision(&one), second, "what is asked decides too");
    assert_eq!(revision(&two), other);
}

pub fn whoever_took_a_consent_back_is_in_no_list_for_that_purpose(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    everybody_plays(ports, &one);
    let everybody = [0, 1, 2, 3];
    // Where nothing is asked, everybody is there but those who said no.
    assert_eq!(served(ports, &one, Research), everybody);
    record(ports, &one, &[consent(0, Withdrawn, &[Collection])], 1);
    record(ports, &one, &[consent(1, Refused, &[Research])], 1);
    record(ports, &one, &[consent(2, Given, &[Collection])], 1);
    record(ports, &two, &[consent(3, Withdrawn, &[Collection])], 1);
    assert_eq!(served(ports, &one, Research), [2, 3]);
    assert_eq!(served(ports, &one, Publication), [1, 2, 3]);
    let whole = list(ports, &page_of(&one, 1, 1000));
    assert_eq!(
        players(&whole),
        everybody,
        "without a purpose all are listed"
    );
    // Where it is asked, those who said yes.
    asks(ports, &one, &[Collection]);
    assert_eq!(served(ports, &one, Research), [2]);
    assert_eq!(served(ports, &one, Publication), [] as [u64; 0]);
    asks(ports, &one, &[Collection, Research]);
    assert_eq!(served(ports, &one, Research), [] as [u64; 0]);
    record(ports, &one, &[consent(2, Given, &[Research])], 2);
    record(
        ports,
        &one,
        &[consent(3, Given, &[Collection, Research])],
        2,
    );
    assert_eq!(served(ports, &one, Research), [2, 3]);
    record(ports, &one, &[consent(3, Withdrawn, &[Collection])], 3);
    assert_eq!(served(ports, &one, Research), [2]);
    asks(ports, &one, &[]);
    assert_eq!(served(ports, &one, Research), [2]);
}

pub fn a_list_of_several_studies_asks_each_its_own_consent(ports: &Ports) {
    let (free, asking) = (study(ports, "s1"), study(ports, "s2"));
    asks(ports, &asking, &[Collection]);
    for study in [&free, &asking] {
        let mut new = entry(study, 0);
        new.pseudonym = player(u64::from(study.id == asking.id));
        send(ports, &[new]);
    }
    let query = || LogQuery {
        scope: StudyScope::Only(vec![free.id, asking.id]),
        filter: filter(Research),
        ..page_of(&free, 1, 10)
    };
    assert_eq!(players(&list(ports, &query())), [0]);
    record(ports, &asking, &[consent(1, Given, &[Collection])], 1);
    assert_eq!(players(&list(ports, &query())), [0, 1]);
    record(ports, &free, &[consent(0, Withdrawn, &[Collection])], 1);
    assert_eq!(players(&list(ports, &query())), [1]);
}

pub fn consents_and_notices_go_with_their_study(ports: &Ports) {
    let study = study(ports, "s");
    record(ports, &study, &[consent(0, Given, &[Collection])], 1);
    let notice = super::notices::notice("fr", "un");
    let put = ports.notices.put_notice(study.id, &notice, None, at(0));
    put.expect("kept");
    let deleted = ports.deletion.delete_study(study.id, crate::Extent::Empty);
    assert_eq!(deleted.expect("deleted"), crate::Deleted::All);
    assert_eq!(history(ports, &study, 0), []);
    assert_eq!(of(ports, &study, 0, Collection), None);
    let listed = ports.notices.notices(study.id, &page(1, 10)).expect("read");
    assert_eq!(listed.total, 0);
}

pub fn what_holds_for_somebody_goes_with_an_erasure(ports: &Ports) {
    let study = study(ports, "s");
    let ada = ports.accounts.enrol(study.id, &[new_account("ada")], at(0));
    let ada = ada.expect("enrolled").remove(0);
    record(ports, &study, &[consent(0, Given, &[Collection])], 1);
    record(ports, &study, &[consent(1, Given, &[Collection])], 1);
    let traces = crate::Traces {
        study: study.id,
        pseudonym: player(0),
    };
    let minute = std::time::Duration::from_secs(60);
    let erased = ports.erasure.erase(ada.id, &[traces], at(2), minute);
    erased.expect("erased");
    assert_eq!(of(ports, &study, 0, Collection), None);
    assert_eq!(of(ports, &study, 1, Collection), Some(Given));
}

pub fn a_study_keeps_what_it_says_about_data_protection(ports: &Ports) {
    let study = study(ports, "s");
    assert_eq!(study.protection, crate::Protection::default());
    let said = crate::ProtectionChange {
        legal_regimes: Some(vec![crate::LegalRegime::Lipad, crate::LegalRegime::Fadp]),
        controllers: Some(vec![crate::Controller {
            name: "Université de Genève \u{1f393}".to_owned(),
            address: Some("24 rue du Général-Dufour".to_owned()),
            country: Some("CH".to_owned()),
            contact: None,
        }]),
        recipients: Some(Vec::new()),
        retention: Some(crate::Retention {
            months: 24,
            from: crate::RetentionStart::Reception,
            then: crate::Removal::Anonymise,
        }),
        purpose: Some("how people learn".to_owned()),
        ..crate::ProtectionChange::default()
    };
    let change = StudyChange {
        protection: said.clone(),
        consent: Some(Purposes::ALL),
        ..StudyChange::default()
    };
    let changed = ports.studies.change_study(study.id, &change, None, at(1));
    let changed = changed.expect("changed");
    let mut expected = crate::Protection::default();
    expected.apply(&said);
    assert_eq!(changed.protection, expected);
    let read = || {
        let study = ports.studies.study(study.id).expect("read");
        study.expect("it is there")
    };
    assert_eq!(
        (read().protection, read().consent),
        (expected.clone(), Purposes::ALL)
    );
    let renamed = StudyChange {
        title: Some("Another".to_owned()),
        ..StudyChange::default()
    };
    let renamed = ports.studies.change_study(study.id, &renamed, None, at(2));
    renamed.expect("changed");
    assert_eq!(read().protection, expected, "what is left out stays");
}
