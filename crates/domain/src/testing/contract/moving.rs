//! People who come from another archive.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{Move, OldParticipant, ParticipantNumber, Study};

fn old(number: i64, username: &str) -> OldParticipant {
    OldParticipant {
        number: ParticipantNumber(number),
        account: Some(new_account(username)),
    }
}

fn moved(ports: &Ports, study: &Study, people: &[OldParticipant]) -> Vec<Move> {
    ports
        .moving
        .move_in(study.id, people, false, at(0))
        .expect("they are let in")
}

/// The usernames of the study's participants, with their numbers.
fn roll(ports: &Ports, study: &Study) -> Vec<(i64, String)> {
    let participants = ports.accounts.participants(study.id, None, &page(1, 1000));
    let number = |account: &crate::Account| account.enrolment.map_or(0, |e| e.number.0);
    participants
        .expect("a list")
        .items
        .iter()
        .map(|account| (number(account), account.username.to_string()))
        .collect()
}

pub fn people_from_another_archive_keep_their_numbers(ports: &Ports) {
    let castle = study(ports, "castle");
    let made = moved(ports, &castle, &[old(7, "seven"), old(2, "two")]);
    assert_eq!(made, [Move::Made, Move::Made]);
    assert_eq!(
        roll(ports, &castle),
        [(2, "two".to_owned()), (7, "seven".to_owned())]
    );
    let maze = study(ports, "maze");
    let numbered = |study: &Study, number| {
        let found = ports.moving.numbered(study.id, ParticipantNumber(number));
        found
            .expect("read")
            .map(|account| account.username.to_string())
    };
    assert_eq!(numbered(&castle, 7).as_deref(), Some("seven"));
    assert_eq!(numbered(&castle, 1), None);
    assert_eq!(numbered(&maze, 7), None);
    let next = ports
        .accounts
        .enrol(castle.id, &[new_account("next")], at(1))
        .expect("enrolled");
    assert_eq!(next[0].enrolment.map(|e| e.number.0), Some(8));
    let nowhere = crate::StudyId(castle.id.0 + 1000);
    assert!(matches!(
        ports.moving.move_in(nowhere, &[], false, at(1)),
        Err(StoreError::NotFound)
    ));
}

pub fn people_who_are_brought_over_twice_are_made_once(ports: &Ports) {
    let castle = study(ports, "castle");
    let people = [old(1, "one"), old(3, "three")];
    moved(ports, &castle, &people);
    let one = ports
        .accounts
        .account_by_username(&"one".parse().expect("a username"))
        .expect("readable")
        .expect("there");
    let change = AccountChange {
        password_hash: Some(PasswordHash::new("$2b$04$another")),
        ..AccountChange::default()
    };
    ports
        .accounts
        .change_account(one.id, &change, None)
        .expect("changed");
    assert_eq!(moved(ports, &castle, &people), [Move::Known, Move::Known]);
    assert_eq!(roll(ports, &castle).len(), 2);
    let now = ports.accounts.account(one.id).expect("readable");
    assert_eq!(now.expect("there").password_hash.expose(), "$2b$04$another");
}

pub fn whoever_was_taken_out_does_not_come_back_from_another_archive(ports: &Ports) {
    let castle = study(ports, "castle");
    moved(ports, &castle, &[old(1, "one"), old(2, "two")]);
    let one = ports
        .accounts
        .account_by_username(&"one".parse().expect("a username"))
        .expect("readable")
        .expect("there");
    ports.erasure.unlink(one.id).expect("unlinked");
    assert_eq!(
        moved(
            ports,
            &castle,
            &[old(1, "one"), old(2, "two"), old(3, "three")]
        ),
        [Move::TakenOut, Move::Known, Move::Made]
    );
    assert_eq!(roll(ports, &castle).len(), 2);
}

pub fn a_number_or_name_that_is_taken_is_told_and_nobody_else_is_kept_out(ports: &Ports) {
    let castle = study(ports, "castle");
    let own = ["own-1", "own-2"].map(new_account);
    let own = ports
        .accounts
        .enrol(castle.id, &own, at(0))
        .expect("enrolled");
    // The number of somebody who left stays taken.
    ports.erasure.unlink(own[1].id).expect("unlinked");
    let nobody = OldParticipant {
        number: ParticipantNumber(6),
        account: None,
    };
    let people = [
        old(1, "one"),
        old(2, "two"),
        old(3, "own-1"),
        old(4, "four"),
        old(5, "four"),
        nobody,
    ];
    assert_eq!(
        moved(ports, &castle, &people),
        [
            Move::NumberTaken,
            Move::NumberTaken,
            Move::NameTaken,
            Move::Made,
            Move::NameTaken,
            Move::Without
        ]
    );
    // Their numbers stay theirs: with another name they may still come.
    assert_eq!(
        moved(
            ports,
            &castle,
            &[old(5, "five"), old(6, "six"), old(3, "three")]
        ),
        [Move::Made; 3]
    );
}

pub fn a_pretended_move_writes_nothing(ports: &Ports) {
    let castle = study(ports, "castle");
    let people = [old(1, "one"), old(2, "one")];
    for _ in 0..2 {
        let foreseen = ports.moving.move_in(castle.id, &people, true, at(0));
        assert_eq!(foreseen.expect("an answer"), [Move::Made, Move::NameTaken]);
        assert!(roll(ports, &castle).is_empty());
    }
    let first = ports
        .accounts
        .enrol(castle.id, &[new_account("first")], at(1))
        .expect("enrolled");
    assert_eq!(first[0].enrolment.map(|e| e.number.0), Some(1));
}

pub fn the_hashes_of_another_program_are_found(ports: &Ports) {
    let castle = study(ports, "castle");
    let mut other = old(1, "one");
    if let Some(account) = &mut other.account {
        account.password_hash = PasswordHash::new("$6$salt$hash");
    }
    moved(ports, &castle, &[other, old(2, "two")]);
    let found = |at_most| ports.moving.hashes_beginning("$6$", at_most).expect("read");
    assert_eq!(found(10).len(), 1);
    assert_eq!(found(10)[0].expose(), "$6$salt$hash");
    assert!(found(0).is_empty());
}
