//! One rule of a field, with the keys that it takes.

use super::super::Step;
use super::super::action::{Action, Group, Search, Since};
use super::super::decimal::Decimal;
use super::super::document::{Member, Node, Value};
use super::super::fault::RulesProblem;
use super::super::moment::{Moment, Unit};
use super::{Reader, get};
use crate::scrub::Finding;

/// The words of the rules, each with the keys that it takes.
const RULES: [(&str, &[&str]); 14] = [
    ("keep", &[]),
    ("drop", &[]),
    ("redact", &["with"]),
    ("pseudonymise", &["kind"]),
    ("mask", &["first", "last", "with"]),
    ("truncate", &["characters", "to"]),
    ("bucket", &["width", "origin", "edges"]),
    ("round", &["to"]),
    ("top-code", &["at", "label"]),
    ("bottom-code", &["at", "label"]),
    ("map", &["values", "otherwise"]),
    ("date-shift", &["days", "group", "whole_weeks", "numbers"]),
    (
        "relative-time",
        &["since", "from", "group", "unit", "numbers"],
    ),
    ("scrub-text", &["find"]),
];
const WORDS: [&str; 14] = {
    let mut words = [""; 14];
    let mut n = 0;
    while n < words.len() {
        words[n] = RULES[n].0;
        n += 1;
    }
    words
};
const CUTS: &[&str] = &["year", "month", "day", "hour", "minute", "second"];
const UNITS: &[&str] = &["days", "hours", "minutes", "seconds", "milliseconds"];
const FINDINGS: &[&str] = &["email", "url", "phone", "iban", "avs", "ip", "roster"];
/// A century.
const MAX_DAYS: u32 = 36_500;

impl Reader {
    pub(super) fn step(&mut self, field: &str, node: &Node<'_>) -> Option<Step> {
        let members = self.table(node)?;
        let rule = self.needed(node, members, "rule")?;
        let word = self.within("rule", |reader| reader.word(rule, &WORDS))?;
        let own = RULES.iter().find(|(rule, _)| *rule == word)?.1;
        for member in members {
            let name = &*member.name;
            if own.contains(&name) || matches!(name, "rule" | "reason") {
                continue;
            }
            if RULES.iter().any(|(_, keys)| keys.contains(&name)) {
                let problem = RulesProblem::NotForRule {
                    key: name.to_owned(),
                    rule: word.to_owned(),
                };
                self.within(name, |reader| reader.fault(member.at, problem));
            } else {
                self.unknown_key(member, &[own, &["rule", "reason"]].concat());
            }
        }
        let reason = match get(members, "reason") {
            Some(node) => self.within("reason", |reader| reader.text(node)),
            None => {
                self.fault(node.at, RulesProblem::NoReason);
                None
            }
        };
        let action = self.action(word, field, node, members)?;
        Some(Step {
            action,
            word,
            reason: reason?.into(),
        })
    }

    fn action(
        &mut self,
        word: &str,
        field: &str,
        node: &Node<'_>,
        members: &[Member<'_>],
    ) -> Option<Action> {
        Some(match word {
            "keep" => Action::Keep,
            "drop" => Action::Drop,
            "redact" => Action::Redact {
                with: self
                    .optional(members, "with", Self::text)?
                    .unwrap_or("[redacted]")
                    .into(),
            },
            "pseudonymise" => Action::Pseudonymise {
                kind: self
                    .optional(members, "kind", Self::text)?
                    .unwrap_or(field)
                    .into(),
            },
            "mask" => {
                let count = |reader: &mut Self, key| {
                    reader.optional(members, key, |reader, node| reader.count(node, 0, u32::MAX))
                };
                let (first, last) = (count(self, "first")?, count(self, "last")?);
                Action::Mask {
                    first: first.unwrap_or_default() as usize,
                    last: last.unwrap_or_default() as usize,
                    with: self
                        .optional(members, "with", Self::character)?
                        .unwrap_or('*'),
                }
            }
            "truncate" => match (get(members, "characters"), get(members, "to")) {
                (Some(_), None) => Action::Cut {
                    characters: self
                        .optional(members, "characters", |reader, node| {
                            reader.count(node, 1, u32::MAX)
                        })?
                        .unwrap_or_default() as usize,
                },
                (None, Some(to)) => Action::CutTime {
                    to: self.within("to", |reader| reader.unit(to, CUTS))?,
                },
                _ => return self.one_of(node, "one of `characters` and `to`"),
            },
            "bucket" => match (get(members, "width"), get(members, "edges")) {
                (Some(width), None) => Action::Width {
                    width: self.within("width", |reader| reader.positive(width))?,
                    origin: self
                        .optional(members, "origin", Self::number)?
                        .unwrap_or(Decimal::ZERO),
                },
                (None, Some(edges)) if get(members, "origin").is_none() => Action::Edges {
                    edges: self.within("edges", |reader| reader.edges(edges))?,
                },
                _ => return self.one_of(node, "`width`, with `origin` or without, or `edges`"),
            },
            "round" => {
                let to = self.needed(node, members, "to")?;
                Action::Round {
                    to: self.within("to", |reader| reader.positive(to))?,
                }
            }
            "top-code" | "bottom-code" => {
                let at = self.needed(node, members, "at")?;
                let at = self.within("at", |reader| reader.number(at))?;
                let label = self.optional(members, "label", Self::text)?.map(Into::into);
                match word {
                    "top-code" => Action::Top { at, label },
                    _ => Action::Bottom { at, label },
                }
            }
            "map" => {
                let values = self.needed(node, members, "values")?;
                Action::Map {
                    values: self.within("values", |reader| reader.values(values))?,
                    otherwise: self
                        .optional(members, "otherwise", Self::text)?
                        .map(Into::into),
                }
            }
            "date-shift" => {
                let weeks = self
                    .optional(members, "whole_weeks", Self::boolean)?
                    .unwrap_or(false);
                let least = if weeks { 7 } else { 1 };
                let days = self.needed(node, members, "days")?;
                Action::Shift {
                    group: self
                        .optional(members, "group", Self::group)?
                        .unwrap_or_default(),
                    days: self.within("days", |reader| reader.count(days, least, MAX_DAYS))?,
                    whole_weeks: weeks,
                    numbers: self.numbers(members)?,
                }
            }
            "relative-time" => Action::Relative {
                since: self.since(node, members)?,
                unit: self
                    .optional(members, "unit", |reader, node| reader.unit(node, UNITS))?
                    .unwrap_or(Unit::Second),
                numbers: self.numbers(members)?,
            },
            _ => Action::Scrub(self.search(members)?),
        })
    }

    fn since(&mut self, node: &Node<'_>, members: &[Member<'_>]) -> Option<Since> {
        let keys = ["since", "from", "group"].map(|key| get(members, key));
        match keys {
            [Some(since), None, None] => self.within("since", |reader| {
                let moment = Moment::parse(reader.text(since)?);
                if moment.is_none() {
                    reader.expected(since.at, "an instant, such as \"2024-05-18T10:00:00Z\"");
                }
                Some(Since::Instant(moment?.instant()))
            }),
            [None, Some(from), None] => self.within("from", |reader| {
                let name = reader.text(from)?;
                reader.looked_at(from.at, name).map(Since::Field)
            }),
            [None, None, group] => {
                let group = group.map_or(Some(Vec::new()), |group| {
                    self.within("group", |reader| reader.group(group))
                });
                group.map(Since::First)
            }
            _ => self.one_of(node, "one of `since`, `from` and `group`, or none of them"),
        }
    }

    fn search(&mut self, members: &[Member<'_>]) -> Option<Search> {
        let Some(node) = get(members, "find") else {
            return Some(Search {
                findings: Finding::ALL.to_vec(),
                roster_asked_for: false,
            });
        };
        self.within("find", |reader| {
            let mut findings = Vec::new();
            let mut roster_asked_for = false;
            for (n, item) in reader.list(node)?.iter().enumerate() {
                let word = reader.within(&n.to_string(), |reader| reader.word(item, FINDINGS))?;
                if word == "roster" {
                    roster_asked_for = true;
                    findings.extend([Finding::Name, Finding::Login]);
                }
                findings.extend(Finding::ALL.iter().filter(|finding| finding.word() == word));
            }
            Some(Search {
                findings,
                roster_asked_for,
            })
        })
    }

    /// The fields that rows of a group have in common: a name, or a list of names.
    fn group(&mut self, node: &Node<'_>) -> Option<Group> {
        let Value::List(items) = &node.value else {
            let name = self.text(node)?;
            return self.looked_at(node.at, name).map(|place| vec![place]);
        };
        let names = items.iter().map(|item| {
            let name = self.text(item)?;
            self.looked_at(item.at, name)
        });
        names.collect()
    }
}
