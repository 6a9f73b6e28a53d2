//! Players who post without pause, and who keep a list of what was acknowledged.

use super::class::Class;
use super::raw::Request;
use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What the players saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The ids of entries that a 200 or 201 acknowledged.
    pub(crate) acknowledged: Vec<String>,
    /// How often each other status was answered.
    pub(crate) others: HashMap<u16, usize>,
    /// The longest wait for a 503.
    pub longest_503: Duration,
    /// 503s without `Retry-After`.
    pub(crate) unadvised: usize,
}

/// Players at work.
pub(crate) struct Posting {
    stop: Arc<AtomicBool>,
    address: Arc<Mutex<SocketAddr>>,
    seen: Arc<Mutex<Seen>>,
    threads: Vec<JoinHandle<()>>,
}

impl Posting {
    /// One thread a player: single entries and small batches in turn, each sent again until it is acknowledged.
    pub(crate) fn start(class: &Class, to: SocketAddr) -> Self {
        let (stop, seen) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(Mutex::new(Seen::default())),
        );
        let address = Arc::new(Mutex::new(to));
        let player = |n: usize| {
            let token = class.token(n);
            let (stop, seen, address) = (stop.clone(), seen.clone(), address.clone());
            std::thread::spawn(move || play(n, &token, &stop, &seen, &address))
        };
        let threads = (0..class.players.len()).map(player).collect();
        Self {
            stop,
            address,
            seen,
            threads,
        }
    }

    /// From now on they post there.
    pub(crate) fn move_to(&self, address: SocketAddr) {
        *self.address.lock().unwrap() = address;
    }

    /// How many entries have been acknowledged so far.
    pub(crate) fn acknowledged(&self) -> usize {
        self.seen.lock().unwrap().acknowledged.len()
    }

    /// How often that status was answered so far.
    pub(crate) fn answered(&self, status: u16) -> usize {
        self.seen
            .lock()
            .unwrap()
            .others
            .get(&status)
            .copied()
            .unwrap_or_default()
    }

    /// Waits until that many more entries have been acknowledged, or panics after a minute.
    pub(crate) fn wait_for_more(&self, count: usize) {
        let goal = self.acknowledged() + count;
        wait_until("entries are acknowledged", || self.acknowledged() >= goal);
    }

    /// Ends, and gives what was seen. What was under way and not acknowledged may or may not be stored.
    pub(crate) fn stop(self) -> Seen {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().unwrap();
        }
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl Seen {
    /// Every acknowledged entry is stored, and nothing is stored twice.
    pub(crate) fn assert_stored_once(&self, class: &Class) {
        let harvest = class.harvest();
        let stored: HashSet<&str> = harvest.iter().map(|(_, id)| id.as_str()).collect();
        assert_eq!(stored.len(), harvest.len(), "something is stored twice");
        let lost: Vec<_> = self
            .acknowledged
            .iter()
            .filter(|id| !stored.contains(id.as_str()))
            .collect();
        assert!(
            lost.is_empty(),
            "{} of {} were lost: {lost:?}",
            lost.len(),
            self.acknowledged.len()
        );
        assert!(
            harvest.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "numbers do not increase"
        );
    }
}

/// Waits until it is so, or panics after a minute.
pub(crate) fn wait_until(what: &str, so: impl Fn() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "a minute has gone and not yet: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn play(n: usize, token: &str, stop: &AtomicBool, seen: &Mutex<Seen>, address: &Mutex<SocketAddr>) {
    for round in 0.. {
        let ids: Vec<String> = (0..if round % 3 == 0 { 7 } else { 1 })
            .map(|_| uuid::Uuid::now_v7().to_string())
            .collect();
        let entry = |(k, id): (usize, &String)| {
            format!(
                r#"{{"id":"{id}","session":"w{n}","sequence":{},"timestamp":"2024-05-18T10:17:33.{k:03}Z","action":"a","payload":{{"k":{k}}}}}"#,
                round * 10 + k
            )
        };
        let entries: Vec<String> = ids.iter().enumerate().map(entry).collect();
        let body = if entries.len() == 1 {
            entries[0].clone()
        } else {
            format!("[{}]", entries.join(","))
        };
        let request = Request::new("POST", "/v1/logs").bearer(token).json(body);
        loop {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let to = *address.lock().unwrap();
            let start = Instant::now();
            match request.try_send(to) {
                Ok(answer) if matches!(answer.status, 200 | 201) => {
                    seen.lock().unwrap().acknowledged.extend(ids);
                    break;
                }
                Ok(answer) => {
                    let mut seen = seen.lock().unwrap();
                    *seen.others.entry(answer.status).or_default() += 1;
                    if answer.status == 503 {
                        seen.longest_503 = seen.longest_503.max(start.elapsed());
                        seen.unadvised += usize::from(answer.header("Retry-After").is_none());
                    }
                }
                Err(_) => {}
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}
