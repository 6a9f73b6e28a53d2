//! What an `Authorization` header says.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sillage_domain::Username;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::Secret;

/// Base64 with or without padding: not every game's library writes it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Credentials as they came: nobody has looked yet whether they are good.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Credentials {
    /// An access token: from `Bearer`, or as the username of `Basic`, as TSADK's client sends it.
    Token(Secret),
    /// A username and a password.
    Basic(Basic),
}

/// The two halves of `Basic` credentials (RFC 7617).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basic {
    /// Before the first colon; may be empty.
    pub username: String,
    /// After it; may be empty.
    pub password: Secret,
}

/// Why a header's value holds no credentials. Every one is answered with 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// Another scheme than `Bearer` and `Basic`.
    #[error("the Authorization header has another scheme than `Bearer` and `Basic`")]
    Scheme,
    /// Nothing follows `Bearer`, or what follows has characters that no token has.
    #[error("the Authorization header has no token after `Bearer`")]
    Token,
    /// What follows `Basic` is not base64.
    #[error("the Authorization header has no base64 after `Basic`")]
    Base64,
    /// The decoded text is not UTF-8, has control characters, or is not form-encoded where a client's must be.
    #[error(
        "the username or the password in the Authorization header is not UTF-8, or has control characters"
    )]
    Text,
    /// There is no colon between username and password.
    #[error("the Authorization header has no colon between username and password")]
    Colon,
}

impl Credentials {
    /// Reads the value of an `Authorization` header (RFC 9110 section 11.6.2): `Bearer` (RFC 6750) or `Basic`.
    ///
    /// # Errors
    ///
    /// The [`CredentialsError`] that says what is missing.
    pub fn parse(value: &str) -> Result<Self, CredentialsError> {
        let (scheme, rest) = split_scheme(value);
        if scheme.eq_ignore_ascii_case("bearer") {
            return if !rest.is_empty() && rest.bytes().all(is_token68) {
                Ok(Self::Token(Secret::new(rest)))
            } else {
                Err(CredentialsError::Token)
            };
        }
        let basic = Basic::parse(value)?;
        if looks_like_token(&basic.username) {
            return Ok(Self::Token(Secret::new(basic.username)));
        }
        Ok(Self::Basic(basic))
    }
}

impl Basic {
    /// Reads the value of an `Authorization` header that must be `Basic`: what a client says who it is with, and the way
    /// to a first token.
    ///
    /// # Errors
    ///
    /// The [`CredentialsError`] that says what is missing.
    pub fn parse(value: &str) -> Result<Self, CredentialsError> {
        let (scheme, rest) = split_scheme(value);
        if !scheme.eq_ignore_ascii_case("basic") {
            return Err(CredentialsError::Scheme);
        }
        let bytes = Zeroizing::new(BASE64.decode(rest).map_err(|_| CredentialsError::Base64)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| CredentialsError::Text)?;
        if text.contains(char::is_control) {
            return Err(CredentialsError::Text);
        }
        let (username, password) = text.split_once(':').ok_or(CredentialsError::Colon)?;
        Ok(Self {
            username: username.to_owned(),
            password: Secret::new(password),
        })
    }

    /// Reads a client's id and secret, of which both are form-encoded within `Basic` (RFC 6749 section 2.3.1).
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse); [`CredentialsError::Text`] for what is not form-encoded.
    pub fn parse_client(value: &str) -> Result<Self, CredentialsError> {
        let basic = Self::parse(value)?;
        Ok(Self {
            username: form_decoded(&basic.username)?,
            password: Secret::new(form_decoded(basic.password.expose())?),
        })
    }
}

fn form_decoded(text: &str) -> Result<String, CredentialsError> {
    let hex = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => break,
            [b'%', high, low, tail @ ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    tail
                }
                _ => return Err(CredentialsError::Text),
            },
            [b'%', ..] => return Err(CredentialsError::Text),
            [byte, tail @ ..] => {
                decoded.push(if *byte == b'+' { b' ' } else { *byte });
                tail
            }
        };
    }
    match String::from_utf8(decoded) {
        Ok(text) if !text.contains(char::is_control) => Ok(text),
        _ => Err(CredentialsError::Text),
    }
}

fn split_scheme(value: &str) -> (&str, &str) {
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    (scheme, rest.trim_matches(' '))
}

fn is_token68(byte: u8) -> bool {
    TOKEN68[usize::from(byte)]
}

/// By byte: this is asked of every byte of every request's token.
const TOKEN68: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128_u8 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=');
        byte += 1;
    }
    table
};

/// A JWT: three parts of base64url between dots (the last is empty where a forger left the signature out), longer than
/// any username can be. Without the length, `a.b.c`, which is a username, would be one.
fn looks_like_token(text: &str) -> bool {
    let base64url = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let mut parts = text.split('.');
    text.len() > Username::MAX_CHARS
        && parts
            .by_ref()
            .take(2)
            .all(|part| !part.is_empty() && base64url(part))
        && parts.next().is_some_and(base64url)
        && parts.next().is_none()
}
