//! Entries that fit, and entries with one misfit.

mod misfits;
mod sent;
mod values;

use super::Checker;
use crate::codebook::tests::dice::{Dice, PATTERNS};
use crate::codebook::{Codebook, CodebookFormat, Field, FieldType, Number, Scalar, Undeclared};
use crate::{Draft, Fault, FaultKind, Payload};
use unicode_normalization::UnicodeNormalization;

fn checker(toml: &str) -> Checker {
    Checker::new(&Codebook::read(toml, CodebookFormat::Toml).unwrap())
}

pub(in crate::codebook) fn entry(action: &str, payload: &str) -> Draft {
    assert!(
        serde_json::from_str::<&serde_json::value::RawValue>(payload).is_ok(),
        "{payload}"
    );
    Draft {
        id: None,
        action: action.parse().unwrap(),
        session: None,
        sequence: None,
        occurred_at: "2024-05-18T10:17:33Z".parse().unwrap(),
        sent_at: None,
        payload: Some(Payload::from_checked(payload)),
    }
}

fn fault(pointer: &str, kind: FaultKind) -> Fault {
    let pointer = pointer.to_owned();
    Fault { pointer, kind }
}

/// Makes payloads, with one misfit at most.
pub(in crate::codebook) struct Maker<'d> {
    dice: &'d mut Dice,
    /// How many fields are made before the one that does not fit; `None` if all shall fit.
    before: Option<usize>,
    expected: Option<Fault>,
}

impl<'d> Maker<'d> {
    pub(in crate::codebook) fn new(dice: &'d mut Dice, before: Option<usize>) -> Self {
        Self {
            dice,
            before,
            expected: None,
        }
    }

    pub(in crate::codebook) fn payload(&mut self, codebook: &Codebook, action: usize) -> String {
        let action = &codebook.actions()[action];
        let fields: Vec<_> = codebook.fields_of(action).collect();
        let undeclared = action.undeclared().unwrap_or(codebook.undeclared());
        self.object(&fields, undeclared, "/payload")
    }

    fn expect(&mut self, pointer: &str, kind: FaultKind) {
        assert!(self.expected.is_none());
        self.expected = Some(fault(pointer, kind));
    }

    /// Whether the next thing that is made is the one that does not fit.
    fn spoils(&mut self) -> bool {
        match &mut self.before {
            Some(0) if self.expected.is_none() => true,
            Some(left) => {
                *left = left.saturating_sub(1);
                false
            }
            None => false,
        }
    }

    fn object(&mut self, fields: &[&Field], undeclared: Undeclared, path: &str) -> String {
        let mut members = Vec::new();
        for field in fields {
            let pointer = format!("{path}/{}", crate::fault::escape(field.name()));
            if self.spoils() {
                match self.dice.below(3) {
                    0 if field.required() => self.expect(&pointer, FaultKind::MissingField),
                    1 if field.name().contains('é') => {
                        self.expect(&pointer, FaultKind::FieldTwice);
                        members.push((field.name().to_owned(), self.value(field, &pointer)));
                        members.push((field.name().nfd().collect(), self.value(field, &pointer)));
                    }
                    _ => {
                        let value = self.misfit(field, &pointer);
                        members.push((field.name().to_owned(), value));
                    }
                }
            } else if field.required() || self.dice.flag() {
                let value = self.value(field, &pointer);
                let name = match self.dice.flag() {
                    true => field.name().nfd().collect(),
                    false => field.name().to_owned(),
                };
                members.push((name, value));
            } else if self.dice.flag() {
                members.push((field.name().to_owned(), "null".to_owned()));
            }
        }
        if undeclared == Undeclared::Keep && self.dice.flag() {
            members.push((
                "none".into(),
                r#"{"a": ["}", "\"", {}], "level": "\\"}"#.into(),
            ));
        } else if undeclared == Undeclared::Refuse && self.spoils() {
            self.expect(&format!("{path}/none"), FaultKind::UndeclaredField);
            members.push(("none".into(), "[[1]]".into()));
        }
        if !members.is_empty() {
            let turn = self.dice.below(members.len());
            members.rotate_left(turn);
        }
        let space = self.dice.pick(&["", " ", "\n\t"]);
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| {
                format!("{space}{}{space}:{space}{value}{space}", self.string(name))
            })
            .collect();
        format!("{{{}}}", members.join(","))
    }

    /// A JSON string, some characters of it escaped.
    fn string(&mut self, text: &str) -> String {
        if self.dice.flag() {
            return serde_json::to_string(text).unwrap();
        }
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        format!("\"{}\"", units.collect::<String>())
    }

    fn scalar(&mut self, scalar: &Scalar) -> String {
        match scalar {
            Scalar::Number(number) => number.to_string(),
            other => self.string(&other.to_string()),
        }
    }

    /// A value that fits.
    fn value(&mut self, field: &Field, path: &str) -> String {
        if !field.missing().is_empty() && self.dice.flag() {
            let code = self.dice.pick(field.missing());
            return self.scalar(&code);
        }
        match field.kind() {
            FieldType::Boolean => self.dice.pick(&["true", "false"]).to_owned(),
            FieldType::Datetime => {
                let times = [
                    "2024-05-18T10:17.109Z",
                    "2024-05-18T12:17:33+02:00",
                    "20240518T101733Z",
                ];
                format!("\"{}\"", self.dice.pick(&times))
            }
            FieldType::Integer | FieldType::Number => self.number(field),
            FieldType::String => {
                let text = self.text(field);
                self.string(&text)
            }
            FieldType::Array => {
                let least = field.min_length().unwrap_or(0) as usize;
                let most = field.max_length().map_or(least + 2, |max| max as usize);
                let count = least + self.dice.below(most - least + 1);
                self.array(field, count, path)
            }
            FieldType::Object => {
                let fields: Vec<_> = field.fields().iter().collect();
                self.object(
                    &fields,
                    field.undeclared().unwrap_or(Undeclared::Keep),
                    path,
                )
            }
        }
    }

    fn array(&mut self, field: &Field, count: usize, path: &str) -> String {
        let items = (0..count).map(|n| match field.items() {
            Some(items) if self.spoils() => self.misfit(items, &format!("{path}/{n}")),
            Some(items) => self.value(items, &format!("{path}/{n}")),
            None => self
                .dice
                .pick(&["null", "\"]\"", "[{}]", "1e400"])
                .to_owned(),
        });
        let items: Vec<_> = items.collect();
        format!("[{}]", items.join(", "))
    }

    fn text(&mut self, field: &Field) -> String {
        if !field.enumeration().is_empty() {
            let text = self.dice.pick(field.enumeration()).to_string();
            return if self.dice.flag() {
                text.nfd().collect()
            } else {
                text
            };
        }
        if let Some(pattern) = field.pattern() {
            return PATTERNS
                .iter()
                .find(|(p, ..)| *p == pattern)
                .unwrap()
                .1
                .to_owned();
        }
        let least = field.min_length().unwrap_or(0) as usize;
        let most = field.max_length().map_or(least + 5, |max| max as usize);
        let letter = self.dice.pick(&["a", "e\u{301}", "🎮", "ש", "\\", "\u{1}"]);
        letter.repeat(least + self.dice.below(most - least + 1))
    }

    fn number(&mut self, field: &Field) -> String {
        if !field.enumeration().is_empty() {
            let value = self.dice.pick(field.enumeration());
            return self.scalar(&value);
        }
        let integers = [
            "0",
            "12",
            "30.0",
            "-9007199254740993",
            "9007199254740993",
            "1e400",
            "3e1",
        ];
        let decimals = ["0.5", "29.999999999999993", "1E-30", "-0.0"];
        let mut values: Vec<String> = integers.map(str::to_owned).to_vec();
        if field.kind() == FieldType::Number {
            values.extend(decimals.map(str::to_owned));
        }
        let bounds = [field.minimum(), field.maximum()];
        values.extend(bounds.iter().flatten().map(|bound| bound.to_string()));
        values.retain(|value| {
            let value = Scalar::Number(Number::parse(value).unwrap());
            in_range(&value, field)
        });
        self.dice.pick(&values)
    }

    /// A value that does not fit, for one reason.
    fn misfit(&mut self, field: &Field, path: &str) -> String {
        let mut all = vec![(
            match field.kind() {
                FieldType::Boolean => "[]".to_owned(),
                FieldType::Object | FieldType::Array => {
                    self.dice.pick(&["true", "3", "\"{}\""]).into()
                }
                FieldType::Integer => self.dice.pick(&["12.5", "true", "\"12\"", "[1]"]).into(),
                FieldType::Number => self.dice.pick(&["true", "\"12\"", "{\"a\": 1}"]).into(),
                FieldType::Datetime => self
                    .dice
                    .pick(&["12", "\"2024-05-18T10:17:33\"", "\"now\""])
                    .into(),
                FieldType::String => self.dice.pick(&["12", "false", "[\"a\"]", "{}"]).into(),
            },
            FaultKind::WrongFieldType {
                expected: field.kind(),
            },
        )];
        if !field.enumeration().is_empty() {
            let other = if field.kind() == FieldType::String {
                "\"none\""
            } else {
                "5"
            };
            all.push((other.into(), FaultKind::NotInEnumeration));
        }
        let beyond = |time: &str, number: &str| match field.kind() {
            FieldType::Datetime => format!("\"{time}\""),
            _ => number.to_owned(),
        };
        if let Some(minimum) = field.minimum().map(Scalar::to_string) {
            let value = beyond("1990-01-01T00:00:00Z", "-1e401");
            all.push((value, FaultKind::BelowMinimum { minimum }));
        }
        if let Some(maximum) = field.maximum().map(Scalar::to_string) {
            let value = beyond("2030-01-01T00:00:00Z", "1e401");
            all.push((value, FaultKind::AboveMaximum { maximum }));
        }
        if let Some(pattern) = field.pattern() {
            let (_, _, misfit) = PATTERNS.iter().find(|(p, ..)| *p == pattern).unwrap();
            all.push((format!("\"{misfit}\""), FaultKind::PatternMismatch));
        }
        let is_array = field.kind() == FieldType::Array;
        if let Some(min) = field.min_length().filter(|min| *min > 0) {
            let count = min as usize - 1;
            all.push(if is_array {
                (
                    self.array_of_fitting(field, count, path),
                    FaultKind::TooFewItems { min },
                )
            } else {
                (self.string(&"é".repeat(count)), FaultKind::TooShort { min })
            });
        }
        if let Some(max) = field.max_length() {
            let count = max as usize + 1;
            all.push(if is_array {
                (
                    self.array_of_fitting(field, count, path),
                    FaultKind::TooManyItems { max },
                )
            } else {
                (self.string(&"🎮".repeat(count)), FaultKind::TooLong { max })
            });
        }
        let (value, kind) = self.dice.pick(&all);
        self.expect(path, kind);
        value
    }

    fn array_of_fitting(&mut self, field: &Field, count: usize, path: &str) -> String {
        let before = self.before.take();
        let array = self.array(field, count, path);
        self.before = before;
        array
    }
}

fn in_range(value: &Scalar, field: &Field) -> bool {
    let order = |bound: Option<&Scalar>| match (value, bound) {
        (Scalar::Number(value), Some(Scalar::Number(bound))) => Some(value.cmp(bound)),
        _ => None,
    };
    order(field.minimum()).is_none_or(|order| order.is_ge())
        && order(field.maximum()).is_none_or(|order| order.is_le())
}

#[test]
fn an_action_called_star_stands_for_every_other() {
    let closed =
        "format = 1\n[actions.jump.fields.height]\ntype = \"integer\"\nprivacy = \"other\"\n";
    assert_eq!(
        checker(closed).check(&entry("fly", "{}")),
        [fault("/action", FaultKind::UnknownAction)]
    );
    let open = checker(&format!("{closed}[actions.\"*\"]\n"));
    assert!(open.check(&entry("fly", r#"{"height":"high"}"#)).is_empty());
    // The ones that are listed keep their own rules.
    assert_eq!(open.check(&entry("jump", r#"{"height":"high"}"#)).len(), 1);
}
