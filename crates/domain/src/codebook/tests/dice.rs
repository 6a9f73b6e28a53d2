//! Codebooks at random, valid by construction.

use crate::Timestamp;
use crate::codebook::{
    Action, Codebook, Field, FieldType, Group, Number, Part, ParticipantBy, PrivacyClass, Roles,
    Scalar, Texts, Undeclared,
};
use proptest::prelude::*;

/// A source of choices that proptest makes smaller when a case fails: once it is used up, every choice is the first.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    rolls: Vec<u32>,
    next: usize,
}

pub(crate) fn dice() -> impl Strategy<Value = Dice> {
    prop::collection::vec(any::<u32>(), 0..600).prop_map(|rolls| Dice { rolls, next: 0 })
}

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let roll = self.rolls.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        roll as usize % n
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }
}

const NAMES: [&str; 12] = [
    "level",
    "id",
    "action",
    "payload",
    "niveau é",
    "a/b~c",
    "x\"y",
    "名前",
    "🎮",
    "אבג",
    "label",
    "a.b",
];
/// Patterns with a text that fits and one that does not.
pub(crate) const PATTERNS: [(&str, &str, &str); 3] = [
    ("[a-c]{2,4}", "abc", "abd"),
    (r"\d+|x", "42", "4x2"),
    ("(é|🎮)*", "é🎮", "e"),
];

fn texts(dice: &mut Dice) -> Texts {
    let all = [
        vec![],
        vec![("und", "Level")],
        vec![
            ("en", "Level \"1\"\\"),
            ("fr", "Niveau\n1"),
            ("ar", "مستوى"),
        ],
        vec![("fr-CH", "")],
    ];
    let texts = dice.pick(&all).into_iter();
    Texts(texts.map(|(tag, text)| (tag.into(), text.into())).collect())
}

pub(crate) fn codebook(dice: &mut Dice) -> Codebook {
    // Names are counted over the whole codebook, so that no action has one twice.
    let count = &mut 0;
    let common = fields(dice, count, 1);
    let groups: Vec<_> = (0..dice.below(3))
        .map(|n| Group {
            name: format!("{}{n}", dice.pick(&NAMES)).into(),
            fields: fields(dice, count, 1),
        })
        .collect();
    let actions: Vec<_> = (0..=dice.below(3))
        .map(|n| Action {
            name: format!("{}{n}", dice.pick(&NAMES)).into(),
            label: texts(dice),
            description: texts(dice),
            groups: groups
                .iter()
                .filter(|_| dice.flag())
                .map(|group| group.name.clone())
                .collect(),
            fields: fields(dice, count, 1),
            undeclared: dice.maybe(|dice| dice.pick(Undeclared::ALL)),
        })
        .collect();
    let mut codebook = Codebook {
        study: dice.maybe(|_| "waves".parse().unwrap()),
        version: dice.maybe(|_| "2024-05 (pilot)".into()),
        title: texts(dice),
        description: texts(dice),
        undeclared: dice.pick(Undeclared::ALL),
        roles: Roles::default(),
        fields: common,
        groups,
        actions,
    };
    codebook.roles = roles(dice, &codebook);
    codebook
}

fn roles(dice: &mut Dice, codebook: &Codebook) -> Roles {
    let mut roles = Roles::default();
    for &part in Part::ALL {
        if dice.below(4) == 1 {
            roles.members.push((part, format!("the {part}").into()));
        }
    }
    roles.participant_by = dice.pick(ParticipantBy::ALL);
    let first = codebook.all_fields().next();
    roles.game_version = first
        .filter(|_| dice.flag())
        .map(|field| field.name.clone());
    let names = codebook.actions.iter().map(|action| action.name.clone());
    roles.session_start = names.clone().filter(|_| dice.below(4) == 1).collect();
    roles.session_end = names.filter(|_| dice.below(4) == 1).collect();
    roles
}

fn fields(dice: &mut Dice, count: &mut usize, depth: usize) -> Vec<Field> {
    let many = dice.below(if depth == 1 { 5 } else { 3 });
    (0..many)
        .map(|_| {
            *count += 1;
            let name = format!("{}{count}", dice.pick(&NAMES));
            field(dice, &name, count, depth)
        })
        .collect()
}

fn field(dice: &mut Dice, name: &str, count: &mut usize, depth: usize) -> Field {
    let kinds = if depth < 3 {
        FieldType::ALL
    } else {
        &FieldType::ALL[..5]
    };
    let kind = dice.pick(kinds);
    let mut field = Field::new(name, kind);
    field.required = dice.flag();
    field.privacy = dice.maybe(|dice| dice.pick(PrivacyClass::ALL));
    field.unit = dice.maybe(|_| "m/s²".into());
    field.label = texts(dice);
    field.description = texts(dice);
    if dice.below(4) == 1 {
        field.missing = vec![
            Scalar::Number(Number::from(999_999)),
            Scalar::Text("N/A".into()),
        ];
    }
    match kind {
        FieldType::String => string(dice, &mut field),
        FieldType::Integer | FieldType::Number => number(dice, &mut field),
        FieldType::Datetime => datetime(dice, &mut field),
        FieldType::Array => {
            field.min_length = dice.maybe(|dice| dice.below(3) as u32);
            field.max_length = dice.maybe(|dice| 2 + dice.below(3) as u32);
            field.items = dice.maybe(|dice| {
                let mut items = self::field(dice, name, count, depth + 1);
                items.required = false;
                Box::new(items)
            });
        }
        FieldType::Object => {
            field.fields = fields(dice, count, depth + 1);
            field.undeclared = dice.maybe(|dice| dice.pick(Undeclared::ALL));
        }
        FieldType::Boolean => {}
    }
    field
}

fn string(dice: &mut Dice, field: &mut Field) {
    match dice.below(4) {
        1 => field.enumeration = ["left", "à droite", "\u{202e}x", ""].map(text).to_vec(),
        2 => {
            field.min_length = dice.maybe(|dice| dice.below(3) as u32);
            field.max_length = dice.maybe(|dice| 3 + dice.below(3) as u32);
        }
        3 => field.pattern = Some(dice.pick(&PATTERNS).0.into()),
        _ => {}
    }
}

pub(crate) fn text(text: &str) -> Scalar {
    Scalar::Text(text.into())
}

pub(crate) fn decimal(text: &str) -> Scalar {
    Scalar::Number(Number::parse(text).unwrap())
}

fn number(dice: &mut Dice, field: &mut Field) {
    let integers = ["-9007199254740993", "0", "34", "9007199254740993", "1e400"];
    let decimals = ["-1e400", "-0.5", "1e-30", "29.999999999999993", "1e22"];
    let values = if field.kind == FieldType::Integer {
        integers
    } else {
        decimals
    };
    if dice.below(4) == 1 {
        field.enumeration = values.map(decimal).to_vec();
    } else {
        let least = dice.below(values.len());
        let most = least + dice.below(values.len() - least);
        field.minimum = dice.maybe(|_| decimal(values[least]));
        field.maximum = dice.maybe(|_| decimal(values[most]));
    }
}

fn datetime(dice: &mut Dice, field: &mut Field) {
    let time = |text: &str| Scalar::Time(text.parse::<Timestamp>().unwrap());
    field.minimum = dice.maybe(|_| time("2020-01-01T00:00:00Z"));
    field.maximum = dice.maybe(|_| time("2030-01-01T00:00:00+02:00"));
}
