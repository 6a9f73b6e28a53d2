use super::*;
use crate::testing::Scratch;
use sillage_domain::testing::fixtures::{at, player, study};
use sillage_domain::{Consent, DecidedBy, Decision, Ports, Purposes};
use std::sync::Arc;

/// As somebody could who copied the database: who was written down first is not the first in either table, whatever the order of a
/// list of a class.
fn the_order_in_which_people_were_named_is_not_kept(scratch: &Scratch) {
    const CLASS: u64 = 40;
    let store = Arc::new(Store::open(&scratch.options()).unwrap());
    let study = study(&Ports::of(store.clone()), "s");
    // Neither codes nor pseudonyms grow with the list, as with keyed hashes.
    let scattered = |n: u64| n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let new: Vec<_> = (0..CLASS)
        .map(|n| NewConsent {
            code: ConsentCode::new(u128::from(scattered(n)).to_be_bytes()),
            pseudonym: player(scattered(n + CLASS) % 1_000_000),
            consent: Consent {
                decision: Decision::Given,
                purposes: Purposes::ALL,
                notice: None,
                by: DecidedBy::Paper,
                reference: None,
                recorded_by: None,
            },
        })
        .collect();
    store.record_consents(study.id, &new, at(0)).unwrap();
    let mut conn = scratch.connect();
    let codes: Vec<Vec<u8>> = consent_events::table
        .order(consent_events::id)
        .select(consent_events::code)
        .load(&mut conn)
        .unwrap();
    assert_eq!(codes.len() as u64, CLASS);
    assert!(
        codes.is_sorted(),
        "the histories are in the order of the codes"
    );
    let people: Vec<i64> = consents::table
        .select(consents::pseudonym)
        .load(&mut conn)
        .unwrap();
    assert!(
        people.is_sorted(),
        "what holds is in the order of the pseudonyms"
    );
    let named: Vec<_> = new.iter().map(|one| one.pseudonym.to_i64()).collect();
    assert_ne!(people, named);
}

#[cfg(feature = "sqlite")]
#[test]
fn on_sqlite_the_order_in_which_people_were_named_is_not_kept() {
    the_order_in_which_people_were_named_is_not_kept(&Scratch::sqlite());
}

#[cfg(feature = "mysql")]
#[test]
fn on_mariadb_the_order_in_which_people_were_named_is_not_kept() {
    if let Some(scratch) = Scratch::mysql() {
        the_order_in_which_people_were_named_is_not_kept(&scratch);
    }
}
