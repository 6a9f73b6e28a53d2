//! What is said about registered clients.

use super::{invalid, say};
use crate::codes::Code;
use crate::error::Problem;

pub(crate) fn built_in_client_stays() -> Problem {
    say(
        Code::Forbidden,
        "this client is always there: it can be deactivated, not deleted",
        "ce client est toujours là : on peut le désactiver, pas le supprimer",
    )
}

pub(crate) fn public_client_has_no_secret() -> Problem {
    invalid(
        "a public client has no secret; register a confidential one",
        "un client public n'a pas de secret ; enregistrez un client confidentiel",
    )
}

pub(crate) fn client_credentials_need_secret_and_study() -> Problem {
    invalid(
        "client_credentials is for a confidential client of a study",
        "client_credentials est réservé à un client confidentiel d'une étude",
    )
}

pub(crate) fn cannot_be_changed() -> Problem {
    invalid(
        "this cannot be changed; register another client",
        "ceci ne peut pas être modifié ; enregistrez un autre client",
    )
}
