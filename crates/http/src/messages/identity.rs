//! What is said about who participants are.

use super::say;
use crate::codes::Code;
use crate::error::{ApiError, Problem};
use sillage_domain::{AnonymityError, IdentityField};

pub(crate) fn identity_not_kept(field: IdentityField) -> Problem {
    say(
        Code::NotNow,
        format!("the study does not keep `{field}`: see its member `identity`"),
        format!("l'étude ne garde pas `{field}` : voyez son membre `identity`"),
    )
    .at(format!("/{field}"))
}

pub(crate) fn not_by_this_token() -> Problem {
    say(
        Code::Forbidden,
        "this token does not show who you are: ask for one with the scope `participant identity`, or send the password",
        "ce jeton ne montre pas qui vous êtes : demandez-en un avec la portée `participant identity`, ou envoyez le mot de passe",
    )
}

impl From<AnonymityError> for ApiError {
    fn from(error: AnonymityError) -> Self {
        anonymity(error).into()
    }
}

fn anonymity(error: AnonymityError) -> Problem {
    match error {
        AnonymityError::Begun => say(
            Code::NotNow,
            "whether a study is anonymous from the collection on is said while it is a draft, before it has participants or entries: they were told",
            "c'est tant qu'une étude est un brouillon sans participants ni traces qu'on dit si elle est anonyme dès le recueil : ils l'ont lu",
        )
        .at("/anonymous"),
        _ => say(
            Code::NotNow,
            "a study that is anonymous from the collection on keeps no identity: empty `identity`",
            "une étude anonyme dès le recueil ne garde aucune identité : videz `identity`",
        )
        .at("/identity"),
    }
}

pub(crate) fn vault_is_shut() -> Problem {
    say(
        Code::VaultIsShut,
        "identities can't be read on this server now: the key of the vault is not here; its log says more",
        "les identités ne peuvent pas être lues sur ce serveur : la clé du coffre n'y est pas ; son journal en dit plus",
    )
}
