//! What a store keeps of the vault.

use super::*;
use crate::testing::MemoryKeyPlace;
use crate::{
    Account, AccountId, Extent, Identity, IdentityChange, IdentityField, IdentityFields, Known,
    Lost, SealedIdentity, Study, StudyId, Traces, Vault, VaultError, VaultVersion,
};
use IdentityField::{Email, GuardianEmail, Name};
use sillage_pseudonym::RootKey;
use std::sync::Arc;
use std::time::Duration;

fn vault(ports: &Ports) -> Vault {
    let root = RootKey::from_bytes([9; 32]).vault_root();
    let place = Arc::new(MemoryKeyPlace::default());
    Vault::new(root, ports.vault.clone(), place)
}

/// A study that keeps these fields, with so many participants.
fn keeping(ports: &Ports, slug: &str, fields: &[IdentityField], n: usize) -> (Study, Vec<Account>) {
    let made = study(ports, slug);
    let change = StudyChange {
        identity: Some(fields.iter().copied().collect()),
        ..StudyChange::default()
    };
    let kept = ports
        .studies
        .change_study(made.id, &change, None, at(1))
        .expect("it can be changed");
    let new: Vec<_> = (0..n)
        .map(|n| new_account(&format!("{slug}-{n}")))
        .collect();
    let players = ports.accounts.enrol(made.id, &new, at(1));
    (kept, players.expect("the names are free"))
}

fn named(pairs: &[(IdentityField, &str)]) -> IdentityChange {
    pairs
        .iter()
        .map(|(field, text)| (*field, (*text).to_owned()))
        .collect()
}

fn put(vault: &Vault, study: &Study, one: &Account, pairs: &[(IdentityField, &str)]) -> Known {
    vault
        .change(study, one.id, &named(pairs), None, at(2))
        .expect("the study keeps it")
}

fn identity(vault: &Vault, account: AccountId) -> Identity {
    vault.read(account).expect("it opens").identity
}

fn found(vault: &Vault, study: &Study, email: &str) -> Vec<AccountId> {
    let found = vault.find(study.id, email).expect("it can be looked for");
    found.iter().map(|account| account.id).collect()
}

fn versions(ports: &Ports) -> Vec<i32> {
    let keys = ports.vault.vault_keys().expect("they can be read");
    keys.iter().map(|record| record.version.0).collect()
}

/// What a study keeps of somebody is read as it was put, and changes only as it was seen.
pub fn an_identity_is_kept_as_it_was_put(ports: &Ports) {
    let vault = vault(ports);
    let (castle, players) = keeping(ports, "castle", &[Name, Email], 2);
    let first = put(&vault, &castle, &players[0], &[(Name, "Müller")]);
    assert_eq!(first.revision, Some(1));
    let second = put(&vault, &castle, &players[0], &[(Email, "zoe@example.org")]);
    assert_eq!(vault.read(players[0].id).expect("it opens"), second);
    assert_eq!(second.identity.get(Name), Some("Müller"));
    assert_eq!(second.identity.get(Email), Some("zoe@example.org"));
    assert_eq!(identity(&vault, players[1].id), Identity::default());
    // As it was first, it is no longer.
    let stale = vault.change(
        &castle,
        players[0].id,
        &named(&[(Name, "Meier")]),
        Some(&first),
        at(3),
    );
    assert!(matches!(stale, Err(VaultError::Store(StoreError::Stale))));
    let gone = vault.erase(players[0].id, Some(&first));
    assert!(matches!(gone, Err(VaultError::Store(StoreError::Stale))));
    vault
        .erase(players[0].id, Some(&second))
        .expect("it is as it was seen");
    assert_eq!(identity(&vault, players[0].id), Identity::default());
    let again = vault.erase(players[0].id, None);
    assert!(matches!(
        again,
        Err(VaultError::Store(StoreError::NotFound))
    ));
}

/// Neither a name nor an address is given to the store.
pub fn what_the_store_gets_of_an_identity_is_sealed(ports: &Ports) {
    let vault = vault(ports);
    let (castle, players) = keeping(ports, "castle", &[Name, Email], 1);
    put(
        &vault,
        &castle,
        &players[0],
        &[(Name, "Müller"), (Email, "zoe@example.org")],
    );
    let stored = ports.vault.identity(players[0].id).expect("it can be read");
    let stored = stored.expect("it is there");
    let shown = stored
        .fields
        .iter()
        .map(|(_, text)| String::from_utf8_lossy(text));
    let shown: String = shown.collect();
    assert!(!shown.contains("ller") && !shown.contains("example.org"));
    // Another root key opens nothing, and finds nobody, though it has the same secrets.
    let other = Vault::new(
        RootKey::from_bytes([8; 32]).vault_root(),
        ports.vault.clone(),
        Arc::new(MemoryKeyPlace::default()),
    );
    assert!(matches!(
        other.read(players[0].id),
        Err(VaultError::KeyMissing(VaultVersion(1)))
    ));
    assert!(other.find(castle.id, "zoe@example.org").is_err());
}

/// What a study does not keep is refused in the transaction that would write it.
pub fn what_a_study_does_not_keep_is_refused(ports: &Ports) {
    let vault = vault(ports);
    let (castle, players) = keeping(ports, "castle", &[Name], 1);
    let (waves, _) = keeping(ports, "waves", &[Name, Email], 0);
    let refused = |result: Result<Known, VaultError>, fields: &[IdentityField]| {
        let named: IdentityFields = fields.iter().copied().collect();
        assert!(
            matches!(&result, Err(VaultError::NotKept(fields)) if *fields == named),
            "{result:?}"
        );
    };
    let id = players[0].id;
    let both = named(&[(Name, "Müller"), (Email, "zoe@example.org")]);
    refused(vault.change(&castle, id, &both, None, at(2)), &[Email]);
    // To whoever has not heard yet that it keeps less.
    let before = Study {
        identity: IdentityFields::ALL,
        ..castle.clone()
    };
    refused(vault.change(&before, id, &both, None, at(2)), &[Email]);
    let elsewhere = vault.change(&waves, id, &both, None, at(2));
    assert!(matches!(
        elsewhere,
        Err(VaultError::Store(StoreError::NotFound))
    ));
    assert_eq!(identity(&vault, id), Identity::default());
}

/// What a study keeps no longer is erased, and whoever is nobody then.
pub fn what_a_study_keeps_no_longer_is_erased(ports: &Ports) {
    let vault = vault(ports);
    let (castle, players) = keeping(ports, "castle", &[Name, Email], 2);
    let (waves, others) = keeping(ports, "waves", &[Email], 1);
    put(
        &vault,
        &castle,
        &players[0],
        &[(Name, "Müller"), (Email, "zoe@example.org")],
    );
    put(&vault, &castle, &players[1], &[(Email, "joe@example.org")]);
    put(&vault, &waves, &others[0], &[(Email, "zoe@example.org")]);
    let change = StudyChange {
        identity: Some(IdentityFields::from_iter([Name])),
        ..StudyChange::default()
    };
    let changed = ports
        .studies
        .change_study(castle.id, &change, None, at(3))
        .expect("it can be changed");
    assert_eq!(
        identity(&vault, players[0].id).fields(),
        IdentityFields::from_iter([Name])
    );
    assert_eq!(vault.read(players[1].id).expect("it opens").revision, None);
    assert!(found(&vault, &changed, "zoe@example.org").is_empty());
    assert_eq!(found(&vault, &waves, "zoe@example.org"), [others[0].id]);
}

/// Somebody is found by the address of his own or of his guardian, in that study only.
pub fn somebody_is_found_by_an_address(ports: &Ports) {
    let vault = vault(ports);
    let (castle, players) = keeping(ports, "castle", &[Email, GuardianEmail], 3);
    let (waves, others) = keeping(ports, "waves", &[Email], 1);
    let parent = "Parent@Example.org";
    put(&vault, &castle, &players[1], &[(GuardianEmail, parent)]);
    put(
        &vault,
        &castle,
        &players[0],
        &[(Email, "zoe@example.org"), (GuardianEmail, parent)],
    );
    put(&vault, &waves, &others[0], &[(Email, "zoe@example.org")]);
    assert_eq!(
        found(&vault, &castle, " parent@example.ORG "),
        [players[0].id, players[1].id]
    );
    assert_eq!(found(&vault, &castle, "zoe@example.org"), [players[0].id]);
    assert_eq!(found(&vault, &waves, "zoe@example.org"), [others[0].id]);
    assert!(found(&vault, &waves, parent).is_empty());
    assert!(found(&vault, &castle, "nobody@example.org").is_empty());
}

/// Another key opens all that the old one did, and the old one is no longer known.
pub fn everything_is_sealed_anew_under_another_key(ports: &Ports) {
    let vault = vault(ports);
    // More than one transaction takes.
    let (castle, players) = keeping(ports, "castle", &[Name, Email], 230);
    for (n, one) in players.iter().enumerate() {
        let (name, email) = (format!("Name {n}"), format!("p{n}@example.org"));
        put(&vault, &castle, one, &[(Name, &name), (Email, &email)]);
    }
    let sealed = |n: usize| ports.vault.identity(players[n].id).expect("it can be read");
    let before = sealed(7).expect("it is there");
    assert_eq!(versions(ports), [1]);
    let rotated = vault
        .rotate(Lost::Kept, at(3))
        .expect("all secrets are here");
    assert_eq!(
        (rotated.version, rotated.resealed, rotated.lost),
        (VaultVersion(2), 230, 0)
    );
    assert_eq!(versions(ports), [2]);
    let after = sealed(7).expect("it is there");
    assert_eq!(
        (after.revision, &after.fields),
        (before.revision, &before.fields)
    );
    assert_ne!(after.key, before.key);
    for n in [0, 99, 100, 229] {
        let name = format!("Name {n}");
        assert_eq!(
            identity(&vault, players[n].id).get(Name),
            Some(name.as_str())
        );
        let email = format!("p{n}@example.org");
        assert_eq!(found(&vault, &castle, &email), [players[n].id]);
    }
    let refused = ports.vault.put_identity(&before, Some(before.revision));
    assert!(matches!(
        refused,
        Err(VaultError::OtherVersion(VaultVersion(1)))
    ));
}

/// A rotation that was interrupted goes on, and what comes meanwhile is under the new key.
pub fn a_rotation_that_was_interrupted_goes_on(ports: &Ports) {
    let vault = vault(ports);
    let (castle, players) = keeping(ports, "castle", &[Name], 2);
    put(&vault, &castle, &players[0], &[(Name, "Müller")]);
    let prepared = vault.prepare().expect("a key can be made");
    assert_eq!(prepared, VaultVersion(2));
    assert_eq!(
        vault.status().expect("it can be told").prepared,
        Some(prepared)
    );
    // As if the process had ended in the middle.
    vault
        .begin(Some(VaultVersion(1)), at(3))
        .expect("nobody else did");
    assert_eq!(versions(ports), [1, 2]);
    put(&vault, &castle, &players[1], &[(Name, "Meier")]);
    assert_eq!(identity(&vault, players[0].id).get(Name), Some("Müller"));
    assert!(
        !ports
            .vault
            .end_vault_key(VaultVersion(1))
            .expect("it can be asked")
    );
    assert!(
        !ports
            .vault
            .end_vault_key(VaultVersion(2))
            .expect("it can be asked")
    );
    assert_eq!(vault.settle().expect("all secrets are here"), 1);
    assert_eq!(versions(ports), [2]);
    for (n, name) in ["Müller", "Meier"].iter().enumerate() {
        assert_eq!(identity(&vault, players[n].id).get(Name), Some(*name));
    }
    let late = ports
        .vault
        .begin_vault_key(Some(VaultVersion(1)), "0123456789abcdef", at(4));
    assert!(matches!(late, Err(StoreError::Stale)));
}

/// What was put or erased since it was seen is not sealed over.
pub fn a_rotation_leaves_what_was_changed_meanwhile(ports: &Ports) {
    let vault = vault(ports);
    let (castle, players) = keeping(ports, "castle", &[Name], 2);
    for one in &players {
        put(&vault, &castle, one, &[(Name, "Müller")]);
    }
    let under = |after| ports.vault.identities_under(VaultVersion(1), after, 10);
    let seen: Vec<SealedIdentity> = under(AccountId(0)).expect("they can be read");
    assert_eq!(under(players[0].id).expect("they can be read").len(), 1);
    let changed = put(&vault, &castle, &players[0], &[(Name, "Meier")]);
    vault.erase(players[1].id, None).expect("it is there");
    let new: Vec<_> = seen
        .iter()
        .map(|one| crate::SealedPersonKey {
            sealed: vec![1; 73],
            ..one.key.clone()
        })
        .collect();
    ports.vault.reseal(&seen, &new).expect("nothing is done");
    assert_eq!(vault.read(players[0].id).expect("it opens"), changed);
    assert_eq!(
        vault.read(players[1].id).expect("it is gone").revision,
        None
    );
}

/// Whoever goes takes his identity along, however he goes, and that is counted.
pub fn an_identity_goes_with_its_account(ports: &Ports) {
    let vault = vault(ports);
    let (castle, players) = keeping(ports, "castle", &[Name], 4);
    for one in &players {
        put(&vault, &castle, one, &[(Name, "Müller")]);
    }
    let erased = || ports.vault.vault_keys().expect("they can be read")[0].erased;
    assert_eq!(erased(), 0);
    assert_eq!(
        vault.rotate_after_erasures(at(3)).expect("nothing is due"),
        None
    );
    ports.erasure.unlink(players[0].id).expect("it is there");
    let traces = Traces {
        study: castle.id,
        pseudonym: player(1),
    };
    let gone = ports
        .erasure
        .erase(players[1].id, &[traces], at(3), Duration::from_secs(5));
    gone.expect("it is there");
    vault.erase(players[2].id, None).expect("it is there");
    for one in &players[..3] {
        assert_eq!(ports.vault.identity(one.id).expect("it can be read"), None);
    }
    assert_eq!(erased(), 3);
    let rotated = vault.rotate_after_erasures(at(4)).expect("it can be done");
    assert_eq!(rotated.map(|one| one.resealed), Some(1));
    assert_eq!(erased(), 0);
    assert_eq!(identity(&vault, players[3].id).get(Name), Some("Müller"));
    archive(ports, castle.id);
    crate::delete_study(&*ports.deletion, castle.id, Extent::Whole).expect("it is archived");
    let left = ports.vault.identity(players[3].id).expect("it can be read");
    assert_eq!(left, None);
    assert_eq!(erased(), 1);
}

/// What nobody can open any more is erased where that is asked for, and a new key begins.
pub fn what_is_sealed_under_a_lost_key_is_erased_only_where_that_is_asked_for(ports: &Ports) {
    let (castle, players) = keeping(ports, "castle", &[Name], 1);
    put(&vault(ports), &castle, &players[0], &[(Name, "Müller")]);
    // Another place, which has nothing.
    let late = vault(ports);
    assert!(matches!(late.check(), Err(VaultError::KeyMissing(_))));
    let refused = late.change(
        &castle,
        players[0].id,
        &named(&[(Name, "Meier")]),
        None,
        at(3),
    );
    assert!(matches!(refused, Err(VaultError::KeyMissing(_))));
    assert!(matches!(
        late.rotate(Lost::Kept, at(3)),
        Err(VaultError::KeyMissing(_))
    ));
    assert!(
        ports
            .vault
            .identity(players[0].id)
            .expect("it can be read")
            .is_some()
    );
    let rotated = late
        .rotate(Lost::Erased, at(3))
        .expect("that was asked for");
    assert_eq!((rotated.lost, rotated.resealed), (1, 0));
    assert_eq!(versions(ports), [2]);
    put(&late, &castle, &players[0], &[(Name, "Meier")]);
    assert_eq!(identity(&late, players[0].id).get(Name), Some("Meier"));
}

fn archive(ports: &Ports, study: StudyId) {
    let change = StudyChange {
        status: Some(StudyStatus::Archived),
        ..StudyChange::default()
    };
    ports
        .studies
        .change_study(study, &change, None, at(9))
        .expect("it can be archived");
}
