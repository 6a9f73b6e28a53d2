//! Corrections of entries.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{AccountId, AmendmentRequest, Corrector, Limits, NewAmendment, Study};

/// The entry as it is read now.
pub(super) fn read(ports: &Ports, number: LogNumber) -> StoredEntry {
    let found = ports.logs.entry(number, &StudyScope::All).expect("read");
    let mut entry = [found.expect("stored")];
    ports.amendments.correct(&mut entry).expect("read");
    let [entry] = entry;
    entry
}

fn amendment(entry: &StoredEntry, body: &str, by: Option<AccountId>) -> NewAmendment {
    let request = AmendmentRequest::read(body.as_bytes()).expect("an amendment");
    NewAmendment {
        entry: request
            .changes
            .apply(entry, &Limits::default(), None)
            .expect("an entry"),
        changes: request.changes.to_json(),
        reason: request.reason,
        by,
    }
}

/// Amends an entry as it is read now.
pub(super) fn amend(ports: &Ports, number: LogNumber, body: &str) -> NewAmendment {
    let new = amendment(&read(ports, number), body, None);
    ports.amendments.amend(&new, at(3000)).expect("amended");
    new
}

/// The numbers of that many entries of a study, stored.
pub(super) fn numbers(ports: &Ports, study: &Study, count: i64) -> Vec<LogNumber> {
    let sent = entries(study, 0..count);
    for part in sent.chunks(400) {
        assert_eq!(accepted(&send(ports, part)), part.len());
    }
    scan(ports, study, &LogFilter::default())
        .iter()
        .map(|entry| entry.number)
        .collect()
}

/// What was sent.
pub(super) fn scan(ports: &Ports, study: &Study, filter: &LogFilter) -> Vec<StoredEntry> {
    let mut all = Vec::new();
    let mut each = |entry| {
        all.push(entry);
        ControlFlow::Continue(())
    };
    ports.logs.scan(study.id, filter, &mut each).expect("read");
    all
}

/// What entries are read as.
fn corrected(ports: &Ports, study: &Study, filter: &LogFilter) -> Vec<StoredEntry> {
    let mut corrector = Corrector::open(&*ports.amendments, study.id).expect("opened");
    let mut all = scan(ports, study, filter);
    for entry in &mut all {
        corrector.correct(entry).expect("corrected");
    }
    all
}

fn history(ports: &Ports, number: LogNumber, part: PageRequest) -> Vec<(u32, String, String)> {
    let page = ports.amendments.history(number, &part).expect("a page");
    page.items
        .into_iter()
        .map(|made| {
            assert_eq!(made.at, at(3000));
            (made.revision, made.changes.into(), made.reason.to_string())
        })
        .collect()
}

pub fn an_amended_entry_is_read_as_amended_and_kept_as_it_was_sent(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = numbers(ports, &study, 3);
    let sent = scan(ports, &study, &LogFilter::default());
    let body = r#"{"reason":"r","action":"é","session":null,"sequence":9007199254740991,
        "timestamp":"0001-01-01T00:00:00.000001Z","payload":{"n":null,"b":1e400,"x":"é𝄞"}}"#;
    let new = amend(ports, numbers[1], body);
    let now = read(ports, numbers[1]);
    assert_eq!(now, new.entry);
    assert_eq!((now.revision, now.session), (1, None));
    let payload = now.payload.expect("a payload");
    assert_eq!(payload.as_str(), r#"{"b":1e400,"x":"é𝄞"}"#);
    assert_eq!(read(ports, numbers[0]), sent[0]);
    assert_eq!(scan(ports, &study, &LogFilter::default()), sent);
    amend(ports, numbers[1], r#"{"reason":"r","payload":null}"#);
    let now = read(ports, numbers[1]);
    assert_eq!((now.revision, now.payload), (2, None));
}

pub fn amendments_are_listed_in_the_order_in_which_they_were_made(ports: &Ports) {
    let study = study(ports, "s");
    let numbers = numbers(ports, &study, 2);
    for n in 1..=5 {
        amend(
            ports,
            numbers[0],
            &format!(r#"{{"reason":"because {n}","sequence":{}}}"#, 100 + n),
        );
    }
    amend(ports, numbers[1], r#"{"reason":"other","sequence":7}"#);
    let listed = history(ports, numbers[0], page(2, 2));
    let expected = [3, 4].map(|n| {
        (
            n,
            format!(r#"{{"sequence":{}}}"#, 100 + n),
            format!("because {n}"),
        )
    });
    assert_eq!(listed, expected);
    let whole = ports
        .amendments
        .history(numbers[0], &page(1, 1))
        .expect("a page");
    assert_eq!(whole.total, 5);
    assert_eq!(history(ports, LogNumber(i64::MAX), page(1, 10)), []);
}

pub fn of_many_amendments_at_once_none_is_lost(ports: &Ports) {
    let study = study(ports, "s");
    let number = numbers(ports, &study, 1)[0];
    std::thread::scope(|scope| {
        for n in 0..6 {
            scope.spawn(move || {
                let body = format!(r#"{{"reason":"r","payload":{{"from {n}":true}}}}"#);
                loop {
                    let new = amendment(&read(ports, number), &body, None);
                    match ports.amendments.amend(&new, at(3000)) {
                        Ok(()) => return,
                        Err(StoreError::Stale) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
            });
        }
    });
    let now = read(ports, number);
    assert_eq!(now.revision, 6);
    let payload = now.payload.expect("a payload");
    for n in 0..6 {
        assert!(payload.as_str().contains(&format!(r#""from {n}":true"#)));
    }
    let revisions = history(ports, number, page(1, 10));
    let revisions: Vec<_> = revisions.iter().map(|(revision, ..)| *revision).collect();
    assert_eq!(revisions, [1, 2, 3, 4, 5, 6]);
}

pub fn what_was_amended_since_is_not_amended_over(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let number = numbers(ports, &here, 1)[0];
    let early = amendment(&read(ports, number), r#"{"reason":"r","action":"a"}"#, None);
    amend(ports, number, r#"{"reason":"r","action":"b"}"#);
    let late = ports.amendments.amend(&early, at(3000));
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(read(ports, number).action.as_str(), "b");
    let mut elsewhere = amendment(&read(ports, number), r#"{"reason":"r","action":"c"}"#, None);
    elsewhere.entry.study = there.id;
    let mut nowhere = elsewhere.clone();
    nowhere.entry.number = LogNumber(number.0 + 1000);
    for new in [elsewhere, nowhere] {
        let refused = ports.amendments.amend(&new, at(3000));
        assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
    }
}

pub fn an_amendment_changes_the_revision_of_its_study(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let number = numbers(ports, &here, 1)[0];
    let revision = |study: &Study| {
        let scope = StudyScope::Only(vec![study.id]);
        ports.logs.revision(&scope).expect("a revision")
    };
    let before = (revision(&here), revision(&there));
    amend(ports, number, r#"{"reason":"r","action":"b"}"#);
    assert_ne!(revision(&here), before.0);
    assert_eq!(revision(&there), before.1);
    assert_eq!(ports.logs.counts(here.id).expect("counts").entries, 1);
}

pub fn an_amended_entry_that_is_sent_again_is_a_duplicate_of_what_was_sent(ports: &Ports) {
    let study = study(ports, "s");
    let number = numbers(ports, &study, 1)[0];
    amend(ports, number, r#"{"reason":"r","action":"b"}"#);
    let mut other = entry(&study, 0);
    other.content.action = "b".parse().expect("an action");
    let again = send(ports, &[entry(&study, 0), other]);
    assert_eq!(again, [Outcome::Duplicate(number), Outcome::Conflict]);
}

pub fn amended_values_are_put_over_a_scan_wherever_they_stand(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let numbers = numbers(ports, &here, 200);
    send(ports, &entries(&there, 5000..5003));
    let quiet = scan(ports, &there, &LogFilter::default());
    let none = Corrector::open(&*ports.amendments, here.id).expect("opened");
    assert!(!none.has_any());
    // More than are known ahead, with places between them, and another study's.
    let amended: Vec<_> = numbers.iter().step_by(2).copied().collect();
    for number in &amended {
        amend(ports, *number, r#"{"reason":"r","action":"amended"}"#);
    }
    amend(
        ports,
        quiet[1].number,
        r#"{"reason":"r","action":"amended"}"#,
    );
    let some = Corrector::open(&*ports.amendments, here.id).expect("opened");
    assert!(some.has_any());
    let all = corrected(ports, &here, &LogFilter::default());
    assert_eq!(all.len(), 200);
    for entry in all {
        let is_amended = amended.contains(&entry.number);
        assert_eq!(entry.action.as_str() == "amended", is_amended);
        assert_eq!(entry.revision, u32::from(is_amended));
    }
    let few = LogFilter {
        from: Some(at(150)),
        ..LogFilter::default()
    };
    let few = corrected(ports, &here, &few);
    assert_eq!(few.iter().filter(|entry| entry.revision == 1).count(), 25);
}

pub fn who_amended_is_forgotten_with_the_account(ports: &Ports) {
    let study = study(ports, "s");
    let number = numbers(ports, &study, 1)[0];
    let mia = ports
        .accounts
        .create_user(&new_account("mia"), Role::Researcher, at(0))
        .expect("made");
    let new = amendment(
        &read(ports, number),
        r#"{"reason":"r","action":"b"}"#,
        Some(mia.id),
    );
    ports.amendments.amend(&new, at(3000)).expect("amended");
    let by = || {
        let made = ports
            .amendments
            .history(number, &page(1, 1))
            .expect("a page");
        made.items[0].by
    };
    assert_eq!(by(), Some(mia.id));
    ports.erasure.unlink(mia.id).expect("unlinked");
    assert_eq!(by(), None);
    assert_eq!(read(ports, number).action.as_str(), "b");
}
