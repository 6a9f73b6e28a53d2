//! What is said about disputes, and about requests that came by letter.

use super::{invalid, say};
use crate::codes::Code;
use crate::error::Problem;
use sillage_domain::Day;

pub(crate) fn day() -> Problem {
    invalid(
        "it must be a day of 1970 or later, such as 2024-05-18",
        "ce doit être un jour de 1970 ou d'après, comme 2024-05-18",
    )
}

pub(crate) fn day_to_come() -> Problem {
    invalid("that day is still to come", "ce jour est encore à venir")
}

pub(crate) fn answered_before_it_came() -> Problem {
    invalid(
        "the request had not been received on that day",
        "la demande n'était pas encore reçue ce jour-là",
    )
}

pub(crate) fn put_off_between(from: Day, to: Day) -> Problem {
    invalid(
        format!(
            "an answer can be put off to a day after {from}, and to {to} at most (GDPR article 12(3))"
        ),
        format!(
            "une réponse peut être reportée à un jour après le {from}, et au {to} au plus (art. 12(3) RGPD)"
        ),
    )
}

pub(crate) fn put_off_or_answered() -> Problem {
    invalid(
        "say `due_on` and `reason`, which puts the answer off, or `answered_on` and `outcome`, which says that it was given",
        "dites `due_on` et `reason`, ce qui reporte la réponse, ou `answered_on` et `outcome`, ce qui dit qu'elle a été donnée",
    )
}

pub(crate) fn participant_or_reference() -> Problem {
    invalid(
        "say whose request it is: `participant`, `reference`, or both",
        "dites de qui est la demande : `participant`, `reference`, ou les deux",
    )
}

pub(crate) fn answered_already() -> Problem {
    say(
        Code::NotNow,
        "the request was answered already",
        "il a déjà été répondu à la demande",
    )
}

pub(crate) fn nothing_to_correct() -> Problem {
    say(
        Code::NotNow,
        "the dispute says nothing of what would be right: correct the entry with PATCH /v1/logs/{number}",
        "la contestation ne dit pas ce qui serait juste : corrigez la trace avec PATCH /v1/logs/{number}",
    )
}

pub(crate) fn no_change_of_processing() -> Problem {
    invalid(
        "say `restricted` or `objected`, true or false",
        "dites `restricted` ou `objected`, true ou false",
    )
}
