//! A database that goes away and comes back, seen through a connection that can be cut.
#![cfg(feature = "mysql")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod engines;

use engines::Schema;
use sillage_domain::testing::block_on;
use sillage_domain::testing::fixtures::{at, entry, study};
use sillage_domain::{Arrival, LogStore, LogWriter, Outcome, Ports, StoreError, Study, Submission};
use sillage_store::{OpenError, Store, StoreOptions};
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The server, through a port that can be closed and opened again.
struct Door {
    port: u16,
    server: String,
    open: Arc<AtomicBool>,
    through: Arc<Mutex<Vec<TcpStream>>>,
}

impl Door {
    fn new(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let door = Self {
            port: listener.local_addr().unwrap().port(),
            server,
            open: Arc::new(AtomicBool::new(true)),
            through: Arc::default(),
        };
        door.serve(listener);
        door
    }

    fn serve(&self, listener: TcpListener) {
        let (server, open, through) =
            (self.server.clone(), self.open.clone(), self.through.clone());
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if !open.load(Ordering::SeqCst) {
                    return;
                }
                let (client, server) = (client.unwrap(), TcpStream::connect(&server).unwrap());
                for (mut from, mut to) in [
                    (client.try_clone().unwrap(), server.try_clone().unwrap()),
                    (server.try_clone().unwrap(), client.try_clone().unwrap()),
                ] {
                    std::thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                through.lock().unwrap().extend([client, server]);
            }
        });
    }

    /// Cuts every connection, and lets nobody in.
    fn close(&self) {
        self.open.store(false, Ordering::SeqCst);
        // The thread that waits for the next client meets it, and ends with its listener.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        for stream in self.through.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        while TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
            std::thread::yield_now();
        }
    }

    fn reopen(&self) {
        self.open.store(true, Ordering::SeqCst);
        self.serve(TcpListener::bind(("127.0.0.1", self.port)).unwrap());
    }
}

fn send(store: &Store, study: &Study, n: i64) -> Result<Vec<Outcome>, StoreError> {
    let submission = Submission {
        arrivals: [Arrival::Entry(entry(study, n))].into(),
        received_at: at(0),
        strict: false,
    };
    block_on(store.submit(submission))
}

/// The options of the schema, through a door.
fn through_door(schema: &Schema) -> (StoreOptions, Door) {
    let url = schema.options().url;
    let (user, place) = url.rsplit_once('@').unwrap();
    let (server, name) = place.split_once('/').unwrap();
    let door = Door::new(server.to_owned());
    (
        StoreOptions::new(format!("{user}@127.0.0.1:{}/{name}", door.port)),
        door,
    )
}

#[test]
fn a_database_that_goes_away_is_told_and_used_again_when_it_is_back() {
    let Some(schema) = Schema::create("away") else {
        return;
    };
    let (options, door) = through_door(&schema);
    let store = Arc::new(Store::open(&options).unwrap());
    let study = study(&Ports::of(store.clone()), "s");
    assert!(matches!(
        send(&store, &study, 0).unwrap()[..],
        [Outcome::Accepted(_)]
    ));

    door.close();
    // The first may meet the old connection, the second finds no new one.
    for _ in 0..2 {
        let answer = send(&store, &study, 1);
        assert!(matches!(answer, Err(StoreError::Away(_))), "{answer:?}");
    }
    assert!(matches!(store.ping(), Err(StoreError::Away(_))));
    assert!(matches!(store.counts(study.id), Err(StoreError::Away(_))));
    // More than the queue's writers take at once: each hears of it, nobody is left waiting.
    let waiting: Vec<_> = (10..300)
        .map(|n| {
            let arrivals = [Arrival::Entry(entry(&study, n))].into();
            store.submit(Submission {
                arrivals,
                received_at: at(0),
                strict: false,
            })
        })
        .collect();
    assert!(
        waiting
            .into_iter()
            .all(|answer| matches!(block_on(answer), Err(StoreError::Away(_))))
    );

    door.reopen();
    assert!(matches!(
        send(&store, &study, 1).unwrap()[..],
        [Outcome::Accepted(_)]
    ));
    assert!(matches!(
        send(&store, &study, 0).unwrap()[..],
        [Outcome::Duplicate(_)]
    ));
    while store.ping().is_err() {
        std::thread::yield_now();
    }
    assert_eq!(store.counts(study.id).unwrap().entries, 2);
}

#[test]
fn a_database_that_is_down_at_the_start_is_told() {
    let Some(schema) = Schema::create("down") else {
        return;
    };
    let (options, door) = through_door(&schema);
    door.close();
    let error = Store::open(&options).unwrap_err();
    assert!(matches!(error, OpenError::Connect(_)), "{error:?}");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("refused"), "{source}");
}

#[test]
fn a_wrong_password_is_told_as_the_server_tells_it() {
    let Some(schema) = Schema::create("password") else {
        return;
    };
    let url = schema.options().url;
    let (_, place) = url.rsplit_once('@').unwrap();
    let error = Store::open(&StoreOptions::new(format!(
        "mariadb://nobody:wrong@{place}"
    )))
    .unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(
        matches!(error, OpenError::Connect(_)) && source.contains("Access denied"),
        "{source}"
    );
}
