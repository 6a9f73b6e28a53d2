//! What errors say, in English and French, to the developer of the game. One function a case.

mod access;
mod clients;
mod codebook;
mod codebook_french;
mod consent;
mod entry;
mod exports;
mod identity;
mod json;
mod misfit;
mod people;
mod reidentification;
mod rights;
#[cfg(test)]
mod tests;

pub(crate) use access::*;
pub(crate) use clients::*;
pub(crate) use codebook::*;
pub(crate) use consent::*;
pub(crate) use entry::*;
pub(crate) use exports::*;
pub(crate) use identity::*;
pub(crate) use json::malformed_json;
pub(crate) use people::*;
pub(crate) use reidentification::*;
pub(crate) use rights::*;

use crate::codes::Code;
use crate::error::Problem;
use crate::language::Text;
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

pub(crate) fn body_too_slow() -> Problem {
    say(
        Code::RequestTimeout,
        "the body did not arrive whole in time; send it again",
        "le corps n'est pas arrivé entier à temps ; renvoyez-le",
    )
}

pub(crate) fn too_many_entries(max: usize) -> Problem {
    say(
        Code::TooManyEntries,
        format!("there are more than {max} entries; send them in parts"),
        format!("il y a plus de {max} entrées ; envoyez-les en plusieurs fois"),
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

pub(crate) fn which_removal() -> Problem {
    say(
        Code::InvalidValue,
        "say how: `mode=anonymise` unlinks what was done, `mode=erase` deletes its content too",
        "précisez comment : `mode=anonymise` rompt le lien avec les traces, `mode=erase` en supprime aussi le contenu",
    )
    .parameter("mode")
}

pub(crate) fn which_reason() -> Problem {
    say(
        Code::InvalidValue,
        "say why: `reason=`; it is kept",
        "dites pourquoi : `reason=` ; c'est gardé",
    )
    .parameter("reason")
}

pub(crate) fn which_study() -> Problem {
    say(
        Code::InvalidValue,
        "say which study: `study=`",
        "précisez l'étude : `study=`",
    )
    .parameter("study")
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

pub(crate) fn too_many_exports() -> Problem {
    say(
        Code::Overloaded,
        "as many exports are running as this server writes at the same time; ask again after Retry-After seconds",
        "ce serveur écrit déjà autant d'exports qu'il le peut à la fois ; redemandez après Retry-After secondes",
    )
}

pub(crate) fn too_many_listeners() -> Problem {
    say(
        Code::Overloaded,
        "as many listen to events as this server, or one account, may have; end one, or ask without `Accept: text/event-stream` now and then",
        "autant d'auditeurs que ce serveur, ou un compte, peut en avoir suivent déjà des événements ; fermez-en un, ou demandez de temps en temps sans `Accept: text/event-stream`",
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
