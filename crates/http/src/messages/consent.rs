//! What is said about consents, notices, and what a study has to say before it collects.

use super::{invalid, say};
use crate::codes::Code;
use crate::error::Problem;
use sillage_domain::{MAX_NOTICE, Missing};

pub(crate) fn consent_missing() -> Problem {
    say(
        Code::ConsentMissing,
        "this study collects with consent only, and the participant has not given it, or took it back, or objects to the study; show the notice (GET /v1/studies/{study}/notice) and send the answer (POST /v1/me/consents)",
        "cette étude ne recueille qu'avec un consentement, et le participant ne l'a pas donné, ou l'a retiré, ou s'oppose à l'étude ; montrez la notice (GET /v1/studies/{study}/notice) et envoyez la réponse (POST /v1/me/consents)",
    )
}

/// What a study has not said, under the member that says it.
pub(crate) fn not_ready(missing: Missing) -> Problem {
    let (english, french) = match missing {
        Missing::LegalRegimes => (
            "the laws that hold for the study",
            "les lois qui s'appliquent à l'étude",
        ),
        Missing::Controllers => ("who decides about it", "ses responsables de traitement"),
        Missing::Contact => (
            "whom participants ask",
            "à qui les participants s'adressent",
        ),
        Missing::Purpose => ("what the data are for", "à quoi servent les données"),
        Missing::Recipients => (
            "to whom data go (an empty list says to nobody)",
            "à qui vont les données (une liste vide dit : à personne)",
        ),
        Missing::Retention => (
            "how long entries are kept, and what becomes of them then",
            "combien de temps les traces sont gardées, et ce qu'elles deviennent ensuite",
        ),
        Missing::EthicsReference => (
            "the reference of the commission of ethics",
            "la référence de la commission d'éthique",
        ),
        Missing::AuthorisationReference => (
            "the reference of the authorisation to collect sensitive data (LIPAD article 41)",
            "la référence de l'autorisation de recueillir des données sensibles (art. 41 LIPAD)",
        ),
        Missing::Notice => (
            "the information notice (PUT /v1/studies/{study}/notice)",
            "la notice d'information (PUT /v1/studies/{study}/notice)",
        ),
    };
    say(
        Code::NotReady,
        format!("before the study collects this, it must say {english}: `{missing}`"),
        format!("avant de recueillir cela, l'étude doit dire {french} : `{missing}`"),
    )
    .at(format!("/{missing}"))
}

pub(crate) fn too_many_of_them(most: usize) -> Problem {
    invalid(
        format!("there may be {most} of them at most"),
        format!("il peut y en avoir {most} au plus"),
    )
}

pub(crate) fn collection_comes_first() -> Problem {
    invalid(
        "who asks for consent asks for `collection`, and perhaps for more",
        "qui demande un consentement demande `collection`, et peut-être davantage",
    )
}

pub(crate) fn country() -> Problem {
    invalid(
        "it must be the two capital letters of a country (ISO 3166-1), such as CH",
        "ce doit être les deux majuscules d'un pays (ISO 3166-1), comme CH",
    )
}

pub(crate) fn email() -> Problem {
    invalid(
        "it must be an e-mail address",
        "ce doit être une adresse électronique",
    )
}

pub(crate) fn language() -> Problem {
    invalid(
        "it must be the tag of a language, such as fr or de-CH",
        "ce doit être le code d'une langue, comme fr ou de-CH",
    )
}

pub(crate) fn notice_text() -> Problem {
    invalid(
        format!("a notice is a text of 1 to {MAX_NOTICE} characters, without NUL"),
        format!("une notice est un texte de 1 à {MAX_NOTICE} caractères, sans NUL"),
    )
}

pub(crate) fn no_such_format() -> Problem {
    say(
        Code::NotAcceptable,
        "X-Data-Format is none of markdown, html, text",
        "X-Data-Format n'est ni markdown, ni html, ni text (ou texte)",
    )
}

pub(crate) fn which_notice() -> Problem {
    invalid(
        "say which notice the consent was given to: the number in X-Notice-Version of GET /v1/studies/{study}/notice",
        "dites à quelle notice le consentement a été donné : le numéro de X-Notice-Version de GET /v1/studies/{study}/notice",
    )
}

pub(crate) fn no_such_notice() -> Problem {
    invalid(
        "the study has no notice of this number",
        "l'étude n'a pas de notice de ce numéro",
    )
}

pub(crate) fn notice_was_replaced() -> Problem {
    invalid(
        "this notice was replaced by another since; show that one",
        "cette notice a été remplacée depuis ; montrez la nouvelle",
    )
}

pub(crate) fn which_purposes() -> Problem {
    invalid(
        "say what for: this study asks for no consent of its own",
        "dites pour quoi : cette étude ne demande pas de consentement",
    )
}

pub(crate) fn how_many_participants(most: usize) -> Problem {
    invalid(
        format!("name 1 to {most} participants"),
        format!("nommez de 1 à {most} participants"),
    )
}

pub(crate) fn no_such_participant() -> Problem {
    invalid(
        "no participant of this study has this username",
        "aucun participant de cette étude n'a ce nom d'utilisateur",
    )
}

pub(crate) fn purpose_was_not_asked() -> Problem {
    invalid(
        "the study does not ask for consent to this purpose, so that nobody has given it",
        "l'étude ne demande pas de consentement à cette fin : personne ne l'a donné",
    )
    .parameter("purpose")
}
