//! What is said about people who run studies, and about studies that are to be deleted.

use super::{invalid, say};
use crate::codes::Code;
use crate::error::Problem;
use sillage_domain::{Holdings, Slug, StudyStatus, Username};

pub(crate) fn last_admin() -> Problem {
    say(
        Code::NotNow,
        "it is the last administrator who may log in; make another one first",
        "c'est le dernier compte d'administration qui peut se connecter ; créez-en d'abord un autre",
    )
}

pub(crate) fn number_of_a_player() -> Problem {
    say(
        Code::NotNow,
        "this number is that of a participant here; name the account by its username: /v1/users/{username}",
        "ce numéro est ici celui d'un participant ; désignez le compte par son nom : /v1/users/{username}",
    )
}

pub(crate) fn last_manager(studies: &[Slug]) -> Problem {
    let names: Vec<_> = studies.iter().map(|slug| format!("`{slug}`")).collect();
    let names = names.join(", ");
    say(
        Code::NotNow,
        format!(
            "nobody else who may log in manages {names}; make somebody else a manager first (POST /v1/studies/{{study}}/members)"
        ),
        format!(
            "personne d'autre qui puisse se connecter n'est responsable de {names} ; nommez d'abord quelqu'un (POST /v1/studies/{{study}}/members)"
        ),
    )
}

pub(crate) fn no_such_user() -> Problem {
    invalid(
        "no account of somebody who runs studies has this username; an administrator makes one (POST /v1/users)",
        "aucun compte de personne qui conduit des études n'a ce nom ; l'administration en crée (POST /v1/users)",
    )
}

pub(crate) fn already_member(username: &Username) -> Problem {
    say(
        Code::NotNow,
        format!("`{username}` is a member already; PATCH the member to change the role"),
        format!("`{username}` est déjà membre ; changez son rôle par PATCH"),
    )
}

pub(crate) fn wrong_old_password() -> Problem {
    invalid(
        "it is not the password of this account",
        "ce n'est pas le mot de passe de ce compte",
    )
}

pub(crate) fn password_to_leave() -> Problem {
    invalid(
        "say the password of the account: here, or by HTTP Basic in the place of the token",
        "donnez le mot de passe du compte : ici, ou par HTTP Basic au lieu du jeton",
    )
}

pub(crate) fn users_are_anonymised() -> Problem {
    say(
        Code::InvalidValue,
        "an account of somebody who runs studies goes with `mode=anonymise`; entries that were sent to try a study go with the study",
        "le compte d'une personne qui conduit des études part avec `mode=anonymise` ; ses envois d'essai partent avec l'étude",
    )
    .parameter("mode")
}

pub(crate) fn not_archived(status: StudyStatus) -> Problem {
    say(
        Code::NotNow,
        format!("the study is {status}; archive it first (PATCH with status `archived`)"),
        format!(
            "l'étude est dans l'état `{status}` ; archivez-la d'abord (PATCH avec status `archived`)"
        ),
    )
}

pub(crate) fn not_empty(held: &Holdings) -> Problem {
    let Holdings {
        entries,
        quarantined,
        participants,
    } = held;
    say(
        Code::NotNow,
        format!(
            "the study holds {entries} entries, {quarantined} texts in quarantine and {participants} accounts of participants; archive it, then say `?confirm=` with its slug to delete them all"
        ),
        format!(
            "l'étude contient {entries} entrées, {quarantined} textes en quarantaine et {participants} comptes de participants ; archivez-la, puis confirmez par `?confirm=` et son nom pour tout supprimer"
        ),
    )
}

pub(crate) fn bytes_stay() -> Problem {
    say(
        Code::NotNow,
        "the database server keeps the bytes of what it deletes; ask those who run this server to have them overwritten, or to accept that",
        "le serveur de base de données garde les octets de ce qu'il supprime ; demandez à ceux qui gèrent ce serveur de les faire écraser, ou de l'accepter",
    )
}
