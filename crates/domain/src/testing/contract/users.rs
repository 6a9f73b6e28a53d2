//! People who run studies, and the members of studies.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    AccountId, GrantId, Member, MemberEditor, NewGrant, PeopleError, Role, Study, StudyRole, User,
    UserChange, Username,
};

fn user(ports: &Ports, username: &str, role: Role) -> User {
    let made = ports
        .accounts
        .create_user(&new_account(username), role, at(0))
        .expect("made");
    User::of(&made).expect("a user")
}

fn name(username: &str) -> Username {
    username.parse().expect("a username")
}

fn change(ports: &Ports, user: &User, change: &UserChange) -> Result<User, PeopleError> {
    ports.people.change_user(user.id, change, None)
}

fn active(active: bool) -> UserChange {
    UserChange {
        active: Some(active),
        ..UserChange::default()
    }
}

fn becomes(role: Role) -> UserChange {
    UserChange {
        role: Some(role),
        ..UserChange::default()
    }
}

fn add(ports: &Ports, study: &Study, username: &str, role: StudyRole) -> Member {
    ports
        .people
        .add_member(study.id, &name(username), role)
        .expect("added")
}

fn members(ports: &Ports, study: &Study) -> Vec<(String, StudyRole)> {
    let found = ports
        .people
        .members(study.id, &page(1, 10))
        .expect("a page");
    assert_eq!(found.total, found.items.len() as u64);
    found
        .items
        .into_iter()
        .map(|member| (member.username.to_string(), member.role))
        .collect()
}

pub fn users_are_listed_by_username_and_participants_are_none_of_them(ports: &Ports) {
    let study = study(ports, "s");
    ports
        .accounts
        .enrol(study.id, &[new_account("marie-1")], at(0))
        .expect("enrolled");
    let paul = user(ports, "paul", Role::Researcher);
    user(ports, "marie", Role::Admin);
    user(ports, "anna_marie", Role::Researcher);
    let found = |search, number, size| {
        let found = ports
            .people
            .users(search, &page(number, size))
            .expect("a page");
        let names: Vec<_> = found.items.iter().map(|u| u.username.to_string()).collect();
        (names.join(" "), found.total)
    };
    assert_eq!(found(None, 1, 10), ("anna_marie marie paul".to_owned(), 3));
    assert_eq!(found(None, 2, 2), ("paul".to_owned(), 3));
    assert_eq!(
        found(Some("MARIE"), 1, 10),
        ("anna_marie marie".to_owned(), 2)
    );
    assert_eq!(found(Some("%"), 1, 10), (String::new(), 0));
    assert_eq!(
        ports.people.user(paul.id).expect("read"),
        Some(paul.clone())
    );
    assert_eq!(
        ports.people.user_named(&name("Paul")).expect("read"),
        Some(paul)
    );
    let player = ports
        .accounts
        .account_by_username(&name("marie-1"))
        .expect("read")
        .expect("stored");
    assert_eq!(ports.people.user(player.id).expect("read"), None);
    assert_eq!(
        ports.people.user_named(&player.username).expect("read"),
        None
    );
    let put_out = ports.people.change_user(player.id, &active(false), None);
    assert!(matches!(
        put_out,
        Err(PeopleError::Store(StoreError::NotFound))
    ));
    let deleted = ports.people.delete_user(player.id, None);
    assert!(matches!(
        deleted,
        Err(PeopleError::Store(StoreError::NotFound))
    ));
}

pub fn a_user_changes_as_asked_and_only_as_he_was_seen(ports: &Ports) {
    let before = user(ports, "paul", Role::Researcher);
    let wanted = UserChange {
        password_hash: Some(PasswordHash::new("new")),
        role: Some(Role::Admin),
        active: Some(false),
    };
    let after = ports
        .people
        .change_user(before.id, &wanted, Some(&before))
        .expect("changed");
    assert_eq!((after.role, after.active), (Role::Admin, false));
    let stored = ports
        .accounts
        .account_by_username(&before.username)
        .expect("read")
        .expect("stored");
    assert_eq!(
        (User::of(&stored).as_ref(), stored.password_hash.expose()),
        (Some(&after), "new")
    );
    let nothing = change(ports, &after, &UserChange::default()).expect("the same again");
    assert_eq!(nothing, after);
    let password = UserChange {
        password_hash: Some(PasswordHash::new("newer")),
        ..UserChange::default()
    };
    ports
        .people
        .change_user(after.id, &password, Some(&after))
        .expect("the password alone");
    let late = ports
        .people
        .change_user(after.id, &active(true), Some(&after));
    assert!(matches!(late, Err(PeopleError::Store(StoreError::Stale))));
    for stale in [
        ports
            .people
            .change_user(before.id, &active(true), Some(&before))
            .map(drop),
        ports.people.delete_user(before.id, Some(&before)),
    ] {
        assert!(matches!(stale, Err(PeopleError::Store(StoreError::Stale))));
    }
    let nobody = ports
        .people
        .change_user(AccountId(999), &active(true), None);
    assert!(matches!(
        nobody,
        Err(PeopleError::Store(StoreError::NotFound))
    ));
}

fn log_in(ports: &Ports, user: &User, n: u128) -> GrantId {
    let new = NewGrant {
        id: GrantId(uuid::Uuid::from_u128(n)),
        account: Some(user.id),
        client: Some("sillage".into()),
        scope: "all".into(),
        ends_at: None,
        refresh: None,
    };
    ports.grants.begin_grant(&new, at(0)).expect("begun");
    new.id
}

fn lives(ports: &Ports, grant: GrantId) -> bool {
    ports.grants.grant(grant).expect("read").is_some()
}

pub fn a_user_s_new_password_or_deactivation_ends_the_log_ins(ports: &Ports) {
    let (paul, other) = (
        user(ports, "paul", Role::Researcher),
        user(ports, "other", Role::Researcher),
    );
    let kept = log_in(ports, &other, 1);
    let ended = log_in(ports, &paul, 2);
    change(ports, &paul, &becomes(Role::Admin)).expect("changed");
    assert!(lives(ports, ended), "another role is looked up each time");
    let password = UserChange {
        password_hash: Some(PasswordHash::new("new")),
        ..UserChange::default()
    };
    change(ports, &paul, &password).expect("changed");
    assert!(!lives(ports, ended));
    let ended = log_in(ports, &paul, 3);
    user(ports, "admin", Role::Admin);
    change(ports, &paul, &active(false)).expect("changed");
    assert!(!lives(ports, ended));
    change(ports, &paul, &active(true)).expect("changed");
    let ended = log_in(ports, &paul, 4);
    ports.people.delete_user(paul.id, None).expect("deleted");
    assert!(!lives(ports, ended) && lives(ports, kept));
}

pub fn one_s_own_new_password_ends_the_other_log_ins(ports: &Ports) {
    let (paul, other) = (
        user(ports, "paul", Role::Researcher),
        user(ports, "other", Role::Researcher),
    );
    let [kept, ended, others] =
        [(&paul, 1), (&paul, 2), (&other, 3)].map(|(user, n)| log_in(ports, user, n));
    let hash = || {
        let found = ports.accounts.account_by_username(&paul.username);
        found.expect("read").expect("stored").password_hash
    };
    let old = hash();
    let change = |old: &PasswordHash, new: &str, kept| {
        let new = PasswordHash::new(new);
        ports.people.change_own_password(paul.id, old, &new, kept)
    };
    change(&old, "new", Some(kept)).expect("changed");
    assert_eq!(hash().expose(), "new");
    assert!(lives(ports, kept) && !lives(ports, ended) && lives(ports, others));
    let late = change(&old, "newer", None);
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert!(lives(ports, kept));
    change(&hash(), "newer", None).expect("changed");
    assert!(!lives(ports, kept));
    let nobody = ports
        .people
        .change_own_password(AccountId(999), &old, &old, None);
    assert!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
}

pub fn an_administrator_who_may_log_in_is_always_left(ports: &Ports) {
    let last = user(ports, "admin", Role::Admin);
    let asleep = user(ports, "asleep", Role::Admin);
    change(ports, &asleep, &active(false)).expect("another one is left");
    for refused in [
        change(ports, &last, &active(false)).map(drop),
        change(ports, &last, &becomes(Role::Researcher)).map(drop),
        ports.people.delete_user(last.id, None),
    ] {
        assert!(
            matches!(refused, Err(PeopleError::LastAdmin)),
            "{refused:?}"
        );
    }
    assert_eq!(
        ports.people.user(last.id).expect("read"),
        Some(last.clone())
    );
    change(ports, &last, &becomes(Role::Admin)).expect("that is what he is");
    change(ports, &asleep, &active(true)).expect("changed");
    change(ports, &last, &becomes(Role::Researcher)).expect("another one is left");
    ports.people.delete_user(last.id, None).expect("deleted");
    assert_eq!(ports.people.user(last.id).expect("read"), None);
}

pub fn of_many_administrators_who_go_at_once_one_is_left(ports: &Ports) {
    let admins: Vec<_> = (0..6)
        .map(|n| user(ports, &format!("admin-{n}"), Role::Admin))
        .collect();
    std::thread::scope(|scope| {
        for admin in &admins {
            scope.spawn(move || match change(ports, admin, &active(false)) {
                Ok(_) | Err(PeopleError::LastAdmin) => {}
                Err(other) => panic!("{other:?}"),
            });
        }
    });
    let found = ports.people.users(None, &page(1, 10)).expect("a page");
    let left = found.items.iter().filter(|user| user.active).count();
    assert_eq!(left, 1);
}

pub fn who_alone_manages_a_study_is_not_deleted(ports: &Ports) {
    let (one, two) = (study(ports, "waves"), study(ports, "castle"));
    let mia = user(ports, "mia", Role::Researcher);
    let (ann, max) = (
        user(ports, "ann", Role::Researcher),
        user(ports, "max", Role::Researcher),
    );
    for study in [&one, &two] {
        add(ports, study, "mia", StudyRole::Manager);
        add(ports, study, "ann", StudyRole::Analyst);
    }
    let alone = |slugs: &[&str]| match ports.people.delete_user(mia.id, None) {
        Err(PeopleError::LastManager(found)) => {
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, slugs);
        }
        other => panic!("{other:?}"),
    };
    alone(&["castle", "waves"]);
    add(ports, &one, "max", StudyRole::Manager);
    alone(&["castle"]);
    ports
        .people
        .change_member(
            two.id,
            &ann.username,
            StudyRole::Manager,
            None,
            MemberEditor::Admin,
        )
        .expect("changed");
    change(ports, &max, &active(false)).expect("changed");
    alone(&["waves"]);
    change(ports, &max, &active(true)).expect("changed");
    ports.people.delete_user(mia.id, None).expect("deleted");
    assert_eq!(members(ports, &one).len(), 2);
    assert!(ports.accounts.memberships(mia.id).expect("read").is_empty());
    user(ports, "mia", Role::Researcher);
}

pub fn members_come_change_and_go(ports: &Ports) {
    let (here, elsewhere) = (study(ports, "here"), study(ports, "elsewhere"));
    user(ports, "ann", Role::Researcher);
    user(ports, "bea", Role::Researcher);
    add(ports, &elsewhere, "ann", StudyRole::Monitor);
    add(ports, &here, "bea", StudyRole::Manager);
    let ann = add(ports, &here, "Ann", StudyRole::Analyst);
    assert_eq!(
        (ann.username.as_str(), ann.role, ann.active),
        ("ann", StudyRole::Analyst, true)
    );
    let list = |role| {
        vec![
            ("ann".to_owned(), role),
            ("bea".to_owned(), StudyRole::Manager),
        ]
    };
    assert_eq!(members(ports, &here), list(StudyRole::Analyst));
    let again = ports
        .people
        .add_member(here.id, &ann.username, StudyRole::Manager);
    assert!(
        matches!(again, Err(PeopleError::AlreadyMember(name)) if name == ann.username),
        "nobody has two roles"
    );
    let edit = |role, seen| {
        ports
            .people
            .change_member(here.id, &ann.username, role, seen, MemberEditor::Manager)
    };
    let changed = edit(StudyRole::Developer, Some(&ann)).expect("changed");
    assert_eq!(changed.role, StudyRole::Developer);
    assert_eq!(
        ports.people.member(here.id, &ann.username).expect("read"),
        Some(changed.clone())
    );
    assert!(matches!(
        edit(StudyRole::Manager, Some(&ann)),
        Err(PeopleError::Store(StoreError::Stale))
    ));
    let remove = |seen| {
        ports
            .people
            .remove_member(here.id, &ann.username, seen, MemberEditor::Manager)
    };
    assert!(matches!(
        remove(Some(&ann)),
        Err(PeopleError::Store(StoreError::Stale))
    ));
    remove(Some(&changed)).expect("removed");
    assert!(matches!(
        remove(None),
        Err(PeopleError::Store(StoreError::NotFound))
    ));
    assert_eq!(
        ports.people.member(here.id, &ann.username).expect("read"),
        None
    );
    assert_eq!(
        members(ports, &elsewhere),
        [("ann".to_owned(), StudyRole::Monitor)]
    );
}

pub fn a_participant_can_not_be_a_member(ports: &Ports) {
    let study = study(ports, "s");
    ports
        .accounts
        .enrol(study.id, &[new_account("ada")], at(0))
        .expect("enrolled");
    for username in ["ada", "nobody"] {
        let refused = ports
            .people
            .add_member(study.id, &name(username), StudyRole::Monitor);
        assert!(
            matches!(refused, Err(PeopleError::NoSuchUser(_))),
            "{refused:?}"
        );
    }
    assert_eq!(members(ports, &study), []);
    user(ports, "ann", Role::Researcher);
    let nowhere = ports
        .people
        .add_member(crate::StudyId(999), &name("ann"), StudyRole::Monitor);
    assert!(
        matches!(nowhere, Err(PeopleError::Store(StoreError::NotFound))),
        "{nowhere:?}"
    );
}

pub fn a_manager_does_not_leave_a_study_without_one(ports: &Ports) {
    let study = study(ports, "waves");
    let mia = user(ports, "mia", Role::Researcher).username;
    let max = user(ports, "max", Role::Researcher);
    add(ports, &study, "mia", StudyRole::Manager);
    add(ports, &study, "max", StudyRole::Manager);
    change(ports, &max, &active(false)).expect("changed");
    let demote = |editor| {
        ports
            .people
            .change_member(study.id, &mia, StudyRole::Analyst, None, editor)
            .map(drop)
    };
    let remove = |editor| ports.people.remove_member(study.id, &mia, None, editor);
    for refused in [demote(MemberEditor::Manager), remove(MemberEditor::Manager)] {
        assert!(
            matches!(&refused, Err(PeopleError::LastManager(slugs)) if slugs[..] == [study.slug.clone()]),
            "{refused:?}"
        );
    }
    let same = ports.people.change_member(
        study.id,
        &mia,
        StudyRole::Manager,
        None,
        MemberEditor::Manager,
    );
    assert!(same.is_ok(), "{same:?}");
    demote(MemberEditor::Admin).expect("changed");
    remove(MemberEditor::Manager).expect("an analyst may go");
}

pub fn a_new_password_does_not_let_in_again_who_is_deactivated_at_that_moment(ports: &Ports) {
    for round in 0..20 {
        let user = user(ports, &format!("user-{round}"), Role::Researcher);
        let password = UserChange {
            password_hash: Some(PasswordHash::new("newer")),
            ..UserChange::default()
        };
        let (gone, both) = (active(false), std::sync::Barrier::new(2));
        std::thread::scope(|scope| {
            for what in [&password, &gone] {
                let (both, user) = (&both, &user);
                scope.spawn(move || {
                    both.wait();
                    change(ports, user, what).expect("asked without a condition");
                });
            }
        });
        let after = ports.people.user(user.id).expect("a store").expect("him");
        assert!(!after.active, "round {round}");
    }
}
