//! Entries, deleted with a reason.
#![expect(missing_docs, reason = "the names say it")]

use super::amendments::{amend, numbers, read, scan};
use super::*;
use crate::{
    Burial, DeletionOrder, EntryStatus, SessionName, Study, StudyCounts, TOMBSTONE_ACTION, Traces,
};
use std::time::Duration;

/// Long enough for whatever a test deletes.
const WITHIN: Duration = Duration::from_secs(60);

fn because(reason: &str) -> DeletionOrder {
    DeletionOrder {
        reason: reason.parse().expect("a reason"),
        by: None,
    }
}

fn bury(ports: &Ports, study: &Study, number: LogNumber) {
    ports
        .tombstones
        .bury(study.id, number, None, &because("a pilot"), at(4000))
        .expect("deleted");
}

fn session(name: &str) -> SessionName {
    name.parse().expect("a session")
}

fn live(study: &Study, number: u64, size: u32, order: LogOrder) -> LogQuery {
    LogQuery {
        filter: LogFilter::live(),
        order,
        ..page_of(study, number, size)
    }
}

pub fn a_deleted_entry_leaves_a_tombstone_and_its_reason(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = numbers(ports, &study, 3);
    let sent = scan(ports, &study, &LogFilter::default());
    let revision = || ports.logs.revision(&StudyScope::All).expect("a revision");
    let before = revision();
    bury(ports, &study, numbers[1]);
    assert_ne!(revision(), before);
    let tombstone = sent[1].clone().tombstone().expect("a tombstone");
    let left = [sent[0].clone(), tombstone, sent[2].clone()];
    assert_eq!(scan(ports, &study, &LogFilter::default()), left);
    assert_eq!(left[1].action.as_str(), TOMBSTONE_ACTION);
    assert_eq!(scan(ports, &study, &LogFilter::live()).len(), 2);
    let burial = Burial {
        reason: because("a pilot").reason,
        by: None,
        at: at(4000),
    };
    let told = |n: usize| ports.tombstones.burial(numbers[n]).expect("read");
    assert_eq!((told(0), told(1)), (None, Some(burial)));
    let counts = StudyCounts {
        entries: 2,
        deleted: 1,
        quarantined: 0,
    };
    assert_eq!(ports.logs.counts(study.id).expect("counts"), counts);
    // Sent again, it does not come back.
    let again = send(ports, &[entry(&study, 1)]);
    assert_eq!(again, [Outcome::Duplicate(numbers[1])]);
    assert_eq!(ports.logs.counts(study.id).expect("counts"), counts);
    let twice = ports
        .tombstones
        .bury(study.id, numbers[1], None, &because("again"), at(4001));
    assert!(matches!(twice, Err(StoreError::NotFound)), "{twice:?}");
}

pub fn a_tombstone_takes_its_amendments_along(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = numbers(ports, &study, 2);
    for number in &numbers {
        amend(ports, *number, r#"{"reason":"r","payload":{"x":1}}"#);
        amend(ports, *number, r#"{"reason":"r","payload":{"x":2}}"#);
    }
    bury(ports, &study, numbers[0]);
    assert_eq!(read(ports, numbers[0]).payload, None);
    assert_eq!(ports.amendments.amended(&numbers).expect("read").len(), 1);
    let made = |n: usize| {
        let made = ports.amendments.history(numbers[n], &page(1, 10));
        made.expect("a page").total
    };
    assert_eq!((made(0), made(1)), (0, 2));
    let mut late = read(ports, numbers[0]);
    late.revision = 3;
    let late = crate::NewAmendment {
        entry: late,
        changes: "{}".into(),
        reason: because("r").reason,
        by: None,
    };
    let refused = ports.amendments.amend(&late, at(5000));
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

pub fn an_entry_that_was_amended_since_is_not_deleted(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let number = numbers(ports, &here, 1)[0];
    amend(ports, number, r#"{"reason":"r","action":"b"}"#);
    let delete = |study: &Study, seen| {
        ports
            .tombstones
            .bury(study.id, number, seen, &because("r"), at(4000))
    };
    assert!(matches!(delete(&here, Some(0)), Err(StoreError::Stale)));
    assert!(matches!(delete(&there, Some(1)), Err(StoreError::NotFound)));
    assert_eq!(read(ports, number).action.as_str(), "b");
    delete(&here, Some(1)).expect("deleted");
    assert_eq!(read(ports, number).status, EntryStatus::Deleted);
}

pub fn a_session_is_deleted_with_what_was_there_and_nothing_else(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    // More than one transaction takes.
    let all = numbers(ports, &here, 1203);
    let elsewhere = entries(&there, 2000..2003);
    send(ports, &elsewhere);
    let mut other = entries(&here, 3000..3003);
    for entry in &mut other {
        entry.content.session = Some(session("s-2"));
    }
    send(ports, &other);
    amend(ports, all[1000], r#"{"reason":"r","session":"s-3"}"#);
    let counted = |name: &str| {
        let count = ports.tombstones.count_session(here.id, &session(name));
        count.expect("counted")
    };
    assert_eq!(
        (counted("s-1"), counted("s-2"), counted("s-3")),
        (1203, 3, 0)
    );
    let order = because("a pilot");
    let delete = || {
        ports
            .tombstones
            .bury_session(here.id, &session("s-1"), &order, at(4000), WITHIN)
            .expect("deleted")
    };
    let deleted = delete();
    assert_eq!((deleted.entries, deleted.complete), (1203, true));
    assert_eq!((counted("s-1"), counted("s-2")), (0, 3));
    assert_eq!(scan(ports, &there, &LogFilter::live()).len(), 3);
    assert_eq!(scan(ports, &here, &LogFilter::live()).len(), 3);
    let counts = ports.logs.counts(here.id).expect("counts");
    assert_eq!((counts.entries, counts.deleted), (3, 1203));
    assert_eq!(ports.amendments.amended(&all).expect("read"), []);
    for number in [all[0], all[1202]] {
        let burial = ports.tombstones.burial(number).expect("read");
        assert_eq!(burial.expect("told").reason, order.reason);
    }
    assert_eq!(delete().entries, 0);
    // What comes later is another matter.
    send(ports, &entries(&here, 5000..5001));
    ports.erasure.sweep(at(9000)).expect("swept");
    assert_eq!(counted("s-1"), 1);
}

pub fn a_session_that_is_not_deleted_at_once_goes_with_a_sweep(ports: &Ports) {
    let study = study(ports, "s");
    numbers(ports, &study, 1203);
    let begun = ports
        .tombstones
        .bury_session(
            study.id,
            &session("s-1"),
            &because("a pilot"),
            at(4000),
            Duration::ZERO,
        )
        .expect("begun");
    assert!(!begun.complete && begun.entries < 1203, "{begun:?}");
    send(ports, &entries(&study, 2000..2002));
    ports.erasure.sweep(at(4600)).expect("swept");
    let counts = ports.logs.counts(study.id).expect("counts");
    assert_eq!((counts.entries, counts.deleted), (2, 1203));
    let revision = || ports.logs.revision(&StudyScope::All).expect("a revision");
    let settled = revision();
    ports.erasure.sweep(at(5600)).expect("swept");
    assert_eq!(revision(), settled, "nothing was left to delete");
}

pub fn lists_of_live_entries_leave_tombstones_out_however_deep(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let numbers = numbers(ports, &here, 3300);
    send(ports, &entries(&there, 9000..9100));
    let orders = [
        LogOrder::Received,
        LogOrder::ReceivedDescending,
        LogOrder::Timestamp,
        LogOrder::TimestampDescending,
    ];
    let mut left = numbers.clone();
    for gone in [None, Some(0), Some(1), Some(1200), Some(2999)] {
        if let Some(gone) = gone {
            bury(ports, &here, numbers[gone]);
            left.retain(|number| *number != numbers[gone]);
        }
        for order in orders {
            let mut expected = left.clone();
            if matches!(
                order,
                LogOrder::ReceivedDescending | LogOrder::TimestampDescending
            ) {
                expected.reverse();
            }
            for (number, size) in [(1, 10), (120, 10), (33, 100)] {
                let found = ports
                    .logs
                    .page(&live(&here, number, size, order))
                    .expect("a page");
                assert_eq!(found.total, Some(left.len() as u64), "{gone:?} {order:?}");
                let listed: Vec<_> = found.entries.iter().map(|entry| entry.number).collect();
                let from = (number as usize - 1) * size as usize;
                let to = (from + size as usize).min(expected.len());
                assert_eq!(listed, expected[from..to], "{gone:?} {order:?} {number}");
            }
        }
        let several = LogQuery {
            scope: StudyScope::Only(vec![here.id, there.id]),
            ..live(&here, 320, 10, LogOrder::Received)
        };
        let found = ports.logs.page(&several).expect("a page");
        let listed: Vec<_> = found.entries.iter().map(|entry| entry.number).collect();
        assert_eq!(listed, left[3190..3200]);
        assert_eq!(found.total, Some(left.len() as u64 + 100));
        let all = LogQuery {
            scope: StudyScope::All,
            ..several
        };
        assert_eq!(
            ports.logs.page(&all).expect("a page").entries,
            found.entries
        );
        let cursor = LogQuery {
            window: Window::After(left[0]),
            ..live(&here, 1, 5, LogOrder::Received)
        };
        let found = ports.logs.page(&cursor).expect("a page");
        let listed: Vec<_> = found.entries.iter().map(|entry| entry.number).collect();
        assert_eq!(listed, left[1..6]);
    }
}

pub fn an_erasure_leaves_no_amendment_and_no_reason(ports: &Ports) {
    let study = study(ports, "s");
    let ada = ports
        .accounts
        .enrol(study.id, &[new_account("ada")], at(0))
        .expect("enrolled")
        .remove(0);
    let numbers = numbers(ports, &study, 2);
    amend(ports, numbers[0], r#"{"reason":"r","payload":{"x":1}}"#);
    let traces = Traces {
        study: study.id,
        pseudonym: player(0),
    };
    ports
        .erasure
        .erase(ada.id, &[traces], at(2000), WITHIN)
        .expect("erased");
    assert_eq!(ports.amendments.amended(&numbers).expect("read"), []);
    let made = ports.amendments.history(numbers[0], &page(1, 10));
    assert_eq!(made.expect("a page").total, 0);
    assert_eq!(ports.tombstones.burial(numbers[0]).expect("read"), None);
}
