//! Studies, deleted; and what one sender has in quarantine.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    ClientFilter, CodebookFormat, DeletionError, Extent, GrantId, GrantType, Holdings, NewClient,
    NewCodebook, NewGrant, NewMisfit, QuarantineFilter, Study, StudyCounts, Traces, delete_study,
};

fn becomes(ports: &Ports, study: &Study, status: StudyStatus) {
    let change = StudyChange {
        status: Some(status),
        ..StudyChange::default()
    };
    ports
        .studies
        .change_study(study.id, &change, None, at(1))
        .expect("changed");
}

/// With 40 entries, a text in quarantine, 3 participants and one who is being erased, a manager, and a client that he logged in through.
fn full(ports: &Ports, slug: &str) -> Study {
    let study = study(ports, slug);
    let mut sent = entries(&study, 0..40);
    for entry in &mut sent {
        entry.pseudonym = player(study.id.0.unsigned_abs());
    }
    assert_eq!(accepted(&send(ports, &sent)), 40);
    submit(
        ports,
        vec![Arrival::Misfit(misfit(&study, "5"))],
        1000,
        false,
    );
    let codebook = NewCodebook {
        format: CodebookFormat::Toml,
        text: String::new(),
        hash: [0; 32],
        by: None,
    };
    ports
        .codebooks
        .put_codebook(study.id, &codebook, None, at(0))
        .expect("kept");
    let thrown = submit(
        ports,
        vec![Arrival::Misfit(misfit(&study, "6"))],
        1000,
        false,
    );
    let [Outcome::Quarantined(thrown)] = thrown[..] else {
        panic!("{thrown:?}")
    };
    ports
        .quarantine
        .discard_quarantined(
            study.id,
            thrown,
            &"a test".parse().expect("a reason"),
            None,
            at(0),
        )
        .expect("thrown away");
    let accounts = ["0", "1", "2", "3"].map(|n| new_account(&format!("{slug}-{n}")));
    let enrolled = ports
        .accounts
        .enrol(study.id, &accounts, at(0))
        .expect("enrolled");
    let traces = Traces {
        study: study.id,
        pseudonym: player(999),
    };
    ports
        .erasure
        .erase(enrolled[0].id, &[traces], at(0), std::time::Duration::ZERO)
        .expect("erased");
    let manager = ports
        .accounts
        .create_user(
            &new_account(&format!("mia-{slug}")),
            Role::Researcher,
            at(0),
        )
        .expect("made");
    ports
        .accounts
        .put_member(study.id, manager.id, StudyRole::Manager)
        .expect("a member");
    let game = NewClient {
        id: format!("game-of-{slug}").parse().expect("an id"),
        name: "Game".to_owned(),
        study: Some(study.id),
        secret_hash: None,
        grants: vec![GrantType::Password],
        scope: "all".to_owned(),
    };
    ports
        .clients
        .register_client(&game, at(0))
        .expect("registered");
    let log_in = NewGrant {
        id: GrantId(uuid::Uuid::from_u128(study.id.0.unsigned_abs().into())),
        account: Some(manager.id),
        client: Some(game.id.to_string()),
        scope: "all".into(),
        ends_at: None,
        refresh: None,
    };
    ports.grants.begin_grant(&log_in, at(0)).expect("begun");
    study
}

pub fn a_study_is_deleted_with_all_that_belongs_to_it_and_nothing_else(ports: &Ports) {
    let (gone, kept) = (full(ports, "gone"), full(ports, "kept"));
    let held = Holdings {
        entries: 40,
        quarantined: 1,
        participants: 3,
    };
    assert_eq!(ports.deletion.holdings(gone.id).expect("counted"), held);
    let revision = ports.logs.revision(&StudyScope::All).expect("a revision");
    let player = ports
        .accounts
        .account_by_username(&"gone-1".parse().expect("a name"))
        .expect("read")
        .expect("stored");
    becomes(ports, &gone, StudyStatus::Archived);
    delete_study(&*ports.deletion, gone.id, Extent::Whole).expect("deleted");

    assert!(ports.studies.study(gone.id).expect("read").is_none());
    assert!(stored(ports, &gone).is_empty());
    assert_eq!(
        ports.logs.counts(gone.id).expect("counts"),
        StudyCounts::default()
    );
    assert_eq!(
        ports.deletion.holdings(gone.id).expect("counted"),
        Holdings::default()
    );
    let games = |study: &Study| {
        let of_study = ClientFilter {
            study: Some(study.id),
            ..ClientFilter::default()
        };
        let found = ports
            .clients
            .clients(&StudyScope::All, &of_study, &page(1, 10));
        found.expect("a page").total
    };
    assert_eq!((games(&gone), games(&kept)), (0, 1));
    let log_in = |study: &Study| {
        let id = GrantId(uuid::Uuid::from_u128(study.id.0.unsigned_abs().into()));
        ports.grants.grant(id).expect("read").is_some()
    };
    assert_eq!((log_in(&gone), log_in(&kept)), (false, true));
    let lost = ports.accounts.account_by_subject(&player.subject);
    assert!(lost.expect("read").is_none());
    let manager = ports
        .people
        .user_named(&"mia-gone".parse().expect("a name"))
        .expect("read")
        .expect("a manager is nobody's property");
    assert!(
        ports
            .accounts
            .memberships(manager.id)
            .expect("read")
            .is_empty()
    );

    assert_eq!(ports.deletion.holdings(kept.id).expect("counted"), held);
    assert_eq!(stored(ports, &kept).len(), 40);
    let mut all = page_of(&kept, 1, 1000);
    all.scope = StudyScope::All;
    let all = ports.logs.page(&all).expect("a page");
    assert_eq!((all.entries.len(), all.total), (40, Some(40)));
    assert_ne!(
        ports.logs.revision(&StudyScope::All).expect("a revision"),
        revision
    );

    let again = delete_study(&*ports.deletion, gone.id, Extent::Whole);
    assert!(matches!(
        again,
        Err(DeletionError::Store(StoreError::NotFound))
    ));
    let made = study(ports, "gone");
    assert_ne!(made.id, gone.id);
    assert_eq!(accepted(&send(ports, &[entry(&made, 1)])), 1);
    let newest = stored(ports, &made)[0].number;
    assert!(
        stored(ports, &kept)
            .iter()
            .all(|entry| entry.number < newest),
        "no number is given twice"
    );
}

pub fn a_study_goes_with_what_it_holds_only_when_archived(ports: &Ports) {
    let study = full(ports, "castle");
    for status in [StudyStatus::Draft, StudyStatus::Open, StudyStatus::Closed] {
        becomes(ports, &study, status);
        let whole = delete_study(&*ports.deletion, study.id, Extent::Whole);
        assert!(
            matches!(whole, Err(DeletionError::Status(found)) if found == status),
            "{whole:?}"
        );
    }
    becomes(ports, &study, StudyStatus::Archived);
    let empty = delete_study(&*ports.deletion, study.id, Extent::Empty);
    assert!(
        matches!(&empty, Err(DeletionError::NotEmpty(held)) if held.entries == 40 && held.participants == 3),
        "{empty:?}"
    );
    assert_eq!(stored(ports, &study).len(), 40);
}

pub fn an_empty_study_goes_in_draft_or_archived(ports: &Ports) {
    for status in [StudyStatus::Draft, StudyStatus::Archived] {
        let study = study(ports, "empty");
        becomes(ports, &study, StudyStatus::Open);
        let open = delete_study(&*ports.deletion, study.id, Extent::Empty);
        assert!(matches!(open, Err(DeletionError::Status(_))), "{open:?}");
        becomes(ports, &study, status);
        delete_study(&*ports.deletion, study.id, Extent::Empty).expect("deleted");
        assert!(ports.studies.study(study.id).expect("read").is_none());
    }
    let study = study(ports, "accounts");
    ports
        .accounts
        .enrol(study.id, &[new_account("ada")], at(0))
        .expect("enrolled");
    let refused = delete_study(&*ports.deletion, study.id, Extent::Empty);
    assert!(
        matches!(&refused, Err(DeletionError::NotEmpty(held)) if held.participants == 1),
        "accounts were handed out: {refused:?}"
    );
}

pub fn the_quarantine_of_one_sender_is_listed_alone(ports: &Ports) {
    let (here, elsewhere) = (study(ports, "here"), study(ports, "elsewhere"));
    let texts = |study: &Study, sender: Option<u64>, range: std::ops::Range<i64>| {
        let arrivals = range.map(|n| {
            Arrival::Misfit(NewMisfit {
                pseudonym: sender.map(player),
                ..misfit(study, &n.to_string())
            })
        });
        submit(ports, arrivals.collect(), 1000, false);
    };
    texts(&here, Some(1), 0..3);
    texts(&here, Some(2), 3..5);
    texts(&here, None, 5..6);
    texts(&elsewhere, Some(1), 6..7);
    texts(&here, Some(1), 7..8);
    let list = |from, number, size| {
        let found = ports
            .quarantine
            .quarantine(here.id, &QuarantineFilter::of(from), &page(number, size))
            .expect("a page");
        let texts: Vec<_> = found
            .items
            .iter()
            .map(|q| q.misfit.text.to_string())
            .collect();
        (texts.join(" "), found.total)
    };
    assert_eq!(list(Some(player(1)), 1, 10), ("0 1 2 7".to_owned(), 4));
    assert_eq!(list(Some(player(1)), 2, 3), ("7".to_owned(), 4));
    assert_eq!(list(Some(player(3)), 1, 10), (String::new(), 0));
    assert_eq!(list(None, 1, 10), ("0 1 2 3 4 5 7".to_owned(), 7));
}
