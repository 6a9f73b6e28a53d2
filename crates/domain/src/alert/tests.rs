use super::*;
use crate::testing::MemoryStore;
use crate::testing::fixtures::{at, study};
use crate::{Ports, StudyChange};
use rstest::rstest;
use std::sync::Arc;

fn watched(minutes: Option<i64>) -> Study {
    let ports = Ports::of(Arc::new(MemoryStore::default()));
    let mut study = study(&ports, "castle");
    let change = StudyChange {
        status: Some(StudyStatus::Open),
        silence_minutes: minutes,
        ..StudyChange::default()
    };
    study.apply(&change, at(1000));
    study
}

#[rstest]
#[case::just_opened(None, 1000, Verdict::Good)]
#[case::not_yet(None, 1600, Verdict::Good)]
#[case::never_anything(None, 1601, Verdict::Bad(601.0))]
#[case::an_entry_since(Some(1500), 2100, Verdict::Good)]
#[case::silent_since_then(Some(1500), 2101, Verdict::Bad(601.0))]
#[case::an_entry_from_before_it_was_opened(Some(10), 1600, Verdict::Good)]
#[case::a_clock_that_went_back(Some(5000), 1000, Verdict::Good)]
fn a_study_is_silent_after_its_minutes(
    #[case] last: Option<i64>,
    #[case] now: i64,
    #[case] verdict: Verdict,
) {
    let study = watched(Some(10));
    assert_eq!(silence(&study, last.map(at), at(now)), verdict);
}

#[test]
fn only_an_open_study_that_says_so_is_silent() {
    let later = at(1_000_000);
    assert_eq!(silence(&watched(None), None, later), Verdict::Good);
    assert_eq!(silence(&watched(Some(0)), None, later), Verdict::Good);
    let mut closed = watched(Some(10));
    closed.status = StudyStatus::Closed;
    assert_eq!(silence(&closed, None, later), Verdict::Good);
}

#[test]
fn a_study_is_watched_from_its_opening_and_from_a_change_of_its_minutes() {
    let mut study = watched(Some(10));
    assert_eq!(study.watched_since, Some(at(1000)));
    study.apply(&StudyChange::default(), at(2000));
    let still_open = StudyChange {
        status: Some(StudyStatus::Open),
        ..StudyChange::default()
    };
    study.apply(&still_open, at(2000));
    assert_eq!(study.watched_since, Some(at(1000)));
    let longer = StudyChange {
        silence_minutes: Some(20),
        ..StudyChange::default()
    };
    study.apply(&longer, at(3000));
    assert_eq!(study.watched_since, Some(at(3000)));
}

#[test]
fn an_alert_about_a_disk_does_not_come_and_go() {
    assert_eq!(fullness(0.05, 0.1), Verdict::Bad(0.05));
    assert_eq!(fullness(0.105, 0.1), Verdict::Unknown);
    assert_eq!(fullness(0.2, 0.1), Verdict::Good);
    assert_eq!(fullness(0.0, 0.0), Verdict::Good);
}

fn counts(entries: u64, quarantined: u64) -> StudyCounts {
    StudyCounts {
        entries,
        deleted: 0,
        quarantined,
    }
}

#[test]
fn the_part_in_quarantine_is_that_of_the_last_hour() {
    let (mut watch, study) = (QuarantineWatch::default(), StudyId(1));
    let mut look = |counts, second| watch.look(study, counts, 0.2, at(second));
    // What was there before says nothing.
    assert_eq!(look(counts(10, 1000), 0), Verdict::Unknown);
    assert_eq!(look(counts(14, 1005), 60), Verdict::Unknown);
    assert_eq!(look(counts(40, 1010), 120), Verdict::Bad(0.25));
    assert_eq!(look(counts(200, 1010), 180), Verdict::Good);
    // A text that was let out is an entry.
    assert_eq!(look(counts(300, 910), 240), Verdict::Good);
    assert_eq!(look(counts(300, 970), 3900), Verdict::Bad(1.0));
    // An hour in which nothing came.
    assert_eq!(look(counts(300, 970), 7600), Verdict::Good);
}

#[test]
fn a_study_that_is_forgotten_begins_anew() {
    let mut watch = QuarantineWatch::default();
    watch.look(StudyId(1), counts(0, 0), 0.2, at(0));
    watch.only(&[]);
    let verdict = watch.look(StudyId(1), counts(0, 100), 0.2, at(60));
    assert_eq!(verdict, Verdict::Unknown);
}
