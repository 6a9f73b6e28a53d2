//! What is said about files.

use super::say;
use crate::codes::Code;
use crate::error::Problem;

pub(crate) fn no_codebook(parameter: &'static str) -> Problem {
    say(
        Code::InvalidValue,
        "the study has no codebook, which this needs; put one with PUT .../codebook",
        "l'étude n'a pas de livre de codes, dont ceci a besoin ; donnez-lui-en un par PUT .../codebook",
    )
    .parameter(parameter)
}

pub(crate) fn wide_is_csv() -> Problem {
    say(
        Code::InvalidValue,
        "`shape=wide` is a table: it goes with `format=csv` only",
        "`shape=wide` est un tableau : il ne va qu'avec `format=csv`",
    )
    .parameter("format")
}

pub(crate) fn wide_is_of_entries() -> Problem {
    say(
        Code::InvalidValue,
        "`shape=wide` goes with `table=entries` only",
        "`shape=wide` ne va qu'avec `table=entries`",
    )
    .parameter("shape")
}

pub(crate) fn full_view_is_not_yours() -> Problem {
    say(
        Code::Forbidden,
        "only those who run the study may ask for `view=full`; ask for `view=deidentified`",
        "seuls les responsables de l'étude peuvent demander `view=full` ; demandez `view=deidentified`",
    )
    .parameter("view")
}
