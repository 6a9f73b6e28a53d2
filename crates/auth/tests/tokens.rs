//! Access tokens: the good ones, and every way to be refused.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use proptest::prelude::*;
use proptest::sample::Index;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_auth::{
    Claims, GrantRound, InvalidToken, SIGNING_PURPOSE, Scope, ScopeWord, SigningKey,
    SigningKeyError, SigningKeys, TokenError,
};
use sillage_domain::{GrantId, SubjectId, Timestamp};
use sillage_pseudonym::RootKey;
use uuid::Uuid;

const SECRET: [u8; 32] = [7; 32];
const ISSUED: i64 = 1_700_000_000;
const DAY: u32 = 86_400;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000).unwrap()
}

fn keys() -> SigningKeys {
    SigningKeys::new(&[SigningKey::new("k1", SECRET)]).unwrap()
}

fn claims() -> Claims {
    let subject = Uuid::try_parse("00112233445566778899aabbccddeeff").unwrap();
    let token_id = Uuid::try_parse("0190c1d2-7e1c-4cc0-b9c0-6f1f6c0a9d10").unwrap();
    let scope = Scope::of(ScopeWord::Participant);
    Claims::new(
        SubjectId::new(subject.into_bytes()),
        scope,
        GrantRound {
            grant: GrantId(Uuid::try_parse("7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11").unwrap()),
            round: 3,
        },
        at(ISSUED),
        DAY,
        token_id,
    )
}

fn payload() -> Value {
    json!({
        "iss": "sillage", "sub": "00112233445566778899aabbccddeeff", "iat": ISSUED, "exp": ISSUED + i64::from(DAY),
        "jti": "0190c1d2-7e1c-4cc0-b9c0-6f1f6c0a9d10", "gid": "7a1f0c52-3a55-4e0e-9d0c-2f4f1e7b6c11", "round": 3,
        "scope": "participant",
    })
}

fn header(algorithm: Algorithm, kid: Option<&str>) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = kid.map(str::to_owned);
    header
}

fn signed(header: &Header, payload: &Value, secret: &[u8]) -> String {
    jsonwebtoken::encode(header, payload, &EncodingKey::from_secret(secret)).unwrap()
}

fn refused(token: &str) -> TokenError {
    keys().verify(token, at(ISSUED + 1)).unwrap_err()
}

#[test]
fn a_token_says_to_its_issuer_what_was_put_in() {
    let token = keys().issue(&claims()).unwrap();
    assert_eq!(keys().verify(token.expose(), at(ISSUED + 1)), Ok(claims()));
}

#[test]
fn a_token_made_by_another_implementation_verifies() {
    let token = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIiwidHlwIjoiSldUIn0.eyJpc3MiOiJzaWxsYWdlIiwic3ViIjoiMDAxMTIyMzM0NDU1NjY3Nzg4OTlhYWJiY2NkZGVlZmYiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDA4NjQwMCwianRpIjoiMDE5MGMxZDItN2UxYy00Y2MwLWI5YzAtNmYxZjZjMGE5ZDEwIiwiZ2lkIjoiN2ExZjBjNTItM2E1NS00ZTBlLTlkMGMtMmY0ZjFlN2I2YzExIiwicm91bmQiOjMsInNjb3BlIjoicGFydGljaXBhbnQifQ.jNnwfDkzprVNsdi4SZVQBwJiWX_fiFvLq9sZ9HxcppQ";
    assert_eq!(keys().verify(token, at(ISSUED + 1)), Ok(claims()));
}

#[test]
fn a_token_has_the_documented_header_and_claims() {
    let token = keys().issue(&claims()).unwrap();
    let mut parts = token
        .expose()
        .split('.')
        .map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut json = || serde_json::from_slice::<Value>(&parts.next().unwrap()).unwrap();
    assert_eq!(json(), json!({"typ": "JWT", "alg": "HS256", "kid": "k1"}));
    assert_eq!(json(), payload());
}

#[rstest]
#[case(ISSUED - 61, Err(InvalidToken::NotYet.into()))]
#[case(ISSUED - 60, Ok(()))]
#[case(ISSUED, Ok(()))]
#[case(ISSUED + i64::from(DAY) - 1, Ok(()))]
#[case(ISSUED + i64::from(DAY), Err(TokenError::Expired))]
#[case(ISSUED + 10 * i64::from(DAY), Err(TokenError::Expired))]
fn a_token_is_good_for_its_time(#[case] now: i64, #[case] expected: Result<(), TokenError>) {
    let token = keys().issue(&claims()).unwrap();
    assert_eq!(keys().verify(token.expose(), at(now)).map(|_| ()), expected);
    assert_eq!(claims().check_time(at(now)), expected);
}

#[test]
fn a_token_counts_down() {
    assert_eq!(claims().seconds_left(at(ISSUED)), i64::from(DAY));
    assert_eq!(claims().seconds_left(at(ISSUED + i64::from(DAY) + 5)), 0);
}

#[rstest]
#[case::same_key(Algorithm::HS384)]
#[case::same_key_512(Algorithm::HS512)]
fn another_algorithm_is_refused_even_with_the_right_key(#[case] algorithm: Algorithm) {
    let token = signed(&header(algorithm, Some("k1")), &payload(), &SECRET);
    assert_eq!(refused(&token), InvalidToken::Algorithm.into());
}

#[rstest]
#[case("none")]
#[case("None")]
#[case("NONE")]
#[case("hs256")]
fn a_token_without_a_real_algorithm_is_refused(#[case] algorithm: &str) {
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let head = encode(&json!({"typ": "JWT", "alg": algorithm, "kid": "k1"}));
    let good = keys().issue(&claims()).unwrap();
    let signature = good.expose().rsplit('.').next().unwrap();
    for signature in ["", signature] {
        let token = format!("{head}.{}.{signature}", encode(&payload()));
        assert_eq!(refused(&token), InvalidToken::Malformed.into());
    }
}

#[test]
fn a_signature_with_another_key_is_refused() {
    let token = signed(&header(Algorithm::HS256, Some("k1")), &payload(), &[8; 32]);
    assert_eq!(refused(&token), InvalidToken::Signature.into());
}

#[rstest]
#[case(None)]
#[case(Some(""))]
#[case(Some("k2"))]
fn an_unknown_key_is_refused(#[case] kid: Option<&str>) {
    let token = signed(&header(Algorithm::HS256, kid), &payload(), &SECRET);
    assert_eq!(refused(&token), InvalidToken::Key.into());
}

#[test]
fn a_critical_extension_is_refused() {
    let mut header = header(Algorithm::HS256, Some("k1"));
    header.crit = Some(vec!["exp".to_owned()]);
    assert_eq!(
        refused(&signed(&header, &payload(), &SECRET)),
        InvalidToken::Malformed.into()
    );
}

#[rstest]
#[case("iss", Some(json!("another")))]
#[case("iss", None)]
#[case("sub", Some(json!("classe-a-07")))]
#[case("sub", None)]
#[case("exp", Some(json!("tomorrow")))]
#[case("exp", None)]
#[case("iat", None)]
#[case("jti", Some(json!("one")))]
#[case("jti", None)]
#[case("gid", Some(json!("one")))]
#[case("gid", None)]
#[case("round", Some(json!("one")))]
#[case("round", None)]
#[case("scope", Some(json!("everything")))]
#[case("scope", Some(json!("")))]
#[case("scope", None)]
fn a_signed_token_with_other_claims_is_refused(#[case] claim: &str, #[case] value: Option<Value>) {
    let mut payload = payload();
    match value {
        Some(value) => payload[claim] = value,
        None => drop(payload.as_object_mut().unwrap().remove(claim)),
    }
    let token = signed(&header(Algorithm::HS256, Some("k1")), &payload, &SECRET);
    assert_eq!(refused(&token), InvalidToken::Claims.into());
}

#[test]
fn a_forged_token_is_invalid_even_when_it_is_expired_too() {
    let token = signed(&header(Algorithm::HS256, Some("k1")), &payload(), &[8; 32]);
    let error = keys()
        .verify(&token, at(ISSUED + 10 * i64::from(DAY)))
        .unwrap_err();
    assert_eq!(error, InvalidToken::Signature.into());
}

#[test]
fn tokens_outlive_a_change_of_keys_until_the_old_key_goes() {
    let old = keys().issue(&claims()).unwrap();
    let both = SigningKeys::new(&[
        SigningKey::new("k2", [9; 32]),
        SigningKey::new("k1", SECRET),
    ])
    .unwrap();
    let new = both.issue(&claims()).unwrap();
    assert_eq!(both.verify(old.expose(), at(ISSUED)), Ok(claims()));
    assert_eq!(both.verify(new.expose(), at(ISSUED)), Ok(claims()));

    let later = SigningKeys::new(&[SigningKey::new("k2", [9; 32])]).unwrap();
    assert_eq!(
        later.verify(old.expose(), at(ISSUED)),
        Err(InvalidToken::Key.into())
    );
    assert_eq!(later.verify(new.expose(), at(ISSUED)), Ok(claims()));
}

#[test]
fn a_sealed_key_signs_after_it_was_opened_and_opens_in_its_place_only() {
    let root = RootKey::generate().unwrap();
    let sealing = root.sealing_key(SIGNING_PURPOSE);
    let key = SigningKey::generate().unwrap();
    let stored = key.seal(&sealing, at(ISSUED)).unwrap();
    assert_eq!(stored.kid, key.kid());

    let token = SigningKeys::new(&[key]).unwrap().issue(&claims()).unwrap();
    let opened = SigningKeys::open(std::slice::from_ref(&stored), &sealing, at(ISSUED)).unwrap();
    assert_eq!(opened.verify(token.expose(), at(ISSUED)), Ok(claims()));

    let mut renamed = stored.clone();
    renamed.kid = "another".to_owned();
    assert!(matches!(
        SigningKey::open(&renamed, &sealing),
        Err(SigningKeyError::Sealed { .. })
    ));
    let other = RootKey::generate().unwrap().sealing_key(SIGNING_PURPOSE);
    assert!(matches!(
        SigningKey::open(&stored, &other),
        Err(SigningKeyError::Sealed { .. })
    ));
    let mut short = stored.clone();
    short.sealed = sealing.seal(stored.kid.as_bytes(), b"short").unwrap();
    assert!(matches!(
        SigningKey::open(&short, &sealing),
        Err(SigningKeyError::Length { found: 5, .. })
    ));
}

#[test]
fn a_server_without_keys_signs_nothing() {
    assert_eq!(SigningKeys::new(&[]).unwrap_err(), SigningKeyError::None);
}

#[test]
fn no_key_shows_in_debug_output() {
    assert_eq!(
        format!("{:?}", SigningKey::new("k1", SECRET)),
        "SigningKey { kid: \"k1\", .. }"
    );
    assert_eq!(format!("{:?}", keys()), "[\"k1\"]");
}

proptest! {
    #[test]
    fn a_token_with_any_character_changed_is_invalid(place in any::<Index>(), other in "[A-Za-z0-9_.-]") {
        let token = keys().issue(&claims()).unwrap();
        let place = place.index(token.expose().len());
        let mut changed = token.expose().to_owned();
        changed.replace_range(place..=place, &other);
        prop_assume!(changed != token.expose());
        prop_assert!(matches!(refused(&changed), TokenError::Invalid(_)));
    }

    #[test]
    fn any_text_is_invalid(text in "\\PC*") {
        prop_assert!(matches!(refused(&text), TokenError::Invalid(_)));
    }
}
