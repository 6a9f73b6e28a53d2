use super::appender::NotWritten;
use super::*;
use proptest::prelude::*;
use std::fs::File;
use std::io::Write;

fn limits() -> Limits {
    Limits {
        disk_bytes: 1 << 20,
        memory_bytes: 1 << 10,
        segment_bytes: 200,
    }
}

fn entry(n: usize) -> Vec<u8> {
    format!(r#"{{"n":{n}}}"#).into_bytes()
}

fn append(queue: &Queue, appender: &mut Appender, numbers: std::ops::Range<usize>) {
    let entries: Vec<_> = numbers.map(entry).collect();
    appender.append(queue, &entries).unwrap();
}

/// Takes everything out, some at a time.
fn drain(queue: &Queue, most: usize) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(batch) = queue.front(most, 64) {
        queue.settle(&batch, 0..batch.entries.len());
        all.extend(batch.entries);
    }
    all
}

#[test]
fn what_is_appended_comes_out_in_order_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, mut appender, left) = Queue::open(folder.path(), limits()).unwrap();
    assert_eq!(left, Left::default());
    for n in 0..50 {
        append(&queue, &mut appender, n * 3..n * 3 + 3);
    }
    assert_eq!(queue.waiting(), 150);
    let expected: Vec<_> = (0..150).map(entry).collect();
    assert_eq!(drain(&queue, 7), expected);
    assert_eq!(queue.waiting(), 0);
    appender.close(&queue);
    let lane = folder.path().join("lane-1");
    let segments = fs::read_dir(lane).unwrap().filter(|file| {
        let path = file.as_ref().unwrap().path();
        path.extension().is_some_and(|end| end == "seg")
    });
    assert_eq!(segments.count(), 0);
}

#[test]
fn what_was_not_settled_is_there_for_the_next_run_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, mut appender, _) = Queue::open(folder.path(), limits()).unwrap();
    append(&queue, &mut appender, 0..40);
    let batch = queue.front(10, 1 << 20).unwrap();
    queue.settle(&batch, 0..3);
    queue.settle(&batch, 3..7);
    // As a crash: nothing is closed.
    drop((queue, appender));
    let (queue, mut appender, left) = Queue::open(folder.path(), limits()).unwrap();
    assert_eq!((left.entries, left.damaged), (33, 0));
    append(&queue, &mut appender, 40..42);
    let expected: Vec<_> = (7..42).map(entry).collect();
    assert_eq!(drain(&queue, 100), expected);
}

#[test]
fn two_games_on_one_disk_have_lanes_of_their_own_and_take_over_what_a_third_left() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Queue::open(folder.path(), limits()).unwrap();
    let (first, mut to_first, _) = open();
    let (second, mut to_second, _) = open();
    append(&first, &mut to_first, 0..5);
    append(&second, &mut to_second, 5..9);
    assert_eq!(drain(&first, 100).len(), 5);
    append(&first, &mut to_first, 9..12);
    drop((second, to_second));
    // The first still runs: its entries stay its own.
    let (third, to_third, left) = open();
    assert_eq!(left.entries, 4);
    assert_eq!(drain(&third, 100), (5..9).map(entry).collect::<Vec<_>>());
    assert_eq!(drain(&first, 100), (9..12).map(entry).collect::<Vec<_>>());
    drop((third, to_third, first, to_first));
    let names = fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2, "lanes are used again");
}

#[test]
fn a_lane_that_was_drained_is_free_for_the_next_game() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Queue::open(folder.path(), limits()).unwrap();
    let first = open();
    let (second, mut to_second, _) = open();
    append(&second, &mut to_second, 0..3);
    drop((first, second, to_second));
    let (queue, _appender, left) = open();
    assert_eq!(left.entries, 3);
    assert!(Lane::take(&folder.path().join("lane-2")).unwrap().is_none());
    drain(&queue, 100);
    assert!(Lane::take(&folder.path().join("lane-2")).unwrap().is_some());
}

#[test]
fn a_queue_that_is_released_leaves_what_waits_to_the_next_game_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, mut appender, _) = Queue::open(folder.path(), limits()).unwrap();
    append(&queue, &mut appender, 0..5);
    appender.close(&queue);
    drop(appender);
    assert_eq!(Queue::open(folder.path(), limits()).unwrap().2.entries, 0);
    queue.release();
    assert_eq!(queue.waiting(), 5);
    assert_eq!(Queue::open(folder.path(), limits()).unwrap().2.entries, 5);
}

#[test]
fn a_full_queue_takes_nothing_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let small = Limits {
        disk_bytes: 100,
        ..limits()
    };
    let (queue, mut appender, _) = Queue::open(folder.path(), small).unwrap();
    append(&queue, &mut appender, 0..5);
    let refused = appender.append(&queue, &[entry(5)]);
    assert!(matches!(refused, Err(NotWritten::Bound)), "{refused:?}");
    assert_eq!(drain(&queue, 100).len(), 5);
    append(&queue, &mut appender, 6..8);
    assert_eq!(drain(&queue, 100), [entry(6), entry(7)]);
}

#[test]
fn memory_is_bounded_and_gives_back_what_was_not_sent() {
    let queue = Queue::in_memory(limits());
    let kept = (0..1000)
        .filter(|n| queue.keep_in_memory(entry(*n)))
        .count();
    assert!(kept < 200, "{kept}");
    let batch = queue.front(10, 1 << 20).unwrap();
    queue.settle(&batch, 0..3);
    assert_eq!(queue.waiting() as usize, kept - 3);
    queue.give_back(batch, 3);
    assert_eq!(queue.waiting() as usize, kept - 3);
    assert_eq!(drain(&queue, 100)[0], entry(3));
}

#[test]
fn an_entry_larger_than_a_batch_goes_alone() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, mut appender, _) = Queue::open(folder.path(), limits()).unwrap();
    let large = vec![b'x'; 5000];
    appender
        .append(&queue, &[entry(0), large.clone(), entry(1)])
        .unwrap();
    assert_eq!(drain(&queue, 100), [entry(0), large, entry(1)]);
}

#[test]
fn what_is_discarded_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, mut appender, _) = Queue::open(folder.path(), limits()).unwrap();
    append(&queue, &mut appender, 0..40);
    append(&queue, &mut appender, 40..44);
    assert!(queue.keep_in_memory(entry(44)));
    assert_eq!(queue.discard(), 45);
    assert_eq!(queue.waiting(), 0);
    append(&queue, &mut appender, 50..51);
    drop((queue, appender));
    let (queue, _appender, left) = Queue::open(folder.path(), limits()).unwrap();
    assert_eq!(left.entries, 1);
    assert_eq!(drain(&queue, 100), [entry(50)]);
}

#[test]
fn a_segment_that_went_away_is_told_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let (queue, mut appender, _) = Queue::open(folder.path(), limits()).unwrap();
    append(&queue, &mut appender, 0..40);
    append(&queue, &mut appender, 40..44);
    fs::remove_file(folder.path().join("lane-1/000000000001.seg")).unwrap();
    assert_eq!(drain(&queue, 100).len(), 4);
    assert_eq!((queue.take_lost(), queue.take_lost()), (40, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_queue_cut_at_any_byte_gives_everything_complete_before_it(
        sizes in prop::collection::vec(1..5_usize, 1..8),
        cut in any::<prop::sample::Index>(),
        most in 1..6_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let one = Limits { segment_bytes: 1 << 20, ..limits() };
        let (queue, mut appender, _) = Queue::open(folder.path(), one).unwrap();
        let mut n = 0;
        for size in sizes {
            append(&queue, &mut appender, n..n + size);
            n += size;
        }
        drop((queue, appender));
        let path = folder.path().join("lane-1/000000000001.seg");
        let bytes = fs::read(&path).unwrap();
        let cut = cut.index(bytes.len() + 1);
        let whole = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
        let torn = cut > 0 && bytes[cut - 1] != b'\n';
        File::create(&path).unwrap().write_all(&bytes[..cut]).unwrap();

        let (queue, mut appender, left) = Queue::open(folder.path(), limits()).unwrap();
        prop_assert_eq!(left, Left { entries: whole as u64, damaged: u64::from(torn) });
        append(&queue, &mut appender, 1000..1001);
        let expected: Vec<_> = (0..whole).chain([1000]).map(entry).collect();
        prop_assert_eq!(drain(&queue, most), expected);
    }

    #[test]
    fn damage_in_the_middle_costs_only_what_it_hit(
        hit in prop::collection::btree_set(0..20_usize, 1..6),
        most in 1..6_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let one = Limits { segment_bytes: 1 << 20, ..limits() };
        let (queue, mut appender, _) = Queue::open(folder.path(), one).unwrap();
        append(&queue, &mut appender, 0..20);
        drop((queue, appender));
        let path = folder.path().join("lane-1/000000000001.seg");
        let mut lines: Vec<_> = fs::read(&path).unwrap().split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        for n in &hit {
            lines[*n][12] ^= 1;
        }
        fs::write(&path, lines.concat()).unwrap();
        let (queue, _appender, left) = Queue::open(folder.path(), one).unwrap();
        prop_assert_eq!(left, Left { entries: 20 - hit.len() as u64, damaged: hit.len() as u64 });
        let expected: Vec<_> = (0..20).filter(|n| !hit.contains(n)).map(entry).collect();
        prop_assert_eq!(drain(&queue, most), expected);
        prop_assert_eq!(queue.waiting(), 0);
    }
}
