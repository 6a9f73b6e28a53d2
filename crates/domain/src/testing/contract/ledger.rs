//! What is kept of what was erased.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{Erased, ErasureCode, ErasureRecord};

pub fn an_archive_belongs_to_the_first_ledger_until_it_is_given_another(ports: &Ports) {
    let records = &ports.records;
    assert_eq!(records.ledger().expect("read"), None);
    assert_eq!(records.claim_ledger("one").expect("claimed"), "one");
    assert_eq!(records.claim_ledger("two").expect("claimed"), "one");
    records.change_ledger("two").expect("changed");
    assert_eq!(records.ledger().expect("read").as_deref(), Some("two"));
    assert_eq!(records.claim_ledger("one").expect("claimed"), "two");
}

pub fn a_record_of_an_erasure_is_kept_once(ports: &Ports) {
    let record = |n: u8, what| ErasureRecord::new(ErasureCode::new([n; 16]), what, at(0));
    let first = [
        record(200, Erased::Erase),
        record(3, Erased::Anonymise),
        record(0, Erased::Study),
    ];
    let records = &ports.records;
    assert_eq!(records.erasure_records().expect("read"), []);
    records.keep_erasure_records(&first).expect("kept");
    let again = [record(3, Erased::Erase), record(9, Erased::Erase)];
    records.keep_erasure_records(&again).expect("kept");
    assert_eq!(
        records.erasure_records().expect("read"),
        [first[2], first[1], again[1], first[0]]
    );
}
