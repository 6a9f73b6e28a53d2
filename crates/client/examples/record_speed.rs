//! How long `record()` takes, with the clock's own cost taken off: `cargo run --release -p sillage-client --example record_speed`.
//!
//! No server is needed: the address answers nothing, and entries wait in a folder.

use serde::Serialize;
use sillage_client::{Account, Client, Settings};
use std::error::Error;
use std::time::{Duration, Instant};

#[derive(Serialize)]
struct Drop<'a> {
    room: &'a str,
    x: f32,
    y: f32,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let account = Account::player("nobody", "nothing");
    let settings = Settings::new("http://127.0.0.1:9", account)
        .folder(folder.path())
        .on_event(|_| {});
    let client = Client::start(settings)?;
    let clock = measure(20_000, Duration::ZERO, || {});
    println!(
        "{:<38} {:>9} {:>9} {:>9}",
        "nanoseconds", "median", "p99", "longest"
    );
    print("the clock alone", &clock, 0);
    let own = clock[clock.len() / 2];
    let record = || {
        let payload = Drop {
            room: "forest",
            x: 13.5,
            y: -4.25,
        };
        // The queue is made large enough; if not, the count below says so.
        let _ = client.record("drop", payload);
    };
    let frames = measure(1200, Duration::from_micros(16_667), record);
    print("one action a frame, 60 frames a second", &frames, own);
    // In bursts that fit between two writes.
    let mut bursts = Vec::new();
    for _ in 0..20 {
        bursts.extend(measure(4000, Duration::ZERO, record));
        std::thread::sleep(Duration::from_millis(120));
    }
    bursts.sort_unstable();
    print("80,000 actions in bursts of 4,000", &bursts, own);
    let counts = client.counts();
    println!("recorded {}, dropped {}", counts.recorded, counts.dropped);
    let median = bursts[bursts.len() / 2].saturating_sub(own);
    if median >= 1000 && !cfg!(debug_assertions) {
        return Err(format!("{median} ns is a microsecond or more").into());
    }
    Ok(())
}

/// Nanoseconds of each call, sorted.
fn measure(calls: usize, pause: Duration, mut call: impl FnMut()) -> Vec<u64> {
    let mut taken: Vec<u64> = (0..calls)
        .map(|_| {
            if !pause.is_zero() {
                std::thread::sleep(pause);
            }
            let begin = Instant::now();
            call();
            u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX)
        })
        .collect();
    taken.sort_unstable();
    taken
}

fn print(what: &str, sorted: &[u64], own: u64) {
    let at = |share: f64| {
        let place = (sorted.len() as f64 * share) as usize;
        sorted[place.min(sorted.len() - 1)].saturating_sub(own)
    };
    println!("{what:<38} {:>9} {:>9} {:>9}", at(0.5), at(0.99), at(1.0));
}
