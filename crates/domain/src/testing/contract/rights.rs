//! Disputes of entries, and what holds their use up.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    ConsentCode, Day, Hold, HoldChange, NewDispute, NewHold, Objections, Pseudonym, Purpose, Study,
    Traces, scan_marked,
};
use std::time::Duration;

fn today() -> Day {
    Day::of(at(0))
}

fn said(text: &str) -> Objections {
    Objections {
        text: Some(text.parse().expect("a remark")),
        correction: None,
    }
}

fn dispute(ports: &Ports, study: &Study, whose: u64, number: LogNumber, said: Objections) -> bool {
    let new = NewDispute {
        study: study.id,
        pseudonym: player(whose),
        number,
        said,
    };
    match ports.disputes.dispute(&new, today()) {
        Ok(()) => true,
        Err(StoreError::NotFound) => false,
        Err(error) => panic!("{error}"),
    }
}

/// The numbers of what the first player has sent.
fn sent(ports: &Ports, study: &Study, count: i64) -> Vec<LogNumber> {
    send(ports, &entries(study, 0..count));
    let all = list(ports, &page_of(study, 1, 1000));
    all.iter().map(|entry| entry.number).collect()
}

/// The numbers of the entries that a scan gives as disputed.
fn marked(ports: &Ports, study: &Study) -> Vec<LogNumber> {
    let mut found = Vec::new();
    let mut each = |entry: StoredEntry| {
        if entry.disputed {
            found.push(entry.number);
        }
        ControlFlow::Continue(())
    };
    scan_marked(&*ports.disputes, study.id, &mut each, |each| {
        ports.logs.scan(study.id, &LogFilter::default(), each)
    })
    .expect("read");
    found
}

fn revision(ports: &Ports, study: &Study) -> crate::LogRevision {
    let scope = StudyScope::Only(vec![study.id]);
    ports.logs.revision(&scope).expect("read")
}

pub fn a_dispute_is_kept_until_it_is_taken_back(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = sent(ports, &study, 3);
    assert!(dispute(ports, &study, 0, numbers[1], said("it was not me")));
    let found = ports.disputes.dispute_of(study.id, numbers[1]);
    let found = found.expect("read").expect("there");
    assert_eq!((found.number, found.since), (numbers[1], today()));
    assert_eq!((found.said, found.answer), (said("it was not me"), None));
    assert_eq!(marked(ports, &study), [numbers[1]]);
    assert_eq!(
        ports.disputes.disputed(&numbers).expect("read"),
        [numbers[1]]
    );
    let settle = || {
        ports
            .disputes
            .settle(study.id, player(0), numbers[1])
            .expect("written")
    };
    assert!(settle());
    assert!(!settle(), "twice is once");
    assert!(marked(ports, &study).is_empty());
    assert_eq!(
        ports
            .disputes
            .dispute_of(study.id, numbers[1])
            .expect("read"),
        None
    );
}

pub fn nobody_disputes_an_entry_of_somebody_else(ports: &Ports) {
    let (study, other) = (study(ports, "s"), super::study(ports, "other"));
    let numbers = sent(ports, &study, 1);
    assert!(!dispute(ports, &study, 1, numbers[0], said("mine")));
    assert!(!dispute(ports, &other, 0, numbers[0], said("mine")));
    assert!(!dispute(
        ports,
        &study,
        0,
        LogNumber(numbers[0].0 + 100),
        said("mine")
    ));
    assert!(dispute(ports, &study, 0, numbers[0], said("mine")));
    let settled = ports.disputes.settle(study.id, player(1), numbers[0]);
    assert!(!settled.expect("read"), "only whose it is takes it back");
    let elsewhere = ports.disputes.dispute_of(other.id, numbers[0]);
    assert_eq!(elsewhere.expect("read"), None);
    let answered = ports.disputes.answer_dispute(other.id, numbers[0], None);
    assert!(matches!(answered, Err(StoreError::NotFound)));
}

pub fn an_answer_stands_beside_a_dispute_until_something_else_is_said(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = sent(ports, &study, 1);
    let answer = "we looked at it".parse().expect("a remark");
    let disputes = &ports.disputes;
    let nothing = disputes.answer_dispute(study.id, numbers[0], Some(&answer));
    assert!(matches!(nothing, Err(StoreError::NotFound)));
    assert!(dispute(ports, &study, 0, numbers[0], said("wrong")));
    disputes
        .answer_dispute(study.id, numbers[0], Some(&answer))
        .expect("kept");
    let read = || {
        disputes
            .dispute_of(study.id, numbers[0])
            .expect("read")
            .expect("there")
    };
    assert_eq!(read().answer.as_ref(), Some(&answer));
    assert!(dispute(ports, &study, 0, numbers[0], said("wrong")));
    assert_eq!(
        read().answer.as_ref(),
        Some(&answer),
        "the same again says nothing new"
    );
    assert!(dispute(ports, &study, 0, numbers[0], said("still wrong")));
    assert_eq!((read().said, read().answer), (said("still wrong"), None));
}

pub fn disputes_are_listed_by_entry_and_by_person(ports: &Ports) {
    let study = study(ports, "s");
    let mut all = entries(&study, 0..4);
    all[3].pseudonym = player(1);
    send(ports, &all);
    let numbers: Vec<_> = list(ports, &page_of(&study, 1, 100))
        .iter()
        .map(|e| e.number)
        .collect();
    for (whose, place) in [(1, 3), (0, 2), (0, 0)] {
        assert!(dispute(
            ports,
            &study,
            whose,
            numbers[place],
            Objections::default()
        ));
    }
    let listed = |who: Option<Pseudonym>, page: &PageRequest| {
        let found = ports.disputes.disputes(study.id, who, page).expect("read");
        let numbers: Vec<_> = found.items.iter().map(|one| one.number).collect();
        (numbers, found.total)
    };
    assert_eq!(listed(None, &page(1, 2)), (vec![numbers[0], numbers[2]], 3));
    assert_eq!(listed(None, &page(2, 2)), (vec![numbers[3]], 3));
    assert_eq!(listed(Some(player(1)), &page(1, 10)), (vec![numbers[3]], 1));
    let from = ports.disputes.disputed_from(study.id, numbers[1], 1);
    assert_eq!(from.expect("read"), [numbers[2]]);
}

pub fn a_dispute_goes_with_the_content_of_its_entry(ports: &Ports) {
    let study = study(ports, "s");
    let accounts = ports.accounts.enrol(study.id, &[new_account("p-1")], at(0));
    let account = accounts.expect("made").remove(0);
    let numbers = sent(ports, &study, 2);
    for number in &numbers {
        assert!(dispute(ports, &study, 0, *number, said("a name")));
    }
    let order = crate::DeletionOrder {
        reason: "a pilot".parse().expect("a reason"),
        by: None,
    };
    let bury = ports
        .tombstones
        .bury(study.id, numbers[0], None, &order, at(1));
    bury.expect("deleted");
    assert_eq!(marked(ports, &study), [numbers[1]]);
    assert!(!dispute(
        ports,
        &study,
        0,
        numbers[0],
        said("of what is gone")
    ));
    let traces = Traces {
        study: study.id,
        pseudonym: player(0),
    };
    let erased = ports
        .erasure
        .erase(account.id, &[traces], at(2), Duration::from_secs(60));
    erased.expect("erased");
    assert!(marked(ports, &study).is_empty());
}

pub fn whoever_leaves_leaves_the_mark_and_no_words(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = sent(ports, &study, 1);
    assert!(dispute(
        ports,
        &study,
        0,
        numbers[0],
        said("I, somebody with a name")
    ));
    ports
        .disputes
        .silence(study.id, player(0))
        .expect("written");
    let left = ports
        .disputes
        .dispute_of(study.id, numbers[0])
        .expect("read");
    assert_eq!(left.expect("there").said, Objections::default());
    assert_eq!(marked(ports, &study), numbers);
}

pub fn a_dispute_changes_the_revision_of_the_entries(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = sent(ports, &study, 1);
    let before = revision(ports, &study);
    assert!(dispute(ports, &study, 0, numbers[0], said("wrong")));
    let disputed = revision(ports, &study);
    assert_ne!(before, disputed);
    assert!(dispute(ports, &study, 0, numbers[0], said("wrong")));
    assert_eq!(revision(ports, &study), disputed, "nothing new was said");
    ports
        .disputes
        .settle(study.id, player(0), numbers[0])
        .expect("written");
    assert_ne!(revision(ports, &study), disputed);
}

pub fn disputes_of_more_entries_than_are_known_ahead_are_all_marked(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = sent(ports, &study, 1000);
    let more = entries(&study, 1000..1200);
    send(ports, &more);
    for number in numbers
        .iter()
        .map(|number| number.0)
        .chain(numbers[999].0 + 1..=numbers[999].0 + 200)
    {
        assert!(dispute(
            ports,
            &study,
            0,
            LogNumber(number),
            Objections::default()
        ));
    }
    assert_eq!(marked(ports, &study).len(), 1200);
}

fn code(n: u64) -> ConsentCode {
    ConsentCode::new(u128::from(n + 1).to_be_bytes())
}

fn hold(ports: &Ports, study: &Study, n: u64, hold: Hold, is_held: bool) {
    let new = NewHold {
        code: code(n),
        pseudonym: player(n),
        change: HoldChange {
            hold,
            is_held,
            on_request: n == 1,
        },
    };
    let recorded = ports.holds.record_holds(study.id, &[new], at(n as i64));
    recorded.expect("kept");
}

/// Whose entries may serve research: by a scan and by a list.
fn served(ports: &Ports, study: &Study) -> Vec<Pseudonym> {
    let filter = LogFilter {
        purpose: Some(Purpose::Research),
        ..LogFilter::live()
    };
    let mut scanned = Vec::new();
    let scan = ports.logs.scan(study.id, &filter, &mut |entry| {
        scanned.push(entry.pseudonym);
        ControlFlow::Continue(())
    });
    scan.expect("read");
    let query = LogQuery {
        filter,
        ..page_of(study, 1, 100)
    };
    let listed: Vec<_> = list(ports, &query).iter().map(|e| e.pseudonym).collect();
    assert_eq!(scanned, listed);
    scanned
}

pub fn what_is_held_up_is_in_no_list_until_that_is_lifted(ports: &Ports) {
    for (slug, asked) in [("asks-nothing", false), ("asks", true)] {
        let study = study(ports, slug);
        // The ids of a player are of all studies.
        let first = if asked { 10 } else { 0 };
        if asked {
            let change = StudyChange {
                consent: Some([Purpose::Collection].into_iter().collect()),
                ..StudyChange::default()
            };
            ports
                .studies
                .change_study(study.id, &change, None, at(0))
                .expect("changed");
            let given = |n| crate::NewConsent {
                code: code(n),
                pseudonym: player(n),
                consent: crate::Consent {
                    decision: crate::Decision::Given,
                    purposes: crate::Purposes::ALL,
                    notice: None,
                    by: crate::DecidedBy::Participant,
                    reference: None,
                    recorded_by: None,
                },
            };
            ports
                .consents
                .record_consents(study.id, &[given(0), given(1)], at(0))
                .expect("kept");
        }
        let mut all = entries(&study, first..first + 2);
        all[1].pseudonym = player(1);
        send(ports, &all);
        assert_eq!(served(ports, &study), [player(0), player(1)]);
        let before = revision(ports, &study);
        hold(ports, &study, 0, Hold::Restriction, true);
        assert_ne!(revision(ports, &study), before);
        assert_eq!(served(ports, &study), [player(1)], "{slug}");
        hold(ports, &study, 1, Hold::Objection, true);
        assert_eq!(served(ports, &study), [], "{slug}");
        hold(ports, &study, 0, Hold::Objection, true);
        hold(ports, &study, 0, Hold::Restriction, false);
        assert_eq!(served(ports, &study), [], "one of two is lifted");
        hold(ports, &study, 0, Hold::Objection, false);
        assert_eq!(served(ports, &study), [player(0)], "{slug}");
    }
}

pub fn holds_are_kept_in_a_history_once_each(ports: &Ports) {
    let study = study(ports, "s");
    for (which, is_held) in [
        (Hold::Restriction, true),
        (Hold::Restriction, true),
        (Hold::Objection, true),
        (Hold::Restriction, false),
    ] {
        hold(ports, &study, 1, which, is_held);
    }
    let found = ports
        .holds
        .holds(study.id, &code(1), &page(1, 10))
        .expect("read");
    let told: Vec<_> = found
        .items
        .iter()
        .map(|one| (one.change.hold, one.change.is_held))
        .collect();
    let expected = [
        (Hold::Restriction, false),
        (Hold::Objection, true),
        (Hold::Restriction, true),
    ];
    assert_eq!((told.as_slice(), found.total), (expected.as_slice(), 3));
    assert!(
        found
            .items
            .iter()
            .all(|one| one.change.on_request && one.recorded_at == at(1))
    );
    let decided = ports
        .consents
        .decisions(study.id, &[player(1)])
        .expect("read");
    let holds = decided[&player(1)].holds();
    assert!(holds.contains(Hold::Objection) && !holds.contains(Hold::Restriction));
    let other = ports
        .holds
        .holds(study.id, &code(2), &page(1, 10))
        .expect("read");
    assert_eq!(other.total, 0);
}

pub fn a_study_knows_that_somebody_objected(ports: &Ports) {
    let made = study(ports, "s");
    let read = || {
        ports
            .studies
            .study(made.id)
            .expect("read")
            .expect("there")
            .objected
    };
    assert!(!read());
    hold(ports, &made, 0, Hold::Restriction, true);
    assert!(!read(), "entries of whoever restricts are taken");
    hold(ports, &made, 0, Hold::Objection, true);
    assert!(read());
}

pub fn what_holds_somebody_s_use_up_goes_with_an_erasure(ports: &Ports) {
    let study = study(ports, "s");
    let accounts = ports.accounts.enrol(study.id, &[new_account("p-1")], at(0));
    let account = accounts.expect("made").remove(0);
    hold(ports, &study, 0, Hold::Restriction, true);
    let traces = Traces {
        study: study.id,
        pseudonym: player(0),
    };
    let erased = ports
        .erasure
        .erase(account.id, &[traces], at(2), Duration::from_secs(60));
    erased.expect("erased");
    let decided = ports
        .consents
        .decisions(study.id, &[player(0)])
        .expect("read");
    assert!(decided.is_empty());
}
