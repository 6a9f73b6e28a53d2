//! What errors say, in English and French, to the developer of the game. One function a case.

use crate::codes::Code;
use crate::error::Problem;
use crate::language::Text;
use sillage_domain::{FaultKind, JsonType, NameError, TimeError};
use std::borrow::Cow;

fn say(
    code: Code,
    english: impl Into<Cow<'static, str>>,
    french: impl Into<Cow<'static, str>>,
) -> Problem {
    Problem::new(code, Text::new(english, french))
}

pub(crate) fn bad_request() -> Problem {
    say(
        Code::BadRequest,
        "the request cannot be understood",
        "la requête ne peut pas être comprise",
    )
}

pub(crate) fn internal(reference: &str) -> Problem {
    say(
        Code::Internal,
        format!(
            "something failed inside the server; its log has the details under the reference {reference}"
        ),
        format!(
            "une erreur s'est produite dans le serveur ; son journal la décrit sous la référence {reference}"
        ),
    )
}

pub(crate) fn of_status(code: Code) -> Problem {
    match code {
        Code::NotFound => no_such_path(),
        Code::Internal => internal(""),
        Code::BodyTooLarge => say(code, "the body is too large", "le corps est trop grand"),
        Code::RequestTimeout => say(
            code,
            "the request did not arrive whole in time",
            "la requête n'est pas arrivée entière à temps",
        ),
        _ => bad_request(),
    }
}

pub(crate) fn no_such_path() -> Problem {
    say(
        Code::NotFound,
        "there is nothing at this path; /openapi.json lists the paths",
        "il n'y a rien à ce chemin ; /openapi.json donne la liste des chemins",
    )
}

pub(crate) fn not_found() -> Problem {
    say(
        Code::NotFound,
        "there is no such thing, or it is not yours to see",
        "cela n'existe pas, ou n'est pas à vous",
    )
}

pub(crate) fn method_not_allowed(allow: &str) -> Problem {
    say(
        Code::MethodNotAllowed,
        format!("this path does not know that method; it knows {allow}"),
        format!("ce chemin ne connaît pas cette méthode ; il connaît {allow}"),
    )
}

pub(crate) fn user_agent_missing() -> Problem {
    say(
        Code::UserAgentMissing,
        "send a User-Agent header that names your game and its version",
        "envoyez un en-tête User-Agent qui nomme votre jeu et sa version",
    )
}

pub(crate) fn not_offered(formats: &[&str]) -> Problem {
    let formats = formats.join(", ");
    say(
        Code::NotAcceptable,
        format!("none of the formats in Accept is offered here; there is {formats}"),
        format!("aucun des formats de Accept n'est proposé ici ; il y a {formats}"),
    )
}

pub(crate) fn not_taken(formats: &[&str]) -> Problem {
    let formats = formats.join(", ");
    say(
        Code::NotAcceptable,
        format!("the client must send {formats} and say so in Content-Type"),
        format!("le client doit envoyer {formats} et le dire dans Content-Type"),
    )
}

pub(crate) fn unknown_encoding() -> Problem {
    say(
        Code::UnsupportedEncoding,
        "Content-Encoding may be gzip, or be left out",
        "Content-Encoding peut être gzip, ou être omis",
    )
}

pub(crate) fn broken_gzip() -> Problem {
    say(
        Code::BadRequest,
        "Content-Encoding says gzip, but the body is no whole gzip stream",
        "Content-Encoding annonce gzip, mais le corps n'est pas un flux gzip complet",
    )
}

pub(crate) fn body_too_large(max: usize) -> Problem {
    say(
        Code::BodyTooLarge,
        format!("the body is larger than {max} bytes, counted after inflation; send it in parts"),
        format!(
            "le corps dépasse {max} octets, comptés une fois décompressés ; envoyez-le en plusieurs fois"
        ),
    )
}

pub(crate) fn body_broken_off() -> Problem {
    say(
        Code::BadRequest,
        "the body broke off before its end",
        "le corps s'est interrompu avant sa fin",
    )
}

pub(crate) fn too_many_entries(max: usize) -> Problem {
    say(
        Code::TooManyEntries,
        format!("there are more than {max} entries; send them in parts"),
        format!("il y a plus de {max} entrées ; envoyez-les en plusieurs fois"),
    )
}

pub(crate) fn malformed_json(line: usize, column: usize, problem: &str) -> Problem {
    say(
        Code::MalformedJson,
        format!("malformed JSON at line {line}, column {column}: {problem}"),
        format!("JSON mal formé à la ligne {line}, colonne {column} : {problem}"),
    )
}

pub(crate) fn member_twice() -> Problem {
    say(
        Code::MalformedJson,
        "this member stands twice in its object, and readers differ on which one counts",
        "ce membre figure deux fois dans son objet, et les lecteurs diffèrent sur celui qui compte",
    )
}

pub(crate) fn page_not_integer(parameter: &'static str) -> Problem {
    say(
        Code::PageNotInteger,
        format!("{parameter} must be an integer"),
        format!("{parameter} doit être un entier"),
    )
    .parameter(parameter)
}

pub(crate) fn no_such_page() -> Problem {
    say(
        Code::NoSuchPage,
        "there is no such page; pages count from 1 to the one that the link `last` names",
        "cette page n'existe pas ; les pages vont de 1 à celle du lien `last`",
    )
    .parameter("page")
}

pub(crate) fn page_size_out_of_range(max: u32) -> Problem {
    say(
        Code::PageSizeOutOfRange,
        format!("page_size must lie between 1 and {max}"),
        format!("page_size doit être compris entre 1 et {max}"),
    )
    .parameter("page_size")
}

pub(crate) fn unknown_parameter(name: String, known: &[&str]) -> Problem {
    let list = known.join(", ");
    say(
        Code::UnknownParameter,
        format!("there is no such parameter here; there is {list}"),
        format!("ce paramètre n'existe pas ici ; il y a {list}"),
    )
    .parameter(name)
}

pub(crate) fn parameter_twice(name: String) -> Problem {
    say(
        Code::BadRequest,
        "this parameter stands twice",
        "ce paramètre figure deux fois",
    )
    .parameter(name)
}

pub(crate) fn not_one_of(parameter: &'static str, words: &[&str]) -> Problem {
    let code = if parameter == "sort" {
        Code::UnknownParameter
    } else {
        Code::InvalidValue
    };
    not_one_of_words(code, words).parameter(parameter)
}

fn not_one_of_words(code: Code, words: &[&str]) -> Problem {
    let list = words.join(", ");
    say(
        code,
        format!("it must be one of {list}"),
        format!("ce doit être l'un de {list}"),
    )
}

pub(crate) fn cursor_sorts_by_number() -> Problem {
    say(
        Code::UnknownParameter,
        "`after` walks by number: it goes with neither `page` nor another `sort` than `received`",
        "`after` suit les numéros : il ne va ni avec `page` ni avec un autre `sort` que `received`",
    )
    .parameter("after")
}

pub(crate) fn bad_parameter(parameter: &'static str, english: &str, french: &str) -> Problem {
    say(Code::InvalidValue, english.to_owned(), french.to_owned()).parameter(parameter)
}

pub(crate) fn malformed_time(error: TimeError) -> Problem {
    let (english, french) = time(error);
    say(Code::MalformedTime, english, french)
}

pub(crate) fn credentials_missing() -> Problem {
    say(
        Code::Unauthorised,
        "log in first (POST /oauth2/access_token) and send the token as Authorization: Bearer",
        "connectez-vous d'abord (POST /oauth2/access_token) et envoyez le jeton ainsi : Authorization: Bearer",
    )
}

pub(crate) fn credentials_malformed(why: &dyn std::fmt::Display) -> Problem {
    say(
        Code::Unauthorised,
        format!("{why}; send Authorization: Bearer and a token"),
        "l'en-tête Authorization est mal formé ; envoyez Authorization: Bearer et un jeton",
    )
}

pub(crate) fn wrong_password() -> Problem {
    say(
        Code::Unauthorised,
        "wrong username or password",
        "nom d'utilisateur ou mot de passe incorrect",
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

pub(crate) fn token_invalid() -> Problem {
    say(
        Code::TokenInvalid,
        "the token was not made by this server, or not for this; log in again",
        "le jeton n'a pas été émis par ce serveur, ou pas pour cela ; reconnectez-vous",
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

pub(crate) fn which_study() -> Problem {
    say(
        Code::InvalidValue,
        "say which study: `study=`",
        "précisez l'étude : `study=`",
    )
    .parameter("study")
}

pub(crate) fn no_study_for_misfit() -> Problem {
    say(
        Code::InvalidValue,
        "it does not say whose it is (`participant`), so there is no study to keep it in",
        "on ne sait pas de qui il s'agit (`participant`), donc dans quelle étude le garder",
    )
}

pub(crate) fn stale() -> Problem {
    say(
        Code::PreconditionFailed,
        "it was changed by somebody else since; read it again",
        "quelqu'un l'a modifié depuis ; relisez-le",
    )
}

pub(crate) fn name_taken(name: &str) -> Problem {
    say(
        Code::NameTaken,
        format!("the name `{name}` is taken"),
        format!("le nom `{name}` est déjà pris"),
    )
}

pub(crate) fn overloaded() -> Problem {
    say(
        Code::Overloaded,
        "too much waits to be written; send it again after Retry-After seconds",
        "trop d'entrées attendent d'être écrites ; renvoyez après Retry-After secondes",
    )
}

pub(crate) fn away() -> Problem {
    say(
        Code::DatabaseAway,
        "the database cannot be reached; send it again after Retry-After seconds, nothing is stored twice",
        "la base de données est injoignable ; renvoyez après Retry-After secondes, rien n'est enregistré deux fois",
    )
}

pub(crate) fn invalid(
    english: impl Into<Cow<'static, str>>,
    french: impl Into<Cow<'static, str>>,
) -> Problem {
    say(Code::InvalidValue, english, french)
}

pub(crate) fn oauth(english: &'static str, french: &'static str) -> Problem {
    say(Code::BadRequest, english, french)
}

pub(crate) fn unknown_member() -> Problem {
    invalid("there is no such member here", "ce membre n'existe pas ici")
}

pub(crate) fn missing() -> Problem {
    invalid("this member is required", "ce membre est obligatoire")
}

pub(crate) fn wrong_type(english: &str, french: &str) -> Problem {
    invalid(
        format!("it must be {english}"),
        format!("ce doit être {french}"),
    )
}

pub(crate) fn words(words: &[&str]) -> Problem {
    not_one_of_words(Code::InvalidValue, words)
}

pub(crate) fn name(error: &NameError) -> Problem {
    match error {
        NameError::Empty => invalid("it is empty", "il est vide"),
        NameError::TooLong { max } => invalid(
            format!("it is longer than {max} characters"),
            format!("il dépasse {max} caractères"),
        ),
        NameError::Character(c) => invalid(
            format!("the character {c:?} cannot stand there"),
            format!("le caractère {c:?} n'y est pas admis"),
        ),
        NameError::Padded => invalid(
            "it begins or ends with white space",
            "il commence ou finit par une espace",
        ),
        other => invalid(other.to_string(), "ce nom ne convient pas"),
    }
}

fn time(error: TimeError) -> (&'static str, &'static str) {
    match error {
        TimeError::NoOffset => (
            "the time does not say how far it is from UTC: end it with Z or +02:00",
            "l'heure ne dit pas son décalage avec UTC : terminez-la par Z ou +02:00",
        ),
        TimeError::NoSuchTime => (
            "there is no such date or time",
            "cette date ou cette heure n'existe pas",
        ),
        _ => (
            "it is not an ISO 8601 time such as 2024-05-18T10:17:33.109Z",
            "ce n'est pas une heure ISO 8601 comme 2024-05-18T10:17:33.109Z",
        ),
    }
}

/// What is wrong with an entry.
pub(crate) fn fault(kind: &FaultKind) -> Problem {
    match kind {
        FaultKind::Missing => missing(),
        FaultKind::WrongType { expected } => match expected {
            JsonType::Object => wrong_type("a JSON object", "un objet JSON"),
            JsonType::String => wrong_type("a string", "une chaîne de caractères"),
            _ => wrong_type("an integer", "un entier"),
        },
        FaultKind::Time { error } => malformed_time(*error),
        FaultKind::Name { error } => name(error),
        FaultKind::NotAnId => invalid("it is not a UUID", "ce n'est pas un UUID"),
        FaultKind::SequenceOutOfRange => invalid(
            "it must lie between 0 and 2^53 - 1",
            "il doit être compris entre 0 et 2^53 - 1",
        ),
        FaultKind::PayloadTooLarge { max } => say(
            Code::PayloadTooLarge,
            format!("the payload is larger than {max} bytes"),
            format!("le contenu dépasse {max} octets"),
        ),
        FaultKind::TooDeep { max } => invalid(
            format!("the payload is nested deeper than {max} levels"),
            format!("le contenu est imbriqué sur plus de {max} niveaux"),
        ),
        FaultKind::NulCharacter => invalid(
            "the character U+0000 cannot be kept",
            "le caractère U+0000 ne peut pas être gardé",
        ),
        FaultKind::LoneSurrogate => invalid(
            "half of a surrogate pair is no character",
            "une moitié de paire de substitution n'est pas un caractère",
        ),
        FaultKind::AlsoInPayload => invalid(
            "this member stands in `payload` and beside it",
            "ce membre figure dans `payload` et à côté",
        ),
        FaultKind::ParticipantMissing => invalid(
            "say whose it is: `participant`, a username",
            "dites de qui il s'agit : `participant`, un nom d'utilisateur",
        ),
        FaultKind::UnknownParticipant => invalid(
            "there is no participant of that username",
            "aucun participant n'a ce nom d'utilisateur",
        ),
        FaultKind::Conflict => say(
            Code::Conflict,
            "an entry with this id and other content is stored already",
            "une entrée avec cet identifiant et un autre contenu est déjà enregistrée",
        ),
        FaultKind::AfterClosing => say(
            Code::StudyNotOpen,
            "the action took place after the study was closed, or arrived too long after",
            "l'action a eu lieu après la clôture de l'étude, ou est arrivée trop longtemps après",
        ),
        _ => invalid("it cannot be taken", "cela ne peut pas être pris"),
    }
}
