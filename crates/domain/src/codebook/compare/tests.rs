use super::{Change, compare};
use crate::codebook::checker::tests::{Maker, entry};
use crate::codebook::tests::dice::{Dice, codebook, dice};
use crate::codebook::{
    Checker, Codebook, CodebookFormat, Field, FieldType, Number, Scalar, Undeclared,
};
use proptest::prelude::*;
use rstest::rstest;

fn read(text: &str) -> Codebook {
    Codebook::read(text, CodebookFormat::Toml).unwrap()
}

const WAVES: &str = include_str!("../../../../../examples/waves/codebook.toml");

fn found(from: &str, to: &str) -> Vec<(String, bool)> {
    assert!(WAVES.contains(from), "{from}");
    let differences = compare(&read(WAVES), &read(&WAVES.replacen(from, to, 1)));
    differences
        .into_iter()
        .map(|difference| (difference.pointer.clone(), difference.is_compatible()))
        .collect()
}

#[test]
fn a_codebook_is_no_different_from_itself() {
    assert_eq!(compare(&read(WAVES), &read(WAVES)), []);
    assert_eq!(found("version = \"1\"", "version = \"2\""), []);
}

#[rstest]
#[case("maximum = 34", "maximum = 40", "/fields/level/maximum", true)]
#[case("maximum = 34", "maximum = 33.0", "/fields/level/maximum", false)]
#[case("maximum = 34\n", "", "/fields/level/maximum", true)]
#[case(
    "type = \"integer\"\nrequired = true",
    "type = \"integer\"",
    "/fields/level/required",
    true
)]
#[case("type = \"integer\"", "type = \"number\"", "/fields/level/type", true)]
#[case(
    "type = \"number\"",
    "type = \"integer\"",
    "/groups/waves/amplitude_left/type",
    false
)]
#[case("missing = [999999]\n", "", "/groups/waves/closeness/missing", false)]
#[case("\"AMPLITUDE\", ", "", "/groups/move/slider/enum", false)]
#[case(
    "\"AMPLITUDE\", ",
    "\"AMPLITUDE\", \"PHASE\", ",
    "/groups/move/slider/enum",
    true
)]
#[case(
    "unit = \"ticks\"",
    "unit = \"s\"",
    "/actions/slider_move_release/fields/drag_length_ticks/unit",
    true
)]
#[case(
    "privacy = \"other\"",
    "privacy = \"sensitive\"",
    "/fields/level/privacy",
    true
)]
#[case(
    "[actions.menu_button]",
    "[actions.menu]\n[actions.menu_button]",
    "/actions/menu",
    true
)]
#[case(
    "[actions.question_answer.fields.answer]",
    "[actions.question_answer.fields.more]\ntype = \"string\"\n[actions.question_answer.fields.answer]",
    "/actions/question_answer/fields/more",
    true
)]
#[case(
    "[actions.question_answer.fields.answer]",
    "[actions.question_answer.fields.more]\ntype = \"string\"\nrequired = true\n[actions.question_answer.fields.answer]",
    "/actions/question_answer/fields/more",
    false
)]
#[case(
    "[title]",
    "[roles]\nparticipant = \"userID\"\n[title]",
    "/roles/participant",
    false
)]
#[case(
    "[title]",
    "undeclared = \"refuse\"\n[title]",
    "/actions/begin/undeclared",
    false
)]
fn one_change_is_one_difference(
    #[case] from: &str,
    #[case] to: &str,
    #[case] pointer: &str,
    #[case] compatible: bool,
) {
    let found = found(from, to);
    assert_eq!(found[0], (pointer.to_owned(), compatible));
    let of_all_actions = pointer.ends_with("/undeclared");
    assert_eq!(found.len(), if of_all_actions { 11 } else { 1 });
}

#[test]
fn an_action_that_is_gone_is_told_with_its_old_place() {
    let old = read("format = 1\n[actions.a]\n[actions.\"b/c\"]");
    let differences = compare(&old, &read("format = 1\n[actions.a]"));
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].pointer, "/actions/b~1c");
    assert_eq!(differences[0].change, Change::ActionRemoved);
    assert_eq!(differences[0].to_string(), "the action is gone");
}

#[test]
fn a_field_that_only_moves_is_no_difference() {
    let old = read("format = 1\n[fields.x]\ntype = \"string\"\n[actions.a]");
    let new = read("format = 1\n[groups.g.x]\ntype = \"string\"\n[actions.a]\ngroups = [\"g\"]");
    assert_eq!(compare(&old, &new), []);
    assert_eq!(compare(&new, &old), []);
}

#[test]
fn versions_that_share_nothing_are_compared_in_bearable_time() {
    let of = |prefix: &str| {
        let fields = (0..5000).map(|n| format!("fields.{prefix}{n}.type = \"string\"\n"));
        let actions = (0..300).map(|n| format!("actions.a{n} = {{}}\n"));
        read(&format!(
            "format = 1\n{}{}",
            fields.collect::<String>(),
            actions.collect::<String>()
        ))
    };
    assert_eq!(compare(&of("x"), &of("y")).len(), 10_000);
}

/// Changes something of a codebook, and keeps it one.
fn amend(codebook: &mut Codebook, dice: &mut Dice) {
    match dice.below(5) {
        0 if codebook.actions.len() > 1 => {
            codebook.actions.pop();
        }
        1 => codebook.undeclared = dice.pick(Undeclared::ALL),
        2 => {
            let action = &mut codebook.actions[0];
            let mut field = Field::new(
                format!("a new one {}", action.fields.len()),
                dice.pick(FieldType::ALL),
            );
            field.required = dice.flag();
            action.fields.push(field);
        }
        3 => {
            codebook.actions[0].groups.pop();
        }
        _ => {
            let groups = codebook
                .groups
                .iter_mut()
                .flat_map(|group| &mut group.fields);
            let own = codebook
                .actions
                .iter_mut()
                .flat_map(|action| &mut action.fields);
            let mut all: Vec<_> = codebook
                .fields
                .iter_mut()
                .chain(groups)
                .chain(own)
                .collect();
            if !all.is_empty() {
                let n = dice.below(all.len());
                amend_field(all[n], dice);
            }
        }
    }
}

fn amend_field(field: &mut Field, dice: &mut Dice) {
    let bound = |dice: &mut Dice| {
        let number = dice.pick(&["-1e300", "0", "7", "34", "1e300"]);
        dice.flag()
            .then(|| Scalar::Number(Number::parse(number).unwrap()))
    };
    let numeric = matches!(field.kind, FieldType::Integer | FieldType::Number);
    match dice.below(9) {
        0 => field.required = !field.required,
        1 if numeric && field.enumeration.is_empty() => field.minimum = bound(dice),
        2 if numeric && field.enumeration.is_empty() => field.maximum = bound(dice),
        3 if field.kind == FieldType::Integer => field.kind = FieldType::Number,
        4 => {
            field.enumeration.pop();
        }
        5 => field.missing.clear(),
        6 => field.pattern = None,
        7 => {
            field.min_length = None;
            field.max_length = field.max_length.map(|max| max + 1 - dice.below(2) as u32);
        }
        _ => match (&mut field.items, field.fields.first_mut()) {
            (Some(items), _) if dice.flag() => amend_field(items, dice),
            (_, Some(inner)) if dice.flag() => amend_field(inner, dice),
            _ => {
                field.items = None;
                field.fields.pop();
            }
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_fitted_fits_a_version_whose_differences_are_all_compatible(mut dice in dice(), changes in 1usize..3) {
        let old = codebook(&mut dice);
        let mut new = old.clone();
        for _ in 0..changes {
            amend(&mut new, &mut dice);
        }
        let differences = compare(&old, &new);
        prop_assert_eq!(differences.is_empty(), compare(&new, &old).is_empty());
        if differences.iter().all(|difference| difference.is_compatible()) {
            let checker = Checker::new(&new);
            for (n, action) in old.actions.iter().enumerate() {
                let payload = Maker::new(&mut dice, None).payload(&old, n);
                prop_assert_eq!(checker.check(&entry(&action.name, &payload)), [], "{} {:?}", payload, differences);
            }
        }
    }
}
