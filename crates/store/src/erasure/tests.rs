use super::*;
use crate::testing::Scratch;
use sillage_domain::testing::fixtures::{at, new_account, player, study};
use sillage_domain::{AccountStore, Ports};
use std::sync::Arc;

fn next(conn: &mut Conn) -> Option<i64> {
    erasures::table
        .select(erasures::next_us)
        .first(conn)
        .optional()
        .unwrap()
}

fn an_erasure_is_over_after_a_day(scratch: &Scratch) {
    let mut options = scratch.options();
    options.sweep = Duration::from_secs(3600);
    let store = Arc::new(Store::open(&options).unwrap());
    let study = study(&Ports::of(store.clone()), "s");
    let ada = store
        .enrol(study.id, &[new_account("ada")], at(0))
        .unwrap()
        .remove(0);
    let traces = Traces {
        study: study.id,
        pseudonym: player(0),
    };
    store
        .erase(ada.id, &[traces], at(0), Duration::from_secs(60))
        .unwrap();
    let mut conn = scratch.connect();
    let mut looks = 1;
    let mut last = at(0);
    while let Some(next) = next(&mut conn) {
        let early = Timestamp::from_micros(next - 1).unwrap();
        store.sweep(early).unwrap();
        assert_eq!(super::tests::next(&mut conn), Some(next), "it was not due");
        last = Timestamp::from_micros(next).unwrap();
        store.sweep(last).unwrap();
        looks += 1;
        assert!(looks <= LOOKS, "it is never over");
    }
    assert_eq!(looks, LOOKS);
    let hours = (last.micros() - at(0).micros()) / 3_600_000_000;
    assert!((20..24).contains(&hours), "{hours}");
}

#[cfg(feature = "sqlite")]
#[test]
fn on_sqlite_an_erasure_is_over_after_a_day() {
    an_erasure_is_over_after_a_day(&Scratch::sqlite());
}

#[cfg(feature = "mysql")]
#[test]
fn on_mariadb_an_erasure_is_over_after_a_day() {
    if let Some(scratch) = Scratch::mysql() {
        an_erasure_is_over_after_a_day(&scratch);
    }
}
