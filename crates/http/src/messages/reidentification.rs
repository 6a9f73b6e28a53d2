//! What is said about telling whose a pseudonym is.

use super::say;
use crate::codes::Code;
use crate::error::Problem;
use sillage_domain::ReidentificationState as State;

pub(crate) fn pseudonym() -> Problem {
    say(
        Code::NotFound,
        "it is not a pseudonym such as P-7QX4-M2K9-T0BC-5",
        "ce n'est pas un pseudonyme comme P-7QX4-M2K9-T0BC-5",
    )
}

pub(crate) fn another_person() -> Problem {
    say(
        Code::Forbidden,
        "another person has to decide this than the one who asked; and one whose account or password the other has not made or reset in the last 7 days",
        "une autre personne que celle qui a demandé doit en décider ; et une dont l'autre n'a ni créé le compte ni réinitialisé le mot de passe ces 7 derniers jours",
    )
}

pub(crate) fn only_who_asked() -> Problem {
    say(
        Code::Forbidden,
        "only the person who asked is told",
        "seule la personne qui a demandé reçoit la réponse",
    )
}

/// Why a request is not as it would have to be.
pub(crate) fn request_is(state: State) -> Problem {
    let (english, french) = match state {
        State::Requested => (
            "a second person has not allowed it yet",
            "une seconde personne ne l'a pas encore autorisé",
        ),
        State::Approved => ("it is decided already", "la décision est déjà prise"),
        State::Refused => (
            "a second person has refused it",
            "une seconde personne l'a refusé",
        ),
        State::Answered => (
            "the answer was given, which is done once; ask again",
            "la réponse a été donnée, ce qui n'arrive qu'une fois ; refaites une demande",
        ),
        State::Lapsed => (
            "its time is over; ask again",
            "son délai est passé ; refaites une demande",
        ),
    };
    say(Code::NotNow, english, french)
}

pub(crate) fn nobodys_pseudonym() -> Problem {
    say(
        Code::Gone,
        "no account of the study has this pseudonym: it was deleted, or never was",
        "aucun compte de l'étude n'a ce pseudonyme : il a été supprimé, ou n'a jamais existé",
    )
}
