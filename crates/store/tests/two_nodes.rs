//! Several nodes on one database: no number shows while a lower one may still appear, and a writer that died holds nothing up.
#![cfg(feature = "mysql")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod engines;

use engines::Schema;
use sillage_domain::testing::block_on;
use sillage_domain::testing::fixtures::{at, entry, page_of, player, study};
use sillage_domain::{
    Arrival, LogNumber, LogQuery, LogStore, LogWriter, NewEntry, Outcome, Ports, StudyScope,
    Submission, Window,
};
use sillage_store::Store;
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn send(store: &Store, entries: Vec<NewEntry>) -> Vec<Outcome> {
    let submission = Submission {
        arrivals: entries.into_iter().map(Arrival::Entry).collect(),
        received_at: at(0),
        strict: false,
    };
    block_on(store.submit(submission)).unwrap()
}

#[test]
fn a_reader_by_cursor_misses_nothing_while_two_nodes_write() {
    const WRITERS: usize = 8;
    const BATCHES: i64 = 60;
    let Some(schema) = Schema::create("cursor") else {
        return;
    };
    let nodes = [Arc::new(schema.open()), Arc::new(schema.open())];
    let study = study(&Ports::of(nodes[0].clone()), "s");
    let writing = AtomicUsize::new(WRITERS);
    let (seen, accepted) = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|w| {
                let (node, study, writing) = (&nodes[w % 2], &study, &writing);
                scope.spawn(move || {
                    let mut accepted = Vec::new();
                    for b in 0..BATCHES {
                        // Small and large ones in turn, so that transactions overtake each other.
                        let size = if b % 3 == 0 { 200 } else { 1 + b % 7 };
                        let batch = (0..size).map(|n| NewEntry {
                            pseudonym: player(w as u64),
                            ..entry(study, b * 1000 + n)
                        });
                        for outcome in send(node, batch.collect()) {
                            match outcome {
                                Outcome::Accepted(number) => accepted.push(number),
                                other => panic!("{other:?}"),
                            }
                        }
                        if b % 10 == 0 {
                            // Writers fall idle and wake again.
                            std::thread::sleep(std::time::Duration::from_millis(15));
                        }
                    }
                    writing.fetch_sub(1, Ordering::SeqCst);
                    accepted
                })
            })
            .collect();
        let readers: Vec<_> = nodes
            .iter()
            .map(|node| {
                let (study, writing) = (&study, &writing);
                scope.spawn(move || {
                    let mut seen: Vec<LogNumber> = Vec::new();
                    loop {
                        let last = writing.load(Ordering::SeqCst) == 0;
                        let query = LogQuery {
                            window: Window::After(seen.last().copied().unwrap_or(LogNumber(0))),
                            size: NonZeroU32::new(97).unwrap(),
                            ..page_of(study, 1, 1)
                        };
                        let page = node.page(&query).unwrap();
                        seen.extend(page.entries.iter().map(|e| e.number));
                        if last && page.entries.is_empty() {
                            return seen;
                        }
                    }
                })
            })
            .collect();
        let accepted: Vec<_> = writers
            .into_iter()
            .flat_map(|w| w.join().unwrap())
            .collect();
        let seen: Vec<_> = readers.into_iter().map(|r| r.join().unwrap()).collect();
        (seen, accepted)
    });
    let expected: Vec<_> = BTreeSet::from_iter(accepted).into_iter().collect();
    for seen in seen {
        assert_eq!(seen, expected);
    }
    assert_eq!(
        nodes[0].counts(study.id).unwrap().entries,
        expected.len() as u64
    );
}

#[test]
fn what_is_hidden_behind_another_writer_changes_neither_total_nor_revision() {
    let Some(schema) = Schema::create("hidden") else {
        return;
    };
    let store = Arc::new(schema.open());
    let study = study(&Ports::of(store.clone()), "s");
    send(&store, (0..5).map(|n| entry(&study, n)).collect());
    let scope = StudyScope::Only(vec![study.id]);
    let state = || {
        let page = store.page(&page_of(&study, 1, 10)).unwrap();
        (
            page.entries.len(),
            page.total,
            store.revision(&scope).unwrap(),
        )
    };
    let before = state();
    // A writer of another node that may still give number 6.
    schema
        .sql("INSERT INTO writers (slot, epoch, low, beat_us, connection) VALUES (99, 1, 6, 0, 0)");
    send(&store, (5..9).map(|n| entry(&study, n)).collect());
    assert_eq!(state(), before);
    schema.sql("UPDATE writers SET low = NULL WHERE slot = 99");
    let after = state();
    assert_eq!((after.0, after.1), (9, Some(9)));
    assert_ne!(after.2, before.2);
}

#[test]
fn a_writer_that_lost_its_place_takes_another_and_writes_on() {
    let Some(schema) = Schema::create("fenced") else {
        return;
    };
    let store = Arc::new(schema.open());
    let study = study(&Ports::of(store.clone()), "s");
    for round in 0..5 {
        let outcomes = send(
            &store,
            (0..20).map(|n| entry(&study, round * 100 + n)).collect(),
        );
        assert!(
            outcomes
                .iter()
                .all(|outcome| matches!(outcome, Outcome::Accepted(_))),
            "{outcomes:?}"
        );
        schema.sql("UPDATE writers SET epoch = epoch + 1, low = NULL");
    }
    assert_eq!(store.counts(study.id).unwrap().entries, 100);
    assert_eq!(
        schema.rows("SELECT COUNT(*) FROM log_entries")[0][0].as_deref(),
        Some("100")
    );
}

#[test]
fn the_mark_of_a_killed_process_is_gone_when_the_next_one_starts() {
    let Some(schema) = Schema::create("killed") else {
        return;
    };
    let store = Arc::new(schema.open());
    let study = study(&Ports::of(store.clone()), "s");
    send(&store, (0..5).map(|n| entry(&study, n)).collect());
    drop(store);
    // No connection has the number 0.
    schema
        .sql("INSERT INTO writers (slot, epoch, low, beat_us, connection) VALUES (99, 1, 2, 0, 0)");
    let store = schema.open();
    assert_eq!(
        store.page(&page_of(&study, 1, 10)).unwrap().entries.len(),
        5
    );
    assert_eq!(
        schema.rows("SELECT low, epoch FROM writers WHERE slot = 99"),
        [[None, Some("2".to_owned())]]
    );
}

#[test]
fn nodes_that_start_at_the_same_time_migrate_once() {
    let Some(schema) = Schema::create("migrate") else {
        return;
    };
    std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..4).map(|_| scope.spawn(|| schema.open())).collect();
        nodes
            .into_iter()
            .for_each(|node| drop(node.join().unwrap()));
    });
    let clients = schema.rows("SELECT COUNT(*) FROM clients");
    assert_eq!(clients[0][0].as_deref(), Some("1"));
    let epochs = schema.rows("SELECT COUNT(*) FROM server_settings WHERE name = 'epoch'");
    assert_eq!(epochs[0][0].as_deref(), Some("1"));
}

#[test]
fn overlapping_batches_through_two_nodes_store_each_entry_once() {
    const SHARED: i64 = 1500;
    const OWN: i64 = 500;
    let Some(schema) = Schema::create("overlap") else {
        return;
    };
    let nodes = [Arc::new(schema.open()), Arc::new(schema.open())];
    let study = study(&Ports::of(nodes[0].clone()), "s");
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|t: i64| {
                let (node, study) = (&nodes[t as usize % 2], &study);
                scope.spawn(move || {
                    // Each in another order, in batches of another size, and each batch twice.
                    let step = [1, 7, 11, 13, 17, 19, 23, 29][t as usize];
                    let shared = (0..SHARED).map(|n| n * step % SHARED);
                    let own = (0..OWN).map(|n| 10_000 * (t + 1) + n);
                    let numbers: Vec<_> = shared.chain(own).collect();
                    let mut outcomes = Vec::new();
                    for batch in numbers.chunks(20 + 9 * t as usize) {
                        for _ in 0..2 {
                            let entries: Vec<_> = batch.iter().map(|n| entry(study, *n)).collect();
                            outcomes.extend(batch.iter().copied().zip(send(node, entries)));
                        }
                    }
                    outcomes
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    let mut numbers = std::collections::BTreeMap::new();
    let mut accepted = 0;
    for (n, outcome) in outcomes {
        let number = match outcome {
            Outcome::Accepted(number) => {
                accepted += 1;
                number
            }
            Outcome::Duplicate(number) => number,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            *numbers.entry(n).or_insert(number),
            number,
            "entry {n} has two numbers"
        );
    }
    assert_eq!(
        (accepted, numbers.len() as i64),
        (SHARED + 8 * OWN, SHARED + 8 * OWN)
    );
    assert_eq!(
        nodes[1].counts(study.id).unwrap().entries as i64,
        SHARED + 8 * OWN
    );
}
