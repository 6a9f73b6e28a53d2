//! Requests to tell whose a pseudonym is.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    ANSWER_HOURS, AccountId, NewReidentification, REQUEST_HOURS, Reidentification,
    ReidentificationId, ReidentificationState, Study, Timestamp,
};
use std::sync::Barrier;
use uuid::Uuid;

fn person(ports: &Ports, name: &str) -> AccountId {
    let new = new_account(name);
    let made = ports.accounts.create_user(&new, Role::Researcher, at(0));
    made.expect("made").id
}

fn request(ports: &Ports, study: &Study, by: AccountId, now: Timestamp) -> ReidentificationId {
    let new = NewReidentification {
        id: ReidentificationId(Uuid::new_v4()),
        study: study.id,
        pseudonym: player(1),
        reason: "somebody asks for help".parse().expect("a reason"),
        by,
    };
    let kept = ports.reidentifications.request_reidentification(&new, now);
    kept.expect("kept");
    new.id
}

fn read(ports: &Ports, study: &Study, id: ReidentificationId) -> Reidentification {
    let found = ports.reidentifications.reidentification(study.id, id);
    found.expect("read").expect("there")
}

fn hours(hours: i64) -> Timestamp {
    at(0).plus_seconds(hours * 3600)
}

fn is_stale(result: &Result<(), StoreError>) -> bool {
    matches!(result, Err(StoreError::Stale))
}

pub fn whose_a_pseudonym_is_is_told_once_after_a_second_person_allowed_it(ports: &Ports) {
    let (study, other) = (study(ports, "s1"), study(ports, "s2"));
    let (mia, max) = (person(ports, "mia"), person(ports, "max"));
    let store = &ports.reidentifications;
    let id = request(ports, &study, mia, at(0));
    let asked = read(ports, &study, id);
    assert_eq!((asked.by, asked.pseudonym), (Some(mia), player(1)));
    assert_eq!(asked.reason.as_str(), "somebody asks for help");
    assert_eq!(
        (asked.requested_at, asked.state(at(1))),
        (at(0), ReidentificationState::Requested)
    );
    assert_eq!(store.reidentification(other.id, id).expect("read"), None);
    // Not before, and not by whoever asks.
    assert!(is_stale(&store.answer_reidentification(id, at(1))));
    assert!(is_stale(&store.decide_reidentification(
        id,
        true,
        mia,
        at(1)
    )));
    store
        .decide_reidentification(id, true, max, at(2))
        .expect("decided");
    assert!(is_stale(&store.decide_reidentification(
        id,
        false,
        max,
        at(2)
    )));
    let allowed = read(ports, &study, id);
    assert_eq!(allowed.state(at(3)), ReidentificationState::Approved);
    assert_eq!(
        allowed.opinion.map(|one| (one.allowed, one.by, one.at)),
        Some((true, Some(max), at(2)))
    );
    store.answer_reidentification(id, at(3)).expect("once");
    assert!(is_stale(&store.answer_reidentification(id, at(4))));
    let answered = read(ports, &study, id);
    assert_eq!(answered.answered_at, Some(at(3)));
    assert_eq!(answered.state(at(4)), ReidentificationState::Answered);
    let second = request(ports, &study, max, at(5));
    let listed = store
        .reidentifications(study.id, &page(1, 1))
        .expect("read");
    assert_eq!((listed.total, listed.items[0].id), (2, second));
    assert_eq!(
        store
            .reidentifications(other.id, &page(1, 1))
            .expect("read")
            .total,
        0
    );
}

pub fn a_request_and_its_answer_last_for_a_time(ports: &Ports) {
    let study = study(ports, "s");
    let (mia, max) = (person(ports, "mia"), person(ports, "max"));
    let store = &ports.reidentifications;
    let late = request(ports, &study, mia, at(0));
    let over = hours(REQUEST_HOURS);
    assert!(is_stale(
        &store.decide_reidentification(late, true, max, over)
    ));
    assert_eq!(
        read(ports, &study, late).state(over),
        ReidentificationState::Lapsed
    );
    let id = request(ports, &study, mia, at(0));
    store
        .decide_reidentification(id, true, max, at(0))
        .expect("decided");
    let over = hours(ANSWER_HOURS);
    assert!(is_stale(&store.answer_reidentification(id, over)));
    assert_eq!(
        read(ports, &study, id).state(over),
        ReidentificationState::Lapsed
    );
    let no = request(ports, &study, mia, at(0));
    store
        .decide_reidentification(no, false, max, at(1))
        .expect("decided");
    assert!(is_stale(&store.answer_reidentification(no, at(2))));
    assert_eq!(
        read(ports, &study, no).state(at(2)),
        ReidentificationState::Refused
    );
}

pub fn of_many_who_fetch_an_answer_at_once_one_gets_it(ports: &Ports) {
    const AT_ONCE: usize = 4;
    let study = study(ports, "s");
    let (mia, max) = (person(ports, "mia"), person(ports, "max"));
    let store = &ports.reidentifications;
    let id = request(ports, &study, mia, at(0));
    store
        .decide_reidentification(id, true, max, at(0))
        .expect("decided");
    let barrier = &Barrier::new(AT_ONCE);
    let got: usize = std::thread::scope(|scope| {
        let fetch = || {
            barrier.wait();
            usize::from(store.answer_reidentification(id, at(1)).is_ok())
        };
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(fetch)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("done"))
            .sum()
    });
    assert_eq!(got, 1);
}

pub fn a_request_goes_with_its_study_and_forgets_who_is_gone(ports: &Ports) {
    let study = study(ports, "s");
    let (mia, max) = (person(ports, "mia"), person(ports, "max"));
    let store = &ports.reidentifications;
    let id = request(ports, &study, mia, at(0));
    ports.people.delete_user(mia, None).expect("deleted");
    assert_eq!(read(ports, &study, id).by, None);
    // Nobody can say that it was another person.
    assert!(is_stale(&store.decide_reidentification(
        id,
        true,
        max,
        at(1)
    )));
    let nobodys = NewReidentification {
        id: ReidentificationId(Uuid::new_v4()),
        study: crate::StudyId(9_999_999),
        pseudonym: player(1),
        reason: "x".parse().expect("a reason"),
        by: max,
    };
    let kept = store.request_reidentification(&nobodys, at(0));
    assert!(matches!(kept, Err(StoreError::NotFound)), "{kept:?}");
    crate::delete_study(&*ports.deletion, study.id, crate::Extent::Empty).expect("deleted");
    assert_eq!(store.reidentification(study.id, id).expect("read"), None);
}
