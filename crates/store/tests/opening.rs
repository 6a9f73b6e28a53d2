//! Opening, and the migrations.

mod engines;

use engines::Database;
use sillage_domain::ServerStore;
use sillage_store::{OpenError, Store, StoreOptions, migrate, migrations};

#[test]
fn migrations_are_shown_run_once_and_shown_as_run() {
    for database in Database::each("shown") {
        let options = database.options();
        let before = migrations(&options).unwrap();
        assert!(!before.is_empty() && before.iter().all(|m| !m.applied));
        assert!(before.is_sorted_by(|a, b| a.name < b.name));
        let ran = migrate(&options).unwrap();
        assert_eq!(ran.len(), before.len());
        assert_eq!(migrations(&options).unwrap(), ran);
        assert_eq!(migrate(&options).unwrap(), []);
    }
}

#[test]
fn a_store_that_may_not_migrate_opens_only_what_is_up_to_date() {
    for database in Database::each("pending") {
        let mut options = database.options();
        options.migrate = false;
        let pending = migrations(&options).unwrap().len();
        let error = Store::open(&options).unwrap_err();
        assert!(
            matches!(error, OpenError::Pending(n) if n == pending),
            "{error:?}"
        );
        migrate(&options).unwrap();
        Store::open(&options).unwrap();
    }
}

#[test]
fn a_database_of_another_root_key_is_left_as_it_is_whatever_it_waits_for() {
    for database in Database::each("another_key") {
        let with_key = |key: &str| {
            let mut options = database.options();
            options.fingerprint = Some(key.to_owned());
            options
        };
        let ours = with_key("ours");
        let store = Store::open(&ours).unwrap();
        assert_eq!(store.claim_fingerprint("ours").unwrap(), "ours");
        drop(store);
        let last = migrations(&ours).unwrap().pop().unwrap().name;
        let version = last.split('_').next().unwrap();
        database.sql(&format!(
            "DELETE FROM __diesel_schema_migrations WHERE version = '{version}'"
        ));
        let waits = || migrations(&ours).unwrap().iter().any(|m| !m.applied);
        assert!(waits());
        let theirs = with_key("theirs");
        for refused in [
            Store::open(&theirs).map(drop).unwrap_err(),
            migrate(&theirs).map(drop).unwrap_err(),
        ] {
            assert!(
                matches!(refused, OpenError::OtherKey(ref key) if key == "ours"),
                "{refused:?}"
            );
        }
        assert!(waits(), "no migration was run");
    }
}

#[test]
fn a_new_database_belongs_to_nobody() {
    for database in Database::each("nobodys") {
        let mut options = database.options();
        options.fingerprint = Some("ours".to_owned());
        migrate(&options).unwrap();
        Store::open(&options).unwrap();
        options.fingerprint = Some("theirs".to_owned());
        let store = Store::open(&options).unwrap();
        assert_eq!(store.claim_fingerprint("theirs").unwrap(), "theirs");
    }
}

#[test]
fn a_scheme_that_is_not_known_is_refused() {
    for url in ["postgres://localhost/sillage", "sillage.db", ""] {
        let error = Store::open(&StoreOptions::new(url)).unwrap_err();
        assert!(matches!(error, OpenError::Scheme), "{error:?}");
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use super::*;
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};
    use std::path::Path;

    fn options(path: &Path) -> StoreOptions {
        StoreOptions::new(format!("sqlite://{}", path.display()))
    }

    #[test]
    fn looking_at_the_migrations_makes_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none.db");
        migrations(&options(&path)).unwrap();
        assert!(!path.exists());
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_made_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new.db");
        let _store = Store::open(&options(&path)).unwrap();
        for name in ["new.db", "new.db-wal", "new.db-shm"] {
            let mode = std::fs::metadata(dir.path().join(name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }

    #[test]
    fn a_file_in_a_folder_that_is_not_there_can_not_be_made() {
        let dir = tempfile::tempdir().unwrap();
        let error = Store::open(&options(&dir.path().join("no/such/folder.db"))).unwrap_err();
        assert!(matches!(error, OpenError::File(_)), "{error:?}");
    }

    #[test]
    fn a_database_that_a_newer_version_has_migrated_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("newer.db");
        drop(Store::open(&options(&path)).unwrap());
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')")
            .unwrap();
        let error = Store::open(&options(&path)).unwrap_err();
        assert!(
            matches!(error, OpenError::Newer(ref version) if version == "9999"),
            "{error:?}"
        );
    }

    #[test]
    fn the_traces_have_no_column_for_an_account_an_address_or_a_user_agent() {
        use diesel::connection::SimpleConnection;
        use diesel::prelude::*;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("columns.db");
        drop(Store::open(&options(&path)).unwrap());
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        // The store's last connection may be closing still, and locks the file for that.
        conn.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
        for (table, expected) in [
            (
                "log_entries",
                "number study_id pseudonym entry_id session sequence occurred_us sent_us received_us action status payload codebook_version",
            ),
            (
                "quarantine",
                "id study_id pseudonym retry_key entry_id received_us text faults codebook_version action judged_us",
            ),
        ] {
            let sql = format!("(SELECT group_concat(name, ' ') FROM pragma_table_info('{table}'))");
            let columns: String = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(&sql))
                .get_result(&mut conn)
                .unwrap();
            assert_eq!(columns, expected);
        }
    }
}
