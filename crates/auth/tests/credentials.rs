//! What an `Authorization` header may say.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use proptest::prelude::*;
use rstest::rstest;
use sillage_auth::{Basic, Credentials, CredentialsError, Secret};

const JWT: &str =
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn basic(text: impl AsRef<[u8]>) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(text))
}

fn pair(username: &str, password: &str) -> Result<Credentials, CredentialsError> {
    Ok(Credentials::Basic(Basic {
        username: username.to_owned(),
        password: Secret::new(password),
    }))
}

fn token(text: &str) -> Result<Credentials, CredentialsError> {
    Ok(Credentials::Token(Secret::new(text)))
}

#[rstest]
#[case("Bearer")]
#[case("bearer")]
#[case("BEARER")]
fn a_bearer_token_is_taken_in_any_case_of_the_scheme(#[case] scheme: &str) {
    assert_eq!(Credentials::parse(&format!("{scheme} {JWT}")), token(JWT));
    assert_eq!(Credentials::parse(&format!("{scheme}  {JWT} ")), token(JWT));
}

#[rstest]
#[case("classe-a-07:k7rm-x2pd-9hqe", "classe-a-07", "k7rm-x2pd-9hqe")]
#[case("élève:mot de passe", "élève", "mot de passe")]
#[case("a:b:c", "a", "b:c")]
#[case(":", "", "")]
#[case("a.b.c:secret", "a.b.c", "secret")]
#[case(
    "first.second.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx:x",
    "first.second.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "x"
)]
fn basic_gives_a_username_and_a_password(
    #[case] text: &str,
    #[case] username: &str,
    #[case] password: &str,
) {
    assert_eq!(Credentials::parse(&basic(text)), pair(username, password));
}

#[test]
fn basic_is_read_with_and_without_padding() {
    let unpadded = format!("basic {}", BASE64_STANDARD_NO_PAD.encode("a:b"));
    assert_eq!(Credentials::parse(&unpadded), pair("a", "b"));
    assert_eq!(Credentials::parse(&basic("a:b1")), pair("a", "b1"));
}

#[rstest]
#[case("")]
#[case("unused")]
#[case("with:colons")]
fn a_token_in_the_place_of_the_username_is_a_token_with_any_password(#[case] password: &str) {
    assert_eq!(
        Credentials::parse(&basic(format!("{JWT}:{password}"))),
        token(JWT)
    );
}

#[test]
fn a_token_without_its_signature_is_still_no_username() {
    let forged = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.eyJpc3MiOiJzaWxsYWdlIiwic3ViIjoiYWRtaW4ifQ.";
    assert_eq!(
        Credentials::parse(&basic(format!("{forged}:x"))),
        token(forged)
    );
}

#[test]
fn a_client_that_says_who_it_is_may_not_send_a_token_instead() {
    assert_eq!(
        Basic::parse(&format!("Bearer {JWT}")),
        Err(CredentialsError::Scheme)
    );
    assert_eq!(
        Basic::parse(&basic("sillage:")).map(|basic| basic.username),
        Ok("sillage".to_owned())
    );
}

#[rstest]
#[case("sillage:", "sillage", "")]
#[case("game+one:a%20b%3A%C3%A9", "game one", "a b:é")]
#[case("a%3Ab:c", "a:b", "c")]
fn a_clients_id_and_secret_are_form_encoded_within_basic(
    #[case] text: &str,
    #[case] id: &str,
    #[case] secret: &str,
) {
    let expected = Basic {
        username: id.to_owned(),
        password: Secret::new(secret),
    };
    assert_eq!(Basic::parse_client(&basic(text)), Ok(expected));
}

#[rstest]
#[case("a%:b")]
#[case("a%4:b")]
#[case("a:%zz")]
#[case("a:%+1")]
#[case("a:%FF")]
#[case("a:%00")]
fn a_client_that_is_not_form_encoded_is_refused(#[case] text: &str) {
    assert_eq!(
        Basic::parse_client(&basic(text)),
        Err(CredentialsError::Text)
    );
}

#[rstest]
#[case("", CredentialsError::Scheme)]
#[case("Digest username=a", CredentialsError::Scheme)]
#[case(JWT, CredentialsError::Scheme)]
#[case("Bearer", CredentialsError::Token)]
#[case("Bearer ", CredentialsError::Token)]
#[case("Bearer a b", CredentialsError::Token)]
#[case("Bearer a,b", CredentialsError::Token)]
#[case("Basic", CredentialsError::Colon)]
#[case("Basic a:b", CredentialsError::Base64)]
#[case(&basic("nothing"), CredentialsError::Colon)]
#[case(&basic(b"\xff:a"), CredentialsError::Text)]
#[case(&basic("a\n:b"), CredentialsError::Text)]
#[case(&basic("a:b\0"), CredentialsError::Text)]
fn what_holds_no_credentials_is_refused_with_the_reason(
    #[case] value: &str,
    #[case] expected: CredentialsError,
) {
    assert_eq!(Credentials::parse(value), Err(expected));
}

proptest! {
    #[test]
    fn every_username_without_a_colon_and_every_password_come_through(
        username in "[^:\\p{Cc}]{0,64}", password in "\\P{Cc}*",
    ) {
        prop_assert_eq!(Credentials::parse(&basic(format!("{username}:{password}"))), pair(&username, &password));
    }

    #[test]
    fn any_header_is_read_or_refused(value in "\\PC*") {
        if let Ok(Credentials::Token(token)) = Credentials::parse(&value) {
            prop_assert!(!token.expose().is_empty());
        }
    }
}
