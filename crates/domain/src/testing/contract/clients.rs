//! Registered clients.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    AccountId, Client, ClientChange, ClientFilter, ClientId, ClientType, GrantId, GrantType,
    NewClient, NewGrant, SecretHash, StudyId,
};

fn id(text: &str) -> ClientId {
    text.parse().expect("an id")
}

fn new_client(name: &str, study: Option<StudyId>) -> NewClient {
    NewClient {
        id: id(&name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
        name: name.to_owned(),
        study,
        secret_hash: Some(SecretHash::new([255; 32])),
        grants: vec![GrantType::ClientCredentials, GrantType::Password],
        scope: "logs:write".to_owned(),
    }
}

fn register(ports: &Ports, name: &str, study: Option<StudyId>) -> Client {
    ports
        .clients
        .register_client(&new_client(name, study), at(7))
        .expect("registered")
}

fn names(ports: &Ports, scope: &StudyScope, filter: &ClientFilter) -> Vec<String> {
    let found = ports
        .clients
        .clients(scope, filter, &page(1, 10))
        .expect("a page");
    assert_eq!(found.total, found.items.len() as u64);
    found.items.into_iter().map(|client| client.name).collect()
}

pub fn the_public_client_is_there_from_the_start(ports: &Ports) {
    let found = ports.clients.client(&id("sillage")).expect("read");
    let client = found.expect("there");
    assert!(client.is_built_in() && client.active);
    assert_eq!(
        (client.kind(), client.study, client.scope.as_str()),
        (ClientType::Public, None, "all")
    );
    assert_eq!(
        client.grants,
        [GrantType::Password, GrantType::RefreshToken]
    );
    assert_eq!(client.revision, 1);
    assert_eq!(ports.clients.client(&id("other")).expect("read"), None);
}

pub fn a_client_is_kept_as_it_was_registered(ports: &Ports) {
    let study = study(ports, "s");
    let made = register(ports, "Serveur de jeu é", Some(study.id));
    assert_eq!(
        made.grants,
        [GrantType::Password, GrantType::ClientCredentials]
    );
    assert_eq!((made.created_at, made.revision), (at(7), 1));
    let stored = ports.clients.client(&made.id).expect("read");
    assert_eq!(stored, Some(made.clone()));
    let again = ports
        .clients
        .register_client(&new_client("Serveur de jeu é", None), at(8));
    assert!(matches!(again, Err(StoreError::NameTaken(name)) if name == made.id.as_str()));
    let nowhere = ports
        .clients
        .register_client(&new_client("x", Some(StudyId(999))), at(8));
    assert!(matches!(nowhere, Err(StoreError::NotFound)), "{nowhere:?}");
}

pub fn a_client_changes_only_from_the_revision_that_was_seen(ports: &Ports) {
    let made = register(ports, "a", None);
    let change = ClientChange {
        name: Some("b".to_owned()),
        grants: Some(vec![GrantType::RefreshToken]),
        scope: Some("all".to_owned()),
        secret_hash: Some(SecretHash::new([0; 32])),
        active: Some(false),
    };
    let changed = ports
        .clients
        .change_client(&made.id, &change, Some(1))
        .expect("changed");
    let mut expected = made.clone();
    expected.apply(&change);
    assert_eq!(changed, expected);
    let stored = ports.clients.client(&made.id).expect("read");
    assert_eq!(stored, Some(expected));
    let late = ports.clients.change_client(&made.id, &change, Some(1));
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    let same = ports
        .clients
        .change_client(&made.id, &ClientChange::default(), None)
        .expect("changed");
    assert_eq!((same.revision, same.active), (3, false));
    let nobody = ports.clients.change_client(&id("none"), &change, None);
    assert!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
}

pub fn a_client_is_forgotten_only_at_the_revision_that_was_seen(ports: &Ports) {
    let made = register(ports, "a", None);
    let late = ports.clients.remove_client(&made.id, Some(2));
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    ports
        .clients
        .remove_client(&made.id, Some(1))
        .expect("removed");
    assert_eq!(ports.clients.client(&made.id).expect("read"), None);
    let again = ports.clients.remove_client(&made.id, None);
    assert!(matches!(again, Err(StoreError::NotFound)), "{again:?}");
}

pub fn clients_are_listed_by_name_within_the_scope(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    for (name, study) in [("C", Some(one.id)), ("A", Some(two.id)), ("B", None)] {
        register(ports, name, study);
    }
    let all = ClientFilter::default();
    assert_eq!(
        names(ports, &StudyScope::All, &all),
        ["A", "B", "C", "Sillage"]
    );
    assert_eq!(names(ports, &StudyScope::Only(vec![one.id]), &all), ["C"]);
    assert_eq!(
        names(ports, &StudyScope::Only(vec![one.id, two.id]), &all),
        ["A", "C"]
    );
    assert!(names(ports, &StudyScope::Only(vec![]), &all).is_empty());
    let of_two = ClientFilter {
        study: Some(two.id),
        ..ClientFilter::default()
    };
    assert_eq!(names(ports, &StudyScope::All, &of_two), ["A"]);
    assert!(names(ports, &StudyScope::Only(vec![one.id]), &of_two).is_empty());
    let second = ports
        .clients
        .clients(&StudyScope::All, &all, &page(2, 3))
        .expect("a page");
    assert_eq!(
        (second.items[0].name.as_str(), second.total),
        ("Sillage", 4)
    );
}

pub fn clients_are_found_by_a_part_of_their_name_or_id(ports: &Ports) {
    for name in ["École 100%", "Game_A"] {
        let mut new = new_client(name, None);
        new.id = id(&format!("X{}", name.len()));
        ports
            .clients
            .register_client(&new, at(0))
            .expect("registered");
    }
    let found = |part: &str| {
        let filter = ClientFilter {
            search: Some(part.to_owned()),
            study: None,
        };
        names(ports, &StudyScope::All, &filter).join(" ")
    };
    assert_eq!(found("éCOLE"), "École 100%");
    assert_eq!(found("%"), "École 100%");
    assert_eq!(found("_a"), "Game_A");
    assert_eq!(found("x6"), "Game_A");
    assert_eq!(found("nowhere"), "");
    let renamed = ClientChange {
        name: Some("Other".to_owned()),
        ..ClientChange::default()
    };
    ports
        .clients
        .change_client(&id("X6"), &renamed, None)
        .expect("changed");
    assert_eq!(
        (found("game"), found("OTHER")),
        (String::new(), "Other".to_owned())
    );
}

pub fn a_new_secret_or_a_deactivation_ends_what_a_client_got_for_itself(ports: &Ports) {
    let made = register(ports, "a", None);
    let other = register(ports, "b", None);
    let user = ports
        .accounts
        .create_user(&new_account("r"), Role::Researcher, at(0))
        .expect("made");
    let begin = |n: u128, account: Option<AccountId>, client: &Client| {
        let grant = NewGrant {
            id: GrantId(uuid::Uuid::from_u128(n)),
            account,
            client: Some(client.id.to_string()),
            scope: "all".into(),
            ends_at: None,
            refresh: None,
        };
        ports.grants.begin_grant(&grant, at(0)).expect("begun");
    };
    let lives = |n: u128| {
        let id = GrantId(uuid::Uuid::from_u128(n));
        ports.grants.grant(id).expect("read").is_some()
    };
    let ends = [
        ClientChange {
            secret_hash: Some(SecretHash::new([1; 32])),
            ..ClientChange::default()
        },
        ClientChange {
            active: Some(false),
            ..ClientChange::default()
        },
    ];
    begin(1, Some(user.id), &made);
    begin(2, None, &other);
    for change in ends {
        begin(3, None, &made);
        let named = ClientChange {
            name: Some("c".to_owned()),
            active: Some(true),
            ..ClientChange::default()
        };
        for (change, left) in [(named, true), (change, false)] {
            ports
                .clients
                .change_client(&made.id, &change, None)
                .expect("changed");
            assert_eq!(lives(3), left);
        }
    }
    assert!(lives(1) && lives(2));
    ports
        .clients
        .remove_client(&made.id, None)
        .expect("removed");
    assert!(!lives(1) && lives(2));
}
