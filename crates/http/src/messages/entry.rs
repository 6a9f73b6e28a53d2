//! What is said about log entries and the values in them.

use super::{invalid, missing, say, wrong_type};
use crate::codes::Code;
use crate::error::Problem;
use sillage_domain::{FaultKind, JsonType, NameError, TimeError};

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
        _ => invalid(
            "it is not a name that can be used",
            "ce nom ne convient pas",
        ),
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

pub(crate) fn malformed_time(error: TimeError) -> Problem {
    let (english, french) = time(error);
    say(Code::MalformedTime, english, french)
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
        FaultKind::UnknownMember => invalid(
            "there is no such member that can be amended; there is action, timestamp, session, sequence, payload, and reason",
            "aucun membre de ce nom ne peut être corrigé ; il y a action, timestamp, session, sequence, payload, et reason",
        ),
        FaultKind::NothingToChange => invalid(
            "say what is to be changed: action, timestamp, session, sequence or payload",
            "dites ce qui est à corriger : action, timestamp, session, sequence ou payload",
        ),
        FaultKind::PlayedTwice => invalid(
            "another member plays this part already: send one of both",
            "un autre membre tient déjà ce rôle : n'envoyez que l'un des deux",
        ),
        kind if kind.is_of_codebook() => super::misfit::misfit(kind),
        _ => invalid("it cannot be taken", "cela ne peut pas être pris"),
    }
}

pub(crate) fn content_deleted() -> Problem {
    say(
        Code::Gone,
        "the content of this entry was deleted; `entry` says what is left of it",
        "le contenu de cette entrée a été supprimé ; `entry` dit ce qu'il en reste",
    )
}

pub(crate) fn reason_missing() -> Problem {
    say(
        Code::InvalidValue,
        "say why: `reason=`, or a body `{\"reason\":\"...\"}`",
        "dites pourquoi : `reason=`, ou un corps `{\"reason\":\"...\"}`",
    )
    .parameter("reason")
}

pub(crate) fn parameter_missing(parameter: &'static str) -> Problem {
    say(
        Code::InvalidValue,
        "this parameter is required",
        "ce paramètre est obligatoire",
    )
    .parameter(parameter)
}

pub(crate) fn no_study_for_misfit() -> Problem {
    say(
        Code::InvalidValue,
        "it does not say whose it is (`participant`), so there is no study to keep it in",
        "on ne sait pas de qui il s'agit (`participant`), donc dans quelle étude le garder",
    )
}
