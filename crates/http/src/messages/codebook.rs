//! What is said about codebooks, to the researchers who write them.

use super::codebook_french::in_french;
use super::{invalid, say};
use crate::codes::Code;
use crate::error::Problem;
use sillage_domain::codebook::CodebookFault;

pub(crate) fn takes_everything() -> Problem {
    say(
        Code::NotFound,
        "this study has no codebook, so that it takes everything; put one here",
        "cette étude n'a pas de livre de codes, donc elle accepte tout ; déposez-en un ici",
    )
}

pub(crate) fn malformed_toml(reason: &str) -> Problem {
    say(
        Code::MalformedJson,
        format!("malformed TOML: {reason}"),
        format!("TOML mal formé : {reason}"),
    )
}

pub(crate) fn not_utf8() -> Problem {
    invalid("the text is not UTF-8", "le texte n'est pas en UTF-8")
}

/// What is wrong with a codebook, and where.
pub(crate) fn codebook_fault(fault: &CodebookFault) -> Problem {
    let problem = invalid(fault.problem.to_string(), in_french(&fault.problem));
    problem
        .at(fault.pointer.clone())
        .on_line(fault.line, fault.column)
}
