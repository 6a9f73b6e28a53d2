//! Entries deleted from a database: to the last byte, and whatever is interrupted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod engines;

use engines::Database;
use sillage_domain::testing::fixtures::{accepted, at, entries, entry, send, study};
use sillage_domain::{
    AmendmentRequest, DeletionOrder, LogNumber, NewAmendment, Payload, Ports, SessionName,
    StudyScope,
};
use std::time::{Duration, Instant};

/// Long enough for whatever is deleted here.
const WITHIN: Duration = Duration::from_secs(60);

fn because(reason: &str) -> DeletionOrder {
    DeletionOrder {
        reason: reason.parse().unwrap(),
        by: None,
    }
}

fn session() -> SessionName {
    "s-1".parse().unwrap()
}

fn amend(ports: &Ports, number: LogNumber, body: &str) {
    let entry = ports.logs.entry(number, &StudyScope::All).unwrap().unwrap();
    let request = AmendmentRequest::read(body.as_bytes()).unwrap();
    let new = NewAmendment {
        entry: request
            .changes
            .apply(&entry, &Default::default(), None)
            .unwrap(),
        changes: request.changes.to_json(),
        reason: request.reason,
        by: None,
    };
    ports.amendments.amend(&new, at(2000)).unwrap();
}

#[cfg(feature = "sqlite")]
#[test]
fn nothing_of_what_was_deleted_is_left_in_the_files() {
    const SECRET: &str = "moonlight-on-the-lake";
    let database = Database::File(tempfile::tempdir().unwrap());
    let ports = Ports::of(database.open());
    let study = study(&ports, "s");
    let text = format!(r#"{{"text":"{}"}}"#, SECRET.repeat(40));
    for n in 0..200 {
        let mut entry = entry(&study, n);
        entry.content.action = format!("{SECRET} {n}").parse().unwrap();
        entry.content.payload = Some(Payload::from_checked(text.clone()));
        assert_eq!(accepted(&send(&ports, &[entry])), 1);
    }
    for number in [1, 100, 200] {
        let body = format!(r#"{{"reason":"r","payload":{{"more":"{SECRET}"}}}}"#);
        amend(&ports, LogNumber(number), &body);
    }
    let found = || {
        let Database::File(dir) = &database else {
            unreachable!("the test is about files")
        };
        let holds = |file: std::io::Result<std::fs::DirEntry>| {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            bytes
                .windows(SECRET.len())
                .any(|window| window == SECRET.as_bytes())
        };
        std::fs::read_dir(dir.path())
            .unwrap()
            .map(holds)
            .filter(|holds| *holds)
            .count()
    };
    assert!(found() > 0, "the secret can be found while it is there");
    let (order, one) = (because("a pilot run"), LogNumber(1));
    ports
        .tombstones
        .bury(study.id, one, None, &order, at(3000))
        .unwrap();
    let deleted = ports
        .tombstones
        .bury_session(study.id, &session(), &order, at(3000), WITHIN)
        .unwrap();
    assert_eq!((deleted.entries, deleted.complete), (199, true));
    assert_eq!(found(), 0);
}

#[test]
fn a_deletion_that_was_interrupted_is_gone_on_with_by_whoever_opens_the_database() {
    for database in Database::each("interrupted deletion") {
        let ports = Ports::of(database.open());
        let study = study(&ports, "s");
        send(&ports, &entries(&study, 0..900));
        send(&ports, &entries(&study, 900..1700));
        let begun = ports
            .tombstones
            .bury_session(
                study.id,
                &session(),
                &because("a pilot run"),
                at(3000),
                Duration::ZERO,
            )
            .unwrap();
        assert!(!begun.complete);
        drop(ports);
        let ports = Ports::of(database.open());
        let begin = Instant::now();
        while ports.logs.counts(study.id).unwrap().entries > 0 {
            assert!(begin.elapsed() < WITHIN, "nobody goes on with it");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(ports.logs.counts(study.id).unwrap().deleted, 1700);
        for number in [1, 1700] {
            let burial = ports.tombstones.burial(LogNumber(number)).unwrap();
            assert_eq!(burial.unwrap().reason.as_str(), "a pilot run");
        }
    }
}
