//! What is said about credentials and rights.

use super::say;
use crate::codes::Code;
use crate::error::Problem;
use sillage_auth::CredentialsError;

pub(crate) fn credentials_missing() -> Problem {
    say(
        Code::Unauthorised,
        "log in first (POST /oauth2/access_token) and send the token as Authorization: Bearer",
        "connectez-vous d'abord (POST /oauth2/access_token) et envoyez le jeton ainsi : Authorization: Bearer",
    )
}

pub(crate) fn credentials_malformed(error: CredentialsError) -> Problem {
    let (why, pourquoi) = match error {
        CredentialsError::Scheme => (
            "the Authorization header has another scheme than Bearer and Basic",
            "l'en-tête Authorization a un autre schéma que Bearer et Basic",
        ),
        CredentialsError::Token => (
            "the Authorization header has no token after Bearer",
            "l'en-tête Authorization n'a pas de jeton après Bearer",
        ),
        CredentialsError::Base64 => (
            "the Authorization header has no base64 after Basic",
            "l'en-tête Authorization n'a pas de base64 après Basic",
        ),
        CredentialsError::Colon => (
            "the Authorization header has no colon between username and password",
            "l'en-tête Authorization n'a pas de deux-points entre nom d'utilisateur et mot de passe",
        ),
        _ => (
            "the username or the password in the Authorization header is no text",
            "le nom d'utilisateur ou le mot de passe de l'en-tête Authorization n'est pas un texte",
        ),
    };
    say(
        Code::Unauthorised,
        format!("{why}; send Authorization: Bearer and a token"),
        format!("{pourquoi} ; envoyez Authorization: Bearer et un jeton"),
    )
}

pub(crate) fn wrong_password() -> Problem {
    say(
        Code::Unauthorised,
        "wrong username or password",
        "nom d'utilisateur ou mot de passe incorrect",
    )
}

pub(crate) fn too_many_requests(seconds: u64) -> Problem {
    say(
        Code::TooManyRequests,
        format!("too many requests; send it again after {seconds} s"),
        format!("trop de requêtes ; renvoyez après {seconds} s"),
    )
}

pub(crate) fn too_many_failed_log_ins(seconds: u64) -> Problem {
    say(
        Code::TooManyFailedLogIns,
        format!("too many failed log-ins; try again after {seconds} s"),
        format!("trop de connexions échouées ; réessayez après {seconds} s"),
    )
}

pub(crate) fn too_many_log_ins() -> Problem {
    say(
        Code::Overloaded,
        "too many log in at the same time; try again after Retry-After seconds",
        "trop de connexions en même temps ; réessayez après Retry-After secondes",
    )
}

pub(crate) fn inactive() -> Problem {
    say(
        Code::Unauthorised,
        "this account may no longer log in; ask those who run the study",
        "ce compte ne peut plus se connecter ; adressez-vous aux responsables de l'étude",
    )
}

pub(crate) fn token_expired() -> Problem {
    say(
        Code::TokenExpired,
        "the token has expired; log in again",
        "le jeton a expiré ; reconnectez-vous",
    )
}

pub(crate) fn token_revoked() -> Problem {
    say(
        Code::TokenRevoked,
        "the token was revoked; log in again, or use the refresh token if there is one",
        "le jeton a été révoqué ; reconnectez-vous, ou utilisez le jeton de renouvellement s'il y en a un",
    )
}

pub(crate) fn token_invalid() -> Problem {
    say(
        Code::TokenInvalid,
        "the token was not made by this server, or not for this; log in again",
        "le jeton n'a pas été émis par ce serveur, ou pas pour cela ; reconnectez-vous",
    )
}

pub(crate) fn bad_refresh_token() -> Problem {
    oauth(
        "the refresh token was used already, was revoked, or was never given to this client; log in again",
        "le jeton de renouvellement a déjà servi, a été révoqué ou n'a jamais été donné à ce client ; reconnectez-vous",
    )
}

pub(crate) fn forbidden() -> Problem {
    say(
        Code::Forbidden,
        "your role may not do this",
        "votre rôle ne le permet pas",
    )
}

pub(crate) fn not_yours() -> Problem {
    say(
        Code::NotYours,
        "you may not name this participant: a player sends own entries only, without `participant`",
        "vous ne pouvez pas nommer ce participant : un joueur n'envoie que ses propres entrées, sans `participant`",
    )
}

pub(crate) fn study_not_open(status: &str) -> Problem {
    say(
        Code::StudyNotOpen,
        format!("the study is not open (its status is `{status}`); those who run it open it"),
        format!("l'étude n'est pas ouverte (son état est `{status}`) ; ses responsables l'ouvrent"),
    )
}

pub(crate) fn oauth(english: &'static str, french: &'static str) -> Problem {
    say(Code::BadRequest, english, french)
}
