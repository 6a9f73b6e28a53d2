//! A study deleted while several nodes serve its archive.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod engines;

use engines::Database;
use sillage_domain::testing::fixtures::{at, entry, new_account, page_of, send, study};
use sillage_domain::{
    Deleted, DeletionError, Extent, LogQuery, Ports, StoreError, Study, StudyChange, StudyScope,
    StudyStatus, Window, delete_study,
};
use std::num::{NonZeroU32, NonZeroU64};

/// Two studies with 2500 entries each, taking turns.
fn fill(ports: &Ports) -> (Study, Study) {
    let (gone, kept) = (study(ports, "gone"), study(ports, "kept"));
    for start in (0..2500).step_by(500) {
        let mut batch = Vec::new();
        for n in start..start + 500 {
            batch.push(entry(&gone, n));
            batch.push(entry(&kept, n + 10_000));
        }
        send(ports, &batch);
    }
    (gone, kept)
}

fn archive(ports: &Ports, study: &Study) {
    let change = StudyChange {
        status: Some(StudyStatus::Archived),
        ..StudyChange::default()
    };
    ports
        .studies
        .change_study(study.id, &change, None, at(0))
        .unwrap();
}

/// The sequence numbers on a page of all studies together, and how many entries there are.
fn deep(ports: &Ports, study: &Study, page: u64) -> (Vec<i64>, Option<u64>) {
    let query = LogQuery {
        scope: StudyScope::All,
        window: Window::Page(NonZeroU64::new(page).unwrap()),
        size: NonZeroU32::new(10).unwrap(),
        ..page_of(study, 1, 1)
    };
    let page = ports.logs.page(&query).unwrap();
    let sequences = page.entries.iter().map(|e| e.sequence.unwrap().get());
    (sequences.collect(), page.total)
}

#[test]
fn pages_far_into_a_list_are_right_on_every_node_after_a_study_was_deleted() {
    for database in Database::each("removed") {
        let nodes = [Ports::of(database.open()), Ports::of(database.open())];
        let (gone, kept) = fill(&nodes[0]);
        for node in &nodes {
            assert_eq!(deep(node, &kept, 401).0.len(), 10);
        }
        archive(&nodes[0], &gone);
        delete_study(&*nodes[0].deletion, gone.id, Extent::Whole).unwrap();
        for node in &nodes {
            for page in [150, 201, 250] {
                let first = (page as i64 - 1) * 10 + 10_000;
                let expected: Vec<_> = (first..first + 10).collect();
                assert_eq!(deep(node, &kept, page), (expected, Some(2500)));
            }
        }
    }
}

#[test]
fn what_was_begun_is_ended_later_and_by_two_at_once() {
    for database in Database::each("begun") {
        let ports = Ports::of(database.open());
        let (gone, kept) = fill(&ports);
        let names: Vec<_> = (0..700)
            .map(|n| new_account(&format!("player-{n}")))
            .collect();
        ports.accounts.enrol(gone.id, &names, at(0)).unwrap();
        archive(&ports, &gone);
        let first = ports.deletion.delete_study(gone.id, Extent::Whole).unwrap();
        assert_eq!(first, Deleted::Part);
        let held = ports.deletion.holdings(gone.id).unwrap();
        assert_eq!(
            (held.entries, held.participants),
            (2500, 200),
            "a part at a time, and people first"
        );
        let second = Ports::of(database.open());
        std::thread::scope(|scope| {
            for ports in [&ports, &second] {
                scope.spawn(
                    || match delete_study(&*ports.deletion, gone.id, Extent::Whole) {
                        Ok(()) | Err(DeletionError::Store(StoreError::NotFound)) => {}
                        Err(error) => panic!("{error:?}"),
                    },
                );
            }
        });
        assert!(ports.studies.study(gone.id).unwrap().is_none());
        assert_eq!(ports.deletion.holdings(kept.id).unwrap().entries, 2500);
    }
}
