//! What a list's tag is made of is told without reading an entry.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

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
        match database.rows_read("log_entries") {
            Some(_) => {
                // From here on the account is kept for certain.
                let kept = database.rows_read("log_entries");
                assert_eq!(told(), before);
                assert_eq!(database.rows_read("log_entries"), kept);
                ports.logs.page(&page_of(&study, 1, 10)).unwrap();
                assert!(
                    database.rows_read("log_entries") > kept,
                    "the account is kept"
                );
            }
            None => {
                database.sql("ALTER TABLE log_entries RENAME TO away");
                if ports.logs.page(&page_of(&study, 1, 10)).is_ok() {
                    panic!("a page without the table");
                }
                if cfg!(feature = "sqlite") {
                    assert_eq!(told(), before);
                }
                database.sql("ALTER TABLE away RENAME TO log_entries");
            }
        }
    }
}
