//! Taking people out of a database: to the last byte, whoever else writes, and whatever is interrupted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod engines;

use engines::Database;
use sillage_domain::testing::fixtures::{
    accepted, at, entries, entry, misfit, new_account, page_of, player, send, study, submit,
};
use sillage_domain::{
    Account, Arrival, EntryStatus, Erasure, ErasureStore, NewAccount, NewEntry, Outcome,
    PasswordHash, Payload, Ports, Study, Traces,
};
use sillage_store::Store;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Long enough for whatever is erased here.
const WITHIN: Duration = Duration::from_secs(60);

fn enrol(ports: &Ports, study: &Study, new: NewAccount) -> Account {
    ports
        .accounts
        .enrol(study.id, &[new], at(0))
        .unwrap()
        .remove(0)
}

fn erase(ports: &Ports, study: &Study, account: &Account, within: Duration) -> Erasure {
    let traces = Traces {
        study: study.id,
        pseudonym: player(0),
    };
    ports
        .erasure
        .erase(account.id, &[traces], at(0), within)
        .unwrap()
}

/// How many entries of that player still have content, shown or not.
fn with_content_of(ports: &Ports, study: &Study, n: u64) -> usize {
    let mut query = page_of(study, 1, 1);
    query.filter.status = Some(EntryStatus::Accepted);
    query.filter.participant = Some(player(n));
    ports.logs.page(&query).unwrap().total.unwrap() as usize
}

/// How many entries of the study still have content.
fn with_content(ports: &Ports, study: &Study) -> usize {
    let mut query = page_of(study, 1, 1);
    query.filter.status = Some(EntryStatus::Accepted);
    ports.logs.page(&query).unwrap().total.unwrap() as usize
}

#[cfg(feature = "sqlite")]
#[test]
fn nothing_of_what_was_erased_is_left_in_the_files() {
    const SECRET: &str = "moonlight-on-the-lake";
    let dir = tempfile::tempdir().unwrap();
    let database = Database::File(dir);
    let store = database.open();
    let ports = Ports::of(store.clone());
    let study = study(&ports, "s");
    let ada = enrol(
        &ports,
        &study,
        NewAccount {
            password_hash: PasswordHash::new(format!("$2b$04${SECRET}")),
            ..new_account("ada")
        },
    );
    for n in 0..300 {
        let mut entry = entry(&study, n);
        entry.content.action = format!("{SECRET} {n}").parse().unwrap();
        entry.content.session = Some(format!("session {SECRET}").parse().unwrap());
        entry.content.payload = Some(Payload::from_checked(format!(
            r#"{{"text":"{}"}}"#,
            SECRET.repeat(40)
        )));
        assert_eq!(accepted(&send(&ports, &[entry])), 1);
    }
    let text = format!(r#"{{"id":1,"text":"{SECRET}"}}"#);
    submit(
        &ports,
        vec![Arrival::Misfit(misfit(&study, &text))],
        0,
        false,
    );
    let found = || {
        let Database::File(dir) = &database else {
            unreachable!("the test is about files")
        };
        let files = std::fs::read_dir(dir.path()).unwrap();
        let files = files.filter(|file| {
            let bytes = std::fs::read(file.as_ref().unwrap().path()).unwrap();
            bytes
                .windows(SECRET.len())
                .any(|window| window == SECRET.as_bytes())
        });
        files.count()
    };
    assert!(found() > 0, "the secret can be found while it is there");
    assert_eq!(erase(&ports, &study, &ada, WITHIN), Erasure::Done);
    assert_eq!(found(), 0);
}

#[cfg(feature = "sqlite")]
#[test]
fn the_log_of_writes_is_emptied_once_nobody_reads_what_was_before() {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, SqliteConnection};
    const SECRET: &str = "moonlight-on-the-lake";
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("test.db");
    let database = Database::File(dir);
    let mut options = database.options();
    options.sweep = Duration::from_secs(3600);
    let store = Arc::new(Store::open(&options).unwrap());
    let ports = Ports::of(store.clone());
    let study = study(&ports, "s");
    let ada = enrol(&ports, &study, new_account("ada"));
    let mut secret = entry(&study, 0);
    secret.content.action = SECRET.parse().unwrap();
    send(&ports, &[secret]);
    let log = path.with_extension("db-wal");
    let in_log = || {
        let bytes = std::fs::read(&log).unwrap();
        bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes())
    };
    assert!(in_log());
    let mut reader = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    reader
        .batch_execute("BEGIN; SELECT count(*) FROM log_entries")
        .unwrap();
    // All is deleted, and whoever reads still needs what was there before.
    assert_eq!(erase(&ports, &study, &ada, WITHIN), Erasure::Continues);
    assert_eq!(with_content(&ports, &study), 0);
    assert!(in_log());
    store.sweep(at(0)).unwrap();
    assert!(in_log());
    reader.batch_execute("COMMIT").unwrap();
    store.sweep(at(0)).unwrap();
    assert!(!in_log());
}

#[test]
fn an_erasure_that_was_interrupted_is_gone_on_with_by_whoever_opens_the_database() {
    for database in Database::each("interrupted") {
        let (ports, study) = {
            let ports = Ports::of(database.open());
            let study = study(&ports, "s");
            (ports, study)
        };
        let ada = enrol(&ports, &study, new_account("ada"));
        send(&ports, &entries(&study, 0..700));
        submit(
            &ports,
            vec![Arrival::Misfit(misfit(&study, r#"{"id":1}"#))],
            0,
            false,
        );
        assert_eq!(
            erase(&ports, &study, &ada, Duration::ZERO),
            Erasure::Continues
        );
        assert_eq!(with_content(&ports, &study), 700);
        assert!(
            ports
                .accounts
                .account_by_username(&ada.username)
                .unwrap()
                .is_none()
        );
        drop(ports);
        let ports = Ports::of(database.open());
        let begin = Instant::now();
        while with_content(&ports, &study) > 0
            || ports.logs.counts(study.id).unwrap().quarantined > 0
        {
            assert!(begin.elapsed() < WITHIN, "nobody goes on with it");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Two who play while they are erased, and a third who is not; each through one of the stores. Nothing of the first two is stored once the erasure
/// was ordered, and nobody has to look for it later.
fn nobody_who_plays_on_while_being_erased_comes_back(stores: &[Ports]) {
    let ports = &stores[0];
    let study = study(ports, "s");
    let ada = enrol(ports, &study, new_account("ada"));
    let erased = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (study, erased) = (&study, &erased);
        let players: Vec<_> = (0..4_usize)
            .map(|n| {
                scope.spawn(move || {
                    let ports = &stores[n % stores.len()];
                    // On it goes for a little after the erasure, as on a server that has not heard of it.
                    let (mut rounds_after, mut late) = (3, 0);
                    for round in 0_i64.. {
                        let over = erased.load(Ordering::SeqCst);
                        let first = n as i64 * 1_000_000 + round * 50;
                        let sent = send(ports, &entries(study, first..first + 50));
                        let others = NewEntry {
                            pseudonym: player(7),
                            ..entry(study, first)
                        };
                        assert_eq!(accepted(&send(ports, &[others])), 1);
                        if over {
                            assert!(
                                sent.iter().all(|one| *one == Outcome::Erased),
                                "what was sent after the erasure was taken: {sent:?}"
                            );
                            late += 1;
                            rounds_after -= 1;
                            if rounds_after == 0 {
                                return (round + 1, late);
                            }
                        }
                    }
                    (0, 0)
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(80));
        assert_eq!(erase(ports, study, &ada, WITHIN), Erasure::Done);
        // No sweep comes before this is looked at.
        let alive = with_content_of(ports, study, 0);
        erased.store(true, Ordering::SeqCst);
        assert_eq!(alive, 0, "entries that were on their way were stored");
        let told: Vec<(i64, i64)> = players
            .into_iter()
            .map(|player| player.join().unwrap())
            .collect();
        let rounds: i64 = told.iter().map(|(rounds, _)| rounds).sum();
        assert_eq!(told.iter().map(|(_, late)| late).sum::<i64>(), 12);
        assert_eq!(with_content_of(ports, study, 0), 0);
        assert_eq!(
            with_content(ports, study) as i64,
            rounds,
            "the others' are left"
        );
    });
}

#[test]
fn who_plays_on_while_being_erased_leaves_nothing() {
    for database in Database::each("plays_on") {
        let mut options = database.options();
        options.sweep = Duration::from_secs(3600);
        let store = Ports::of(Arc::new(Store::open(&options).unwrap()));
        nobody_who_plays_on_while_being_erased_comes_back(&[store]);
    }
}

#[cfg(feature = "mysql")]
#[test]
fn who_plays_on_through_another_node_while_being_erased_leaves_nothing() {
    let Some(schema) = engines::Schema::create("plays_on_elsewhere") else {
        return;
    };
    let mut options = schema.options();
    options.sweep = Duration::from_secs(3600);
    let nodes = [(); 2].map(|()| Ports::of(Arc::new(Store::open(&options).unwrap())));
    nobody_who_plays_on_while_being_erased_comes_back(&nodes);
}
