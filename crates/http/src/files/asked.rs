//! Which file is asked for.

use crate::error::ApiError;
use crate::extractors::Parameters;
use crate::logbook::{self, FILTERS, RAW};
use crate::messages;
use actix_web::http::StatusCode;
use sillage_domain::quality::{Rules, Seconds};
use sillage_domain::{LogFilter, Purpose, Study};
use sillage_export::{CleaningRule, Format, Profile, Table, View};

/// The parameter that says what a file is for.
const PURPOSE: &str = "purpose";

/// Which kind of file a path is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In the format that the request names, or the one that the client likes best.
    Whole { liked: Option<&'static str> },
    /// As TSADK had it.
    Tsadk,
    /// What cleaning leaves out, and why.
    Reasons,
    /// The codebook as a table.
    Codebook,
    /// What the columns of a wide table hold.
    Schema,
}

impl Kind {
    /// The parameters that it has, besides the filters.
    fn own(self) -> &'static [&'static str] {
        match self {
            Self::Whole { .. } => &[
                "profile",
                "format",
                "view",
                "shape",
                "table",
                "clean",
                "idle",
                "tolerance",
                PURPOSE,
                RAW,
            ],
            Self::Tsadk => &["profile", "study", PURPOSE, RAW],
            Self::Reasons => &["profile", "view", "clean", "tolerance", PURPOSE, RAW],
            Self::Codebook => &["profile"],
            Self::Schema => &["action", "view", "language"],
        }
    }

    fn has_filters(self) -> bool {
        !matches!(self, Self::Codebook | Self::Schema)
    }
}

/// What one row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// An entry, with its payload.
    Long,
    /// An entry, with a column for each field of the codebook.
    Wide,
    /// A session.
    Sessions,
    /// A participant.
    Participants,
}

/// What is asked for, as far as the parameters say.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) filter: LogFilter,
    pub(crate) format: Format,
    pub(crate) profile: Profile,
    pub(crate) rows: Rows,
    pub(crate) view: Option<View>,
    pub(crate) clean: Vec<CleaningRule>,
    pub(crate) rules: Rules,
    /// Whether entries are read as they were sent, and not as they were amended.
    pub(crate) raw: bool,
}

impl Asked {
    pub(crate) fn read(asked: &Parameters, kind: Kind) -> Result<Self, ApiError> {
        let filters = FILTERS
            .iter()
            .filter(|name| **name != "study" && kind.has_filters());
        let known: Vec<_> = filters.chain(kind.own()).copied().collect();
        asked.only(&known)?;
        let liked = match kind {
            Kind::Whole {
                liked: Some("application/x-ndjson" | "application/json"),
            } => Format::Ndjson,
            _ => Format::Csv,
        };
        let format = asked.word(
            "format",
            &words(Format::ALL, Format::as_str),
            Format::from_word,
        )?;
        let profiles = words(Profile::ALL, Profile::as_str);
        let usual = Rules::default();
        let rows = rows(asked, format)?;
        Ok(Self {
            filter: logbook::filter(asked)?,
            format: match rows {
                Rows::Wide => Format::Csv,
                _ => format.unwrap_or(liked),
            },
            profile: asked
                .word("profile", &profiles, Profile::from_word)?
                .unwrap_or_default(),
            rows,
            view: asked.word("view", &words(View::ALL, View::as_str), View::from_word)?,
            clean: clean(asked)?,
            raw: asked.flag(RAW, false)?,
            rules: Rules {
                idle: seconds(asked, "idle", usual.idle)?,
                tolerance: seconds(asked, "tolerance", usual.tolerance)?,
                late: seconds(asked, "late", usual.late)?,
                ..usual
            },
        })
    }
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().copied().map(word).collect()
}

fn rows(asked: &Parameters, format: Option<Format>) -> Result<Rows, ApiError> {
    let tables = words(Table::ALL, Table::as_str);
    let table = asked.word("table", &tables, Table::from_word)?;
    let wide = asked.word("shape", &["long", "wide"], |word| match word {
        "long" => Some(false),
        "wide" => Some(true),
        _ => None,
    })?;
    match (table.unwrap_or_default(), wide.unwrap_or(false)) {
        (Table::Entries, false) => Ok(Rows::Long),
        (Table::Entries, true) if format == Some(Format::Ndjson) => {
            Err(bad(messages::wide_is_csv()))
        }
        (Table::Entries, true) => Ok(Rows::Wide),
        (Table::Sessions, false) => Ok(Rows::Sessions),
        (Table::Participants, false) => Ok(Rows::Participants),
        (_, true) => Err(bad(messages::wide_is_of_entries())),
    }
}

/// Names of rules, with commas between them; in the order in which they are looked at.
fn clean(asked: &Parameters) -> Result<Vec<CleaningRule>, ApiError> {
    let mut rules = Vec::new();
    for word in asked
        .text("clean")
        .into_iter()
        .flat_map(|text| text.split(','))
    {
        let rule = CleaningRule::from_word(word).ok_or_else(|| {
            let words = words(CleaningRule::ALL, CleaningRule::as_str);
            bad(messages::not_one_of("clean", &words))
        })?;
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    rules.sort_unstable();
    Ok(rules)
}

/// A length of time.
pub(crate) fn seconds(asked: &Parameters, name: &'static str, usual: u32) -> Result<u32, ApiError> {
    let asked: Option<Seconds> = asked.parsed(
        name,
        "it is no number of seconds such as 300, and no duration such as PT5M",
        "ce n'est ni un nombre de secondes comme 300, ni une durée comme PT5M",
    )?;
    Ok(asked.map_or(usual, |seconds| seconds.0))
}

/// What a file is for, its own research by default. What a study that asks for consent does not ask for, nobody has allowed.
pub(super) fn purpose(asked: &Parameters, study: &Study) -> Result<Purpose, ApiError> {
    let words: Vec<_> = Purpose::ALL
        .iter()
        .skip(1)
        .map(|one| one.as_str())
        .collect();
    let read = |word: &str| Purpose::from_word(word).filter(|one| words.contains(&one.as_str()));
    let purpose = asked
        .word(PURPOSE, &words, read)?
        .unwrap_or(Purpose::Research);
    let asks = !study.consent.is_empty();
    if asks && purpose != Purpose::Research && !study.consent.contains(purpose) {
        return Err(bad(messages::purpose_was_not_asked()));
    }
    Ok(purpose)
}

/// A fault of a parameter is one of the request's form.
pub(crate) fn bad(problem: crate::error::Problem) -> ApiError {
    ApiError::from(problem).under(StatusCode::BAD_REQUEST)
}
