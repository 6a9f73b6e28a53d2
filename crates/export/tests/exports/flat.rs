//! The CSV of a study, one column for each member of the payloads.
use crate::support::{Archive, column, rows};
use sillage_domain::codebook::{Codebook, CodebookFormat};
use sillage_domain::testing::fixtures::send;
use sillage_export::{MAX_COLUMN_NAME, MAX_COLUMNS, Profile, REST};

#[test]
fn the_log_of_tsadk_looks_so() {
    let archive = Archive::of_payloads(&[
        r#"{"roomName":"salleForet","actionNature":"mettre_main","userAnswer":"if(none){win}else{loose}"}"#,
        r#"{"roomName":"salleEau","userError":"incorrect"}"#,
    ]);
    insta::assert_snapshot!(archive.flat(Profile::Analysis).replace("\r\n", "<CRLF>\n"), @r###"
id,userID,session,sequence,timestamp,action,roomName,actionNature,userAnswer,userError<CRLF>
1,3,s-1,0,2024-05-18T00:00:00.000000Z,click,salleForet,mettre_main,if(none){win}else{loose},<CRLF>
2,3,s-1,1,2024-05-18T00:00:01.000000Z,click,salleEau,,,incorrect<CRLF>
"###);
}

/// The roles and columns of a game that has its own names.
fn codebook(fields: &[&str]) -> Codebook {
    let field = |name: &&str| format!("[fields.{name}]\ntype = \"string\"\nprivacy = \"other\"\n");
    let fields: String = fields.iter().map(field).collect();
    let text = format!(
        "format = 1\n[roles]\nparticipant = \"userID\"\nparticipant_by = \"number\"\naction = \"actionType\"\n{fields}[actions.click]\n"
    );
    Codebook::read(&text, CodebookFormat::Toml).unwrap_or_else(|faults| panic!("{faults:?}"))
}

#[test]
fn the_columns_of_a_codebook_come_in_its_order_under_its_names() {
    let archive = Archive::of_payloads(&[
        r#"{"userAnswer":"if(none){win}","roomName":"salleForet","more":1}"#,
        r#"{"roomName":"salleEau"}"#,
    ]);
    let all = [
        "userID",
        "timestamp",
        "sequence",
        "roomName",
        "actionType",
        "userError",
        "userAnswer",
    ];
    insta::assert_snapshot!(archive.flat_by(Some(&codebook(&all)), Profile::Analysis).replace("\r\n", "<CRLF>\n"), @r###"
    id,session,userID,timestamp,sequence,roomName,actionType,userError,userAnswer,more<CRLF>
    1,s-1,3,2024-05-18T00:00:00.000000Z,0,salleForet,click,,if(none){win},1<CRLF>
    2,s-1,3,2024-05-18T00:00:01.000000Z,1,salleEau,click,,,<CRLF>
    "###);
    // What is not listed and is there all the same has its column too.
    let csv = archive.flat_by(Some(&codebook(&["roomName"])), Profile::Analysis);
    assert_eq!(
        rows(&csv)[0],
        [
            "id",
            "userID",
            "session",
            "sequence",
            "timestamp",
            "actionType",
            "roomName",
            "userAnswer",
            "more"
        ]
    );
}

#[test]
fn members_become_columns_in_order_of_appearance() {
    let archive = Archive::of_payloads(&[r#"{"b":1}"#, r#"{"a":2,"b":3}"#, "{}"]);
    let csv = archive.flat(Profile::Analysis);
    assert_eq!(rows(&csv)[0][6..], ["b", "a"]);
    assert_eq!(column(&csv, "b"), ["1", "3", ""]);
    assert_eq!(column(&csv, "a"), ["", "2", ""]);
}

#[test]
fn a_text_loses_its_quotes_and_all_else_stays_as_it_was_sent() {
    let values = [
        r#""a \"b\"\n\u00e9""#,
        "1.10",
        "-5",
        "1e400",
        "true",
        "null",
        r#"[1, {"x":"y"}]"#,
    ];
    let payloads: Vec<_> = values
        .iter()
        .map(|value| format!(r#"{{"v":{value}}}"#))
        .collect();
    let payloads: Vec<_> = payloads.iter().map(String::as_str).collect();
    let written = [
        "a \"b\"\né",
        "1.10",
        "-5",
        "1e400",
        "true",
        "",
        r#"[1, {"x":"y"}]"#,
    ];
    assert_eq!(
        column(
            &Archive::of_payloads(&payloads).flat(Profile::Analysis),
            "v"
        ),
        written
    );
}

#[test]
fn a_spreadsheet_runs_neither_values_nor_names_of_columns_and_keeps_numbers() {
    let archive =
        Archive::of_payloads(&[r#"{"=cmd":"=1+1"}"#, r#"{"=cmd":-5}"#, r#"{"=cmd":"-5"}"#]);
    let csv = archive.flat(Profile::Spreadsheet);
    assert_eq!(column(&csv, "'=cmd"), ["'=1+1", "-5", "'-5"]);
    assert_eq!(
        column(&archive.flat(Profile::Analysis), "=cmd"),
        ["=1+1", "-5", "-5"]
    );
}

#[test]
fn a_member_called_like_a_first_column_has_a_column_of_its_own() {
    let archive = Archive::of_payloads(&[r#"{"userID":2,"action":"x","payload.userID":"y"}"#]);
    let csv = archive.flat(Profile::Analysis);
    assert_eq!(
        rows(&csv)[0][6..],
        ["payload.userID", "payload.action", "payload.payload.userID"]
    );
    assert_eq!(column(&csv, "userID"), ["3"]);
    assert_eq!(column(&csv, "payload.userID"), ["2"]);
    assert_eq!(column(&csv, "payload.action"), ["x"]);
}

#[test]
fn members_beyond_the_bound_stand_together() {
    let names: Vec<_> = (0..=MAX_COLUMNS)
        .map(|n| format!(r#""m{n}":{n}"#))
        .collect();
    let long_name = "n".repeat(MAX_COLUMN_NAME + 1);
    let wide = format!("{{{}}}", names.join(","));
    let archive = Archive::of_payloads(&[
        &wide,
        r#"{"m0":"first"}"#,
        &format!(r#"{{"{long_name}":[1]}}"#),
        r#"{"more \"":"x","payload":2}"#,
    ]);
    let csv = archive.flat(Profile::Analysis);
    assert_eq!(rows(&csv)[0].len(), 6 + MAX_COLUMNS + 1);
    let rest = [
        format!(r#"{{"m{MAX_COLUMNS}":{MAX_COLUMNS}}}"#),
        String::new(),
        format!(r#"{{"{long_name}":[1]}}"#),
        r#"{"more \"":"x","payload":2}"#.to_owned(),
    ];
    assert_eq!(column(&csv, REST), rest);
    assert_eq!(column(&csv, "m0"), ["0", "first", "", ""]);
}

#[test]
fn an_entry_without_payload_has_its_row() {
    let archive = Archive::new();
    send(&archive.ports, &[archive.entry(0, "click", None)]);
    assert_eq!(rows(&archive.flat(Profile::Analysis)).len(), 2);
}
