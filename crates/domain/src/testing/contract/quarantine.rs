//! What lies in quarantine: chosen, counted, let out, thrown away.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    CodebookVersion, Fault, FaultKind, NewMisfit, QuarantineFilter, QuarantineId, QuarantinedEntry,
    ReasonPeriod, Rejudged, Release, Study, Timestamp,
};

/// A text with these faults.
fn faulty(study: &Study, text: &str, faults: Vec<FaultKind>) -> NewMisfit {
    let mut new = misfit(study, text);
    let place = |kind| Fault::at("payload", kind);
    new.misfit.faults = faults.into_iter().map(place).collect();
    new
}

fn keep(ports: &Ports, new: NewMisfit, second: i64) -> QuarantineId {
    match submit(ports, vec![Arrival::Misfit(new)], second, false)[..] {
        [Outcome::Quarantined(id)] => id,
        ref other => panic!("{other:?}"),
    }
}

fn chosen(ports: &Ports, study: &Study, filter: &QuarantineFilter) -> Vec<QuarantinedEntry> {
    let found = ports.quarantine.quarantine(study.id, filter, &page(1, 100));
    found.expect("a page").items
}

fn texts(ports: &Ports, study: &Study, filter: &QuarantineFilter) -> String {
    let found = chosen(ports, study, filter);
    let texts: Vec<_> = found.iter().map(|q| q.misfit.text.to_string()).collect();
    texts.join(" ")
}

fn release(study: &Study, from: QuarantineId, n: i64) -> Release {
    Release {
        from,
        entry: NewEntry {
            codebook: Some(CodebookVersion(2)),
            ..entry(study, n)
        },
        received_at: at(5),
    }
}

fn let_out(ports: &Ports, releases: Vec<Release>) -> Vec<Outcome> {
    let arrivals = releases.into_iter().map(Arrival::Release).collect();
    submit(ports, arrivals, 9000, false)
}

pub fn every_filter_of_the_quarantine_narrows(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let first = keep(ports, faulty(&here, "1", vec![FaultKind::Missing]), 10);
    let two = vec![FaultKind::NotAnId, FaultKind::Missing, FaultKind::Missing];
    let second = keep(ports, faulty(&here, "2", two), 20);
    let mut third = faulty(&here, "3", vec![FaultKind::NotAnId]);
    third.action = Some("jump".parse().expect("an action"));
    third.codebook = Some(CodebookVersion(4));
    third.pseudonym = Some(player(1));
    let third = keep(ports, third, 30);
    keep(ports, faulty(&there, "4", vec![FaultKind::Missing]), 10);
    let none = QuarantineFilter::default;
    let list = |filter: QuarantineFilter| texts(ports, &here, &filter);
    assert_eq!(list(none()), "1 2 3");
    let reason = |word: &str| QuarantineFilter {
        reason: Some(word.to_owned()),
        ..none()
    };
    assert_eq!(list(reason("missing")), "1 2");
    assert_eq!(list(reason("not_an_id")), "2 3");
    assert_eq!(list(reason("Missing")), "");
    assert_eq!(list(reason("%")), "");
    let named = QuarantineFilter {
        action: Some("jump".parse().expect("an action")),
        ..none()
    };
    assert_eq!(list(named.clone()), "3");
    assert_eq!(list(QuarantineFilter::of(Some(player(1)))), "3");
    let window = QuarantineFilter {
        from: Some(at(20)),
        to: Some(at(30)),
        ..none()
    };
    assert_eq!(list(window), "2");
    let some = QuarantineFilter {
        ids: Some(vec![first, third, QuarantineId(third.0 + 99)]),
        ..none()
    };
    assert_eq!(list(some), "1 3");
    let empty = QuarantineFilter {
        ids: Some(vec![]),
        ..none()
    };
    assert_eq!(list(empty), "");
    let both = QuarantineFilter {
        ids: Some(vec![first, second]),
        ..reason("not_an_id")
    };
    assert_eq!(list(both), "2");
    let kept = &chosen(ports, &here, &named)[0];
    assert_eq!(
        (kept.id, kept.codebook),
        (third, Some(CodebookVersion(4))),
        "what it was checked against is remembered"
    );
}

pub fn the_quarantine_is_walked_through_a_few_texts_at_a_time(ports: &Ports) {
    let study = study(ports, "s");
    let long = "\"".to_owned() + &"x".repeat(998) + "\"";
    let ids: Vec<_> = (0..5)
        .map(|_| keep(ports, misfit(&study, &long), 10))
        .collect();
    let next = |after, texts, bytes| {
        let none = QuarantineFilter::default();
        let store = &ports.quarantine;
        let found = store.next_quarantined(study.id, &none, after, texts, bytes);
        let found = found.expect("read");
        found.iter().map(|text| text.id).collect::<Vec<_>>()
    };
    assert_eq!(next(QuarantineId(0), 3, 1 << 20), ids[..3]);
    assert_eq!(next(ids[2], 3, 1 << 20), ids[3..]);
    assert_eq!(next(ids[4], 3, 1 << 20), []);
    assert_eq!(next(QuarantineId(0), 100, 2500), ids[..2], "so many bytes");
    assert_eq!(next(ids[0], 100, 10), ids[1..2], "one at least");
}

pub fn reasons_are_counted_by_day_and_by_hour(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let hour = 3600;
    let missing = || vec![FaultKind::Missing, FaultKind::Missing];
    keep(ports, faulty(&here, "1", missing()), 0);
    keep(
        ports,
        faulty(&here, "2", vec![FaultKind::NotAnId, FaultKind::Missing]),
        1,
    );
    keep(ports, faulty(&here, "3", missing()), hour);
    let gone = keep(ports, faulty(&here, "4", missing()), 24 * hour);
    keep(ports, faulty(&here, "5", missing()), 25 * hour - 1);
    keep(ports, faulty(&there, "6", missing()), 0);
    let discarded = ports.quarantine.discard_quarantined(
        here.id,
        gone,
        &"a test".parse().expect("a reason"),
        None,
        at(0),
    );
    assert!(discarded.is_ok());
    let count = |filter: &QuarantineFilter, period| {
        let counts = ports.quarantine.quarantine_reasons(here.id, filter, period);
        let counts = counts.expect("counted");
        counts
            .into_iter()
            .map(|count| (count.from, count.reason, count.texts))
            .collect::<Vec<_>>()
    };
    let one = |second, word: &str, texts| (at(second), word.to_owned(), texts);
    let none = QuarantineFilter::default();
    assert_eq!(
        count(&none, ReasonPeriod::Hour),
        [
            one(0, "missing", 2),
            one(0, "not_an_id", 1),
            one(hour, "missing", 1),
            one(24 * hour, "missing", 1)
        ]
    );
    assert_eq!(
        count(&none, ReasonPeriod::Day),
        [
            one(0, "missing", 3),
            one(0, "not_an_id", 1),
            one(24 * hour, "missing", 1)
        ]
    );
    let narrow = QuarantineFilter {
        reason: Some("missing".to_owned()),
        from: Some(at(1)),
        to: Some(at(24 * hour)),
        ..none
    };
    assert_eq!(count(&narrow, ReasonPeriod::Day), [one(0, "missing", 2)]);
}

pub fn a_text_that_is_judged_anew_has_its_new_reasons(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let two = vec![FaultKind::Missing, FaultKind::NotAnId];
    let first = keep(ports, faulty(&here, "1", two), 5);
    let second = keep(ports, faulty(&here, "2", vec![FaultKind::Missing]), 5);
    let foreign = keep(ports, faulty(&there, "3", vec![FaultKind::Missing]), 5);
    let gone = keep(ports, faulty(&here, "4", vec![FaultKind::Missing]), 5);
    let reason = "a test".parse().expect("a reason");
    let discarded = ports
        .quarantine
        .discard_quarantined(here.id, gone, &reason, None, at(6));
    discarded.expect("discarded");
    let fault = |kind| vec![Fault::at("payload", kind)];
    let anew = |id| Rejudged {
        id,
        faults: fault(FaultKind::UnknownAction),
        codebook: Some(CodebookVersion(3)),
    };
    let revision = || {
        let scope = crate::StudyScope::Only(vec![here.id]);
        ports.logs.revision(&scope).expect("a revision")
    };
    let before = revision();
    let rejudge = |ids: &[QuarantineId]| {
        let texts: Vec<_> = ids.iter().copied().map(anew).collect();
        ports
            .quarantine
            .rejudge(here.id, &texts, at(7))
            .expect("judged");
    };
    rejudge(&[gone, foreign]);
    assert_eq!(revision(), before, "nothing of it is here");
    rejudge(&[first, gone, foreign]);
    assert_ne!(revision(), before);
    let none = QuarantineFilter::default();
    let kept = chosen(ports, &here, &none);
    let told: Vec<_> = kept
        .iter()
        .map(|text| (text.id, text.codebook, text.judged_at, text.received_at))
        .collect();
    assert_eq!(
        told,
        [
            (first, Some(CodebookVersion(3)), Some(at(7)), at(5)),
            (second, None, None, at(5))
        ]
    );
    assert_eq!(kept[0].misfit.faults, fault(FaultKind::UnknownAction));
    let with = |word: &str| QuarantineFilter {
        reason: Some(word.to_owned()),
        ..none.clone()
    };
    assert_eq!(texts(ports, &here, &with("unknown_action")), "1");
    assert_eq!(texts(ports, &here, &with("missing")), "2");
    assert_eq!(texts(ports, &here, &with("not_an_id")), "");
    assert_eq!(texts(ports, &there, &with("missing")), "3");
    let counts = ports.logs.counts(here.id).expect("counts");
    assert_eq!(counts.quarantined, 2);
    // Whatever it was judged by, it can still become an entry.
    let outcomes = let_out(ports, vec![release(&here, first, 1)]);
    assert!(matches!(outcomes[..], [Outcome::Accepted(_)]));
}

pub fn a_text_that_is_let_out_becomes_an_entry_as_of_its_first_arrival(ports: &Ports) {
    let study = study(ports, "s");
    let from = keep(ports, misfit(&study, "[]"), 5);
    let outcomes = let_out(ports, vec![release(&study, from, 1)]);
    let [Outcome::Accepted(number)] = outcomes[..] else {
        panic!("{outcomes:?}")
    };
    let entries = stored(ports, &study);
    let times: Vec<_> = entries.iter().map(|e| (e.number, e.received_at)).collect();
    assert_eq!(times, [(number, at(5))]);
    assert_eq!(entries[0].codebook, Some(CodebookVersion(2)));
    let none = QuarantineFilter::default();
    assert_eq!(texts(ports, &study, &none), "");
    let counts = ports.logs.counts(study.id).expect("counts");
    assert_eq!((counts.entries, counts.quarantined), (1, 0));
    let reasons = ports
        .quarantine
        .quarantine_reasons(study.id, &none, ReasonPeriod::Day);
    assert_eq!(reasons.expect("counted"), []);
    let again = let_out(ports, vec![release(&study, from, 1)]);
    assert_eq!(again, [Outcome::Gone]);
    let other = let_out(ports, vec![release(&study, from, 2)]);
    assert_eq!(other, [Outcome::Gone], "it can't become two");
    assert_eq!(stored(ports, &study), entries);
}

pub fn a_text_that_is_stored_already_only_leaves_the_quarantine(ports: &Ports) {
    let study = study(ports, "s");
    let known = send(ports, &[entry(&study, 1)]);
    let before = stored(ports, &study);
    let from = keep(ports, misfit(&study, "[]"), 5);
    let outcomes = let_out(ports, vec![release(&study, from, 1)]);
    let [Outcome::Accepted(number)] = known[..] else {
        panic!("{known:?}")
    };
    assert_eq!(outcomes, [Outcome::Duplicate(number)]);
    assert_eq!(stored(ports, &study), before);
    let counts = ports.logs.counts(study.id).expect("counts");
    assert_eq!((counts.entries, counts.quarantined), (1, 0));
}

pub fn a_text_in_conflict_stays_in_quarantine(ports: &Ports) {
    let study = study(ports, "s");
    send(ports, &[entry(&study, 1)]);
    let one = keep(ports, misfit(&study, "[1]"), 5);
    let two = keep(ports, misfit(&study, "[2]"), 5);
    let mut conflict = release(&study, one, 1);
    conflict.entry.content.session = None;
    let outcomes = let_out(ports, vec![conflict, release(&study, two, 2)]);
    assert!(
        matches!(outcomes[..], [Outcome::Conflict, Outcome::Accepted(_)]),
        "{outcomes:?}"
    );
    assert_eq!(texts(ports, &study, &QuarantineFilter::default()), "[1]");
    let counts = ports.logs.counts(study.id).expect("counts");
    assert_eq!((counts.entries, counts.quarantined), (2, 1));
}

pub fn a_text_of_another_study_is_not_let_out(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let from = keep(ports, misfit(&there, "[]"), 5);
    assert_eq!(
        let_out(ports, vec![release(&here, from, 1)]),
        [Outcome::Gone]
    );
    assert_eq!(stored(ports, &here), []);
    assert_eq!(texts(ports, &there, &QuarantineFilter::default()), "[]");
}

pub fn of_many_who_let_a_text_out_at_once_one_does(ports: &Ports) {
    let study = study(ports, "s");
    let ids: Vec<_> = (0..40)
        .map(|n| keep(ports, misfit(&study, &n.to_string()), 5))
        .collect();
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (ids, study) = (&ids, &study);
                scope.spawn(move || {
                    let releases = ids.iter().zip(0..).map(|(id, n)| release(study, *id, n));
                    let_out(ports, releases.collect())
                })
            })
            .collect();
        let done = threads.into_iter();
        done.map(|thread| thread.join().expect("it ends")).collect()
    });
    for n in 0..ids.len() {
        let of_one: Vec<_> = outcomes.iter().map(|outcomes| outcomes[n]).collect();
        assert_eq!(accepted(&of_one), 1, "{of_one:?}");
        let gone = of_one.iter().filter(|o| **o == Outcome::Gone).count();
        assert_eq!(gone, 3, "{of_one:?}");
    }
    assert_eq!(stored(ports, &study).len(), 40);
    let counts = ports.logs.counts(study.id).expect("counts");
    assert_eq!((counts.entries, counts.quarantined), (40, 0));
}

pub fn a_text_that_is_thrown_away_leaves_when_and_why(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let revision = || {
        let scope = StudyScope::Only(vec![here.id]);
        ports.logs.revision(&scope).expect("a revision")
    };
    let account = ports
        .accounts
        .create_user(&new_account("mia"), Role::Researcher, at(0))
        .expect("made");
    let id = keep(ports, misfit(&here, "[]"), 5);
    let discard = |study: &Study, now: Timestamp| {
        let by = Some(account.id);
        let store = &ports.quarantine;
        store.discard_quarantined(study.id, id, &"a pilot".parse().expect("a reason"), by, now)
    };
    assert!(matches!(discard(&there, at(6)), Err(StoreError::NotFound)));
    let before = revision();
    let left = discard(&here, at(6)).expect("thrown away");
    assert_ne!(revision(), before);
    assert_eq!(
        (left.id, left.received_at, left.discarded_at),
        (id, at(5), at(6))
    );
    assert_eq!(
        (left.reason.as_str(), left.by),
        ("a pilot", Some(account.id))
    );
    let found = |study: &Study| ports.quarantine.discarded(study.id, id).expect("read");
    assert_eq!(found(&here), Some(left));
    assert_eq!(found(&there), None);
    assert!(matches!(discard(&here, at(7)), Err(StoreError::NotFound)));
    let read = ports.quarantine.quarantined(here.id, id).expect("read");
    assert_eq!(read, None);
    let counts = ports.logs.counts(here.id).expect("counts");
    assert_eq!(counts.quarantined, 0);
    ports.people.delete_user(account.id, None).expect("gone");
    let left = found(&here).expect("it is still there");
    assert_eq!(left.by, None, "whoever left is named no more");
}
