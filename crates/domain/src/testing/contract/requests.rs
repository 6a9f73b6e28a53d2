//! Requests that came by letter.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    AccountId, Day, NewRightsRequest, RequestKind, RequestOutcome, RequestStep, RightsRequest,
    Study, WaitingRequests,
};

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

fn record(ports: &Ports, study: &Study, received: &str, of: Option<AccountId>) -> RightsRequest {
    let new = NewRightsRequest {
        kind: RequestKind::Access,
        participant: of,
        reference: Some("2024-17".parse().expect("a reference")),
        received: day(received),
        recorded_by: None,
    };
    let recorded = ports.requests.record_request(study.id, &new, at(0));
    recorded.expect("kept")
}

fn answered(on: &str) -> RequestStep {
    RequestStep::Answered {
        on: day(on),
        outcome: RequestOutcome::Granted,
    }
}

fn step(ports: &Ports, study: &Study, seen: &RightsRequest, step: &RequestStep) -> RightsRequest {
    let stepped = ports.requests.step_request(study.id, seen, step);
    stepped.expect("kept")
}

fn participant(ports: &Ports, study: &Study, name: &str) -> AccountId {
    let made = ports.accounts.enrol(study.id, &[new_account(name)], at(0));
    made.expect("made")[0].id
}

pub fn a_request_is_kept_with_the_day_by_which_it_must_be_answered(ports: &Ports) {
    let study = study(ports, "s");
    let who = participant(ports, &study, "p-1");
    let made = record(ports, &study, "2024-05-18", Some(who));
    assert_eq!((made.due, made.revision), (day("2024-06-17"), 1));
    let read = ports.requests.request(study.id, made.id).expect("read");
    assert_eq!(read, Some(made.clone()));
    let of_one = ports.requests.requests_of(who).expect("read");
    assert_eq!(of_one, std::slice::from_ref(&made));
    let elsewhere = super::study(ports, "other");
    assert_eq!(
        ports.requests.request(elsewhere.id, made.id).expect("read"),
        None
    );
}

pub fn a_request_is_prolonged_and_answered_as_it_was_seen(ports: &Ports) {
    let study = study(ports, "s");
    let made = record(ports, &study, "2024-05-18", None);
    let later = RequestStep::Prolonged {
        until: day("2024-08-18"),
        reason: "many at once".parse().expect("a reason"),
    };
    let prolonged = step(ports, &study, &made, &later);
    assert_eq!((prolonged.due, prolonged.revision), (day("2024-08-18"), 2));
    let stale = ports
        .requests
        .step_request(study.id, &made, &answered("2024-06-01"));
    assert!(matches!(stale, Err(StoreError::Stale)));
    let done = step(ports, &study, &prolonged, &answered("2024-06-01"));
    assert_eq!(
        done.answered,
        Some((day("2024-06-01"), RequestOutcome::Granted))
    );
    assert_eq!(done.prolonged, prolonged.prolonged);
    assert_eq!(
        ports.requests.request(study.id, done.id).expect("read"),
        Some(done.clone())
    );
    let other = super::study(ports, "other");
    let elsewhere = ports.requests.step_request(other.id, &done, &later);
    assert!(matches!(elsewhere, Err(StoreError::NotFound)));
}

pub fn requests_are_listed_with_the_most_urgent_first(ports: &Ports) {
    let study = study(ports, "s");
    let ids: Vec<_> = ["2024-05-20", "2024-05-01", "2024-05-10", "2024-04-01"]
        .iter()
        .map(|received| record(ports, &study, received, None))
        .collect();
    step(ports, &study, &ids[1], &answered("2024-05-02"));
    step(ports, &study, &ids[3], &answered("2024-04-02"));
    let listed = |open, page: &PageRequest| {
        let found = ports.requests.requests(study.id, open, page).expect("read");
        let order: Vec<_> = found
            .items
            .iter()
            .map(|one| one.received.to_string())
            .collect();
        (order.join(" "), found.total)
    };
    let all = "2024-05-10 2024-05-20 2024-05-01 2024-04-01";
    assert_eq!(listed(None, &page(1, 10)), (all.to_owned(), 4));
    assert_eq!(listed(None, &page(2, 3)).0, "2024-04-01");
    assert_eq!(
        listed(Some(true), &page(1, 10)),
        ("2024-05-10 2024-05-20".to_owned(), 2)
    );
    assert_eq!(
        listed(Some(false), &page(1, 10)),
        ("2024-05-01 2024-04-01".to_owned(), 2)
    );
}

pub fn requests_that_are_overdue_are_told(ports: &Ports) {
    let (one, other) = (study(ports, "one"), study(ports, "other"));
    record(ports, &one, "2024-05-01", None);
    let late = record(ports, &one, "2024-03-01", None);
    record(ports, &other, "2024-05-01", None);
    // The last day itself is in time.
    let waiting = |today: &str| {
        ports
            .requests
            .waiting_requests(one.id, day(today))
            .expect("read")
    };
    let (open, none) = (2, 0);
    assert_eq!(
        waiting("2024-03-31"),
        WaitingRequests {
            open,
            overdue: none
        }
    );
    assert_eq!(waiting("2024-04-01"), WaitingRequests { open, overdue: 1 });
    let overdue = ports.requests.overdue_requests(day("2024-04-01"));
    assert_eq!(overdue.expect("read"), [(one.id, 1)]);
    step(ports, &one, &late, &answered("2024-04-02"));
    assert_eq!(
        waiting("2024-04-03"),
        WaitingRequests {
            open: 1,
            overdue: 0
        }
    );
    let overdue = ports.requests.overdue_requests(day("2024-06-01"));
    assert_eq!(overdue.expect("read"), [(one.id, 1), (other.id, 1)]);
}

pub fn a_request_forgets_an_account_that_is_gone(ports: &Ports) {
    let study = study(ports, "s");
    let who = participant(ports, &study, "p-1");
    let made = record(ports, &study, "2024-05-18", Some(who));
    ports.erasure.unlink(who).expect("gone");
    let left = ports
        .requests
        .request(study.id, made.id)
        .expect("read")
        .expect("there");
    assert_eq!((left.participant, left.reference), (None, made.reference));
    let new = NewRightsRequest {
        kind: RequestKind::Erasure,
        participant: Some(who),
        reference: None,
        received: day("2024-05-18"),
        recorded_by: None,
    };
    let refused = ports.requests.record_request(study.id, &new, at(0));
    assert!(matches!(refused, Err(StoreError::NotFound)));
}
