//! What is said about entries that do not fit the codebook of their study.

use super::say;
use crate::codes::Code;
use crate::error::Problem;
use sillage_domain::FaultKind;
use sillage_domain::codebook::FieldType;
use std::borrow::Cow;

type Told = (Cow<'static, str>, Cow<'static, str>);

fn told(english: impl Into<Cow<'static, str>>, french: impl Into<Cow<'static, str>>) -> Told {
    (english.into(), french.into())
}

fn type_told(kind: FieldType) -> (&'static str, &'static str) {
    match kind {
        FieldType::String => ("a text", "un texte"),
        FieldType::Integer => ("an integer", "un entier"),
        FieldType::Number => ("a number", "un nombre"),
        FieldType::Boolean => ("true or false", "true ou false (un booléen)"),
        FieldType::Datetime => (
            "a time such as 2024-05-18T10:17:33.109Z",
            "une heure comme 2024-05-18T10:17:33.109Z",
        ),
        FieldType::Array => ("a list", "une liste"),
        FieldType::Object => ("an object", "un objet"),
    }
}

/// Why an entry does not fit the codebook of its study.
pub(super) fn misfit(kind: &FaultKind) -> Problem {
    let (english, french) = match kind {
        FaultKind::UnknownAction => told(
            "the codebook has no such action",
            "le plan de codage n'a pas cette action",
        ),
        FaultKind::MissingField => told(
            "the codebook requires this field",
            "le plan de codage exige ce champ",
        ),
        FaultKind::WrongFieldType { expected } => {
            let (english, french) = type_told(*expected);
            told(
                format!("by the codebook it must be {english}"),
                format!("selon le plan de codage, ce doit être {french}"),
            )
        }
        FaultKind::NotInEnumeration => told(
            "it is none of the values that the codebook lists",
            "ce n'est aucune des valeurs que le plan de codage énumère",
        ),
        FaultKind::BelowMinimum { minimum } => told(
            format!("it is below {minimum}, the smallest value in the codebook"),
            format!("c'est inférieur à {minimum}, la plus petite valeur du plan de codage"),
        ),
        FaultKind::AboveMaximum { maximum } => told(
            format!("it is above {maximum}, the greatest value in the codebook"),
            format!("c'est supérieur à {maximum}, la plus grande valeur du plan de codage"),
        ),
        FaultKind::TooShort { min } => told(
            format!("by the codebook it has at least {min} characters"),
            format!("selon le plan de codage, il faut au moins {min} caractères"),
        ),
        FaultKind::TooLong { max } => told(
            format!("by the codebook it has at most {max} characters"),
            format!("selon le plan de codage, il faut au plus {max} caractères"),
        ),
        FaultKind::TooFewItems { min } => told(
            format!("by the codebook it has at least {min} items"),
            format!("selon le plan de codage, il faut au moins {min} éléments"),
        ),
        FaultKind::TooManyItems { max } => told(
            format!("by the codebook it has at most {max} items"),
            format!("selon le plan de codage, il faut au plus {max} éléments"),
        ),
        FaultKind::PatternMismatch => told(
            "it does not match the pattern of the codebook",
            "cela ne correspond pas au motif du plan de codage",
        ),
        FaultKind::UndeclaredField => told(
            "the codebook has no such field, and takes no others",
            "le plan de codage n'a pas ce champ, et n'en admet pas d'autres",
        ),
        FaultKind::FieldTwice => told(
            "the field stands twice, in two spellings of one name",
            "le champ figure deux fois, sous deux graphies d'un même nom",
        ),
        _ => told(
            "it does not fit the codebook",
            "cela ne correspond pas au plan de codage",
        ),
    };
    say(Code::NotInCodebook, english, french)
}
