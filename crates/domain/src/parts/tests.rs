use crate::codebook::{Codebook, CodebookFormat, Roles};
use crate::{Body, Fault, FaultKind, Form, JsonType, Limits, Parsed, SourceTexts, parse_with};
use rstest::rstest;

const TSADK: &str = r#"
format = 1
[roles]
participant = "userID"
participant_by = "number"
action = "actionType"
timestamp = "time"
session = "é"
[actions.regionDeposer]
"#;

fn roles(text: &str) -> Roles {
    let codebook = Codebook::read(text, CodebookFormat::Toml).unwrap();
    codebook.roles().clone()
}

fn one(body: &str) -> Parsed {
    let roles = roles(TSADK);
    match parse_with(
        body.as_bytes(),
        Form::Json,
        &Limits::default(),
        Some(&roles),
    )
    .unwrap()
    {
        Body::One(parsed) => *parsed,
        Body::Several(_) => panic!("one was sent"),
    }
}

fn kept(body: &str) -> Box<str> {
    SourceTexts::with(body.as_bytes(), Form::Json, Some(&roles(TSADK))).get(0)
}

#[test]
fn a_flat_log_of_a_game_that_exists_is_taken() {
    let parsed = one(
        r#"{"userID": 12, "time": "2023-04-18T10:17.109Z", "actionType": "regionDeposer", "e\u0301": "s-1", "roomName": "salleForet"}"#,
    );
    assert_eq!((parsed.number, parsed.participant), (Some(12), None));
    let entry = parsed.entry.unwrap();
    assert_eq!(entry.action.as_str(), "regionDeposer");
    assert_eq!(entry.session.unwrap().as_str(), "s-1");
    assert_eq!(entry.occurred_at.to_string(), "2023-04-18T10:17:06.540000Z");
    assert_eq!(
        entry.payload.unwrap().as_str(),
        r#"{"roomName":"salleForet"}"#
    );
}

#[test]
fn the_members_of_the_contract_play_their_parts_too() {
    let parsed = one(r#"{"timestamp": "2023-04-18T10:17:06Z", "action": "regionDeposer"}"#);
    assert!(parsed.entry.is_ok());
    assert_eq!(parsed.number, None);
}

#[rstest]
#[case(r#"{"userID": 12, "a": 1}"#, r#"{"a":1}"#)]
#[case(r#"{"participant": "a", "us\u0065rID": 12, "a": 1}"#, r#"{"a":1}"#)]
#[case(
    r#"{"payload": {"userID": 12, "x": [1, 2]}, "a": 1}"#,
    r#"{"payload":{"x":[1, 2]},"a":1}"#
)]
#[case(
    r#"{"payload": {"user": 12},  "a": 1}"#,
    r#"{"payload": {"user": 12},  "a": 1}"#
)]
fn what_names_the_participant_is_taken_out_of_what_is_kept(#[case] sent: &str, #[case] text: &str) {
    assert_eq!(&*kept(sent), text);
}

#[rstest]
#[case("12", Some(12))]
#[case("\"12\"", Some(12))]
#[case("null", None)]
fn a_payload_can_name_the_participant(#[case] value: &str, #[case] number: Option<u64>) {
    let parsed = one(&format!(
        r#"{{"time": "2023-04-18T10:17:06Z", "actionType": "a", "payload": {{"x": 1.0, "userID": {value}}}}}"#
    ));
    assert_eq!(parsed.number, number);
    assert_eq!(
        parsed.entry.unwrap().payload.unwrap().as_str(),
        r#"{"x":1.0}"#
    );
}

#[test]
fn faults_call_members_as_the_game_does() {
    let parsed = one(r#"{"userID": "twelve", "actionType": 3, "é": "s", "session": "s"}"#);
    let mut faults = parsed.entry.unwrap_err().faults;
    faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    let wrong = |expected| FaultKind::WrongType { expected };
    assert_eq!(
        faults,
        [
            Fault::at("actionType", wrong(JsonType::String)),
            Fault::at("time", FaultKind::Missing),
            Fault::at("userID", wrong(JsonType::Integer)),
            Fault::at("é", FaultKind::PlayedTwice),
        ]
    );
}

#[test]
fn a_participant_named_by_username_is_told_as_ever() {
    let roles = roles("format = 1\nroles.participant = \"player\"\n[actions.a]");
    let body = r#"{"player": "p-1", "timestamp": "2023-04-18T10:17:06Z", "action": "a"}"#;
    let body = parse_with(
        body.as_bytes(),
        Form::Json,
        &Limits::default(),
        Some(&roles),
    );
    let Body::One(parsed) = body.unwrap() else {
        panic!("one was sent")
    };
    assert_eq!(parsed.participant.as_deref(), Some("p-1"));
    assert_eq!(parsed.entry.unwrap().payload, None);
}
