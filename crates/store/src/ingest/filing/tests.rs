//! Filing by parts.

use super::*;
use crate::connection::Conn;
use crate::schema::{log_entries_of_participant, log_entries_of_session};
use crate::store::Store;
use crate::testing::Scratch;
use sillage_domain::testing::fixtures::{entry, player, send, study};
use sillage_domain::{NewEntry, Ports};
use std::sync::Arc;

/// Twenty entries of three players, in sessions but for every fifth, none of them filed.
pub(in crate::ingest) fn twenty_unfiled() -> (Scratch, SqliteConnection) {
    let scratch = Scratch::sqlite();
    let ports = Ports::of(Arc::new(Store::open(&scratch.options()).unwrap()));
    let study = study(&ports, "s");
    let made = |n| -> NewEntry {
        let mut made = entry(&study, n);
        made.content.session = (n % 5 != 0).then(|| format!("s-{}", n % 2).parse().unwrap());
        made.pseudonym = player((n % 3) as u64);
        made
    };
    send(&ports, &(0..20).map(made).collect::<Vec<_>>());
    drop(ports);
    let Conn::Sqlite(mut conn) = scratch.connect() else {
        panic!("not SQLite")
    };
    conn.batch_execute(
        "DELETE FROM log_entries_of_participant; DELETE FROM log_entries_of_session; UPDATE log_entries_filed SET number = 0",
    )
    .unwrap();
    (scratch, conn)
}

/// The numbers that are filed under participants, and under sessions.
fn filed(conn: &mut SqliteConnection) -> (Vec<i64>, Vec<i64>) {
    (
        log_entries_of_participant::table
            .select(log_entries_of_participant::number)
            .order(log_entries_of_participant::number)
            .load(conn)
            .unwrap(),
        log_entries_of_session::table
            .select(log_entries_of_session::number)
            .order(log_entries_of_session::number)
            .load(conn)
            .unwrap(),
    )
}

pub(in crate::ingest) fn mark(conn: &mut SqliteConnection) -> i64 {
    log_entries_filed::table
        .select(log_entries_filed::number)
        .first(conn)
        .unwrap()
}

/// The numbers up to the last one, and those of them that are of a session.
fn expected(upto: i64) -> (Vec<i64>, Vec<i64>) {
    (
        (1..=upto).collect(),
        (1..=upto).filter(|number| number % 5 != 1).collect(),
    )
}

#[test]
fn the_mark_moves_once_the_last_part_is_filed_and_not_before() {
    let (_scratch, mut conn) = twenty_unfiled();
    let (filing, beyond) = begin(&mut conn, 12).unwrap().unwrap();
    assert_eq!(beyond, 8);
    let filing = filing.go_on(&mut conn, 5).unwrap().unwrap();
    assert_eq!((filed(&mut conn).0.len(), mark(&mut conn)), (5, 0));
    let filing = filing.go_on(&mut conn, 5).unwrap().unwrap();
    assert_eq!((filed(&mut conn).0.len(), mark(&mut conn)), (10, 0));
    assert!(filing.go_on(&mut conn, 5).unwrap().is_none());
    assert_eq!((filed(&mut conn), mark(&mut conn)), (expected(12), 12));
    let (filing, beyond) = begin(&mut conn, 12).unwrap().unwrap();
    assert_eq!(beyond, 0);
    assert!(filing.go_on(&mut conn, 100).unwrap().is_none());
    assert_eq!((filed(&mut conn), mark(&mut conn)), (expected(20), 20));
    assert!(begin(&mut conn, 12).unwrap().is_none());
}

#[test]
fn a_part_that_was_rolled_back_is_filed_again_and_one_filed_twice_stands_there_once() {
    let (_scratch, mut conn) = twenty_unfiled();
    let (filing, _) = begin(&mut conn, 20).unwrap().unwrap();
    conn.batch_execute("BEGIN IMMEDIATE").unwrap();
    filing.go_on(&mut conn, 8).unwrap();
    conn.batch_execute("ROLLBACK").unwrap();
    assert_eq!(filed(&mut conn), (vec![], vec![]));
    filing.go_on(&mut conn, 8).unwrap();
    filing.go_on(&mut conn, 20).unwrap();
    assert_eq!((filed(&mut conn), mark(&mut conn)), (expected(20), 20));
}

#[test]
fn what_is_deleted_or_changed_while_it_waits_in_order_is_not_filed() {
    let (scratch, mut conn) = twenty_unfiled();
    let (filing, _) = begin(&mut conn, 20).unwrap().unwrap();
    let Conn::Sqlite(mut other) = scratch.connect() else {
        panic!("not SQLite")
    };
    other
        .batch_execute(
            "DELETE FROM log_entries WHERE number <= 5; UPDATE log_entries SET session = NULL WHERE number = 7; \
             UPDATE log_entries SET pseudonym = pseudonym + 1 WHERE number = 8",
        )
        .unwrap();
    filing.go_on(&mut conn, 100).unwrap();
    let (participants, sessions) = filed(&mut conn);
    assert_eq!(
        participants,
        [6, 7].into_iter().chain(9..=20).collect::<Vec<_>>()
    );
    assert_eq!(
        sessions,
        (8..=20)
            .filter(|number| number % 5 != 1)
            .collect::<Vec<_>>()
    );
}
