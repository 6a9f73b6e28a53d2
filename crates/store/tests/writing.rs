//! What the writer promises: nothing bad harms its neighbours, nothing taken is lost, and too much is refused at once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod engines;

use engines::Database;
use sillage_domain::testing::block_on;
use sillage_domain::testing::fixtures::{at, entries, entry, misfit, page_of, player, study};
use sillage_domain::{
    Arrival, LogStore, LogWriter, NewEntry, Outcome, Ports, StoreError, StudyId, Submission,
};
use sillage_store::Store;
use std::sync::Arc;

fn submission(entries: Vec<NewEntry>) -> Submission {
    Submission {
        arrivals: entries.into_iter().map(Arrival::Entry).collect(),
        received_at: at(0),
        strict: false,
    }
}

fn accepted(answer: &Result<Vec<Outcome>, StoreError>) -> bool {
    matches!(answer.as_deref(), Ok([Outcome::Accepted(_)]))
}

#[test]
fn one_bad_submission_among_hundreds_fails_alone() {
    for database in Database::each("bad") {
        let store = database.open();
        let study = study(&Ports::of(store.clone()), "s");
        let waiting: Vec<_> = entries(&study, 0..400)
            .into_iter()
            .map(|mut entry| {
                if entry.content.sequence.unwrap().get() == 233 {
                    // There is no such study: the database refuses the row.
                    entry.study = StudyId(999);
                }
                store.submit(submission(vec![entry]))
            })
            .collect();
        for (n, answer) in waiting.into_iter().enumerate() {
            let answer = block_on(answer);
            match n {
                233 => assert!(matches!(answer, Err(StoreError::NotFound)), "{answer:?}"),
                _ => assert!(accepted(&answer), "{n}: {answer:?}"),
            }
        }
        assert_eq!(store.counts(study.id).unwrap().entries, 399);
    }
}

#[test]
fn the_same_entry_in_many_submissions_at_once_is_stored_once() {
    for database in Database::each("same") {
        let store = database.open();
        let study = study(&Ports::of(store.clone()), "s");
        let waiting: Vec<_> = (0..200)
            .map(|_| store.submit(submission(vec![entry(&study, 1), entry(&study, 2)])))
            .collect();
        let outcomes: Vec<_> = waiting
            .into_iter()
            .map(|answer| block_on(answer).unwrap())
            .collect();
        for place in 0..2 {
            let numbers: Vec<_> = outcomes
                .iter()
                .map(|outcomes| match outcomes[place] {
                    Outcome::Accepted(number) => (true, number),
                    Outcome::Duplicate(number) => (false, number),
                    other => panic!("{other:?}"),
                })
                .collect();
            assert_eq!(numbers.iter().filter(|(accepted, _)| *accepted).count(), 1);
            assert!(numbers.iter().all(|(_, number)| *number == numbers[0].1));
        }
        assert_eq!(store.counts(study.id).unwrap().entries, 2);
    }
}

#[test]
fn what_the_answers_say_is_what_is_stored_under_the_numbers() {
    for database in Database::each("numbers") {
        let store = database.open();
        let study = study(&Ports::of(store.clone()), "s");
        // More than one statement takes, and every third one known before, so that the numbers of the others have gaps to step over.
        let all = entries(&study, 0..1700);
        let known: Vec<_> = all.iter().step_by(3).cloned().collect();
        block_on(store.submit(submission(known))).unwrap();
        let outcomes = block_on(store.submit(submission(all.clone()))).unwrap();
        for (n, (entry, outcome)) in all.iter().zip(outcomes).enumerate() {
            let number = match outcome {
                Outcome::Duplicate(number) if n % 3 == 0 => number,
                Outcome::Accepted(number) if n % 3 != 0 => number,
                other => panic!("{n}: {other:?}"),
            };
            let stored = store
                .entry_by_id(entry.pseudonym, entry.id)
                .unwrap()
                .unwrap();
            assert_eq!(
                (stored.number, stored.sequence),
                (number, entry.content.sequence)
            );
        }
    }
}

#[test]
fn shutting_down_writes_and_answers_all_that_waits_and_takes_nothing_more() {
    for database in Database::each("shutdown") {
        let store = database.open();
        let study = study(&Ports::of(store.clone()), "s");
        let waiting: Vec<_> = entries(&study, 0..500)
            .into_iter()
            .map(|entry| store.submit(submission(vec![entry])))
            .collect();
        store.shutdown();
        assert!(!store.has_room());
        let late = block_on(store.submit(submission(vec![entry(&study, 1000)])));
        assert!(matches!(late, Err(StoreError::Overloaded)), "{late:?}");
        assert!(
            waiting
                .into_iter()
                .all(|answer| accepted(&block_on(answer)))
        );
        assert_eq!(store.counts(study.id).unwrap().entries, 500);
    }
}

#[test]
fn a_submission_that_nobody_waits_for_is_stored_all_the_same() {
    for database in Database::each("dropped") {
        let store = database.open();
        let study = study(&Ports::of(store.clone()), "s");
        drop(store.submit(submission(entries(&study, 0..10))));
        drop(store);
        assert_eq!(database.open().counts(study.id).unwrap().entries, 10);
    }
}

#[test]
fn a_store_that_is_opened_again_has_everything() {
    for database in Database::each("again") {
        let store = database.open();
        let ports = Ports::of(store.clone());
        let study = study(&ports, "s");
        block_on(store.submit(submission(entries(&study, 0..50)))).unwrap();
        let kept = Submission {
            arrivals: [Arrival::Misfit(misfit(&study, "[]"))].into(),
            received_at: at(1),
            strict: false,
        };
        block_on(store.submit(kept)).unwrap();
        let before = (
            list(&store, &study),
            store.revision(&sillage_domain::StudyScope::All).unwrap(),
        );
        drop((ports, store));
        let store = database.open();
        let after = (
            list(&store, &study),
            store.revision(&sillage_domain::StudyScope::All).unwrap(),
        );
        assert_eq!(before, after);
        assert_eq!(before.0.len(), 50);
        let outcomes =
            block_on(store.submit(submission(vec![entry(&study, 3), entry(&study, 50)]))).unwrap();
        assert!(
            matches!(outcomes[..], [Outcome::Duplicate(_), Outcome::Accepted(number)] if number > before.0[49].number)
        );
    }
}

fn list(store: &Arc<Store>, study: &sillage_domain::Study) -> Vec<sillage_domain::StoredEntry> {
    store.page(&page_of(study, 1, 1000)).unwrap().entries
}

#[test]
fn payloads_larger_than_a_statement_takes_are_written() {
    for database in Database::each("large") {
        let store = database.open();
        let study = study(&Ports::of(store.clone()), "s");
        let large: Vec<_> = entries(&study, 0..100)
            .into_iter()
            .map(|mut entry| {
                let text = format!(r#"{{"text":"{}"}}"#, "é".repeat(32_000));
                entry.content.payload = Some(sillage_domain::Payload::from_checked(text));
                entry
            })
            .collect();
        block_on(store.submit(submission(large.clone()))).unwrap();
        let stored = list(&store, &study);
        assert!(
            stored
                .iter()
                .map(|e| &e.payload)
                .eq(large.iter().map(|e| &e.content.payload))
        );
    }
}

#[test]
fn many_participants_in_one_group_are_each_known_again() {
    for database in Database::each("many") {
        let store = database.open();
        let study = study(&Ports::of(store.clone()), "s");
        let all: Vec<_> = entries(&study, 0..600)
            .into_iter()
            .zip(0..)
            .map(|(entry, n)| NewEntry {
                pseudonym: player(n % 150),
                ..entry
            })
            .collect();
        for (times, expected) in [(1, true), (2, false)] {
            let outcomes = block_on(store.submit(submission(all.clone()))).unwrap();
            assert!(
                outcomes
                    .iter()
                    .all(|outcome| matches!(outcome, Outcome::Accepted(_)) == expected),
                "sent {times} times"
            );
        }
        assert_eq!(store.counts(study.id).unwrap().entries, 600);
    }
}

#[cfg(feature = "sqlite")]
#[test]
fn a_full_queue_refuses_at_once_and_what_it_took_is_stored() {
    use diesel::Connection;
    use diesel::connection::SimpleConnection;

    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.db");
    let mut options = sillage_store::StoreOptions::new(format!("sqlite://{}", path.display()));
    options.queue_rows = 10;
    let store = Arc::new(Store::open(&options).unwrap());
    let study = study(&Ports::of(store.clone()), "s");
    // Another process writes, and the writer waits.
    let mut other = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let mut taken = vec![store.submit(submission(vec![entry(&study, 0)]))];
    let mut n = 1;
    while store.has_room() {
        taken.push(store.submit(submission(vec![entry(&study, n)])));
        n += 1;
    }
    let refused = block_on(store.submit(submission(vec![entry(&study, 1000)])));
    assert!(
        matches!(refused, Err(StoreError::Overloaded)),
        "{refused:?}"
    );
    other.batch_execute("ROLLBACK").unwrap();
    let stored = taken.into_iter().map(block_on).filter(accepted).count();
    assert_eq!(store.counts(study.id).unwrap().entries, stored as u64);
    assert!(stored >= 10 && store.has_room());
}
