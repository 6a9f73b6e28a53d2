//! What is said in French about what the domain says of codebooks in English.

use super::entry;
use crate::language::Language;
use sillage_domain::codebook::{CodebookProblem, Expected};

/// What is wrong with a codebook.
pub(super) fn in_french(problem: &CodebookProblem) -> String {
    use CodebookProblem as P;
    match problem {
        P::TooLarge { max } => format!("un livre de codes a {max} octets au plus"),
        P::Malformed { reason } => format!("la syntaxe est fausse : {reason}"),
        P::TooDeep { max } => format!("c'est imbriqué sur plus de {max} niveaux"),
        P::TooManyFields { max } => format!("un livre de codes a {max} champs au plus"),
        P::TooManyPatterns { max } => {
            format!("un livre de codes a {max} motifs différents au plus")
        }
        P::TooManyGroups { max } => format!("une action a {max} groupes au plus"),
        P::AndMore => "il y a d'autres fautes ; corrigez d'abord celles-ci".to_owned(),
        P::Missing { key } => format!("`{key}` manque"),
        P::UnknownKey { key, nearest } => {
            format!("il n'y a pas de clé `{key}` ici{}", meant(nearest))
        }
        P::WrongType { expected } => format!("ce doit être {}", expected_in_french(*expected)),
        P::UnknownWord {
            word,
            nearest,
            known,
        } => {
            let known = known.join(", ");
            format!(
                "il n'y a pas de `{word}` ici{} ; il y a {known}",
                meant(nearest)
            )
        }
        P::UnknownFormat => "le format doit être 1".to_owned(),
        P::NoActions => "un livre de codes a au moins une action : [actions.NOM]".to_owned(),
        P::Name { error } => {
            let said = entry::name(error);
            format!(
                "ce nom ne convient pas : {}",
                said.text.in_language(Language::French)
            )
        }
        P::Language => "une langue est un code comme en, fr ou fr-CH".to_owned(),
        P::Twice { name } => format!("`{name}` figure deux fois"),
        P::ValueTwice { value } => format!("la valeur `{value}` figure deux fois"),
        P::NotForType { key, kind } => format!("`{key}` ne va pas avec le type {kind}"),
        P::NotOfType { kind } => format!("un champ du type {kind} ne peut pas avoir cette valeur"),
        P::NotFinite => "ce doit être un nombre fini".to_owned(),
        P::EmptyRange { least, most } => format!("`{least}` est plus grand que `{most}`"),
        P::EmptyEnumeration => "aucune valeur ne conviendrait : donnez-en au moins une".to_owned(),
        P::Excluded { value, rule } => {
            format!("la valeur `{value}` ne respecte pas `{rule}` du même champ")
        }
        P::Pattern { reason } => format!("le motif ne peut pas être lu : {reason}"),
        P::PatternTooLarge => "le motif est trop grand".to_owned(),
        P::UnknownGroup { name, nearest } => {
            format!("il n'y a pas de groupe `{name}`{}", meant(nearest))
        }
        P::UnknownAction { name, nearest } => {
            format!("il n'y a pas d'action `{name}`{}", meant(nearest))
        }
        P::UnknownField { name, nearest } => {
            format!("il n'y a pas de champ `{name}`{}", meant(nearest))
        }
        P::AlsoDeclared { name, other } => format!("l'action a déjà `{name}`, par {other}"),
        P::PlaysAnother { name, other } => {
            format!("`{name}` ne peut pas jouer ce rôle : il joue `{other}`")
        }
        other => other.to_string(),
    }
}

fn meant(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or(String::new(), |nearest| {
        format!(" ; vouliez-vous dire `{nearest}` ?")
    })
}

const fn expected_in_french(expected: Expected) -> &'static str {
    match expected {
        Expected::Text => "un texte",
        Expected::Texts => {
            "un texte, ou des textes par langue comme { en = \"Level\", fr = \"Niveau\" }"
        }
        Expected::Number => "un nombre",
        Expected::Count => "un entier de 0 à 4294967295",
        Expected::TextOrNumber => "un texte ou un nombre",
        Expected::Boolean => "true ou false",
        Expected::List => "une liste",
        Expected::Table => "une table",
    }
}
