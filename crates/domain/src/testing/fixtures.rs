//! Things to store.

use crate::{
    Account, Arrival, Draft, EntryId, LogFilter, LogOrder, LogQuery, Misfit, NewAccount, NewEntry,
    NewMisfit, NewStudy, Outcome, PasswordHash, Payload, Ports, Pseudonym, Sequence, Study,
    StudySalt, StudyScope, SubjectId, Submission, Timestamp, Validation, Window,
};
use std::num::{NonZeroU32, NonZeroU64};
use uuid::Uuid;

/// An instant that many seconds into 18 May 2024.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_715_990_400_000_000 + seconds * 1_000_000)
        .expect("a day of 2024 can be shown")
}

/// The pseudonym of the n-th player.
pub fn player(n: u64) -> Pseudonym {
    Pseudonym::from_u64(1_000_000_007 * (n + 1)).expect("below 2^60")
}

/// A study of that slug, stored.
pub fn study(ports: &Ports, slug: &str) -> Study {
    let new = NewStudy {
        slug: slug.parse().expect("a slug"),
        title: format!("Study {slug}"),
        description: String::new(),
        game_url: None,
        validation: Validation::Quarantine,
        salt: StudySalt::new([7; 32]),
    };
    ports
        .studies
        .create_study(&new, None, at(0))
        .expect("the slug is free")
}

/// An account to be made; its subject follows from its username.
pub fn new_account(username: &str) -> NewAccount {
    let mut subject = [0; 16];
    for (n, byte) in username.bytes().enumerate() {
        subject[n % 16] ^= byte.rotate_left((n / 16) as u32);
    }
    NewAccount {
        subject: SubjectId::new(subject),
        username: username.parse().expect("a username"),
        password_hash: PasswordHash::new("$2b$04$not.a.hash"),
    }
}

/// The usernames, in order.
pub fn usernames(accounts: &[Account]) -> Vec<&str> {
    accounts
        .iter()
        .map(|account| account.username.as_str())
        .collect()
}

/// The n-th entry of the first player: its id, sequence and instant follow from `n`.
pub fn entry(study: &Study, n: i64) -> NewEntry {
    NewEntry {
        study: study.id,
        pseudonym: player(0),
        id: EntryId(Uuid::from_u128(
            0x0190_c1d2_7e1c_7000_8000_0000_0000_0000 + n as u128,
        )),
        content: Draft {
            id: None,
            action: "click".parse().expect("an action"),
            session: Some("s-1".parse().expect("a session")),
            sequence: Sequence::new(n),
            occurred_at: at(n),
            sent_at: None,
            payload: Some(Payload::from_checked(format!(r#"{{ "n":{n}, "b":1.10 }}"#))),
        },
        codebook: None,
    }
}

/// Entries from the n-th of one range.
pub fn entries(study: &Study, numbers: std::ops::Range<i64>) -> Vec<NewEntry> {
    numbers.map(|n| entry(study, n)).collect()
}

/// A text that is no entry.
pub fn misfit(study: &Study, text: &str) -> NewMisfit {
    let faults = vec![crate::Fault::at("action", crate::FaultKind::Missing)];
    NewMisfit {
        study: study.id,
        pseudonym: Some(player(0)),
        misfit: Misfit {
            id: None,
            text: text.into(),
            faults,
        },
        action: None,
        codebook: None,
    }
}

/// Submits what arrived at that second, and waits.
pub fn submit(ports: &Ports, arrivals: Vec<Arrival>, second: i64, strict: bool) -> Vec<Outcome> {
    let submission = Submission {
        arrivals: arrivals.into(),
        received_at: at(second),
        strict,
    };
    super::block_on(ports.writer.submit(submission)).expect("the store takes it")
}

/// Submits entries at second 1000, and waits.
pub fn send(ports: &Ports, entries: &[NewEntry]) -> Vec<Outcome> {
    submit(
        ports,
        entries.iter().cloned().map(Arrival::Entry).collect(),
        1000,
        false,
    )
}

/// How many outcomes are of the kind that the pattern names.
pub fn accepted(outcomes: &[Outcome]) -> usize {
    outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Accepted(_)))
        .count()
}

/// A question for one page of the entries of one study.
pub fn page_of(study: &Study, page: u64, size: u32) -> LogQuery {
    LogQuery {
        scope: StudyScope::Only(vec![study.id]),
        filter: LogFilter::default(),
        order: LogOrder::Received,
        window: Window::Page(NonZeroU64::new(page).expect("from 1")),
        size: NonZeroU32::new(size).expect("from 1"),
    }
}
