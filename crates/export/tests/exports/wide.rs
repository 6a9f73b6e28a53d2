//! Clean tables: a typed column for each field of a codebook, what is shown to whom, what is left out and why.
use crate::support::{Archive, column, rows};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use sillage_domain::codebook::{Checker, Codebook, CodebookFormat};
use sillage_domain::quality::Boundaries;
use sillage_domain::testing::fixtures::{at, player, send};
use sillage_domain::{EntryId, LogFilter, Sequence};
use sillage_export::{
    Cleaning, CleaningRule, Deidentified, Export, Format, Profile, Reading, Shape, UNDECLARED,
    View, WideTable, write_codebook,
};

const CODEBOOK: &str = r#"
format = 1
title = "The castle"

[fields.level]
type = "integer"
required = true
minimum = 0
privacy = "other"
label = { en = "Level", fr = "Niveau" }

[fields.timestamp]
type = "datetime"
privacy = "other"

[actions.click]
description = { en = "A click." }

[actions.click.fields.closeness]
type = "number"
missing = [999999]
unit = "pixels"
privacy = "other"

[actions.click.fields.done]
type = "boolean"
privacy = "other"

[actions.click.fields.colour]
type = "string"
enum = ["red", "blue"]
missing = ["n/a"]
privacy = "other"

[actions.click.fields.email]
type = "string"
privacy = "identifier"

[actions.click.fields.age]
type = "integer"
privacy = "quasi-identifier"

[actions.click.fields.grade]
type = "number"
privacy = "sensitive"

[actions.click.fields.answer]
type = "string"
privacy = "free-text"

[actions.click.fields.undecided]
type = "string"

[actions.click.fields.where]
type = "object"
privacy = "other"
[actions.click.fields.where.fields.x]
type = "number"
[actions.click.fields.where.fields.who]
type = "string"
privacy = "identifier"

[actions.click.fields.path]
type = "array"
privacy = "other"

[actions.jump]
description = { en = "A jump.", fr = "Un saut." }

[actions.jump.fields.closeness]
type = "integer"
privacy = "other"
"#;

/// Every name that it has.
const DECLARED: [&str; 13] = [
    "level",
    "timestamp",
    "closeness",
    "done",
    "colour",
    "email",
    "age",
    "grade",
    "answer",
    "undecided",
    "where",
    "path",
    "x",
];

fn codebook() -> Codebook {
    Codebook::read(CODEBOOK, CodebookFormat::Toml).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn text(archive: &Archive, shape: Shape<'_>, reading: Reading<'_>) -> String {
    let filter = LogFilter::default();
    let export = Export {
        reading,
        ..archive.export(&filter, shape)
    };
    let mut file = Vec::new();
    assert!(export.write(&mut file).unwrap().complete);
    String::from_utf8(file).unwrap()
}

fn wide(archive: &Archive, table: &WideTable) -> String {
    let profile = Profile::Analysis;
    text(archive, Shape::Wide { profile, table }, Reading::default())
}

#[test]
fn every_field_has_a_typed_column_in_the_order_of_the_codebook() {
    let archive = Archive::of_payloads(&[
        r#"{"level":30.0,"closeness":999999.0,"done":true,"colour":"n/a","path":[1, {"a":"b"}],"where":{"x":1.50},"extra":[1],"timestamp":"2024-05-18T12:00:00+02:00"}"#,
        r#"{"level":3e1,"closeness":14.50,"done":false,"colour":"red","answer":"=1+1"}"#,
        r#"{"level":null,"closeness":9007199254740993,"colour":null}"#,
    ]);
    let csv = wide(&archive, &WideTable::new(&codebook(), None, View::Full));
    let header = rows(&csv)[0].join(",");
    assert_eq!(
        header,
        "number,id,participant,session,sequence,timestamp,action,received_at,sent_at,disputed,level,payload.timestamp,\
         closeness,done,colour,email,age,grade,answer,undecided,where,path,undeclared"
    );
    assert_eq!(column(&csv, "level"), ["30", "30", ""]);
    assert_eq!(column(&csv, "closeness"), ["", "14.50", "9007199254740993"]);
    assert_eq!(column(&csv, "done"), ["true", "false", ""]);
    assert_eq!(column(&csv, "colour"), ["", "red", ""]);
    assert_eq!(column(&csv, "path"), [r#"[1, {"a":"b"}]"#, "", ""]);
    assert_eq!(column(&csv, "where"), [r#"{"x":1.50}"#, "", ""]);
    assert_eq!(
        column(&csv, "payload.timestamp")[0],
        "2024-05-18T10:00:00.000000Z"
    );
    assert_eq!(column(&csv, UNDECLARED), [r#"{"extra":[1]}"#, "", ""]);
    assert_eq!(column(&csv, "answer")[1], "=1+1");
    let table = WideTable::new(&codebook(), None, View::Full);
    let profile = Profile::Spreadsheet;
    let shape = Shape::Wide {
        profile,
        table: &table,
    };
    let guarded = text(&archive, shape, Reading::default());
    assert_eq!(column(&guarded, "answer")[1], "'=1+1");
}

#[test]
fn a_table_of_one_action_has_its_fields_only() {
    let action = "jump".parse().unwrap();
    let table = WideTable::new(&codebook(), Some(&action), View::Deidentified);
    assert_eq!(
        table.headers()[10..],
        ["level", "payload.timestamp", "closeness"]
    );
}

#[test]
fn a_field_of_which_nothing_is_shown_has_no_column() {
    let table = WideTable::new(&codebook(), None, View::Deidentified);
    let shown = [
        "level",
        "payload.timestamp",
        "closeness",
        "done",
        "colour",
        "where",
        "path",
    ];
    assert_eq!(table.headers()[10..], shown);
    let schema = table.schema("en");
    let names: Vec<_> = schema["fields"].as_array().unwrap()[10..]
        .iter()
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, shown);
}

#[test]
fn a_name_that_is_harmless_in_one_action_only_has_a_column_for_that_one() {
    let book = "format = 1\n[actions.click.fields.who]\ntype = \"string\"\nprivacy = \"identifier\"\nmax_length = 9\n\
                [actions.jump.fields.who]\ntype = \"string\"\nprivacy = \"other\"\nenum = [\"cat\"]\n";
    let book = Codebook::read(book, CodebookFormat::Toml).unwrap();
    let table = WideTable::new(&book, None, View::Deidentified);
    assert_eq!(table.headers()[10..], ["who"]);
    let told = &table.schema("en")["fields"][10];
    assert_eq!(
        (&told["privacy"], &told["constraints"]),
        (&json!("other"), &json!({"enum": ["cat"]}))
    );
    let action = "click".parse().unwrap();
    let table = WideTable::new(&book, Some(&action), View::Deidentified);
    assert!(table.headers()[10..].is_empty());
}

#[test]
fn an_action_that_the_codebook_takes_as_any_other_has_the_fields_of_those() {
    let book = "format = 1\n[actions.jump]\n[actions.\"*\".fields.height]\ntype = \"integer\"\nprivacy = \"other\"\n";
    let book = Codebook::read(book, CodebookFormat::Toml).unwrap();
    let archive = Archive::of_payloads(&[r#"{"height":3.0,"more":1}"#]);
    let csv = wide(&archive, &WideTable::new(&book, None, View::Full));
    assert_eq!(column(&csv, "height"), ["3"]);
    assert_eq!(column(&csv, UNDECLARED), [r#"{"more":1}"#]);
    let deidentified = Deidentified::new(&book);
    let mut left = String::new();
    let action = "click".parse().unwrap();
    assert!(deidentified.payload(&action, r#"{"height":3,"more":1}"#, &mut left));
    assert_eq!(left, r#"{"height":3}"#);
    let table = WideTable::new(&book, Some(&action), View::Deidentified);
    assert_eq!(table.headers()[10..], ["height"]);
}

#[test]
fn fields_of_one_name_and_several_types_are_told_together() {
    let book = "format = 1\n[actions.click.fields.n]\ntype = \"integer\"\nmaximum = 3\n\
                [actions.jump.fields.n]\ntype = \"number\"\nmaximum = 3\n\
                [actions.click.fields.m]\ntype = \"integer\"\nrequired = true\n\
                [actions.jump.fields.m]\ntype = \"string\"\nenum = [\"a\"]\n";
    let book = Codebook::read(book, CodebookFormat::Toml).unwrap();
    let schema = WideTable::new(&book, None, View::Full).schema("en");
    assert_eq!(
        schema["fields"][10],
        json!({"name": "n", "type": "number", "constraints": {"maximum": 3}})
    );
    assert_eq!(schema["fields"][11], json!({"name": "m", "type": "any"}));
}

#[test]
fn two_spellings_of_one_name_are_one_field() {
    let book = "format = 1\n[actions.click.fields.\"caf\u{e9}\"]\ntype = \"string\"\nprivacy = \"other\"\n";
    let book = Codebook::read(book, CodebookFormat::Toml).unwrap();
    let archive = Archive::of_payloads(&["{\"cafe\u{301}\":\"a\"}", "{\"caf\u{e9}\":\"b\"}"]);
    let csv = wide(&archive, &WideTable::new(&book, None, View::Full));
    assert_eq!(column(&csv, "caf\u{e9}"), ["a", "b"]);
    assert_eq!(column(&csv, UNDECLARED), ["", ""]);
}

#[test]
fn frictionless_tools_are_told_what_the_columns_hold() {
    let schema = WideTable::new(&codebook(), None, View::Full).schema("fr");
    let field = |name: &str| -> Value {
        let fields = schema["fields"].as_array().unwrap();
        fields
            .iter()
            .find(|field| field["name"] == name)
            .unwrap()
            .clone()
    };
    assert_eq!(
        field("level"),
        json!({"name": "level", "type": "integer", "title": "Niveau", "privacy": "other", "constraints": {"required": true, "minimum": 0}})
    );
    assert_eq!(field("closeness")["type"], "number");
    assert_eq!(
        field("colour")["constraints"]["enum"],
        json!(["red", "blue"])
    );
    assert_eq!(
        field("payload.timestamp")["format"],
        "%Y-%m-%dT%H:%M:%S.%fZ"
    );
    assert_eq!(field("where")["type"], "object");
    assert_eq!(schema["missingValues"], json!([""]));
}

#[test]
fn the_codebook_is_a_table_too() {
    let mut file = Vec::new();
    write_codebook(&codebook(), Profile::Analysis, &mut file).unwrap();
    let csv = String::from_utf8(file).unwrap();
    let rows = rows(&csv);
    assert_eq!(
        rows[0][12..],
        ["label.en", "description.en", "label.fr", "description.fr"]
    );
    assert_eq!(rows[1][..2], ["click", ""]);
    assert_eq!(rows[1][13], "A click.");
    let closeness = rows
        .iter()
        .find(|row| row[0] == "click" && row[1] == "closeness")
        .unwrap();
    assert_eq!(
        closeness[2..12],
        [
            "number", "false", "pixels", "", "", "", "", "[999999]", "other", ""
        ]
    );
}

/// What is shown of a payload to those who see no more than the codebook lets them.
fn shown(payload: &str) -> String {
    let mut out = String::new();
    Deidentified::new(&codebook()).payload(&"click".parse().unwrap(), payload, &mut out);
    out
}

#[rstest]
#[case(r#"{"email":"a@example.org","age":12,"grade":4.5,"answer":"I am Ada","undecided":"x","secret":"y"}"#, "")]
#[case(
    r#"{"level":1,"email":"a@example.org","done":true}"#,
    r#"{"level":1,"done":true}"#
)]
#[case(
    r#"{"where":{"x":1,"who":"Ada","z":"Ada"},"level":2}"#,
    r#"{"where":{"x":1},"level":2}"#
)]
#[case(r#"{"where":{"who":"Ada"},"level":2}"#, r#"{"level":2}"#)]
#[case(r#"{"where":"Ada","level":"Ada","done":"Ada","closeness":[1]}"#, "")]
#[case(r#"{"colour":"Ada"}"#, "")]
#[case(r#"{"colour":"red"}"#, r#"{"colour":"red"}"#)]
#[case(r#"{"path":[1,{"who":"Ada"},"b",[2]]}"#, r#"{"path":[1,"b"]}"#)]
#[case(r#"{"timestamp":"Ada","level":null}"#, r#"{"level":null}"#)]
fn what_is_not_declared_harmless_is_not_shown(#[case] payload: &str, #[case] left: &str) {
    assert_eq!(shown(payload), left);
}

proptest! {
    #[test]
    fn a_member_that_no_codebook_declares_never_shows(name in "\\PC{1,12}", value in any::<String>()) {
        prop_assume!(!DECLARED.contains(&name.as_str()));
        let payload = json!({ name.as_str(): value, "level": 1, "where": { name.as_str(): value } }).to_string();
        let left: Value = serde_json::from_str(&shown(&payload)).unwrap();
        prop_assert_eq!(left, json!({"level": 1}));
    }
}

#[test]
fn every_shape_shows_the_same_of_a_payload() {
    let archive = Archive::of_payloads(&[r#"{"level":1,"email":"a@example.org"}"#]);
    let deidentified = Deidentified::new(&codebook());
    let reading = Reading {
        deidentified: Some(&deidentified),
        ..Reading::default()
    };
    let table = WideTable::new(&codebook(), None, View::Deidentified);
    let profile = Profile::Analysis;
    for shape in [
        Shape::Csv(profile),
        Shape::Ndjson,
        Shape::Wide {
            profile,
            table: &table,
        },
    ] {
        let text = text(&archive, shape, reading);
        assert!(!text.contains("a@example.org"), "{text}");
    }
    assert_eq!(
        column(&text(&archive, Shape::Csv(profile), reading), "payload"),
        [r#"{"level":1}"#]
    );
}

/// Entries with one of each thing that can be cleaned; the first is the good one.
fn dirty() -> Archive {
    let archive = Archive::new();
    let entry = |n: i64| archive.entry(n, "click", Some(r#"{"level":1,"closeness":2}"#));
    let mut again = entry(1);
    again.id = EntryId(uuid::Uuid::from_u128(7));
    let mut early = entry(2);
    early.content.occurred_at = "1999-12-31T23:59:59Z".parse().unwrap();
    let mut other = entry(9);
    other.content.session = Some("holes".parse().unwrap());
    let mut hole = entry(11);
    hole.content.session = other.content.session.clone();
    let mut misfit = entry(3);
    misfit.content.payload = Some(sillage_domain::Payload::from_checked(
        r#"{"closeness":2,"level":-5}"#,
    ));
    send(
        &archive.ports,
        &[entry(0), entry(1), again, early, misfit, other, hole],
    );
    archive
}

fn cleaned(archive: &Archive, rules: &[CleaningRule], shape: Shape<'_>) -> String {
    let checker = Checker::new(&codebook());
    let cleaning = Cleaning {
        rules: rules.to_vec(),
        checker: Some(&checker),
        ..Cleaning::default()
    };
    let reading = Reading {
        cleaning: Some(&cleaning),
        ..Reading::default()
    };
    text(archive, shape, reading)
}

#[rstest]
#[case(CleaningRule::Times, &["4"])]
#[case(CleaningRule::Duplicates, &["3"])]
#[case(CleaningRule::Sessions, &["6", "7"])]
#[case(CleaningRule::Values, &[])]
fn what_a_rule_leaves_out_is_told_with_its_reason(
    #[case] rule: CleaningRule,
    #[case] left_out: &[&str],
) {
    let archive = dirty();
    let shape = Shape::Csv(Profile::Analysis);
    let kept = column(&cleaned(&archive, &[rule], shape), "number");
    let expected: Vec<_> = (1..=7)
        .map(|n| n.to_string())
        .filter(|n| !left_out.contains(&n.as_str()))
        .collect();
    assert_eq!(kept, expected);
    let reasons = cleaned(&archive, &[rule], Shape::Reasons(Profile::Analysis));
    let told: Vec<_> = column(&reasons, "number");
    let told_of: &[&str] = if rule == CleaningRule::Values {
        &["5"]
    } else {
        left_out
    };
    assert_eq!(told, told_of);
    assert!(
        column(&reasons, "rule")
            .iter()
            .all(|word| word == rule.as_str())
    );
}

#[test]
fn a_value_that_does_not_fit_is_emptied_and_the_raw_stays() {
    let archive = dirty();
    let table = WideTable::new(&codebook(), None, View::Deidentified);
    let shape = Shape::Wide {
        profile: Profile::Analysis,
        table: &table,
    };
    let csv = cleaned(&archive, &[CleaningRule::Values], shape);
    assert_eq!(column(&csv, "level")[4], "");
    assert_eq!(column(&csv, "closeness")[4], "2");
    let reasons = cleaned(
        &archive,
        &[CleaningRule::Values],
        Shape::Reasons(Profile::Analysis),
    );
    assert_eq!(column(&reasons, "field"), ["level"]);
    assert_eq!(column(&reasons, "reason"), ["below_minimum"]);
    assert_eq!(
        column(&archive.csv(Profile::Analysis), "payload")[4],
        r#"{"closeness":2,"level":-5}"#
    );
}

#[test]
fn all_rules_together_leave_each_row_one_reason_to_be_left_out() {
    let archive = dirty();
    let reasons = cleaned(
        &archive,
        CleaningRule::ALL,
        Shape::Reasons(Profile::Analysis),
    );
    assert_eq!(column(&reasons, "number"), ["3", "4", "5", "6", "7"]);
}

#[test]
fn sessions_and_participants_have_a_row_each() {
    let archive = Archive::new();
    let mut entries: Vec<_> = [0, 1, 2, 40]
        .iter()
        .map(|&n| archive.entry(n, "click", None))
        .collect();
    entries[2].content.action = "=jump".parse().unwrap();
    entries[3].pseudonym = player(1);
    entries[3].content.session = None;
    entries[1].content.sequence = Sequence::new(5);
    send(&archive.ports, &entries);
    let rules = sillage_domain::quality::Rules {
        idle: 1,
        ..Default::default()
    };
    let profile = Profile::Spreadsheet;
    let of = |format, participants| {
        let rules = &rules;
        let shape = match participants {
            false => Shape::Sessions {
                format,
                profile,
                rules,
            },
            true => Shape::Participants {
                format,
                profile,
                rules,
            },
        };
        text(&archive, shape, Reading::default())
    };
    let sessions = of(Format::Csv, false);
    assert_eq!(column(&sessions, "session"), ["", "s-1"]);
    assert_eq!(column(&sessions, "entries"), ["1", "3"]);
    assert_eq!(column(&sessions, "duration_seconds"), ["0", "2"]);
    assert_eq!(
        column(&sessions, "first"),
        [at(40).to_string(), at(0).to_string()]
    );
    assert_eq!(column(&sessions, "gaps"), ["0", "2"]);
    assert_eq!(column(&sessions, "actions.click"), ["1", "2"]);
    assert_eq!(column(&sessions, "actions.=jump"), ["0", "1"]);
    let participants = of(Format::Csv, true);
    assert_eq!(rows(&participants).len(), 3);
    let codes = column(&participants, "participant");
    assert!(codes.contains(&player(0).to_string()) && codes.contains(&player(1).to_string()));
    let line = of(Format::Ndjson, false);
    let first: Value = serde_json::from_str(line.lines().nth(1).unwrap()).unwrap();
    assert_eq!(
        (&first["session"], &first["actions"]["=jump"]),
        (&json!("s-1"), &json!(1))
    );
    assert_eq!(of(Format::Ndjson, true).lines().count(), 2);
}

#[test]
fn a_session_without_its_end_is_not_whole() {
    let archive = Archive::of_payloads(&["{}"]);
    let cleaning = Cleaning {
        rules: vec![CleaningRule::Sessions],
        boundaries: Boundaries {
            starts: vec!["click".parse().unwrap()],
            ends: vec!["quit".parse().unwrap()],
        },
        ..Cleaning::default()
    };
    let reading = Reading {
        cleaning: Some(&cleaning),
        ..Reading::default()
    };
    let csv = text(&archive, Shape::Csv(Profile::Analysis), reading);
    assert_eq!(rows(&csv).len(), 1);
}
