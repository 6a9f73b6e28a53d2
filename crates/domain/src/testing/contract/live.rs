//! Who plays, and what arrived.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{GrantId, NewGrant, Player, Pseudonym, Reached, Study, StudyId, Timestamp};

/// What arrived in the study after that number, and how far it was read.
fn arrived(
    ports: &Ports,
    study: StudyId,
    after: LogNumber,
) -> (Vec<(Pseudonym, Timestamp)>, Reached) {
    let mut found = Vec::new();
    let reached = ports
        .live
        .arrivals(study, after, &mut |who, when| found.push((who, when)))
        .expect("read");
    (found, reached)
}

fn players(ports: &Ports, study: &Study) -> Vec<Player> {
    ports.live.players(study.id).expect("read")
}

fn log_in(ports: &Ports, account: crate::AccountId, second: i64) -> GrantId {
    let id = GrantId(uuid::Uuid::from_u128(second.unsigned_abs().into()));
    let new = NewGrant {
        id,
        account: Some(account),
        client: None,
        scope: "all".to_owned(),
        ends_at: None,
        refresh: None,
    };
    ports.grants.begin_grant(&new, at(second)).expect("begun");
    id
}

pub fn what_arrived_is_told_once_whoever_sent_it(ports: &Ports) {
    let (castle, maze) = (study(ports, "castle"), study(ports, "maze"));
    let nothing = arrived(ports, castle.id, LogNumber(0));
    assert_eq!(nothing.0, []);
    let mut sent = entries(&castle, 0..5);
    sent[3].pseudonym = player(1);
    send(ports, &sent[..4]);
    let mut elsewhere = entry(&maze, 9);
    elsewhere.pseudonym = player(2);
    send(ports, &[elsewhere]);
    let (found, first) = arrived(ports, castle.id, nothing.1.upto);
    let mut who: Vec<_> = found.iter().map(|(who, _)| *who).collect();
    who.sort_unstable_by_key(|who| who.to_u64());
    assert_eq!(who, [player(0), player(0), player(0), player(1)]);
    assert!(found.iter().all(|(_, when)| *when == at(1000)));
    assert_eq!(first.epoch, nothing.1.epoch);
    let (none, second) = arrived(ports, castle.id, first.upto);
    assert_eq!(none, []);
    submit(ports, vec![Arrival::Entry(sent[4].clone())], 1001, false);
    let (more, third) = arrived(ports, castle.id, second.upto);
    assert_eq!(more, [(player(0), at(1001))]);
    assert!(third.upto > first.upto);
}

pub fn more_than_one_reading_holds_is_told_whole(ports: &Ports) {
    let castle = study(ports, "castle");
    let sent = entries(&castle, 0..9000);
    for slice in sent.chunks(1000) {
        send(ports, slice);
    }
    let (found, reached) = arrived(ports, castle.id, LogNumber(0));
    assert_eq!(found.len(), 9000);
    assert_eq!(arrived(ports, castle.id, reached.upto).0, []);
}

pub fn what_was_deleted_has_arrived_all_the_same(ports: &Ports) {
    let castle = study(ports, "castle");
    send(ports, &entries(&castle, 0..3));
    let traces = crate::Traces {
        study: castle.id,
        pseudonym: player(0),
    };
    let made = ports
        .accounts
        .enrol(castle.id, &[new_account("ada")], at(0))
        .expect("enrolled");
    ports
        .erasure
        .erase(
            made[0].id,
            &[traces],
            at(0),
            std::time::Duration::from_secs(20),
        )
        .expect("erased");
    assert_eq!(arrived(ports, castle.id, LogNumber(0)).0.len(), 3);
}

pub fn players_are_told_by_number_with_their_last_log_in(ports: &Ports) {
    let (castle, maze) = (study(ports, "castle"), study(ports, "maze"));
    let enrol = |study: &Study, name: &str| {
        let made = ports.accounts.enrol(study.id, &[new_account(name)], at(0));
        made.expect("enrolled").remove(0)
    };
    let (zoe, ada) = (enrol(&castle, "zoe"), enrol(&castle, "ada"));
    let bob = enrol(&maze, "bob");
    log_in(ports, zoe.id, 10);
    let last = log_in(ports, zoe.id, 30);
    log_in(ports, bob.id, 20);
    let told = |at: Option<i64>, one: &crate::Account, active| Player {
        subject: one.subject,
        username: one.username.clone(),
        number: one.enrolment.expect("plays").number,
        active,
        used_at: at.map(super::at),
    };
    let expected = [told(Some(30), &zoe, true), told(None, &ada, true)];
    assert_eq!(players(ports, &castle), expected);
    ports.grants.end_grant(last).expect("ended");
    let shut = AccountChange {
        active: Some(false),
        ..AccountChange::default()
    };
    ports
        .accounts
        .change_account(ada.id, &shut, None)
        .expect("shut out");
    let expected = [told(Some(10), &zoe, true), told(None, &ada, false)];
    assert_eq!(players(ports, &castle), expected);
}
