//! The report and the tallies, against sessions that are known.

use super::*;
use crate::codebook::{Checker, Codebook};
use crate::{ActionName, CodebookFormat, Pseudonym, Sequence, SessionName};
use proptest::prelude::*;

/// An entry that owns what it is made of.
#[derive(Debug, Clone)]
struct Entry {
    participant: u64,
    session: Option<SessionName>,
    sequence: Option<i64>,
    at: i64,
    sent: Option<i64>,
    received: i64,
    action: ActionName,
    payload: Option<String>,
}

/// A day of 2024, in seconds.
const DAY: i64 = 1_715_990_400;

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

fn entry(session: &str, sequence: i64, second: i64) -> Entry {
    Entry {
        participant: 7,
        session: Some(session.parse().unwrap()),
        sequence: Some(sequence),
        at: DAY + second,
        sent: None,
        received: DAY + second + 1,
        action: "click".parse().unwrap(),
        payload: Some(r#"{"x":1}"#.to_owned()),
    }
}

impl Entry {
    fn observed(&self) -> Observed<'_> {
        Observed {
            participant: Pseudonym::from_u64(self.participant).unwrap(),
            session: self.session.as_ref(),
            sequence: self.sequence.and_then(Sequence::new),
            occurred_at: instant(self.at),
            sent_at: self.sent.map(instant),
            received_at: Some(instant(self.received)),
            action: &self.action,
            payload: self.payload.as_deref(),
        }
    }
}

fn report_by(rules: &Rules, entries: &[Entry], expected: Option<Expected<'_>>) -> QualityReport {
    let mut quality = Quality::new(rules, expected);
    entries.iter().for_each(|e| quality.observe(&e.observed()));
    quality.finish(None)
}

fn report(entries: &[Entry]) -> QualityReport {
    report_by(&Rules::default(), entries, None)
}

#[test]
fn gaps_repetitions_and_steps_backwards_are_counted_by_session_and_for_the_study() {
    let entries = [
        entry("a", 0, 0),
        entry("b", 0, 0),
        entry("a", 1, 10),
        entry("a", 1, 20),
        entry("b", 3, 30),
        entry("b", 4, 25),
    ];
    let found = report(&entries);
    let told = |f: &Findings| (f.gaps, f.missing, f.repeated, f.backwards);
    assert_eq!(told(&found.findings), (1, 2, 1, 1));
    assert_eq!(found.session_count, 2);
    let b = &found.sessions[0];
    assert_eq!(b.session.as_ref().unwrap().as_str(), "b");
    assert_eq!(told(&b.findings), (1, 2, 0, 1));
    assert_eq!(b.longest_backwards_seconds, 5.0);
    assert!(found.is_exact);
}

#[test]
fn the_same_under_another_id_is_a_duplicate() {
    let once = entry("a", 0, 0);
    let mut other = once.clone();
    other.payload = Some(r#"{"x":2}"#.to_owned());
    let found = report(&[once.clone(), other, once]);
    assert_eq!((found.findings.duplicates, found.findings.repeated), (1, 2));
}

#[test]
fn times_that_can_not_be_and_late_arrivals_are_told() {
    let mut early = entry("a", 0, 0);
    early.at = 0;
    let mut future = entry("a", 1, 400);
    future.received = DAY;
    let mut nearly = entry("a", 2, 200);
    nearly.received = DAY;
    let mut late = entry("a", 3, 0);
    late.received = DAY + 86_401;
    let found = report(&[early, future, nearly, late]);
    let told = found.findings;
    assert_eq!((told.too_early, told.in_the_future, told.late), (1, 1, 2));
    // Those of impossible times tell nothing of when the study was.
    assert_eq!(found.first, Some(instant(DAY)));
    assert_eq!(found.last, Some(instant(DAY + 200)));
}

#[test]
fn a_clock_is_off_by_the_least_that_a_session_shows() {
    let mut slow = entry("a", 0, 0);
    slow.sent = Some(DAY - 1000);
    slow.received = DAY + 3;
    let mut faster = entry("a", 1, 0);
    faster.sent = Some(DAY - 1000);
    faster.received = DAY + 1;
    let mut ahead = entry("b", 0, 0);
    ahead.sent = Some(DAY + 50);
    ahead.received = DAY;
    let clock = report(&[slow, faster, ahead]).clock;
    assert_eq!(clock.sessions, 2);
    assert_eq!(clock.least_offset_seconds, Some(-50.0));
    assert_eq!(clock.greatest_offset_seconds, Some(1001.0));
    assert_eq!(clock.off, 1);
}

#[test]
fn several_participants_under_one_name_are_told_and_kept_apart() {
    let mut other = entry("a", 0, 5);
    other.participant = 8;
    let found = report(&[entry("a", 0, 0), other, entry("b", 0, 0)]);
    assert_eq!(found.several_participants, 1);
    assert_eq!((found.session_count, found.participants), (3, 2));
    assert_eq!(found.findings.repeated, 0);
}

#[test]
fn fields_are_told_with_what_is_in_them() {
    let mut entries: Vec<_> = (0..300).map(|n| entry("a", n, n)).collect();
    for (n, entry) in entries.iter_mut().enumerate() {
        let colour = if n % 2 == 0 { "null" } else { "\"\"" };
        entry.payload = Some(format!(
            r#"{{"n":{n},"colour":{colour},"level":{}}}"#,
            n % 3
        ));
    }
    let found = report(&entries);
    let field = |name: &str| {
        let found = found.fields.iter().find(|field| *field.field == *name);
        found.unwrap().clone()
    };
    assert!(field("colour").always_empty && field("colour").empty == 300);
    assert_eq!(
        (field("level").distinct, field("level").distinct_is_exact),
        (3, true)
    );
    assert!(field("n").distinct.abs_diff(300) < 15 && !field("n").distinct_is_exact);
}

#[test]
fn what_a_codebook_expects_is_compared() {
    let codebook = r#"
        format = 1
        [roles]
        game_version = "v"
        session_start = ["begin"]
        session_end = ["click"]
        [fields.v]
        type = "string"
        privacy = "other"
        [actions.begin]
        [actions.never]
        [actions.click.fields.x]
        type = "integer"
        maximum = 5
        missing = [1]
    "#;
    let codebook = Codebook::read(codebook, CodebookFormat::Toml).unwrap();
    let checker = Checker::new(&codebook);
    let mut outside = entry("a", 1, 1);
    outside.payload = Some(r#"{"x":9,"v":"1.0","undeclared":1}"#.to_owned());
    let expected = Expected::of(&codebook, 4, &checker);
    let found = report_by(
        &Rules::default(),
        &[entry("a", 0, 0), outside],
        Some(expected),
    );
    let never: Vec<_> = found.never_seen.iter().map(|name| name.as_str()).collect();
    assert_eq!(never, ["begin", "never"]);
    assert_eq!((found.without_start, found.without_end), (Some(1), Some(0)));
    assert_eq!(found.findings.outside, 1);
    assert_eq!(found.codebook_version, Some(4));
    let x = found
        .fields
        .iter()
        .find(|field| *field.field == *"x")
        .unwrap();
    assert!(x.declared);
    assert_eq!((x.present, x.empty, x.outside), (2, 1, 1));
    let versions: Vec<_> = found
        .versions
        .iter()
        .map(|v| (v.version.as_deref(), v.entries, v.findings.outside))
        .collect();
    assert_eq!(versions, [(None, 1, 0), (Some("1.0"), 1, 1)]);
    let shown = found.deidentified(false);
    assert!(
        shown
            .fields
            .iter()
            .all(|field| *field.field != *"undeclared")
    );
    assert!(shown.versions.is_empty());
}

#[test]
fn versions_that_the_codebook_does_not_know_are_not_told_one_by_one_to_all() {
    let codebook = r#"
        format = 1
        [roles]
        game_version = "v"
        [actions.click.fields.v]
        type = "string"
        enum = ["1.0", "1.1"]
        privacy = "other"
        [actions.jump]
    "#;
    let codebook = Codebook::read(codebook, CodebookFormat::Toml).unwrap();
    let checker = Checker::new(&codebook);
    let of = |action: &str, version: &str| Entry {
        action: action.parse().unwrap(),
        payload: Some(format!(r#"{{"v":{version}}}"#)),
        ..entry("a", 1, 1)
    };
    let entries = [
        of("click", r#""1.0""#),
        of("click", r#""Ada""#),
        of("jump", r#""Bea""#),
        of("unknown", r#""Cleo""#),
        of("jump", r#""1.1""#),
        of("click", r#""1.1""#),
        entry("a", 1, 1),
    ];
    let expected = Expected::of(&codebook, 1, &checker);
    let found = report_by(&Rules::default(), &entries, Some(expected));
    let told = |found: &QualityReport| -> Vec<_> {
        let versions = found.versions.iter();
        versions
            .map(|v| (v.version.as_deref().unwrap_or("-").to_owned(), v.entries))
            .collect()
    };
    let own = |pairs: &[(&str, u64)]| -> Vec<_> {
        pairs.iter().map(|(v, n)| ((*v).to_owned(), *n)).collect()
    };
    let all = [
        ("-", 1),
        ("1.0", 1),
        ("1.1", 2),
        ("Ada", 1),
        ("Bea", 1),
        ("Cleo", 1),
    ];
    assert_eq!(told(&found), own(&all));
    let some = [("-", 1), ("1.0", 1), ("1.1", 2), ("(others)", 3)];
    assert_eq!(told(&found.deidentified(true)), own(&some));
}

#[test]
fn the_action_that_stands_for_every_other_is_none_that_is_missing() {
    let codebook = r#"
        format = 1
        [actions.jump]
        [actions."*".fields.x]
        type = "integer"
    "#;
    let codebook = Codebook::read(codebook, CodebookFormat::Toml).unwrap();
    let checker = Checker::new(&codebook);
    let expected = Expected::of(&codebook, 1, &checker);
    let found = report_by(&Rules::default(), &[entry("a", 0, 0)], Some(expected));
    let never: Vec<_> = found.never_seen.iter().map(|name| name.as_str()).collect();
    assert_eq!(never, ["jump"]);
    assert_eq!(found.findings.outside, 0);
    assert_eq!(
        (&*found.fields[0].field, found.fields[0].declared),
        ("x", true)
    );
}

#[test]
fn more_sessions_than_there_is_room_for_are_closed_and_it_is_said() {
    let rules = Rules {
        sessions: NonZeroUsize::new(10).unwrap(),
        ..Rules::default()
    };
    let entries: Vec<_> = (0..100).map(|n| entry(&format!("s{n:03}"), 0, n)).collect();
    let found = report_by(&rules, &entries, None);
    assert_eq!(
        (found.entries, found.session_count, found.sessions.len()),
        (100, 100, 100)
    );
    assert!(found.closed_early > 0 && !found.is_exact);
}

#[test]
fn a_tally_adds_up_sessions_and_participants() {
    let mut second = entry("b", 0, 1000);
    second.action = "jump".parse().unwrap();
    let mut other = entry("c", 0, 0);
    other.participant = 8;
    let entries = [
        entry("a", 0, 0),
        entry("a", 1, 60),
        entry("a", 2, 1000),
        second,
        other,
    ];
    let tally = |parts, part| {
        let mut tally = Tally::new(&Rules::default(), &Boundaries::default(), part, parts);
        entries.iter().for_each(|e| tally.add(&e.observed()));
        tally
    };
    let sessions = tally(1, 0).sessions();
    assert_eq!(sessions.len(), 3);
    assert_eq!(
        (sessions[0].duration_seconds, sessions[0].active_seconds),
        (1000.0, 60.0)
    );
    let participants = tally(1, 0).participants();
    assert_eq!((participants[0].sessions, participants[0].entries), (2, 4));
    assert_eq!(participants[0].actions.len(), 2);
    // In parts, the same.
    let mut parts: Vec<_> = (0..3)
        .flat_map(|part| tally(3, part).participants())
        .collect();
    parts.sort_by_key(|one| one.participant);
    assert_eq!(parts, participants);
}

prop_compose! {
    fn some_entry()(
        participant in 1..4_u64,
        session in proptest::option::weighted(0.9, 0..4_u8),
        sequence in proptest::option::weighted(0.9, 0..40_i64),
        at in -500..500_i64,
        action in 0..3_u8,
        payload in 0..5_u8,
    ) -> Entry {
        Entry {
            participant,
            session: session.map(|n| format!("s{n}").parse().unwrap()),
            sequence,
            at: DAY + at,
            sent: Some(DAY + at),
            received: DAY + 400,
            action: format!("a{action}").parse().unwrap(),
            payload: Some(format!(r#"{{"p":{payload}}}"#)),
        }
    }
}

proptest! {
    #[test]
    fn however_sessions_are_mixed_the_report_is_the_same(entries in proptest::collection::vec(some_entry(), 0..120)) {
        // One session after the other, each in its own order.
        let mut sorted = entries.clone();
        sorted.sort_by_key(|e| (e.participant, e.session.clone()));
        prop_assert_eq!(report(&sorted), report(&entries));
    }

    #[test]
    fn the_study_has_what_its_sessions_have(entries in proptest::collection::vec(some_entry(), 0..120)) {
        let found = report(&entries);
        let mut sum = Findings::default();
        found.sessions.iter().for_each(|session| sum.add(&session.findings));
        prop_assert_eq!(sum, found.findings);
        prop_assert_eq!(found.sessions.iter().map(|s| s.entries).sum::<u64>(), found.entries);
        prop_assert_eq!(found.actions.iter().map(|a| a.entries).sum::<u64>(), found.entries);
        let mut tally = Tally::new(&Rules::default(), &Boundaries::default(), 0, 1);
        entries.iter().for_each(|e| tally.add(&e.observed()));
        let participants = tally.participants();
        prop_assert_eq!(participants.iter().map(|p| p.entries).sum::<u64>(), found.entries);
        prop_assert_eq!(participants.len() as u64, found.participants);
    }
}
