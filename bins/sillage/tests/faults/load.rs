//! Players who post without pause, and keep a file of what was acknowledged.

use crate::stage::Ended;
use crate::support::class::Class;
use crate::support::raw::{Answer, Request};
use crate::tally::{Tally, read_back};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Between two tries of the same request.
const PAUSE: Duration = Duration::from_millis(30);
/// How long one may wait for something to happen, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// Players at work.
pub(crate) struct Load {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    folder: TempDir,
}

/// What the players saw.
#[derive(Debug, Default, Clone)]
pub(crate) struct Seen {
    /// Entries that were acknowledged.
    pub(crate) acknowledged: usize,
    /// How often each status was answered.
    pub(crate) answers: BTreeMap<u16, usize>,
    /// Requests that got no whole answer.
    pub(crate) unanswered: usize,
    /// 503s without `Retry-After`.
    pub(crate) unadvised: usize,
    /// How long each acknowledgement took.
    pub(crate) waits: Vec<Duration>,
    /// An answer that should not have come.
    wrong: Option<String>,
}

struct Shared {
    stop: AtomicBool,
    address: Mutex<SocketAddr>,
    seen: Mutex<Seen>,
    file: Mutex<File>,
    /// Put into every payload.
    filler: String,
}

impl Load {
    /// One thread a player. Each request is sent again until it is acknowledged.
    pub(crate) fn start(class: &Class) -> Self {
        Self::with_filler(class, 0)
    }

    /// The same, with payloads of so many bytes.
    pub(crate) fn with_filler(class: &Class, bytes: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            address: Mutex::new(class.server),
            seen: Mutex::default(),
            file: Mutex::new(File::create(folder.path().join("acknowledged")).unwrap()),
            filler: "x".repeat(bytes),
        });
        let player = |n: usize| {
            let (shared, who, token) = (shared.clone(), class.players[n].clone(), class.token(n));
            std::thread::spawn(move || play(n, token, &who, &shared))
        };
        Self {
            threads: (0..class.players.len()).map(player).collect(),
            shared,
            folder,
        }
    }

    /// From now on they post there.
    pub(crate) fn move_to(&self, address: SocketAddr) {
        *self.shared.address.lock().unwrap() = address;
    }

    pub(crate) fn seen(&self) -> Seen {
        self.shared.seen.lock().unwrap().clone()
    }

    /// How often that status was answered so far.
    pub(crate) fn answered(&self, status: u16) -> usize {
        let seen = self.shared.seen.lock().unwrap();
        seen.answers.get(&status).copied().unwrap_or_default()
    }

    /// Waits until that many more entries have been acknowledged.
    pub(crate) fn wait_for_more(&self, count: usize) {
        let acknowledged = || self.shared.seen.lock().unwrap().acknowledged;
        let goal = acknowledged() + count;
        wait_until("entries are acknowledged", || acknowledged() >= goal);
    }

    /// Lets them play for that long.
    pub(crate) fn go_on_for(&self, time: Duration) {
        std::thread::sleep(time);
    }

    /// Sends nothing any more.
    pub(crate) fn stop_playing(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }

    /// Ends, and reads everything back from where the class is now.
    pub(crate) fn finish(mut self, class: &Class, note: impl FnOnce(&Seen) -> String) -> Ended {
        self.stop_playing();
        let seen = self.shared.seen.lock().unwrap().clone();
        if let Some(wrong) = seen.wrong {
            panic!("an answer that should not have come: {wrong}");
        }
        let tally = read_back(class, &self.folder.path().join("acknowledged"));
        assert!(tally.acknowledged > 0, "nothing was acknowledged");
        assert_eq!(tally.acknowledged, seen.acknowledged, "the file is whole");
        Ended::Played(Tally {
            note: note(&seen),
            ..tally
        })
    }
}

/// Waits until it is so, or panics.
pub(crate) fn wait_until(what: &str, so: impl Fn() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(
            start.elapsed() < PATIENCE,
            "two minutes, and not yet: {what}"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn play(n: usize, mut token: String, who: &(String, String), shared: &Shared) {
    let mut sequence = 0;
    for round in 0.. {
        let first = sequence;
        // One with an id; one without, which is known by its content; a batch; a batch as NDJSON.
        let count = [1, 1, 7, 5][round % 4];
        sequence += count;
        let with_id = round % 4 != 1;
        let entries: Vec<String> = (first..sequence)
            .map(|sequence| entry(n, sequence, with_id, &shared.filler))
            .collect();
        let (kind, body) = match round % 4 {
            0 | 1 => ("application/json", entries[0].clone()),
            2 => ("application/json", format!("[{}]", entries.join(","))),
            _ => ("application/x-ndjson", entries.join("\n")),
        };
        loop {
            if shared.stop.load(Ordering::SeqCst) {
                return;
            }
            let to = *shared.address.lock().unwrap();
            let request = Request::new("POST", "/v1/logs").bearer(&token);
            let start = Instant::now();
            let answer = request.body(kind, body.clone()).try_send(to);
            let wait = start.elapsed();
            let taken = match &answer {
                Ok(answer) => is_taken(answer, count),
                Err(_) => false,
            };
            if taken {
                let lines: String = (first..sequence).map(|k| format!("w{n} {k}\n")).collect();
                shared
                    .file
                    .lock()
                    .unwrap()
                    .write_all(lines.as_bytes())
                    .unwrap();
                let mut seen = shared.seen.lock().unwrap();
                seen.acknowledged += count;
                seen.waits.push(wait);
                *seen.answers.entry(answer.unwrap().status).or_default() += 1;
                break;
            }
            note(answer, shared);
            if shared.seen.lock().unwrap().wrong.is_some() {
                return;
            }
            if let Some(other) = another_token(&shared.seen, to, who) {
                token = other;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

fn entry(n: usize, sequence: usize, with_id: bool, filler: &str) -> String {
    let id = match with_id {
        true => format!(r#""id":"{}","#, uuid::Uuid::now_v7()),
        false => String::new(),
    };
    let millis = sequence % 1000;
    format!(
        r#"{{{id}"session":"w{n}","sequence":{sequence},"timestamp":"2024-05-18T10:17:33.{millis:03}Z","action":"a","payload":{{"k":{sequence},"filler":"{filler}"}}}}"#
    )
}

/// Whether it acknowledges all of them.
fn is_taken(answer: &Answer, count: usize) -> bool {
    match answer.status {
        201 => count == 1,
        200 if count == 1 => true,
        200 => {
            let told = answer.json();
            let number = |name: &str| told[name].as_u64().unwrap_or_default();
            number("accepted") + number("duplicates") == count as u64
        }
        _ => false,
    }
}

fn note(answer: std::io::Result<Answer>, shared: &Shared) {
    let mut seen = shared.seen.lock().unwrap();
    match answer {
        Err(_) => seen.unanswered += 1,
        Ok(answer) => {
            *seen.answers.entry(answer.status).or_default() += 1;
            match answer.status {
                503 => seen.unadvised += usize::from(answer.header("Retry-After").is_none()),
                // What a proxy answers that reaches no server in time.
                401 | 502 | 504 => {}
                _ => seen.wrong = Some(format!("{} {}", answer.status, answer.text())),
            }
        }
    }
}

/// Another log-in, where the last token was refused and the server takes it.
fn another_token(seen: &Mutex<Seen>, to: SocketAddr, who: &(String, String)) -> Option<String> {
    if !seen.lock().unwrap().answers.contains_key(&401) {
        return None;
    }
    let (username, password) = who;
    let form =
        format!("grant_type=password&client_id=sillage&username={username}&password={password}");
    let answer = Request::new("POST", "/oauth2/access_token")
        .body("application/x-www-form-urlencoded", form)
        .try_send(to)
        .ok()
        .filter(|answer| answer.status == 200)?;
    Some(answer.json()["access_token"].as_str()?.to_owned())
}

impl Seen {
    /// The wait that a share of all waits was shorter than: 0.5 for the median.
    pub(crate) fn wait(&self, share: f64) -> Duration {
        let mut waits = self.waits.clone();
        waits.sort();
        let last = waits.len().saturating_sub(1);
        let place = (waits.len() as f64 * share) as usize;
        waits.get(place.min(last)).copied().unwrap_or_default()
    }
}
