//! Whether entries fit a codebook: compiled once per version, one pass over the text of each payload.

mod object;
mod rules;
#[cfg(test)]
pub(super) mod tests;
mod value;

use super::cursor::Cursor;
use super::{ANY_ACTION, Codebook, Roles, Undeclared};
use crate::fault::escape;
use crate::{ActionName, Draft, Fault, FaultKind, Misfit};
use foldhash::fast::FixedState;
use object::{Path, Table};
use std::collections::HashMap;
use value::Patterns;

/// How many faults are told of one entry.
const MAX_FAULTS: usize = 100;

/// A codebook as entries are checked against it.
///
/// It is made once for each version of a codebook; checking takes time in proportion to the payload, whatever the codebook is.
#[derive(Debug)]
pub struct Checker {
    /// The fields of all actions, those of each group, and the own ones of each action.
    tables: Vec<Table>,
    actions: HashMap<Box<str>, ActionRules, FixedState>,
    roles: Roles,
}

#[derive(Debug)]
struct ActionRules {
    /// Which of the tables it has.
    tables: Box<[usize]>,
    refuses_undeclared: bool,
}

impl Checker {
    /// Compiles a codebook.
    pub fn new(codebook: &Codebook) -> Self {
        let patterns = &mut Patterns::default();
        // What plays a part is in the envelope of the entry, not in its payload.
        let in_payload = |name: &str| codebook.roles.part_of(name).is_none();
        let mut tables = vec![Table::new(&codebook.fields, in_payload, patterns)];
        let mut groups = HashMap::with_capacity(codebook.groups.len());
        for group in &codebook.groups {
            groups.insert(&*group.name, tables.len());
            tables.push(Table::new(&group.fields, in_payload, patterns));
        }
        let mut actions = HashMap::with_hasher(FixedState::default());
        for action in &codebook.actions {
            let mut of_action = vec![0];
            of_action.extend(action.groups.iter().filter_map(|name| groups.get(&**name)));
            if !action.fields.is_empty() {
                of_action.push(tables.len());
                tables.push(Table::new(&action.fields, in_payload, patterns));
            }
            of_action.retain(|&table| !tables[table].is_empty());
            let undeclared = action.undeclared.unwrap_or(codebook.undeclared);
            let rules = ActionRules {
                tables: of_action.into(),
                refuses_undeclared: undeclared == Undeclared::Refuse,
            };
            actions.insert(action.name.clone(), rules);
        }
        Self {
            tables,
            actions,
            roles: codebook.roles.clone(),
        }
    }

    /// Which members of a flat entry play which part, for whoever reads entries before they are checked.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// Everything in the entry that does not fit the codebook; at most a hundred faults. Pointers of fields begin with `/payload`.
    pub fn check(&self, entry: &Draft) -> Vec<Fault> {
        let payload = entry.payload.as_ref().map(|payload| payload.as_str());
        self.check_payload(&entry.action, payload)
    }

    /// The same for an action and its payload, the text of a JSON object.
    pub fn check_payload(&self, action: &ActionName, payload: Option<&str>) -> Vec<Fault> {
        let named = self.actions.get(action.as_str());
        let Some(rules) = named.or_else(|| self.actions.get(ANY_ACTION)) else {
            return vec![Fault::at("action", FaultKind::UnknownAction)];
        };
        let payload = payload.unwrap_or("{}");
        let mut faults = Vec::new();
        let tables: &[usize] = &rules.tables;
        let mut cursor = Cursor::new(payload);
        object::check(
            &mut cursor,
            tables.len(),
            |n| &self.tables[tables[n]],
            rules.refuses_undeclared,
            &Path::PAYLOAD,
            &mut faults,
        );
        faults
    }

    /// The entry if it fits; else what goes to quarantine, with the text as it was sent, which is asked for only then.
    ///
    /// # Errors
    ///
    /// The text with everything that does not fit. Pointers lead into that text.
    pub fn admit(&self, entry: Draft, source: impl FnOnce() -> Box<str>) -> Result<Draft, Misfit> {
        let mut faults = self.check(&entry);
        if faults.is_empty() {
            return Ok(entry);
        }
        let text = source();
        point_into(&text, &self.roles, &mut faults);
        Err(Misfit {
            id: entry.id,
            text,
            faults,
        })
    }
}

/// Makes pointers into a payload lead into the entry as it was sent, whose fields may stand beside the payload.
fn point_into(text: &str, roles: &Roles, faults: &mut [Fault]) {
    let members: HashMap<String, &serde_json::value::RawValue> =
        serde_json::from_str(text).unwrap_or_default();
    let payload: HashMap<String, serde::de::IgnoredAny> = members
        .get("payload")
        .and_then(|payload| serde_json::from_str(payload.get()).ok())
        .unwrap_or_default();
    let has_payload = members
        .get("payload")
        .is_some_and(|payload| payload.get() != "null");
    for fault in faults {
        if let Some(inner) = fault.pointer.strip_prefix("/payload") {
            let field = inner.split('/').nth(1).unwrap_or_default();
            let beside = members.keys().any(|name| escape(name) == field);
            let within = payload.keys().any(|name| escape(name) == field);
            if beside && !within || !has_payload {
                fault.pointer = inner.to_owned();
            }
        } else if fault.pointer == "/action"
            && !members.contains_key("action")
            && let Some(member) = roles.member(super::Part::Action)
        {
            fault.pointer = format!("/{}", escape(member));
        }
    }
}
