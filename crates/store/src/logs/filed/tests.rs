//! What is found is the same whether it is filed or not.

use super::*;
use crate::connection::Conn;
use crate::logs::numbers;
use crate::schema::log_entries_filed;
use crate::store::Store;
use crate::testing::Scratch;
use sillage_domain::testing::fixtures::{entry, player, send, study};
use sillage_domain::{LogFilter, NewEntry, Ports, Study};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PLAYERS: i64 = 7;

fn open(scratch: &Scratch) -> (Ports, Study) {
    let ports = Ports::of(Arc::new(Store::open(&scratch.options()).unwrap()));
    let study = study(&ports, "s");
    (ports, study)
}

/// Entries of seven players, and of five sessions of each.
fn made(study: &Study, n: i64) -> NewEntry {
    let mut made = entry(study, n);
    made.content.session = format!("session-{}", n % (PLAYERS * 5)).parse().ok();
    made.pseudonym = player((n % PLAYERS) as u64);
    made
}

fn of_player(n: u64) -> LogFilter {
    LogFilter {
        participant: Some(player(n)),
        ..LogFilter::default()
    }
}

fn of_session_named(name: &str) -> LogFilter {
    LogFilter {
        session: name.parse().ok(),
        ..LogFilter::default()
    }
}

fn found(conn: &mut Conn, study: &Study, filter: &LogFilter) -> Vec<i64> {
    numbers(conn, study.id, filter, (0, None), 100_000).unwrap()
}

fn filed_up_to(conn: &mut Conn) -> i64 {
    log_entries_filed::table
        .select(log_entries_filed::number)
        .first(conn)
        .unwrap()
}

fn rows(conn: &mut Conn) -> (i64, i64) {
    (
        log_entries_of_participant::table
            .count()
            .get_result(conn)
            .unwrap(),
        log_entries_of_session::table
            .count()
            .get_result(conn)
            .unwrap(),
    )
}

fn wait_until_filed(conn: &mut Conn, upto: i64) {
    let start = Instant::now();
    while filed_up_to(conn) < upto {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "nothing is filed"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn entries_of_a_participant_and_a_session_are_found_before_and_after_they_are_filed() {
    let scratch = Scratch::sqlite();
    let (ports, study) = open(&scratch);
    let mut conn = scratch.connect();
    let mut stored = 0;
    // The first group is filed at once, the next ones when the writer rests.
    for size in [10, 40, 300] {
        let group: Vec<_> = (stored..stored + size).map(|n| made(&study, n)).collect();
        send(&ports, &group);
        stored += size;
        let expected = |every: i64, first: i64| -> Vec<i64> {
            (0..stored)
                .filter(|n| n % every == first)
                .map(|n| n + 1)
                .collect()
        };
        let check = |conn: &mut Conn| {
            assert_eq!(found(conn, &study, &of_player(3)), expected(PLAYERS, 3));
            assert_eq!(
                found(conn, &study, &of_session_named("session-4")),
                expected(PLAYERS * 5, 4)
            );
            let both = LogFilter {
                session: "session-3".parse().ok(),
                ..of_player(3)
            };
            assert_eq!(found(conn, &study, &both), expected(PLAYERS * 5, 3));
        };
        check(&mut conn);
        wait_until_filed(&mut conn, stored);
        check(&mut conn);
        assert_eq!(rows(&mut conn), (stored, stored));
    }
}

#[test]
fn what_a_killed_process_left_unfiled_is_found_and_filed_by_the_next() {
    let scratch = Scratch::sqlite();
    let (ports, study) = open(&scratch);
    send(
        &ports,
        &(0..20).map(|n| made(&study, n)).collect::<Vec<_>>(),
    );
    drop(ports);
    let mut conn = scratch.connect();
    assert_eq!(filed_up_to(&mut conn), 20, "the end files all");
    // As if it had been killed before it filed anything.
    for table in ["log_entries_of_participant", "log_entries_of_session"] {
        diesel::sql_query(format!("DELETE FROM {table}"))
            .execute(&mut conn)
            .unwrap();
    }
    diesel::update(log_entries_filed::table)
        .set(log_entries_filed::number.eq(0))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(found(&mut conn, &study, &of_player(3)), [4, 11, 18]);
    let ports = Ports::of(Arc::new(Store::open(&scratch.options()).unwrap()));
    send(&ports, &[made(&study, 20)]);
    wait_until_filed(&mut conn, 21);
    assert_eq!(rows(&mut conn), (21, 21));
    assert_eq!(found(&mut conn, &study, &of_player(3)), [4, 11, 18]);
}

#[test]
fn a_participant_with_very_many_entries_is_found_by_the_walk_of_the_study() {
    let scratch = Scratch::sqlite();
    let (ports, study) = open(&scratch);
    let all = FEW + 3000;
    for start in (0..all).step_by(1000) {
        let of_one = |n| NewEntry {
            pseudonym: player(1),
            ..made(&study, n)
        };
        send(
            &ports,
            &(start..start + 1000).map(of_one).collect::<Vec<_>>(),
        );
    }
    send(&ports, &[made(&study, all + PLAYERS + 2)]);
    let mut conn = scratch.connect();
    wait_until_filed(&mut conn, all + 1);
    let Conn::Sqlite(sqlite) = &mut conn else {
        panic!("not SQLite")
    };
    assert_eq!(few(sqlite, Some(player(1)), None).unwrap(), (false, false));
    let name = "session-4".parse().unwrap();
    assert_eq!(
        few(sqlite, Some(player(1)), Some(&name)).unwrap(),
        (false, true)
    );
    assert_eq!(found(&mut conn, &study, &of_player(1)).len() as i64, all);
    let last = numbers(&mut conn, study.id, &of_player(1), (all - 1, None), 10).unwrap();
    assert_eq!(last, [all - 1, all]);
}

#[test]
fn what_is_taken_out_of_an_entry_is_taken_out_of_the_files() {
    let scratch = Scratch::sqlite();
    let (ports, study) = open(&scratch);
    send(
        &ports,
        &(0..20).map(|n| made(&study, n)).collect::<Vec<_>>(),
    );
    drop(ports);
    let mut conn = scratch.connect();
    assert_eq!(rows(&mut conn), (20, 20));
    let first = log_entries::table.filter(log_entries::number.le(5));
    diesel::update(first)
        .set(log_entries::session.eq(None::<&str>))
        .execute(&mut conn)
        .unwrap();
    assert_eq!(rows(&mut conn), (20, 15));
    diesel::delete(first).execute(&mut conn).unwrap();
    assert_eq!(rows(&mut conn), (15, 15));
}
