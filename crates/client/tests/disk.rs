//! Disks that are full, and more than may wait: nothing is dropped in silence. No server is needed; nothing answers at the address.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use sillage_client::{Account, Client, DropReason, Event, NotRecorded, Settings};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

type Told = Arc<Mutex<Vec<Event>>>;

fn settings(folder: &Path) -> (Settings, Told) {
    let told = Told::default();
    let tell = Arc::clone(&told);
    let settings = Settings::new("http://127.0.0.1:9", Account::player("pupil-1", "a secret"))
        .folder(folder)
        .write_every(Duration::from_millis(5))
        .on_event(move |event| tell.lock().unwrap().push(event.clone()));
    (settings, told)
}

/// The lane of the only account and game.
fn lane(folder: &Path) -> PathBuf {
    let mut accounts = std::fs::read_dir(folder).unwrap();
    accounts.next().unwrap().unwrap().path().join("lane-1")
}

fn wait_until(so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !so() {
        assert!(begin.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn dropped(told: &Told, reason: DropReason) -> u64 {
    let told = told.lock().unwrap();
    let counts = told.iter().map(|event| match event {
        Event::Dropped { entries, why } if *why == reason => *entries,
        _ => 0,
    });
    counts.sum()
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_full_disk_does_not_take_waits_in_memory_until_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, told) = settings(folder.path());
    let client = Client::start(settings).unwrap();
    // Every write to it fails as one to a full disk does.
    let first = lane(folder.path()).join("000000000001.seg");
    std::os::unix::fs::symlink("/dev/full", first).unwrap();
    for _ in 0..5 {
        client.record("jump", ()).unwrap();
    }
    wait_until(|| !told.lock().unwrap().is_empty());
    let full = std::io::Error::from_raw_os_error(28).to_string();
    assert_eq!(told.lock().unwrap()[0], Event::Unwritten { why: full });
    let counts = client.counts();
    assert_eq!((counts.recorded, counts.waiting, counts.dropped), (5, 5, 0));
    wait_until(|| client.counts().written == 5);
    assert_eq!(client.counts().waiting, 5);
    drop(client);
    let second = std::fs::read_to_string(lane(folder.path()).join("000000000002.seg")).unwrap();
    assert_eq!(second.lines().count(), 5);
}

#[cfg(target_os = "linux")]
#[test]
fn what_neither_disk_nor_memory_takes_is_counted_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, told) = settings(folder.path());
    let client = Client::start(settings.at_most(1 << 20, 1000)).unwrap();
    let first = lane(folder.path()).join("000000000001.seg");
    std::os::unix::fs::symlink("/dev/full", first).unwrap();
    for _ in 0..100 {
        client.record("jump", ()).unwrap();
    }
    wait_until(|| client.counts().dropped > 0);
    wait_until(|| client.counts().written > 0);
    let counts = client.counts();
    assert!(counts.dropped > 80, "{counts:?}");
    assert_eq!(counts.written + counts.dropped, 100);
    assert_eq!(dropped(&told, DropReason::Disk), counts.dropped);
}

#[test]
fn a_queue_that_is_full_keeps_the_old_and_drops_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, told) = settings(folder.path());
    let client = Client::start(settings.at_most(4096, 0)).unwrap();
    client.record("first", ()).unwrap();
    wait_until(|| client.counts().written == 1);
    for _ in 0..20 {
        for _ in 0..10 {
            client.record("jump", ()).unwrap();
        }
        let recorded = client.counts().recorded;
        wait_until(|| {
            let counts = client.counts();
            counts.written + counts.dropped == recorded
        });
    }
    let counts = client.counts();
    assert!(counts.written > 10 && counts.dropped > 100, "{counts:?}");
    assert_eq!(dropped(&told, DropReason::Bound), counts.dropped);
    drop(client);
    let mut bytes = 0;
    for file in std::fs::read_dir(lane(folder.path())).unwrap() {
        bytes += file.unwrap().metadata().unwrap().len();
    }
    assert!(bytes <= 4096 + 100, "{bytes}");
    let first = std::fs::read_to_string(lane(folder.path()).join("000000000001.seg")).unwrap();
    assert!(first.lines().next().unwrap().contains("\"first\""));
}

#[test]
fn more_than_can_be_handed_over_is_refused_at_once_and_told_later() {
    let folder = tempfile::tempdir().unwrap();
    let (settings, told) = settings(folder.path());
    let slow = settings.hand_over(10).write_every(Duration::from_secs(30));
    let client = Client::start(slow).unwrap();
    let refused = (0..1000)
        .filter(|_| matches!(client.record("jump", ()), Err(NotRecorded::Full)))
        .count();
    // The thread looks once when it starts.
    assert!(refused >= 980, "{refused}");
    assert_eq!(client.counts().recorded as usize, 1000 - refused);
    drop(client);
    assert_eq!(dropped(&told, DropReason::HandOver) as usize, refused);
}

#[test]
fn what_was_recorded_before_the_end_is_written_and_nothing_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let (slow, told) = settings(folder.path());
    let client = Client::start(slow.write_every(Duration::from_secs(30))).unwrap();
    let session = client.session().clone();
    for _ in 0..500 {
        session.record("jump", ()).unwrap();
    }
    drop(client);
    assert!(matches!(
        session.record("late", ()),
        Err(NotRecorded::Ended)
    ));
    assert!(
        !told
            .lock()
            .unwrap()
            .iter()
            .any(|event| matches!(event, Event::Dropped { .. }))
    );
    let (again, told) = settings(folder.path());
    let client = Client::start(again).unwrap();
    assert_eq!(told.lock().unwrap()[0], Event::Found { entries: 500 });
    assert_eq!(client.counts().waiting, 500);
}
