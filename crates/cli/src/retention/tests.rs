use super::*;
use sillage_domain::testing::MemoryStore;
use sillage_domain::testing::fixtures::{entry, misfit, new_account, page_of, study, submit};
use sillage_domain::{
    Arrival, Day, NewDispute, NewEntry, Objections, ProtectionChange, StudyChange, StudyStatus,
};
use std::sync::Arc;

fn root() -> RootKey {
    RootKey::from_bytes([9; 32])
}

fn day(n: i64) -> Timestamp {
    let first: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
    first.plus_days(n)
}

/// A study of ada, who played on the days 0 and 100, bob, who played on day 100, and cyd, who never played; all enrolled on day 0.
fn archive(from: RetentionStart, then: Removal) -> (Ports, Study) {
    let ports = Ports::of(Arc::<MemoryStore>::default());
    let study = study(&ports, "castle");
    let people = ["ada", "bob", "cyd"].map(new_account);
    let enrolled = ports.accounts.enrol(study.id, &people, day(0)).unwrap();
    let key = root().study_key(study.salt.as_bytes());
    for (n, who, when) in [(0, 0, 0), (1, 0, 100), (2, 1, 100)] {
        let entry = NewEntry {
            pseudonym: key.pseudonym(enrolled[who].subject.as_bytes()),
            ..entry(&study, n)
        };
        let seconds = (day(when).micros() - at_zero()) / 1_000_000;
        submit(&ports, vec![Arrival::Entry(entry)], seconds, false);
    }
    let seconds = (day(0).micros() - at_zero()) / 1_000_000;
    let text = Arrival::Misfit(misfit(&study, r#"{"id":1}"#));
    submit(&ports, vec![text], seconds, false);
    let change = StudyChange {
        protection: ProtectionChange {
            retention: Some(Retention {
                months: 1,
                from,
                then,
            }),
            ..ProtectionChange::default()
        },
        ..StudyChange::default()
    };
    let study = ports.studies.change_study(study.id, &change, None, day(0));
    (ports, study.unwrap())
}

fn at_zero() -> i64 {
    sillage_domain::testing::fixtures::at(0).micros()
}

fn close(ports: &Ports, study: &Study, now: Timestamp) -> Study {
    let change = StudyChange {
        status: Some(StudyStatus::Closed),
        ..StudyChange::default()
    };
    let changed = ports.studies.change_study(study.id, &change, None, now);
    changed.unwrap()
}

/// Accounts, entries, texts.
fn due(ports: &Ports, study: &Study, now: Timestamp) -> (u64, u64, u64) {
    let due = plan(ports, &root(), study, now).unwrap().unwrap().due;
    (due.accounts, due.entries, due.quarantined_texts)
}

fn carried_out(ports: &Ports, study: &Study, now: Timestamp) -> (u64, u64, u64) {
    let plan = plan(ports, &root(), study, now).unwrap().unwrap();
    let done = carry_out(ports, &plan, now).unwrap();
    (done.accounts, done.entries, done.quarantined_texts)
}

fn left(ports: &Ports, study: &Study) -> Vec<String> {
    let mut names = Vec::new();
    each_participant(ports, study, &mut |account| {
        names.push(account.username.to_string());
    })
    .unwrap();
    names
}

#[test]
fn a_study_that_says_nothing_of_it_keeps_everything() {
    let ports = Ports::of(Arc::<MemoryStore>::default());
    let study = study(&ports, "s");
    assert!(plan(&ports, &root(), &study, day(9999)).unwrap().is_none());
}

#[test]
fn counted_from_the_closing_all_goes_at_once_and_not_before() {
    let (ports, study) = archive(RetentionStart::Closing, Removal::Erase);
    assert_eq!(due(&ports, &study, day(9999)), (0, 0, 0), "it is open");
    let study = close(&ports, &study, day(100));
    assert_eq!(due(&ports, &study, day(129)), (0, 0, 0));
    // The 11th of April has its month on the 11th of May.
    assert_eq!(due(&ports, &study, day(130)), (3, 3, 1));
    assert_eq!(carried_out(&ports, &study, day(130)), (3, 3, 1));
    assert_eq!(left(&ports, &study), [] as [&str; 0]);
    assert_eq!(due(&ports, &study, day(130)), (0, 0, 0));
    let counts = ports.logs.counts(study.id).unwrap();
    assert_eq!(
        (counts.entries, counts.deleted, counts.quarantined),
        (0, 3, 0)
    );
}

#[test]
fn counted_from_the_closing_an_anonymisation_leaves_what_people_did() {
    let (ports, study) = archive(RetentionStart::Closing, Removal::Anonymise);
    let ada = &ports.logs.page(&page_of(&study, 1, 1)).unwrap().entries[0];
    let dispute = NewDispute {
        study: study.id,
        pseudonym: ada.pseudonym,
        number: ada.number,
        said: Objections {
            text: Some("I am called Ada".parse().unwrap()),
            correction: None,
        },
    };
    ports.disputes.dispute(&dispute, Day::of(day(1))).unwrap();
    let study = close(&ports, &study, day(100));
    assert_eq!(carried_out(&ports, &study, day(200)), (3, 0, 0));
    let left_over = ports.disputes.dispute_of(study.id, ada.number).unwrap();
    assert_eq!(left_over.unwrap().said, Objections::default());
    assert_eq!(left(&ports, &study), [] as [&str; 0]);
    let counts = ports.logs.counts(study.id).unwrap();
    assert_eq!((counts.entries, counts.quarantined), (3, 1));
}

#[test]
fn counted_from_the_arrival_old_entries_go_and_people_with_their_last() {
    let (ports, study) = archive(RetentionStart::Reception, Removal::Erase);
    assert_eq!(due(&ports, &study, day(30)), (0, 0, 0));
    // cyd has done nothing, and bob's and ada's last entries are young.
    assert_eq!(due(&ports, &study, day(101)), (1, 1, 1));
    assert_eq!(carried_out(&ports, &study, day(101)), (1, 1, 1));
    assert_eq!(left(&ports, &study), ["ada", "bob"]);
    assert_eq!(carried_out(&ports, &study, day(140)), (2, 2, 0));
    assert_eq!(left(&ports, &study), [] as [&str; 0]);
}

#[test]
fn counted_from_the_arrival_people_are_anonymised_with_their_first_entry() {
    let (ports, study) = archive(RetentionStart::Reception, Removal::Anonymise);
    assert_eq!(due(&ports, &study, day(101)), (2, 0, 0));
    assert_eq!(carried_out(&ports, &study, day(101)), (2, 0, 0));
    assert_eq!(left(&ports, &study), ["bob"]);
    assert_eq!(ports.logs.counts(study.id).unwrap().entries, 3);
}

#[test]
fn the_command_shows_first_and_asks_before_it_acts() {
    let (ports, study) = archive(RetentionStart::Closing, Removal::Anonymise);
    close(&ports, &study, day(0));
    let place = Workplace {
        ports: ports.clone(),
        cost: sillage_auth::Cost::new(4).unwrap(),
        generated_cost: sillage_auth::Cost::new(4).unwrap(),
        now: day(365),
    };
    let command = |dry_run, yes| {
        let wanted = RetentionArguments {
            study: None,
            dry_run,
            yes,
        };
        let mut means = RetentionMeans {
            root: &root(),
            allow_unscrubbed: false,
            terminal: None,
        };
        let mut printed = Vec::new();
        let done = run(
            &wanted,
            &place,
            &mut means,
            &mut Output::new(&mut printed, false),
        );
        (done, String::from_utf8(printed).unwrap())
    };
    let (done, printed) = command(true, false);
    done.unwrap();
    assert_eq!(
        printed,
        "castle: 1 months from closing, then anonymise (all is due on 2026-02-01T12:00:00.000000Z); \
         3 account(s), 0 entries, 0 text(s) would be anonymised\n"
    );
    assert!(matches!(
        command(false, false).0,
        Err(CommandError::Usage(_))
    ));
    assert_eq!(left(&ports, &study).len(), 3);
    let (done, printed) = command(false, true);
    done.unwrap();
    assert!(printed.contains("3 account(s)") && printed.ends_with("were anonymised\n"));
    assert_eq!(left(&ports, &study).len(), 0);
}
