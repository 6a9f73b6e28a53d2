use super::*;
use crate::{Fault, FaultKind, JsonType, NameError, TimeError};
use proptest::prelude::*;
use rstest::rstest;

const T: &str = r#""timestamp":"2024-05-18T10:17:33.109Z""#;

fn json(body: &str) -> Result<Body, BodyError> {
    parse(body.as_bytes(), Form::Json, &Limits::default())
}

fn one(body: &str) -> Parsed {
    match json(body) {
        Ok(Body::One(parsed)) => *parsed,
        other => panic!("{other:?}"),
    }
}

fn several(body: &str, form: Form) -> Vec<Parsed> {
    match parse(body.as_bytes(), form, &Limits::default()) {
        Ok(Body::Several(parsed)) => parsed,
        other => panic!("{other:?}"),
    }
}

fn faults(body: &str) -> Vec<(String, FaultKind)> {
    let misfit = one(body).entry.expect_err("a misfit");
    misfit
        .faults
        .into_iter()
        .map(|fault| (fault.pointer, fault.kind))
        .collect()
}

fn payload(body: &str) -> Option<String> {
    one(body)
        .entry
        .expect("an entry")
        .payload
        .map(|payload| payload.as_str().to_owned())
}

#[test]
fn an_entry_is_read_with_all_its_members() {
    let parsed = one(
        r#"{"id":"0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10","session":"s-81","sequence":9,"timestamp":"2024-05-18T10:17:33.109Z",
            "sent_at":"2024-05-18T12:17:34+02:00","action":"regionDeposer","payload":{"roomName":"salleForet" , "x":1.10},"participant":"p1"}"#,
    );
    let entry = parsed.entry.expect("an entry");
    assert_eq!(parsed.participant.as_deref(), Some("p1"));
    assert_eq!(
        entry.id.map(|id| id.to_string()).as_deref(),
        Some("0190c1d2-7e1c-7cc0-b9c0-6f1f6c0a9d10")
    );
    assert_eq!(entry.session.as_ref().map(|s| s.as_str()), Some("s-81"));
    assert_eq!(entry.sequence.map(|s| s.get()), Some(9));
    assert_eq!(entry.action.as_str(), "regionDeposer");
    assert_eq!(entry.occurred_at.to_string(), "2024-05-18T10:17:33.109000Z");
    assert_eq!(
        entry.sent_at.map(|t| t.to_string()).as_deref(),
        Some("2024-05-18T10:17:34.000000Z")
    );
    assert_eq!(
        entry.payload.as_ref().map(|p| p.as_str()),
        Some(r#"{"roomName":"salleForet" , "x":1.10}"#)
    );
}

#[rstest]
#[case("9.0", Some(9))]
#[case("9.000", Some(9))]
#[case("9.01", None)]
#[case("9.0e1", None)]
fn a_sequence_number_may_be_written_with_a_point_and_zeros(
    #[case] written: &str,
    #[case] read: Option<i64>,
) {
    let parsed = one(&format!(r#"{{{T},"action":"a","sequence":{written}}}"#));
    let found = parsed.entry.ok().and_then(|entry| entry.sequence);
    assert_eq!(found.map(|sequence| sequence.get()), read);
}

#[rstest]
#[case(r#"{@,"action":"a"}"#, None)]
#[case(
    r#"{@,"action":"a","payload":null,"session":null,"id":null,"sequence":null}"#,
    None
)]
#[case(r#"{@,"action":"a","payload":{}}"#, Some("{}"))]
#[case(
    r#"{@,"action":"a","roomName":"x","n":1e400}"#,
    Some(r#"{"roomName":"x","n":1e400}"#)
)]
#[case(
    r#"{"room":1,@,"action":"a","payload":{"p":[1, 2]}}"#,
    Some(r#"{"p":[1, 2],"room":1}"#)
)]
#[case(r#"{@,"action":"a","é\"\n":1}"#, Some(r#"{"é\"\n":1}"#))]
#[case(
    r#"{@,"action":"a","payload":{"n":9007199254740993}}"#,
    Some(r#"{"n":9007199254740993}"#)
)]
fn members_that_are_not_the_entrys_own_belong_to_the_payload(
    #[case] body: &str,
    #[case] expected: Option<&str>,
) {
    assert_eq!(payload(&body.replace('@', T)).as_deref(), expected);
}

#[test]
fn a_member_beside_the_payload_and_in_it_is_a_fault() {
    let body = r#"{@,"action":"a","room":1,"payload":{"room":2}}"#.replace('@', T);
    assert_eq!(
        faults(&body),
        [("/room".to_owned(), FaultKind::AlsoInPayload)]
    );
}

#[test]
fn all_faults_of_an_entry_are_reported_at_once_with_their_places() {
    let body = r#"{"id":"7","timestamp":"2024-05-18T10:17:33","sequence":-1,"session":"","payload":[1],"sent_at":4}"#;
    let expected = [
        ("/id", FaultKind::NotAnId),
        (
            "/timestamp",
            FaultKind::Time {
                error: TimeError::NoOffset,
            },
        ),
        ("/action", FaultKind::Missing),
        (
            "/session",
            FaultKind::Name {
                error: NameError::Empty,
            },
        ),
        ("/sequence", FaultKind::SequenceOutOfRange),
        (
            "/sent_at",
            FaultKind::WrongType {
                expected: JsonType::String,
            },
        ),
        (
            "/payload",
            FaultKind::WrongType {
                expected: JsonType::Object,
            },
        ),
    ];
    assert_eq!(
        faults(body),
        expected.map(|(pointer, kind)| (pointer.to_owned(), kind))
    );
}

#[rstest]
#[case(r#""sequence":"9""#, "/sequence", FaultKind::WrongType { expected: JsonType::Integer })]
#[case(r#""sequence":9.5"#, "/sequence", FaultKind::WrongType { expected: JsonType::Integer })]
#[case(r#""sequence":1e3"#, "/sequence", FaultKind::WrongType { expected: JsonType::Integer })]
#[case(
    r#""sequence":9007199254740992"#,
    "/sequence",
    FaultKind::SequenceOutOfRange
)]
#[case(
    r#""sequence":99999999999999999999"#,
    "/sequence",
    FaultKind::SequenceOutOfRange
)]
#[case(r#""session":"a\u0000b""#, "/session", FaultKind::Name { error: NameError::Character('\0') })]
#[case(r#""session":"\ud800""#, "/session", FaultKind::LoneSurrogate)]
#[case(
    r#""payload":{"a":["x","\u0000"]}"#,
    "/payload/a/1",
    FaultKind::NulCharacter
)]
#[case(r#""payload":{"a":"\ud800"}"#, "/payload/a", FaultKind::LoneSurrogate)]
#[case(r#""room":"\ud800""#, "/room", FaultKind::LoneSurrogate)]
#[case(r#""payload":"text""#, "/payload", FaultKind::WrongType { expected: JsonType::Object })]
fn a_misfit_says_where_and_what(
    #[case] member: &str,
    #[case] pointer: &str,
    #[case] kind: FaultKind,
) {
    let body = format!(r#"{{{T},"action":"a",{member}}}"#);
    assert_eq!(faults(&body), [(pointer.to_owned(), kind)]);
}

#[test]
fn a_payload_is_taken_up_to_its_limits_and_not_beyond() {
    let body = |payload: &str| format!(r#"{{{T},"action":"a","payload":{payload}}}"#);
    let nested = |depth: usize| {
        format!(
            r#"{{"a":{}{}}}"#,
            "[".repeat(depth - 1),
            "]".repeat(depth - 1)
        )
    };
    let long = |bytes: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(bytes - 8));
    assert!(payload(&body(&nested(32))).is_some());
    assert!(payload(&body(&long(64 << 10))).is_some());
    let [(pointer, FaultKind::TooDeep { max: 32 })] = &faults(&body(&nested(33)))[..] else {
        panic!()
    };
    assert!(pointer.starts_with("/payload/a/0"));
    let large = FaultKind::PayloadTooLarge { max: 64 << 10 };
    assert_eq!(
        faults(&body(&long((64 << 10) + 1))),
        [("/payload".to_owned(), large)]
    );
}

#[test]
fn a_batch_keeps_its_order_and_tells_faults_apart() {
    let body = format!(
        r#" [{{{T},"action":"a"}}, 5, {{{T}}}, null, [], "x", true, -1.5, {{{T},"action":"b"}}] "#
    );
    let parsed = several(&body, Form::Json);
    let actions: Vec<_> = parsed
        .iter()
        .map(|p| p.entry.as_ref().map(|e| e.action.as_str()).ok())
        .collect();
    assert_eq!(
        actions,
        [
            Some("a"),
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            Some("b")
        ]
    );
    let no_object = Fault::at(
        "",
        FaultKind::WrongType {
            expected: JsonType::Object,
        },
    );
    let misfit = parsed[1].entry.as_ref().expect_err("a misfit");
    assert_eq!((&*misfit.text, &misfit.faults[..]), ("5", &[no_object][..]));
    assert_eq!(
        &*parsed[2].entry.as_ref().expect_err("a misfit").text,
        format!("{{{T}}}")
    );
}

#[test]
fn lines_are_entries_and_blank_ones_are_passed_over() {
    let body = format!("\u{feff}{{{T},\"action\":\"a\"}}\r\n\n  \n{{{T},\"action\":\"b\"}}\n7");
    let parsed = several(&body, Form::Lines);
    assert_eq!(parsed.len(), 3);
    assert_eq!(&*parsed[2].entry.as_ref().expect_err("a misfit").text, "7");
    assert_eq!(
        &*source_text(body.as_bytes(), Form::Lines, 1),
        format!("{{{T},\"action\":\"b\"}}")
    );
}

#[test]
fn an_empty_array_is_no_entry() {
    assert_eq!(json("[]"), Ok(Body::Several(Vec::new())));
}

#[rstest]
#[case("", 1, 0)]
#[case("{\n  \"a\": 1,\n}", 3, 1)]
#[case("[{}", 1, 3)]
#[case("{} {}", 1, 4)]
#[case("{\"a\":01}", 1, 7)]
fn malformed_json_is_refused_with_its_place(
    #[case] body: &str,
    #[case] line: usize,
    #[case] column: usize,
) {
    match json(body) {
        Err(BodyError::Malformed {
            line: l, column: c, ..
        }) => assert_eq!((l, c), (line, column)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_malformed_line_is_named_by_its_number() {
    let result = parse(b"{}\n\n{\"a\" 1}\n", Form::Lines, &Limits::default());
    assert!(
        matches!(
            result,
            Err(BodyError::Malformed {
                line: 3,
                column: 6,
                ..
            })
        ),
        "{result:?}"
    );
}

#[test]
fn bytes_that_are_not_utf8_are_refused_with_their_place() {
    let result = parse(b"{\"a\":\n \"\xff\"}", Form::Json, &Limits::default());
    assert!(
        matches!(
            result,
            Err(BodyError::Malformed {
                line: 2,
                column: 3,
                ..
            })
        ),
        "{result:?}"
    );
}

#[rstest]
#[case(r#"{"action":"a","action":"a"}"#, &["/action"])]
#[case(r#"[{},{"x":1,"x":2,"payload":{"~":[{"b":1,"b":1}]}}]"#, &["/1/x", "/1/payload/~0/0/b"])]
#[case(r#"{"x":1,"\u0078":2}"#, &["/x"])]
#[case(r#"{"room":{"y":1,"y":2}}"#, &["/room/y"])]
fn members_that_stand_twice_are_refused_with_their_places(
    #[case] body: &str,
    #[case] expected: &[&str],
) {
    match json(body) {
        Err(BodyError::Duplicates { pointers }) => {
            for pointer in expected {
                assert!(pointers.iter().any(|p| p == pointer), "{pointers:?}");
            }
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_thousand_entries_are_taken_and_one_more_is_refused() {
    let batch = |n: usize| format!("[{}]", vec!["{}"; n].join(","));
    assert!(json(&batch(1000)).is_ok());
    assert_eq!(json(&batch(1001)), Err(BodyError::TooMany { max: 1000 }));
}

#[test]
fn the_participant_is_in_no_text_that_is_kept() {
    let body =
        format!(r#"[{{"participant":"anna",{T}}},{{"participant":"anna",{T},"action":"a"}}]"#);
    let parsed = several(&body, Form::Json);
    assert_eq!(parsed[0].participant.as_deref(), Some("anna"));
    assert_eq!(
        &*parsed[0].entry.as_ref().expect_err("a misfit").text,
        format!("{{{T}}}")
    );
    assert_eq!(
        &*source_text(body.as_bytes(), Form::Json, 1),
        format!(r#"{{{T},"action":"a"}}"#)
    );
    assert!(
        parsed[1]
            .entry
            .as_ref()
            .expect("an entry")
            .payload
            .is_none()
    );
}

#[test]
fn an_id_made_from_the_content_is_the_same_for_a_retry_and_another_for_another_entry() {
    let id = |body: &str| {
        one(&body.replace('@', T))
            .entry
            .expect("an entry")
            .id_or(uuid::Uuid::now_v7)
    };
    let first = id(r#"{@,"action":"a","sequence":1,"payload":{"x":1,"y":[2]}}"#);
    assert_eq!(first.0.get_version_num(), 8);
    assert_eq!(
        first,
        id(
            r#"{"payload":{ "y":[2.0], "x":1 },@,"sequence":1,"action":"a","sent_at":"2024-05-18T10:18:00Z"}"#
        )
    );
    assert_ne!(
        first,
        id(r#"{@,"action":"a","sequence":2,"payload":{"x":1,"y":[2]}}"#)
    );
    assert_ne!(
        first,
        id(r#"{@,"action":"a","sequence":1,"payload":{"x":1,"y":[3]}}"#)
    );
    let alike = r#"{@,"action":"a"}"#;
    assert_ne!(id(alike), id(alike));
}

proptest! {
    #[test]
    fn no_body_makes_the_parser_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&body, Form::Json, &Limits::default());
        let _ = parse(&body, Form::Lines, &Limits::default());
    }

    #[test]
    fn almost_an_entry_makes_no_panic(body in r#"(\{|\}|\[|\]|,|:|"timestamp"|"action"|"participant"|"payload"|"a"|1|null|\\u|"\\ud800"| ){0,30}"#) {
        for form in [Form::Json, Form::Lines] {
            if let Ok(Body::Several(parsed)) = parse(body.as_bytes(), form, &Limits::default()) {
                for n in 0..=parsed.len() {
                    source_text(body.as_bytes(), form, n);
                }
            }
        }
    }

    #[test]
    fn a_payload_is_kept_to_the_letter(
        value in r#"(\{"k[0-9]":( |\t)*(-?[1-9][0-9]{0,20}(\.[0-9]{1,5})?|"[a-zé🎮]{0,8}"|null|\[1, ?2\])\})"#
    ) {
        let body = format!(r#"{{{T},"action":"a","payload":{value}}}"#);
        prop_assert_eq!(payload(&body), Some(value));
    }
}
