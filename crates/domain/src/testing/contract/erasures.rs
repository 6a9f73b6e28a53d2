//! Taking people out.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{EntryStatus, Erasure, Pseudonym, QuarantineFilter, Study, TOMBSTONE_ACTION, Traces};
use std::time::Duration;

/// Long enough for whatever a test erases.
const WITHIN: Duration = Duration::from_secs(60);

fn enrolled(ports: &Ports, study: &Study, username: &str) -> crate::Account {
    ports
        .accounts
        .enrol(study.id, &[new_account(username)], at(0))
        .expect("enrolled")
        .remove(0)
}

fn by(n: u64, entry: NewEntry) -> NewEntry {
    NewEntry {
        pseudonym: player(n),
        ..entry
    }
}

fn misfits(ports: &Ports, study: &Study, texts: &[(u64, &str)]) -> Vec<Outcome> {
    let new = texts.iter().map(|&(n, text)| {
        Arrival::Misfit(crate::NewMisfit {
            pseudonym: Some(player(n)),
            ..misfit(study, text)
        })
    });
    submit(ports, new.collect(), 1000, false)
}

fn quarantined(ports: &Ports, study: &Study) -> Vec<(Option<Pseudonym>, String)> {
    ports
        .quarantine
        .quarantine(study.id, &QuarantineFilter::default(), &page(1, 1000))
        .expect("a page")
        .items
        .into_iter()
        .map(|text| (text.pseudonym, text.misfit.text.to_string()))
        .collect()
}

fn erase(
    ports: &Ports,
    study: &Study,
    account: &crate::Account,
    n: u64,
) -> Result<Erasure, StoreError> {
    let traces = Traces {
        study: study.id,
        pseudonym: player(n),
    };
    ports.erasure.erase(account.id, &[traces], at(2000), WITHIN)
}

fn is_there(ports: &Ports, account: &crate::Account) -> bool {
    let by_name = ports.accounts.account_by_username(&account.username);
    let by_subject = ports.accounts.account_by_subject(&account.subject);
    let (by_name, by_subject) = (by_name.expect("read"), by_subject.expect("read"));
    assert_eq!(by_name.is_some(), by_subject.is_some());
    by_name.is_some()
}

pub fn an_account_that_is_unlinked_leaves_what_it_did(ports: &Ports) {
    let study = study(ports, "s");
    let ada = enrolled(ports, &study, "ada");
    let bob = enrolled(ports, &study, "bob");
    send(ports, &entries(&study, 0..3));
    misfits(ports, &study, &[(0, r#"{"id":1}"#)]);
    let before = (stored(ports, &study), quarantined(ports, &study));
    ports.erasure.unlink(ada.id).expect("unlinked");
    assert!(!is_there(ports, &ada) && is_there(ports, &bob));
    assert_eq!((stored(ports, &study), quarantined(ports, &study)), before);
    assert!(matches!(
        ports.erasure.unlink(ada.id),
        Err(StoreError::NotFound)
    ));
}

pub fn the_log_ins_of_an_account_go_with_it(ports: &Ports) {
    let study = study(ports, "s");
    let log_in = |account: &crate::Account, n: u128| {
        let new = crate::NewGrant {
            id: crate::GrantId(uuid::Uuid::from_u128(n)),
            account: Some(account.id),
            client: None,
            scope: "participant".into(),
            ends_at: None,
            refresh: None,
        };
        ports.grants.begin_grant(&new, at(0)).expect("begun");
        new.id
    };
    let [ada, bob, cyd] = ["ada", "bob", "cyd"].map(|name| enrolled(ports, &study, name));
    let grants = [log_in(&ada, 1), log_in(&bob, 2), log_in(&cyd, 3)];
    ports.erasure.unlink(ada.id).expect("unlinked");
    erase(ports, &study, &bob, 0).expect("erased");
    let left = grants.map(|id| ports.grants.grant(id).expect("read").is_some());
    assert_eq!(left, [false, false, true]);
}

pub fn a_member_who_is_unlinked_is_a_member_no_more(ports: &Ports) {
    let study = study(ports, "s");
    let made = ports
        .accounts
        .create_user(&new_account("r"), Role::Researcher, at(0))
        .expect("made");
    ports
        .accounts
        .put_member(study.id, made.id, StudyRole::Manager)
        .expect("a member");
    ports.erasure.unlink(made.id).expect("unlinked");
    assert!(!is_there(ports, &made));
    assert_eq!(ports.accounts.memberships(made.id).expect("read"), []);
}

pub fn what_somebody_did_is_erased_and_tombstones_stay(ports: &Ports) {
    let study = study(ports, "s");
    let ada = enrolled(ports, &study, "ada");
    // More than one transaction takes, so that places are kept between them.
    let written: Vec<_> = entries(&study, 0..1203);
    for part in written.chunks(400) {
        assert_eq!(accepted(&send(ports, part)), part.len());
    }
    let before = scanned(ports, &study);
    assert_eq!(
        erase(ports, &study, &ada, 0).expect("erased"),
        Erasure::Done
    );
    assert!(!is_there(ports, &ada));
    let after = scanned(ports, &study);
    let tombstones: Vec<_> = before
        .into_iter()
        .map(|entry| entry.tombstone().expect("a tombstone"))
        .collect();
    assert_eq!(after, tombstones);
    assert_eq!(after[0].action.as_str(), TOMBSTONE_ACTION);
    let of_status = |status| LogQuery {
        filter: LogFilter {
            status: Some(status),
            ..LogFilter::default()
        },
        ..page_of(&study, 1, 1)
    };
    let total = |status| ports.logs.page(&of_status(status)).expect("a page").total;
    assert_eq!(total(EntryStatus::Deleted), Some(1203));
    assert_eq!(total(EntryStatus::Accepted), Some(0));
    assert!(matches!(
        erase(ports, &study, &ada, 0),
        Err(StoreError::NotFound)
    ));
}

pub fn what_others_did_is_left_as_it_was(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let ada = enrolled(ports, &here, "ada");
    let bob = enrolled(ports, &here, "bob");
    send(ports, &entries(&here, 0..2));
    let others: Vec<_> = entries(&here, 0..2).into_iter().map(|e| by(1, e)).collect();
    send(ports, &others);
    send(ports, &entries(&there, 5..7));
    misfits(ports, &here, &[(0, r#"{"id":1}"#), (1, r#"{"id":1}"#)]);
    misfits(ports, &there, &[(0, r#"{"id":2}"#)]);
    let nobodys = crate::NewMisfit {
        pseudonym: None,
        ..misfit(&here, "nobody's")
    };
    submit(ports, vec![Arrival::Misfit(nobodys)], 1000, false);
    let kept = |ports: &Ports| {
        let mut entries = stored(ports, &here);
        entries.retain(|entry| entry.pseudonym == player(1));
        (entries, stored(ports, &there), quarantined(ports, &there))
    };
    let before = kept(ports);
    erase(ports, &here, &ada, 0).expect("erased");
    assert_eq!(kept(ports), before);
    assert!(is_there(ports, &bob));
    assert_eq!(
        quarantined(ports, &here),
        [
            (Some(player(1)), r#"{"id":1}"#.to_owned()),
            (None, "nobody's".to_owned())
        ]
    );
}

pub fn an_erasure_changes_the_revision_and_keeps_the_counts_right(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let ada = enrolled(ports, &here, "ada");
    send(ports, &entries(&here, 0..3));
    misfits(
        ports,
        &here,
        &[(0, r#"{"id":1}"#), (0, r#"{"id":2}"#), (1, r#"{"id":3}"#)],
    );
    let revision = |study: &Study| {
        let scope = StudyScope::Only(vec![study.id]);
        ports.logs.revision(&scope).expect("a revision")
    };
    let before = (revision(&here), revision(&there));
    erase(ports, &here, &ada, 0).expect("erased");
    assert_ne!(revision(&here), before.0);
    assert_eq!(revision(&there), before.1);
    let counts = ports.logs.counts(here.id).expect("counts");
    assert_eq!(
        (counts.entries, counts.deleted, counts.quarantined),
        (0, 3, 1)
    );
    let listed = ports.logs.page(&page_of(&here, 1, 10)).expect("a page");
    assert_eq!((listed.total, listed.entries.len()), (Some(3), 3));
    let settled = revision(&here);
    ports.erasure.sweep(at(2000)).expect("swept");
    assert_eq!(revision(&here), settled, "nothing was left to erase");
}

pub fn nothing_of_somebody_who_was_erased_is_stored(ports: &Ports) {
    let study = study(ports, "s");
    let ada = enrolled(ports, &study, "ada");
    send(ports, &entries(&study, 0..2));
    let text = misfits(ports, &study, &[(0, r#"{"id":7}"#)]).remove(0);
    erase(ports, &study, &ada, 0).expect("erased");
    // As from a server that has not heard of it yet: entries, texts, and a text that was to be let out.
    let late = send(ports, &entries(&study, 2..4));
    assert_eq!(late, [Outcome::Erased, Outcome::Erased]);
    let strict = submit(
        ports,
        vec![
            Arrival::Entry(entry(&study, 4)),
            Arrival::Entry(by(1, entry(&study, 4))),
        ],
        1000,
        true,
    );
    assert!(
        matches!(strict[..], [Outcome::Erased, Outcome::Accepted(_)]),
        "{strict:?}"
    );
    let late = misfits(ports, &study, &[(0, r#"{"id":1}"#)]);
    assert_eq!(late, [Outcome::Erased]);
    let Outcome::Quarantined(from) = text else {
        panic!("{text:?}")
    };
    let release = crate::Release {
        from,
        entry: entry(&study, 7),
        received_at: at(0),
    };
    let late = submit(ports, vec![Arrival::Release(release)], 1000, false);
    assert!(
        matches!(late[..], [Outcome::Erased | Outcome::Gone]),
        "{late:?}"
    );
    let consent = crate::NewConsent {
        code: crate::ConsentCode::new([7; 16]),
        pseudonym: player(0),
        consent: crate::Consent {
            decision: crate::Decision::Given,
            purposes: crate::Purposes::ALL,
            notice: None,
            by: crate::DecidedBy::Participant,
            reference: None,
            recorded_by: None,
        },
    };
    let consents = &ports.consents;
    let recorded = consents.record_consents(study.id, &[consent], at(2100));
    recorded.expect("recorded");
    let decided = consents.decisions(study.id, &[player(0)]).expect("read");
    assert!(decided.is_empty(), "{decided:?}");
    send(ports, &[by(1, entry(&study, 2))]);
    ports.erasure.sweep(at(2600)).expect("swept");
    let left: Vec<_> = stored(ports, &study)
        .into_iter()
        .map(|entry| {
            (
                entry.pseudonym == player(0),
                entry.status,
                entry.payload.is_some(),
            )
        })
        .collect();
    let gone = (true, EntryStatus::Deleted, false);
    let others = (false, EntryStatus::Accepted, true);
    assert_eq!(left, [gone, gone, others, others]);
    assert_eq!(quarantined(ports, &study), []);
    assert_eq!(ports.logs.counts(study.id).expect("counts").quarantined, 0);
}

pub fn whatever_comes_under_the_id_of_a_tombstone_is_taken_for_it(ports: &Ports) {
    let study = study(ports, "s");
    let ada = enrolled(ports, &study, "ada");
    let outcomes = send(ports, &entries(&study, 0..2));
    erase(ports, &study, &ada, 0).expect("erased");
    let mut other = entry(&study, 1);
    other.content.payload = None;
    let again = send(ports, &[entry(&study, 0), other]);
    let number = |n: usize| match outcomes[n] {
        Outcome::Accepted(number) => number,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        again,
        [Outcome::Duplicate(number(0)), Outcome::Duplicate(number(1))]
    );
}

pub fn the_number_of_somebody_who_left_is_not_given_again(ports: &Ports) {
    let study = study(ports, "s");
    let number = |account: &crate::Account| account.enrolment.map(|e| e.number.0);
    enrolled(ports, &study, "ada");
    let bob = enrolled(ports, &study, "bob");
    ports.erasure.unlink(bob.id).expect("unlinked");
    let again = enrolled(ports, &study, "bob");
    assert_eq!((number(&bob), number(&again)), (Some(2), Some(3)));
    assert_ne!(bob.id, again.id);
}

fn scanned(ports: &Ports, study: &Study) -> Vec<StoredEntry> {
    let mut all = Vec::new();
    ports
        .logs
        .scan(study.id, &LogFilter::default(), &mut |entry| {
            all.push(entry);
            ControlFlow::Continue(())
        })
        .expect("scanned");
    all
}
