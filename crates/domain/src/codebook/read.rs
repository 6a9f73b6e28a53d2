//! From a document to a codebook, with every fault that it has.

mod field;
mod members;
mod roles;
mod rules;

use super::document::{DocumentError, MAX_DEPTH, Node, Value, read_json, read_toml};
use super::{
    Action, Codebook, CodebookFault, CodebookFormat, CodebookProblem, Group, Undeclared, nfc,
};
use members::Members;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// How many faults are told of one codebook.
const MAX_FAULTS: usize = 1000;

const CODEBOOK: &[&str] = &[
    "format",
    "study",
    "version",
    "title",
    "description",
    "undeclared",
    "roles",
    "fields",
    "groups",
    "actions",
];
const ACTION: &[&str] = &["label", "description", "groups", "fields", "undeclared"];

pub(crate) fn read(text: &str, format: CodebookFormat) -> Result<Codebook, Vec<CodebookFault>> {
    let node = document(text, format)?;
    from_document(&node, text, Vec::new())
}

/// The document that a text holds.
pub(crate) fn document(text: &str, format: CodebookFormat) -> Result<Node<'_>, Vec<CodebookFault>> {
    if text.len() > Codebook::MAX_BYTES {
        let problem = CodebookProblem::TooLarge {
            max: Codebook::MAX_BYTES,
        };
        return Err(place(text, vec![(0, String::new(), problem)]));
    }
    // Some editors write a byte order mark; it is no character of the first line.
    if let Some(rest) = text.strip_prefix('\u{feff}') {
        return document(rest, format);
    }
    let read = match format {
        CodebookFormat::Toml => read_toml(text),
        CodebookFormat::Json => read_json(text).map_err(|error| vec![error]),
    };
    read.map_err(|errors| {
        let told = errors
            .into_iter()
            .take(MAX_FAULTS)
            .map(|error| match error {
                DocumentError::Malformed {
                    at,
                    problem: reason,
                } => (at, String::new(), CodebookProblem::Malformed { reason }),
                DocumentError::TooDeep { at } => {
                    let problem = CodebookProblem::TooDeep { max: MAX_DEPTH };
                    (at, String::new(), problem)
                }
            });
        place(text, told.collect())
    })
}

/// The codebook that a document is; places are those of the text. `found` is what is wrong with it already.
pub(crate) fn from_document(
    node: &Node<'_>,
    text: &str,
    found: Vec<Found>,
) -> Result<Codebook, Vec<CodebookFault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        faults: found,
        ..Reader::default()
    };
    let codebook = reader.codebook(node);
    match codebook {
        Some(codebook) if reader.faults.is_empty() => Ok(codebook),
        _ => Err(place(text, reader.faults)),
    }
}

/// Where something is wrong, in bytes and as a pointer, and what.
pub(crate) type Found = (usize, String, CodebookProblem);

/// Turns offsets into lines and columns, in one pass over the text.
fn place(text: &str, mut found: Vec<Found>) -> Vec<CodebookFault> {
    found.sort_by_key(|(at, _, problem)| (*problem == CodebookProblem::AndMore, *at));
    let (mut line, mut line_start, mut walked) = (1, 0, 0);
    let mut faults = Vec::with_capacity(found.len());
    for (at, pointer, problem) in found {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let at = at.max(walked);
        let passed = &text[walked..at];
        line += passed.bytes().filter(|&b| b == b'\n').count();
        if let Some(newline) = passed.rfind('\n') {
            line_start = walked + newline + 1;
        }
        walked = at;
        faults.push(CodebookFault {
            line,
            column: 1 + text[line_start..at].chars().count(),
            pointer,
            problem,
        });
    }
    faults
}

#[derive(Default)]
struct Reader {
    faults: Vec<Found>,
    /// The pointer of what is being read.
    pointer: String,
    fields: usize,
    patterns: HashSet<Box<str>>,
}

impl Reader {
    fn codebook(&mut self, node: &Node<'_>) -> Option<Codebook> {
        let members = self.members(node, CODEBOOK)?;
        self.format(&members);
        let study = self.text(&members, "study").and_then(|text| {
            let at = members.get("study").map_or(0, |node| node.at);
            self.within("study", |reader| {
                text.parse()
                    .map_err(|error| reader.fault(at, CodebookProblem::Name { error }))
                    .ok()
            })
        });
        let version = self.text(&members, "version").map(Into::into);
        let title = self.texts(&members, "title");
        let description = self.texts(&members, "description");
        let undeclared = self.undeclared(&members).unwrap_or(Undeclared::Keep);
        let fields = match members.get("fields") {
            Some(node) => self.within("fields", |reader| reader.fields(node, 1)),
            None => Vec::new(),
        };
        let groups = self.groups(&members);
        let (actions, places) = self.actions(&members);
        let mut codebook = Codebook {
            study,
            version,
            title,
            description,
            undeclared,
            roles: super::Roles::default(),
            fields,
            groups,
            actions,
        };
        self.check_actions(&codebook, &places);
        if let Some(node) = members.get("roles") {
            codebook.roles = self.within("roles", |reader| reader.roles(node, &codebook));
        }
        Some(codebook)
    }

    fn format(&mut self, members: &Members<'_, '_>) {
        match members.get("format") {
            None => self.fault(0, CodebookProblem::Missing { key: "format" }),
            Some(node) => match &node.value {
                Value::Number(number) if number.as_str() == "1" => {}
                _ => self.within("format", |reader| {
                    reader.fault(node.at, CodebookProblem::UnknownFormat);
                }),
            },
        }
    }

    fn groups(&mut self, members: &Members<'_, '_>) -> Vec<Group> {
        let Some(node) = members.get("groups") else {
            return Vec::new();
        };
        self.within("groups", |reader| {
            let named = reader.named(node).into_iter();
            let groups = named.map(|(name, _, node)| Group {
                fields: reader.within(&name, |reader| reader.fields(node, 1)),
                name: name.into(),
            });
            groups.collect()
        })
    }

    fn actions(&mut self, members: &Members<'_, '_>) -> (Vec<Action>, Places) {
        let mut places = Places::default();
        let Some(node) = members.get("actions") else {
            self.fault(0, CodebookProblem::NoActions);
            return (Vec::new(), places);
        };
        let actions = self.within("actions", |reader| {
            let named = reader.named(node);
            if named.is_empty() {
                reader.fault(node.at, CodebookProblem::NoActions);
            }
            let read = |(name, at, node)| reader.action(name, at, node, &mut places);
            named.into_iter().filter_map(read).collect()
        });
        (actions, places)
    }

    fn action(
        &mut self,
        name: Cow<'_, str>,
        at: usize,
        node: &Node<'_>,
        places: &mut Places,
    ) -> Option<Action> {
        self.within(&name.clone(), |reader| {
            let members = reader.members(node, ACTION)?;
            let groups = reader.names(&members, "groups");
            if groups.len() > Codebook::MAX_GROUPS {
                let max = Codebook::MAX_GROUPS;
                reader.fault(at, CodebookProblem::TooManyGroups { max });
            }
            let mut keys = HashMap::new();
            if let Some(Node {
                value: Value::Table(fields),
                ..
            }) = members.get("fields")
            {
                keys.extend(
                    fields
                        .iter()
                        .map(|(key, _)| (nfc(&key.name).into(), key.at)),
                );
            }
            places.fields.push(keys);
            places
                .groups
                .push(groups.iter().map(|(_, at)| *at).collect());
            Some(Action {
                label: reader.texts(&members, "label"),
                description: reader.texts(&members, "description"),
                groups: groups.into_iter().map(|(name, _)| name.into()).collect(),
                fields: match members.get("fields") {
                    Some(node) => reader.within("fields", |reader| reader.fields(node, 1)),
                    None => Vec::new(),
                },
                undeclared: reader.undeclared(&members),
                name: name.into(),
            })
        })
    }
}

/// Where things of the actions stand, for what is looked at once all of them are read.
#[derive(Default)]
struct Places {
    /// Of the names of groups, by action.
    groups: Vec<Vec<usize>>,
    /// Of the names of fields, by action.
    fields: Vec<HashMap<Box<str>, usize>>,
}
