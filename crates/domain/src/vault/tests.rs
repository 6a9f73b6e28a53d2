use super::*;
use crate::testing::fixtures::{at, new_account, study};
use crate::testing::{MemoryKeyPlace, MemoryStore};
use crate::{IdentityFields, Ports, StudyChange};
use sillage_pseudonym::{RootKey, VaultSecret};

struct Stage {
    ports: Ports,
    place: Arc<MemoryKeyPlace>,
    castle: Study,
    zoe: AccountId,
}

impl Stage {
    fn new() -> Self {
        let ports = Ports::of(Arc::new(MemoryStore::default()));
        let id = study(&ports, "castle").id;
        let change = StudyChange {
            identity: Some(IdentityFields::ALL),
            ..StudyChange::default()
        };
        let castle = ports.studies.change_study(id, &change, None, at(0));
        let players = ports.accounts.enrol(id, &[new_account("zoe")], at(0));
        Self {
            castle: castle.expect("it is there"),
            zoe: players.expect("the name is free")[0].id,
            place: Arc::new(MemoryKeyPlace::default()),
            ports,
        }
    }

    fn vault(&self) -> Vault {
        let root = RootKey::from_bytes([9; 32]).vault_root();
        Vault::new(root, self.ports.vault.clone(), self.place.clone())
    }

    fn name(&self, vault: &Vault, name: &str) -> Result<Known, VaultError> {
        let change = IdentityChange::from_iter([(IdentityField::Name, name.to_owned())]);
        vault.change(&self.castle, self.zoe, &change, None, at(1))
    }

    fn secrets(&self) -> Vec<i32> {
        let secrets = self.place.secrets().expect("they are in memory");
        secrets.keys().map(|version| version.0).collect()
    }
}

#[test]
fn no_secret_is_made_before_something_is_sealed() {
    let stage = Stage::new();
    let vault = stage.vault();
    assert_eq!(
        vault.read(stage.zoe).expect("nothing is known").revision,
        None
    );
    assert!(
        vault
            .find(stage.castle.id, "a@example.org")
            .expect("nobody")
            .is_empty()
    );
    assert!(stage.secrets().is_empty());
    stage.name(&vault, "Müller").expect("the study keeps it");
    assert_eq!(stage.secrets(), [1]);
}

#[test]
fn a_rotation_destroys_the_old_secret() {
    let stage = Stage::new();
    let (vault, other) = (stage.vault(), stage.vault());
    stage.name(&vault, "Müller").expect("the study keeps it");
    other.read(stage.zoe).expect("it shares the place");
    vault.rotate(Lost::Kept, at(2)).expect("all is here");
    assert_eq!(stage.secrets(), [2]);
    // Another server takes the new one by itself.
    let known = other.read(stage.zoe).expect("it shares the place");
    assert_eq!(known.identity.get(IdentityField::Name), Some("Müller"));
}

#[test]
fn two_servers_that_begin_at_once_with_places_of_their_own_do_not_both_win() {
    let stage = Stage::new();
    let first = stage.vault();
    let apart = Stage {
        place: Arc::new(MemoryKeyPlace::default()),
        ports: stage.ports.clone(),
        castle: stage.castle.clone(),
        zoe: stage.zoe,
    };
    let second = apart.vault();
    first.begin(None, at(1)).expect("nobody else did");
    // It saw no key a moment ago.
    second.begin(None, at(1)).expect("somebody else did");
    assert!(
        apart.secrets().is_empty(),
        "it would only look like the right one"
    );
    let refused = apart.name(&second, "Müller");
    assert!(matches!(
        refused,
        Err(VaultError::KeyMissing(VaultVersion(1)))
    ));
    stage.name(&first, "Müller").expect("its secret is the one");
}

#[test]
fn a_secret_of_another_database_is_refused() {
    let stage = Stage::new();
    stage
        .name(&stage.vault(), "Müller")
        .expect("the study keeps it");
    let wrong = VaultSecret::from_bytes([7; 32]);
    stage
        .place
        .change(&mut |secrets| {
            secrets.insert(VaultVersion(1), wrong.clone());
            Ok(())
        })
        .expect("it is in memory");
    let refused = stage.vault().check();
    assert!(
        matches!(refused, Err(VaultError::OtherKey { .. })),
        "{refused:?}"
    );
    let told = refused.map_err(|error| error.to_string()).unwrap_err();
    assert!(told.contains(&wrong.fingerprint().to_string()), "{told}");
}
