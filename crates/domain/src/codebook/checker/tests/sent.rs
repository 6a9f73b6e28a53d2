use super::{checker, fault};
use crate::codebook::Checker;
use crate::{Body, FaultKind as F, Form, Limits, Misfit, SourceTexts, parse_with};
use rstest::rstest;

const CODEBOOK: &str = r#"
format = 1
undeclared = "refuse"
[roles]
participant = "userID"
participant_by = "number"
action = "actionType"
timestamp = "time"
[fields.level]
type = "integer"
required = true
[fields.userID]
type = "integer"
required = true
[actions.begin]
"#;

fn admitted(checker: &Checker, sent: &str) -> Result<(), Misfit> {
    let roles = Some(checker.roles());
    let body = parse_with(sent.as_bytes(), Form::Json, &Limits::default(), roles).unwrap();
    let Body::One(parsed) = body else {
        panic!("one was sent")
    };
    let texts = SourceTexts::with(sent.as_bytes(), Form::Json, roles);
    checker.admit(parsed.entry?, || texts.get(0)).map(|_| ())
}

#[test]
fn a_flat_entry_fits_though_its_participant_is_not_kept() {
    let checker = checker(CODEBOOK);
    let sent =
        r#"{"userID": 3, "time": "2024-05-18T10:17:33Z", "actionType": "begin", "level": 3}"#;
    assert_eq!(admitted(&checker, sent), Ok(()));
}

#[rstest]
#[case(
    r#"{"time": "2024-05-18T10:17:33Z", "actionType": "begin", "level": true}"#,
    "/level"
)]
#[case(r#"{"time": "2024-05-18T10:17:33Z", "actionType": "begin"}"#, "/level")]
#[case(
    r#"{"time": "2024-05-18T10:17:33Z", "actionType": "begin", "payload": {}}"#,
    "/payload/level"
)]
#[case(
    r#"{"time": "2024-05-18T10:17:33Z", "actionType": "begin", "payload": {"level": true}}"#,
    "/payload/level"
)]
#[case(
    r#"{"time": "2024-05-18T10:17:33Z", "actionType": "begin", "payload": {"level": 1}, "x~": 1}"#,
    "/x~0"
)]
#[case(
    r#"{"time": "2024-05-18T10:17:33Z", "actionType": "begun", "level": 1}"#,
    "/actionType"
)]
#[case(
    r#"{"time": "2024-05-18T10:17:33Z", "action": "begun", "level": 1}"#,
    "/action"
)]
fn a_fault_leads_into_what_was_sent(#[case] sent: &str, #[case] pointer: &str) {
    let misfit = admitted(&checker(CODEBOOK), sent).unwrap_err();
    let pointers: Vec<_> = misfit.faults.iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!(pointers, [pointer]);
    assert_eq!(&*misfit.text, sent);
}

#[test]
fn a_misfit_is_kept_without_the_participant() {
    let sent = r#"{"userID":3,"time":"2024-05-18T10:17:33Z","actionType":"begin","level":1,"x":2}"#;
    let misfit = admitted(&checker(CODEBOOK), sent).unwrap_err();
    assert_eq!(misfit.faults, [fault("/x", F::UndeclaredField)]);
    assert!(!misfit.text.contains("userID"), "{}", misfit.text);
}
