//! What a list's tag is made of is told without reading an entry.

mod engines;

use engines::Database;
use sillage_domain::testing::fixtures::{entries, page_of, send, study};
use sillage_domain::{Ports, StudyScope};

#[test]
fn the_state_of_a_list_is_told_without_reading_an_entry() {
    for database in Database::each("revision") {
        let store = database.open();
        let ports = Ports::of(store);
        let study = study(&ports, "s");
        send(&ports, &entries(&study, 0..500));
        let scopes = [StudyScope::All, StudyScope::Only(vec![study.id])];
        let told = || {
            scopes
                .each_ref()
                .map(|scope| ports.logs.revision(scope).unwrap())
        };
        // Until everything that was written is shown.
        while ports.logs.page(&page_of(&study, 1, 10)).unwrap().total != Some(500) {
            std::thread::yield_now();
        }
        let before = told();
        // From here on the account is kept for certain, where there is one.
        let _ = database.rows_read("log_entries");
        match database.rows_read("log_entries") {
            Some(kept) => {
                let read = || database.rows_read("log_entries").unwrap() - kept;
                assert_eq!(told(), before);
                // It is looked up where that ends which all nodes have written: a place, not a row of the list.
                assert!(read() <= scopes.len() as u64, "{}", read());
                ports.logs.page(&page_of(&study, 1, 10)).unwrap();
                assert!(read() >= 10, "the account is kept");
            }
            None if database.is_a_file() => {
                database.sql("ALTER TABLE log_entries RENAME TO away");
                assert!(ports.logs.page(&page_of(&study, 1, 10)).is_err());
                assert_eq!(told(), before);
            }
            // MySQL keeps no such account, and is asked where the visible part ends.
            None => {}
        }
    }
}
