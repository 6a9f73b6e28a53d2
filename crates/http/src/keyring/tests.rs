use super::*;
use crate::api::Keys;
use crate::settings::HttpSettings;
use sillage_auth::{Cost, GrantRound, SETTLING_SECONDS, Scope, SigningKey};
use sillage_domain::testing::{MemoryKeyPlace, MemoryStore};
use sillage_domain::{GrantId, Ports, Role, ServerStore, StoreError, SubjectId, Timestamp};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use uuid::Uuid;

const ROOT: [u8; 32] = [7; 32];
const DAY: i64 = 24 * 60 * 60;
/// How old a key gets, and how long a token lives, in these tests.
const AGE: i64 = 90 * DAY;
const LIFETIME: i64 = DAY;

fn start() -> Timestamp {
    "2024-06-01T12:00:00Z".parse().unwrap()
}

/// The keys of a store that counts who asks for them, and that can be slow or away.
#[derive(Default)]
struct Shelf {
    within: MemoryStore,
    asked: AtomicU32,
    is_slow: AtomicBool,
    is_away: AtomicBool,
}

impl ServerStore for Shelf {
    fn claim_fingerprint(&self, fingerprint: &str) -> Result<String, StoreError> {
        self.within.claim_fingerprint(fingerprint)
    }

    fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.is_away.load(Ordering::SeqCst) {
            return Err(StoreError::Away("no route to host".into()));
        }
        let keys = self.within.signing_keys();
        if self.is_slow.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(100));
        }
        keys
    }

    fn add_signing_key(&self, key: &SealedSigningKey) -> Result<bool, StoreError> {
        self.within.add_signing_key(key)
    }

    fn remove_signing_key(&self, kid: &str) -> Result<(), StoreError> {
        self.within.remove_signing_key(kid)
    }
}

/// A store with the key of the first start.
fn shelf() -> Arc<Shelf> {
    let shelf = Shelf::default();
    let key = SigningKey::new("first", [1; 32]).seal(&sealing(), start());
    shelf.add_signing_key(&key.unwrap()).unwrap();
    Arc::new(shelf)
}

fn sealing() -> SealingKey {
    RootKey::from_bytes(ROOT).sealing_key(SIGNING_PURPOSE)
}

/// A server that starts on that store at that time. It reads the keys again whenever it needs one.
fn server(shelf: &Arc<Shelf>, clock: fn() -> Timestamp) -> Api {
    server_that_rechecks(shelf, clock, Duration::ZERO)
}

fn server_that_rechecks(shelf: &Arc<Shelf>, clock: fn() -> Timestamp, recheck: Duration) -> Api {
    let cheap = Cost::new(4).unwrap();
    let settings = HttpSettings {
        password_cost: cheap,
        generated_password_cost: cheap,
        signing_key_age: Some(Duration::from_secs(AGE as u64)),
        token_lifetime: Duration::from_secs(LIFETIME as u64),
        recheck,
        ..HttpSettings::default()
    };
    let mut ports = Ports::of(Arc::new(MemoryStore::default()));
    ports.server = shelf.clone();
    let stored = shelf.within.signing_keys().unwrap();
    let keys = Keys {
        root: RootKey::from_bytes(ROOT),
        signing: SigningKeys::open(&stored, &sealing(), clock()).unwrap(),
        vault: Arc::new(MemoryKeyPlace::default()),
    };
    Api::new(ports, keys, settings).unwrap().with_clock(clock)
}

/// A token that the server signs now.
fn token(server: &Api) -> String {
    let from = GrantRound {
        grant: GrantId(Uuid::new_v4()),
        round: 0,
    };
    let subject = SubjectId::new([3; 16]);
    let claims = Claims::new(
        subject,
        Scope::of_role(Role::Participant),
        from,
        server.now(),
        LIFETIME as u32,
        Uuid::new_v4(),
    );
    let token = server.0.signing().issue(&claims).unwrap();
    token.expose().to_owned()
}

fn kids(shelf: &Shelf) -> Vec<String> {
    let keys = shelf.within.signing_keys().unwrap();
    keys.into_iter().map(|key| key.kid).collect()
}

/// When the first key has come to its age.
fn due() -> Timestamp {
    start().plus_seconds(AGE)
}

fn settled() -> Timestamp {
    due().plus_seconds(SETTLING_SECONDS)
}

/// When the last token that the first key signed has expired, on whichever server.
fn ended() -> Timestamp {
    settled().plus_seconds(LIFETIME + sillage_auth::CLOCK_SKEW_SECONDS + 1)
}

#[actix_web::test]
async fn a_key_is_followed_by_another_at_its_age_and_not_before() {
    let shelf = shelf();
    let early = server(&shelf, || due().plus_seconds(-1));
    early.upkeep().await.unwrap();
    assert_eq!(kids(&shelf), ["first"]);
    let late = server(&shelf, due);
    late.upkeep().await.unwrap();
    late.upkeep().await.unwrap();
    assert_eq!(kids(&shelf).len(), 2);
}

#[actix_web::test]
async fn servers_that_rotate_at_the_same_time_make_one_key() {
    let shelf = shelf();
    let servers = [server(&shelf, due), server(&shelf, due)];
    for server in &servers {
        server.upkeep().await.unwrap();
    }
    assert_eq!(kids(&shelf).len(), 2);
}

#[actix_web::test]
async fn a_new_key_signs_once_every_server_has_had_time_to_read_it() {
    let shelf = shelf();
    let (before, after) = (server(&shelf, due), server(&shelf, settled));
    let old = token(&before);
    before.upkeep().await.unwrap();
    let still_old = token(&before);
    let new = token(&after);
    let kid = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_eq!(kid(&old), kid(&still_old));
    assert_ne!(kid(&old), kid(&new));
    for token in [&old, &still_old, &new] {
        for server in [&before, &after] {
            server.0.verify(token).unwrap();
        }
    }
}

#[actix_web::test]
async fn a_key_goes_when_its_last_token_has_expired_and_not_before() {
    let shelf = shelf();
    server(&shelf, due).upkeep().await.unwrap();
    // On another server it signed until its follower had settled.
    let last = token(&server(&shelf, || settled().plus_seconds(-1)));
    let just_before = server(&shelf, || settled().plus_seconds(LIFETIME - 2));
    just_before.upkeep().await.unwrap();
    assert_eq!(kids(&shelf).len(), 2);
    just_before.0.verify(&last).unwrap();

    let after = server(&shelf, ended);
    after.upkeep().await.unwrap();
    let left = kids(&shelf);
    assert_eq!(left.len(), 1);
    assert_ne!(left[0], "first");
    let refused = after.0.verify(&last).unwrap_err();
    assert_eq!(refused, TokenError::Invalid(InvalidToken::Key));
    after.0.verify(&token(&after)).unwrap();
}

#[actix_web::test]
async fn a_key_can_be_replaced_before_its_age() {
    let shelf = shelf();
    let server = server(&shelf, start);
    server.rotate_signing_keys().await.unwrap();
    assert_eq!(kids(&shelf).len(), 2);
}

#[actix_web::test]
async fn a_token_of_a_key_that_another_server_made_is_known_at_once() {
    let shelf = shelf();
    let hour = Duration::from_secs(3600);
    let idle = server_that_rechecks(&shelf, settled, hour);
    server(&shelf, due).upkeep().await.unwrap();
    let new = token(&server(&shelf, settled));
    idle.0.verify(&new).unwrap();
}

#[actix_web::test]
async fn a_class_that_comes_with_tokens_of_a_new_key_is_let_in_by_one_look() {
    let shelf = shelf();
    let hour = Duration::from_secs(3600);
    let idle = server_that_rechecks(&shelf, settled, hour);
    server(&shelf, due).upkeep().await.unwrap();
    let new = token(&server(&shelf, settled));
    shelf.is_slow.store(true, Ordering::SeqCst);
    let before = shelf.asked.load(Ordering::SeqCst);
    thread::scope(|scope| {
        for _ in 0..4 * LOOKS {
            scope.spawn(|| idle.0.verify(&new).unwrap());
        }
    });
    assert_eq!(shelf.asked.load(Ordering::SeqCst) - before, 1);
}

#[actix_web::test]
async fn who_makes_up_keys_does_not_keep_the_store_busy() {
    let shelf = shelf();
    let hour = Duration::from_secs(3600);
    let server = server_that_rechecks(&shelf, start, hour);
    let made_up = SigningKeys::new(&[SigningKey::new("made-up", [5; 32])]).unwrap();
    server.0.keyring.put(made_up);
    let foreign = token(&server);
    server.0.open_keys(&shelf.within.signing_keys().unwrap());
    let begun = Instant::now();
    for _ in 0..100 * LOOKS {
        server.0.verify(&foreign).unwrap_err();
    }
    let periods = begun.elapsed().as_secs() as u32 + 2;
    assert!(shelf.asked.load(Ordering::SeqCst) <= periods * LOOKS);
}

#[actix_web::test]
async fn a_store_that_is_away_leaves_the_keys_that_are_known() {
    let shelf = shelf();
    let server = server(&shelf, due);
    shelf.is_away.store(true, Ordering::SeqCst);
    let known = token(&server);
    server.0.verify(&known).unwrap();
    server.upkeep().await.unwrap_err();
    shelf.is_away.store(false, Ordering::SeqCst);
    server.upkeep().await.unwrap();
    assert_eq!(kids(&shelf).len(), 2);
}

#[actix_web::test]
async fn a_store_without_keys_leaves_those_that_were_given() {
    let shelf = shelf();
    let server = server(&shelf, due);
    shelf.remove_signing_key("first").unwrap();
    server.upkeep().await.unwrap();
    server.rotate_signing_keys().await.unwrap();
    server.0.verify(&token(&server)).unwrap();
    assert_eq!(kids(&shelf), [""; 0]);
}
