//! From a document to rules, with every fault that it has.

mod actions;
mod values;

use super::document::{Member, Node, Value, read_json, read_toml};
use super::fault::nearest;
use super::path::FieldPath;
use super::{FieldRules, Others, Rules, RulesFault, RulesFormat, RulesProblem, Step};

/// How many faults are told of one file.
const MAX_FAULTS: usize = 100;
const RULES: &[&str] = &["format", "study", "key_version", "others", "fields"];
const OTHERS: &[&str] = &["drop", "keep", "refuse"];

/// Where something is wrong, in bytes and as a pointer, and what.
type Found = (usize, String, RulesProblem);

pub(super) fn read(text: &str, format: RulesFormat) -> Result<Rules, Vec<RulesFault>> {
    // Some editors write a byte order mark; it is no character of the first line.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > Rules::MAX_BYTES {
        let problem = RulesProblem::TooLarge {
            max: Rules::MAX_BYTES,
        };
        return Err(place(text, vec![(0, String::new(), problem)]));
    }
    let document = match format {
        RulesFormat::Toml => read_toml(text),
        RulesFormat::Json => read_json(text),
    };
    let node = document.map_err(|malformed| {
        let told = malformed.into_iter().map(|(at, reason)| {
            let problem = RulesProblem::Malformed { reason };
            (at, String::new(), problem)
        });
        place(text, told.collect())
    })?;
    let mut reader = Reader::default();
    match reader.rules(&node) {
        Some(rules) if reader.faults.is_empty() => Ok(rules),
        _ => Err(place(text, reader.faults)),
    }
}

/// Turns offsets into lines and columns.
fn place(text: &str, mut found: Vec<Found>) -> Vec<RulesFault> {
    found.sort_by_key(|(at, _, _)| *at);
    found.truncate(MAX_FAULTS);
    let placed = found.into_iter().map(|(at, pointer, problem)| {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        RulesFault {
            line: 1 + before.matches('\n').count(),
            column: 1 + before[line_start..].chars().count(),
            pointer,
            problem,
        }
    });
    placed.collect()
}

#[derive(Default)]
struct Reader {
    faults: Vec<Found>,
    /// The pointer of what is being read.
    pointer: String,
    looked_at: Vec<FieldPath>,
}

impl Reader {
    fn rules(&mut self, node: &Node<'_>) -> Option<Rules> {
        let members = self.table(node)?;
        for member in members {
            if !RULES.contains(&&*member.name) {
                self.unknown_key(member, RULES);
            }
        }
        match get(members, "format") {
            None => self.fault(node.at, RulesProblem::Missing { key: "format" }),
            Some(Node {
                value: Value::Number(number),
                ..
            }) if number == "1" => {}
            Some(node) => self.within("format", |reader| {
                reader.fault(node.at, RulesProblem::UnknownFormat);
            }),
        }
        let study = match get(members, "study") {
            None => {
                self.fault(node.at, RulesProblem::Missing { key: "study" });
                None
            }
            Some(node) => self.within("study", |reader| reader.text(node)),
        };
        let key_version = get(members, "key_version").map_or(Some(1), |node| {
            self.within("key_version", |reader| reader.count(node, 1, u32::MAX))
        });
        let others = get(members, "others").map_or(Some(Others::Drop), |node| {
            self.within("others", |reader| {
                Some(match reader.word(node, OTHERS)? {
                    "keep" => Others::Keep,
                    "refuse" => Others::Refuse,
                    _ => Others::Drop,
                })
            })
        });
        let fields = match get(members, "fields") {
            Some(node) => self.within("fields", |reader| reader.fields(node)),
            None => Vec::new(),
        };
        if fields.is_empty() && self.faults.is_empty() {
            self.fault(node.at, RulesProblem::NoFields);
        }
        Some(Rules {
            study: study?.into(),
            key_version: key_version?,
            others: others?,
            fields,
            looked_at: std::mem::take(&mut self.looked_at),
        })
    }

    fn fields(&mut self, node: &Node<'_>) -> Vec<FieldRules> {
        let mut fields: Vec<FieldRules> = Vec::new();
        for member in self.table(node).unwrap_or_default() {
            let name = &*member.name;
            self.within(name, |reader| {
                let path = reader.path(member.at, name);
                let steps = reader.steps(name, &member.node);
                let Some(path) = path else {
                    return;
                };
                if fields.iter().any(|other| other.path == path) {
                    let name = name.to_owned();
                    reader.fault(member.at, RulesProblem::Twice { name });
                }
                fields.push(FieldRules {
                    name: name.into(),
                    path,
                    steps,
                });
            });
        }
        fields
    }

    /// One rule, or a list of rules that are applied one after the other.
    fn steps(&mut self, field: &str, node: &Node<'_>) -> Vec<Step> {
        let Value::List(items) = &node.value else {
            return self.step(field, node).into_iter().collect();
        };
        let mut steps = Vec::new();
        for (n, item) in items.iter().enumerate() {
            steps.extend(self.within(&n.to_string(), |reader| reader.step(field, item)));
        }
        if items.is_empty() {
            self.expected(node.at, "a rule, or a list of at least one");
        }
        let alone = steps
            .iter()
            .find(|step| matches!(step.word, "keep" | "drop"));
        if let (Some(step), true) = (alone, items.len() > 1) {
            let rule = step.word;
            self.fault(node.at, RulesProblem::Alone { rule });
        }
        steps
    }

    fn path(&mut self, at: usize, name: &str) -> Option<FieldPath> {
        let path = FieldPath::parse(name);
        if path.is_none() {
            self.fault(at, RulesProblem::Pointer);
        }
        path
    }

    /// The place of a field among those that are looked at.
    fn looked_at(&mut self, at: usize, name: &str) -> Option<usize> {
        let path = self.path(at, name)?;
        let known = self.looked_at.iter().position(|other| *other == path);
        Some(known.unwrap_or_else(|| {
            self.looked_at.push(path);
            self.looked_at.len() - 1
        }))
    }

    fn within<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&name.replace('~', "~0").replace('/', "~1"));
        let read = read(self);
        self.pointer.truncate(length);
        read
    }

    fn fault(&mut self, at: usize, problem: RulesProblem) {
        self.faults.push((at, self.pointer.clone(), problem));
    }

    fn expected(&mut self, at: usize, expected: &'static str) {
        self.fault(at, RulesProblem::Expected { expected });
    }

    fn unknown_key(&mut self, member: &Member<'_>, known: &[&str]) {
        let problem = RulesProblem::UnknownKey {
            key: member.name.clone().into_owned(),
            nearest: nearest(&member.name, known.iter().copied()),
        };
        self.within(&member.name, |reader| reader.fault(member.at, problem));
    }

    fn table<'n, 'a>(&mut self, node: &'n Node<'a>) -> Option<&'n [Member<'a>]> {
        match &node.value {
            Value::Table(members) => Some(members),
            _ => {
                self.expected(node.at, "a table");
                None
            }
        }
    }

    /// A text that is not empty.
    fn text<'n>(&mut self, node: &'n Node<'_>) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.expected(node.at, "a text");
                None
            }
        }
    }

    fn boolean(&mut self, node: &Node<'_>) -> Option<bool> {
        match &node.value {
            Value::Boolean(value) => Some(*value),
            _ => {
                self.expected(node.at, "true or false");
                None
            }
        }
    }

    fn count(&mut self, node: &Node<'_>, least: u32, most: u32) -> Option<u32> {
        let number = match &node.value {
            Value::Number(number) => number.parse().ok(),
            _ => None,
        };
        let within = number.filter(|number| (least..=most).contains(number));
        if within.is_none() {
            let expected = match (least, most) {
                (0, _) => "an integer from 0 on",
                (7, _) => "a number of days from 7 to 36500, so that there is a whole week",
                (_, 36_500) => "a number of days from 1 to 36500",
                _ => "an integer from 1 on",
            };
            self.expected(node.at, expected);
        }
        within
    }

    /// One of these words.
    fn word(&mut self, node: &Node<'_>, known: &'static [&'static str]) -> Option<&'static str> {
        let word = self.text(node)?;
        let found = known.iter().find(|other| **other == word);
        if found.is_none() {
            let problem = RulesProblem::UnknownWord {
                word: word.to_owned(),
                nearest: nearest(word, known.iter().copied()),
                known: known.to_vec(),
            };
            self.fault(node.at, problem);
        }
        found.copied()
    }
}

/// A member of a table.
fn get<'n, 'a>(members: &'n [Member<'a>], name: &str) -> Option<&'n Node<'a>> {
    let member = members.iter().find(|member| member.name == name)?;
    Some(&member.node)
}
