//! Studies, accounts and what belongs to the server.
#![expect(missing_docs, reason = "the names say it")]

use super::*;

pub fn a_study_begins_as_a_draft_under_a_free_name(ports: &Ports) {
    let made = study(ports, "tsadk");
    assert_eq!(
        (made.status, made.revision, made.closed_at),
        (StudyStatus::Draft, 1, None)
    );
    let found = ports
        .studies
        .study_by_slug(&made.slug)
        .expect("read")
        .expect("stored");
    assert_eq!(
        (found.id, found.title, found.salt),
        (made.id, made.title.clone(), made.salt.clone())
    );
    assert_eq!(
        ports.studies.study(made.id).expect("read").map(|s| s.slug),
        Some(made.slug.clone())
    );
    let new = crate::NewStudy {
        slug: made.slug.clone(),
        title: "again".into(),
        description: String::new(),
        game_url: None,
        validation: crate::Validation::Reject,
        salt: crate::StudySalt::new([1; 32]),
    };
    let again = ports.studies.create_study(&new, None, at(0));
    assert!(matches!(again, Err(StoreError::NameTaken(name)) if name == "tsadk"));
}

pub fn a_study_changes_only_from_the_revision_that_was_seen(ports: &Ports) {
    let made = study(ports, "s");
    let status = |status| StudyChange {
        status: Some(status),
        ..StudyChange::default()
    };
    let change = |change: &StudyChange, revision, second| {
        ports
            .studies
            .change_study(made.id, change, revision, at(second))
    };
    let open = change(&status(StudyStatus::Open), Some(1), 5).expect("changed");
    assert_eq!(
        (open.status, open.revision, open.closed_at),
        (StudyStatus::Open, 2, None)
    );
    assert!(matches!(
        change(&status(StudyStatus::Closed), Some(1), 6),
        Err(StoreError::Stale)
    ));
    let closed = change(&status(StudyStatus::Closed), None, 7).expect("changed");
    assert_eq!((closed.closed_at, closed.revision), (Some(at(7)), 3));
    let stored = ports.studies.study(made.id).expect("read").expect("stored");
    assert_eq!(
        (stored.status, stored.closed_at, stored.title),
        (StudyStatus::Closed, Some(at(7)), made.title)
    );
    let nobody =
        ports
            .studies
            .change_study(crate::StudyId(999), &StudyChange::default(), None, at(8));
    assert!(matches!(nobody, Err(StoreError::NotFound)));
}

pub fn a_study_says_where_to_play_until_that_is_taken_away(ports: &Ports) {
    let made = study(ports, "s");
    assert_eq!(made.game_url, None);
    let told = |url: &str| {
        let change = StudyChange {
            game_url: Some(url.to_owned()),
            ..StudyChange::default()
        };
        let changed = ports.studies.change_study(made.id, &change, None, at(1));
        let changed = changed.expect("changed").game_url;
        let stored = ports.studies.study(made.id).expect("read").expect("stored");
        assert_eq!(stored.game_url, changed);
        changed
    };
    let url = "https://game.example.org/";
    assert_eq!(told(url).as_deref(), Some(url));
    assert_eq!(told(""), None);
    let new = crate::NewStudy {
        slug: "told".parse().expect("a slug"),
        title: "Told".into(),
        description: String::new(),
        game_url: Some(url.into()),
        validation: crate::Validation::Quarantine,
        salt: crate::StudySalt::new([1; 32]),
    };
    let made = ports.studies.create_study(&new, None, at(0));
    assert_eq!(made.expect("made").game_url.as_deref(), Some(url));
}

pub fn studies_are_listed_by_slug_within_the_scope(ports: &Ports) {
    let ids: Vec<_> = ["c", "a", "b"].map(|slug| study(ports, slug).id).to_vec();
    let all = ports
        .studies
        .studies(&StudyScope::All, &page(1, 2))
        .expect("a page");
    assert_eq!(
        (
            all.items
                .iter()
                .map(|s| s.slug.as_str())
                .collect::<Vec<_>>(),
            all.total
        ),
        (vec!["a", "b"], 3)
    );
    let some = ports
        .studies
        .studies(&StudyScope::Only(vec![ids[0], ids[2]]), &page(2, 1))
        .expect("a page");
    assert_eq!((some.items[0].slug.as_str(), some.total), ("c", 2));
}

pub fn participants_are_numbered_in_their_study(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    let enrol = |study: &crate::Study, names: &[&str]| -> Vec<i64> {
        let new: Vec<_> = names.iter().map(|name| new_account(name)).collect();
        let made = ports
            .accounts
            .enrol(study.id, &new, at(0))
            .expect("enrolled");
        assert_eq!(usernames(&made), names);
        made.iter()
            .filter_map(|a| a.enrolment.map(|e| e.number.0))
            .collect()
    };
    assert_eq!(enrol(&one, &["a1", "a2"]), [1, 2]);
    assert_eq!(enrol(&two, &["b1"]), [1]);
    assert_eq!(enrol(&one, &["a3"]), [3]);
    let stored = ports
        .accounts
        .account_by_username(&"a3".parse().expect("a name"))
        .expect("read")
        .expect("stored");
    assert_eq!(
        (stored.role, stored.enrolment.map(|e| e.study)),
        (Role::Participant, Some(one.id))
    );
    assert_eq!(
        ports
            .accounts
            .count_accounts(Role::Participant)
            .expect("count"),
        4
    );
}

pub fn participants_are_enrolled_all_or_none(ports: &Ports) {
    let study = study(ports, "s");
    ports
        .accounts
        .enrol(study.id, &[new_account("b")], at(0))
        .expect("enrolled");
    for names in [["a", "b"], ["c", "c"]] {
        let result = ports
            .accounts
            .enrol(study.id, &names.map(new_account), at(0));
        assert!(
            matches!(&result, Err(StoreError::NameTaken(name)) if name == names[1]),
            "{result:?}"
        );
    }
    assert_eq!(
        ports
            .accounts
            .participants(study.id, None, &page(1, 10))
            .expect("a page")
            .total,
        1
    );
    let result = ports
        .accounts
        .enrol(crate::StudyId(999), &[new_account("z")], at(0));
    assert!(matches!(result, Err(StoreError::NotFound)), "{result:?}");
}

pub fn participants_are_found_by_a_part_of_their_username(ports: &Ports) {
    let study = study(ports, "s");
    let names = ["classe-a-1", "classe-b-1", "100.z", "classe-a-2", "zoé"];
    ports
        .accounts
        .enrol(study.id, &names.map(new_account), at(0))
        .expect("enrolled");
    let found = |search| {
        let found = ports
            .accounts
            .participants(study.id, Some(search), &page(1, 10))
            .expect("a page");
        (usernames(&found.items).join(" "), found.total)
    };
    assert_eq!(found("SE-A"), ("classe-a-1 classe-a-2".to_owned(), 2));
    assert_eq!(found("_a"), (String::new(), 0));
    assert_eq!(found("OE\u{301}"), ("zoé".to_owned(), 1));
    let prefixed = ports
        .accounts
        .usernames_with_prefix("Classe-A")
        .expect("names");
    assert_eq!(prefixed.len(), 2);
    assert_eq!(
        ports
            .accounts
            .usernames_with_prefix("_")
            .expect("names")
            .len(),
        0
    );
    let second = ports
        .accounts
        .participants(study.id, None, &page(2, 3))
        .expect("a page");
    assert_eq!(
        (usernames(&second.items), second.total),
        (vec!["classe-a-2", "zoé"], 5)
    );
}

pub fn an_account_is_found_by_its_id_its_username_and_its_subject(ports: &Ports) {
    let made = ports
        .accounts
        .create_user(&new_account("Admin"), Role::Admin, at(3))
        .expect("made");
    let by_name = ports
        .accounts
        .account_by_username(&"ADMIN".parse().expect("a name"))
        .expect("read")
        .expect("stored");
    let by_subject = ports
        .accounts
        .account_by_subject(&made.subject)
        .expect("read")
        .expect("stored");
    let by_id = ports
        .accounts
        .account(made.id)
        .expect("read")
        .expect("stored");
    for found in [by_name, by_subject, by_id] {
        assert_eq!(
            (found.id, found.role, found.active, found.enrolment),
            (made.id, Role::Admin, true, None)
        );
        assert_eq!(
            (found.created_at, found.password_hash),
            (at(3), made.password_hash.clone())
        );
    }
    let again = ports
        .accounts
        .create_user(&new_account("admin"), Role::Researcher, at(4));
    assert!(matches!(again, Err(StoreError::NameTaken(_))), "{again:?}");
    assert!(
        ports
            .accounts
            .account_by_username(&"nobody".parse().expect("a name"))
            .expect("read")
            .is_none()
    );
}

pub fn an_account_changes_its_password_and_its_state(ports: &Ports) {
    let made = ports
        .accounts
        .create_user(&new_account("r"), Role::Researcher, at(0))
        .expect("made");
    let change = AccountChange {
        password_hash: Some(PasswordHash::new("new")),
        ..AccountChange::default()
    };
    ports
        .accounts
        .change_account(made.id, &change, None)
        .expect("changed");
    let change = AccountChange {
        active: Some(false),
        ..AccountChange::default()
    };
    ports
        .accounts
        .change_account(made.id, &change, None)
        .expect("changed");
    ports
        .accounts
        .change_account(made.id, &change, None)
        .expect("the same again");
    let stored = ports
        .accounts
        .account_by_subject(&made.subject)
        .expect("read")
        .expect("stored");
    assert_eq!(
        (stored.password_hash.expose(), stored.active),
        ("new", false)
    );
    assert_eq!(stored.password_hash.origin(), PasswordOrigin::Chosen);
    let nobody = ports
        .accounts
        .change_account(crate::AccountId(999), &change, None);
    assert!(matches!(nobody, Err(StoreError::NotFound)));
}

pub fn an_account_changes_only_as_it_was_seen(ports: &Ports) {
    let made = ports
        .accounts
        .create_user(&new_account("r"), Role::Researcher, at(0))
        .expect("made");
    let now = || {
        let stored = ports.accounts.account(made.id).expect("read");
        stored.expect("stored")
    };
    let password = |hash: &str| AccountChange {
        password_hash: Some(PasswordHash::new(hash)),
        ..AccountChange::default()
    };
    let state = |active: bool| AccountChange {
        active: Some(active),
        ..AccountChange::default()
    };
    let change = |change: &AccountChange, seen: Option<&crate::Account>| {
        ports.accounts.change_account(made.id, change, seen)
    };
    change(&password("second"), Some(&made)).expect("as it was seen");
    for late in [password("third"), state(false), AccountChange::default()] {
        let refused = change(&late, Some(&made));
        assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    }
    let seen = now();
    assert_eq!((seen.password_hash.expose(), seen.active), ("second", true));
    change(&AccountChange::default(), Some(&seen)).expect("nothing to change");
    change(&state(false), Some(&seen)).expect("as it was seen");
    let refused = change(&state(true), Some(&seen));
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    change(&state(true), None).expect("however it is");
    let gone = ports
        .accounts
        .change_account(crate::AccountId(999), &state(true), Some(&made));
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
}

pub fn where_a_password_came_from_is_kept_with_its_hash(ports: &Ports) {
    let generated = PasswordHash::of(PasswordOrigin::Generated, "first");
    let mut new = new_account("r");
    new.password_hash = generated.clone();
    let made = ports
        .accounts
        .create_user(&new, Role::Researcher, at(0))
        .expect("made");
    assert_eq!(made.password_hash, generated);
    let stored = || {
        ports
            .accounts
            .account_by_subject(&made.subject)
            .expect("read")
            .expect("stored")
            .password_hash
    };
    assert_eq!(stored(), generated);
    for hash in [
        PasswordHash::new("second"),
        PasswordHash::of(PasswordOrigin::Generated, "third"),
    ] {
        let change = AccountChange {
            password_hash: Some(hash.clone()),
            active: Some(true),
        };
        ports
            .accounts
            .change_account(made.id, &change, None)
            .expect("changed");
        assert_eq!(stored(), hash);
    }
}

pub fn a_hash_is_renewed_only_while_it_is_the_one_that_was_seen(ports: &Ports) {
    let made = ports
        .accounts
        .create_user(&new_account("r"), Role::Researcher, at(0))
        .expect("made");
    let renewed = PasswordHash::of(PasswordOrigin::Generated, "renewed");
    let renew = |seen: &PasswordHash, renewed: &PasswordHash| {
        ports
            .accounts
            .renew_password_hash(made.id, seen, renewed)
            .expect("the store works")
    };
    assert!(renew(&made.password_hash, &renewed));
    assert!(
        !renew(&made.password_hash, &PasswordHash::new("late")),
        "another password was set meanwhile"
    );
    let stored = ports
        .accounts
        .account_by_subject(&made.subject)
        .expect("read")
        .expect("stored");
    assert_eq!(stored.password_hash, renewed);
    let nobody = ports
        .accounts
        .renew_password_hash(crate::AccountId(999), &renewed, &renewed);
    assert!(matches!(nobody, Ok(false)));
}

pub fn a_member_has_one_role_in_a_study(ports: &Ports) {
    let user = ports
        .accounts
        .create_user(&new_account("r"), Role::Researcher, at(0))
        .expect("made");
    let new = crate::NewStudy {
        slug: "mine".parse().expect("a slug"),
        title: "Mine".into(),
        description: String::new(),
        game_url: None,
        validation: crate::Validation::Quarantine,
        salt: crate::StudySalt::new([1; 32]),
    };
    let mine = ports
        .studies
        .create_study(&new, Some(user.id), at(0))
        .expect("made");
    let role = || {
        let memberships = ports.accounts.memberships(user.id).expect("read");
        memberships
            .iter()
            .map(|m| (m.study, m.role))
            .collect::<Vec<_>>()
    };
    assert_eq!(role(), [(mine.id, StudyRole::Manager)]);
    ports
        .accounts
        .put_member(mine.id, user.id, StudyRole::Analyst)
        .expect("changed");
    assert_eq!(role(), [(mine.id, StudyRole::Analyst)]);
}

pub fn the_first_fingerprint_stays(ports: &Ports) {
    assert_eq!(
        ports.server.claim_fingerprint("one").expect("claimed"),
        "one"
    );
    assert_eq!(
        ports.server.claim_fingerprint("two").expect("claimed"),
        "one"
    );
}

pub fn the_newest_signing_key_comes_first(ports: &Ports) {
    for (kid, second) in [("old", 1), ("new", 3), ("middle", 2)] {
        let key = SealedSigningKey {
            kid: kid.into(),
            sealed: vec![0, 255, 7],
            created_at: at(second),
        };
        ports.server.add_signing_key(&key).expect("kept");
    }
    let keys = ports.server.signing_keys().expect("read");
    assert_eq!(
        keys.iter().map(|k| k.kid.as_str()).collect::<Vec<_>>(),
        ["new", "middle", "old"]
    );
    assert_eq!(
        (&keys[0].sealed, keys[0].created_at),
        (&vec![0, 255, 7], at(3))
    );
}
