//! What a codebook says that entries are compared with.

use super::fields::ExpectedField;
use super::session::Boundaries;
use crate::codebook::{ANY_ACTION, Checker, Codebook, Field, Scalar};
use crate::{ActionName, Fault};

/// What a codebook says that entries are compared with.
#[derive(Debug, Default)]
pub struct Expected<'a> {
    /// Which version of it.
    pub version: u64,
    /// Its actions.
    pub actions: Vec<ActionName>,
    /// Those that begin and end a session.
    pub boundaries: Boundaries,
    /// The fields of each action.
    pub fields: Vec<(ActionName, Vec<ExpectedField>)>,
    /// Those of every action that is not listed, where the codebook takes such.
    pub fields_of_others: Vec<ExpectedField>,
    /// The field that has the version of the game.
    pub game_version: Option<Box<str>>,
    /// What fits.
    pub checker: Option<&'a Checker>,
}

impl<'a> Expected<'a> {
    /// What that version of a codebook says.
    #[must_use]
    pub fn of(codebook: &Codebook, version: u64, checker: &'a Checker) -> Self {
        let in_payload = |field: &&Field| codebook.roles().part_of(field.name()).is_none();
        let fields_of = |action| {
            let fields = codebook.fields_of(action).filter(in_payload);
            fields.map(field).collect()
        };
        let listed = || codebook.actions().iter().filter(|a| a.name() != ANY_ACTION);
        let fields = listed().filter_map(|a| Some((a.name().parse().ok()?, fields_of(a))));
        Self {
            version,
            actions: names(listed().map(|action| action.name())),
            boundaries: Boundaries::of(codebook),
            fields: fields.collect(),
            fields_of_others: codebook.action(ANY_ACTION).map_or(Vec::new(), fields_of),
            game_version: codebook.roles().game_version().map(Into::into),
            checker: Some(checker),
        }
    }
}

impl Boundaries {
    /// Those that the codebook names.
    #[must_use]
    pub fn of(codebook: &Codebook) -> Self {
        let roles = codebook.roles();
        Self {
            starts: names(roles.session_start()),
            ends: names(roles.session_end()),
        }
    }
}

/// What can't be the name of an action is that of no entry.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<ActionName> {
    names.filter_map(|name| name.parse().ok()).collect()
}

fn field(field: &Field) -> ExpectedField {
    let code = |code: &Scalar| match code {
        Scalar::Number(number) => number.as_str().into(),
        // A text always has a JSON form.
        other => serde_json::to_string(&other.to_string())
            .unwrap_or_default()
            .into(),
    };
    ExpectedField {
        name: field.name().into(),
        missing: field.missing().iter().map(code).collect(),
    }
}

/// The field of the payload that a fault is about; `None` for one of the entry as a whole.
#[must_use]
pub fn field_of(fault: &Fault) -> Option<String> {
    let inner = fault.pointer.strip_prefix("/payload/")?;
    let name = inner.split('/').next()?;
    // In this order (RFC 6901 section 4).
    Some(name.replace("~1", "/").replace("~0", "~"))
}
