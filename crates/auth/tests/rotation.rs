//! Signing keys follow each other.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use rstest::rstest;
use sillage_auth::{
    Claims, GrantRound, KeyRotation, SETTLING_SECONDS, SIGNING_PURPOSE, Scope, ScopeWord,
    SigningKey, SigningKeys, successor,
};
use sillage_domain::{GrantId, SealedSigningKey, SubjectId, Timestamp};
use sillage_pseudonym::{RootKey, SealingKey};
use std::time::Duration;
use uuid::Uuid;

const DAY: i64 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_700_000_000 + seconds) * 1_000_000).unwrap()
}

fn sealing() -> SealingKey {
    RootKey::from_bytes([3; 32]).sealing_key(SIGNING_PURPOSE)
}

fn rotation() -> KeyRotation {
    KeyRotation {
        age: Some(Duration::from_secs(90 * 86_400)),
        token_lifetime: Duration::from_secs(86_400),
    }
}

fn key(kid: &str, second: i64) -> SealedSigningKey {
    let key = SigningKey::new(kid, [1; 32]);
    key.seal(&sealing(), at(second)).unwrap()
}

fn signer(stored: &[SealedSigningKey], now: i64) -> String {
    let keys = SigningKeys::open(stored, &sealing(), at(now)).unwrap();
    let claims = Claims::new(
        SubjectId::new([1; 16]),
        Scope::of(ScopeWord::All),
        GrantRound {
            grant: GrantId(Uuid::nil()),
            round: 0,
        },
        at(now),
        60,
        Uuid::nil(),
    );
    let token = keys.issue(&claims).unwrap();
    // Whichever signed, all verify.
    assert_eq!(keys.verify(token.expose(), at(now)), Ok(claims));
    let header = jsonwebtoken::decode_header(token.expose()).unwrap();
    header.kid.unwrap()
}

#[rstest]
#[case(90 * DAY - 1, false)]
#[case(90 * DAY, true)]
#[case(-5, false)]
fn a_key_is_followed_at_its_age(#[case] now: i64, #[case] due: bool) {
    let stored = [key("new", 0), key("old", -900 * DAY)];
    assert_eq!(rotation().is_due(&stored, at(now)), due);
    let never = KeyRotation {
        age: None,
        ..rotation()
    };
    assert!(!never.is_due(&stored, at(now)));
}

#[test]
fn without_a_key_nothing_is_due() {
    assert!(!rotation().is_due(&[], at(0)));
    assert_eq!(rotation().ended(&[], at(0)).count(), 0);
}

#[test]
fn a_new_key_signs_once_every_server_could_learn_of_it() {
    let stored = [key("new", 0), key("old", -DAY)];
    assert_eq!(signer(&stored, 0), "old");
    assert_eq!(signer(&stored, SETTLING_SECONDS - 1), "old");
    assert_eq!(signer(&stored, SETTLING_SECONDS), "new");
    // At the first start there is no other.
    assert_eq!(signer(&[key("first", 0)], 0), "first");
    // Two that are new: the one before them goes on.
    let stored = [key("newest", 1), key("new", 0), key("old", -DAY)];
    assert_eq!(signer(&stored, 5), "old");
    assert_eq!(signer(&stored, SETTLING_SECONDS), "new");
}

#[test]
fn a_key_stays_until_the_last_token_that_it_signed_has_expired() {
    let stored = [key("new", 0), key("old", -90 * DAY), key("oldest", -DAY)];
    let ended = |now| rotation().ended(&stored, at(now)).collect::<Vec<_>>();
    assert!(!ended(DAY + SETTLING_SECONDS).contains(&"old"));
    assert_eq!(ended(DAY + 3600), ["old", "oldest"]);
    // The newest stays, however old.
    assert!(!ended(1000 * DAY).contains(&"new"));
}

#[test]
fn two_servers_that_rotate_at_once_name_their_keys_alike() {
    let stored = [key("old", 0)];
    let one = successor(&stored, &sealing(), at(90 * DAY)).unwrap();
    let other = successor(&stored, &sealing(), at(90 * DAY + 1)).unwrap();
    assert_eq!(one.kid, other.kid);
    assert_ne!(one.sealed, other.sealed);
    let next = successor(&[one.clone(), stored[0].clone()], &sealing(), at(180 * DAY)).unwrap();
    assert_ne!(next.kid, one.kid);
    SigningKey::open(&next, &sealing()).unwrap();
}

#[test]
fn a_successor_is_younger_by_whatever_clock() {
    let stored = [key("ahead", 3600)];
    let next = successor(&stored, &sealing(), at(0)).unwrap();
    assert!(next.created_at > stored[0].created_at);
    let first = successor(&[], &sealing(), at(7)).unwrap();
    assert_eq!(first.created_at, at(7));
}
