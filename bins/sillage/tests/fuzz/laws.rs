//! What must hold of whatever a parser takes. Each gives whether the text was taken, and panics if what was taken is not as it must be.

use sillage_auth::{Basic, Claims, Credentials, GrantRound, Scope, SigningKey, SigningKeys};
use sillage_domain::{
    ActionName, Body, Codebook, CodebookFormat, Day, Draft, Form, GrantId, Limits, Reason, Role,
    SessionName, Slug, SubjectId, Timestamp, Username, parse,
};
use sillage_pseudonym::RootKey;
use sillage_pseudonym::rules::{Form as FileForm, Others, Pseudonymiser, Rules, RulesFormat};
use std::fmt::{Debug, Display};
use std::str::FromStr;
use uuid::Uuid;

fn limits() -> Limits {
    Limits {
        entries: 20,
        payload: 2000,
        depth: 8,
        ..Limits::default()
    }
}

pub(crate) fn entry(input: &[u8]) -> bool {
    body(input, Form::Json)
}

pub(crate) fn lines(input: &[u8]) -> bool {
    body(input, Form::Lines)
}

fn body(input: &[u8], form: Form) -> bool {
    let Ok(body) = parse(input, form, &limits()) else {
        return false;
    };
    let several = match body {
        Body::One(one) => vec![*one],
        Body::Several(several) => several,
    };
    assert!(several.len() <= limits().entries, "too many were taken");
    let mut taken = false;
    for parsed in several {
        match parsed.entry {
            Err(misfit) => {
                assert!(!misfit.faults.is_empty(), "a misfit without a reason");
                assert!(!misfit.text.is_empty(), "a misfit without its text");
            }
            Ok(draft) => {
                taken = true;
                holds(&draft);
            }
        }
    }
    taken
}

/// What is taken keeps the limits, and reads as the same entry once it is written as one.
fn holds(draft: &Draft) {
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let mut members = vec![
        format!(r#""timestamp":"{}""#, draft.occurred_at),
        format!(r#""action":{}"#, quoted(draft.action.as_str())),
    ];
    members.extend(draft.id.map(|id| format!(r#""id":"{id}""#)));
    members.extend(draft.sent_at.map(|at| format!(r#""sent_at":"{at}""#)));
    members.extend(draft.sequence.map(|n| format!(r#""sequence":{}"#, n.get())));
    members.extend(
        draft
            .session
            .as_ref()
            .map(|name| format!(r#""session":{}"#, quoted(name.as_str()))),
    );
    if let Some(payload) = &draft.payload {
        let text = payload.as_str();
        assert!(
            text.len() <= limits().payload,
            "a payload of {} bytes was taken",
            text.len()
        );
        assert!(
            depth(text) <= limits().depth,
            "a payload of depth {} was taken",
            depth(text)
        );
        assert!(
            serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok(),
            "a payload is no JSON: {text}"
        );
        members.push(format!(r#""payload":{text}"#));
    }
    let written = format!("{{{}}}", members.join(","));
    let Ok(Body::One(again)) = parse(written.as_bytes(), Form::Json, &limits()) else {
        panic!("what was taken is refused: {written}");
    };
    assert_eq!(again.entry.as_ref(), Ok(draft), "{written}");
}

/// How deep brackets are nested in a JSON text.
fn depth(text: &str) -> usize {
    let (mut depth, mut most, mut quoted, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth -= 1,
            _ => {}
        }
        most = most.max(depth);
    }
    most
}

pub(crate) fn codebook(input: &[u8], format: CodebookFormat) -> bool {
    let text = String::from_utf8_lossy(input);
    let Ok(book) = Codebook::read(&text, format) else {
        return false;
    };
    for format in [CodebookFormat::Toml, CodebookFormat::Json] {
        let written = book.write(format);
        assert_eq!(
            Codebook::read(&written, format).as_ref(),
            Ok(&book),
            "{written}"
        );
    }
    true
}

/// What is read is written so that it reads the same.
fn reads_itself<T: FromStr + Display + PartialEq + Debug>(text: &str) -> bool {
    let Ok(read) = text.parse::<T>() else {
        return false;
    };
    let written = read.to_string();
    assert_eq!(
        written.parse::<T>().ok(),
        Some(read),
        "{text:?} is written {written:?}"
    );
    true
}

pub(crate) fn time(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    // They are short texts with rules of their own, as times are.
    reads_itself::<Day>(&text);
    reads_itself::<Username>(&text);
    reads_itself::<Slug>(&text);
    reads_itself::<ActionName>(&text);
    reads_itself::<SessionName>(&text);
    reads_itself::<Reason>(&text);
    reads_itself::<Timestamp>(&text)
}

pub(crate) fn credentials(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let _ = Basic::parse_client(&text);
    match Credentials::parse(&text) {
        Ok(Credentials::Token(token)) => {
            let again = Credentials::parse(&format!("Bearer {}", token.expose()));
            assert_eq!(again, Ok(Credentials::Token(token)));
            true
        }
        Ok(Credentials::Basic(basic)) => {
            let pair = format!("{}:{}", basic.username, basic.password.expose());
            assert!(!pair.contains(char::is_control), "{pair:?}");
            use base64::Engine;
            let encoded = base64::engine::general_purpose::STANDARD.encode(&pair);
            assert_eq!(Basic::parse(&format!("basic  {encoded}")), Ok(basic));
            true
        }
        Ok(other) => panic!("{other:?}"),
        Err(_) => false,
    }
}

/// Only what was issued, to the letter, is good.
pub(crate) fn token(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let keys = SigningKeys::new(&[SigningKey::new("one", [7; 32])]).unwrap();
    let now: Timestamp = "2024-05-18T10:17:33Z".parse().unwrap();
    let from = GrantRound {
        grant: GrantId(Uuid::from_u128(1)),
        round: 0,
    };
    let scope = Scope::of_role(Role::Participant);
    let claims = Claims::new(
        SubjectId::new([3; 16]),
        scope,
        from,
        now,
        60,
        Uuid::from_u128(2),
    );
    let issued = keys.issue(&claims).unwrap();
    assert_eq!(keys.verify(issued.expose(), now), Ok(claims));
    // The corpus has headers and claims, and says where the true signature, or the whole true token, is to stand.
    let signature = issued.expose().rsplit('.').next().unwrap();
    let forged = text
        .trim_end()
        .replace("{signature}", signature)
        .replace("{issued}", issued.expose());
    let is_good = keys.verify(&forged, now).is_ok();
    assert!(!is_good || forged == issued.expose(), "forged: {forged}");
    // And a true token, changed where the input says.
    let mut changed = issued.expose().as_bytes().to_vec();
    for pair in input.chunks_exact(2).take(3) {
        let at = usize::from(pair[0]) * changed.len() / 256;
        changed[at] = pair[1];
    }
    let changed = String::from_utf8_lossy(&changed);
    let is_true = keys.verify(&changed, now).is_ok();
    assert!(!is_true || changed == issued.expose(), "forged: {changed}");
    is_good
}

/// What must not come out where no rule names its field.
const MARK: &str = "mark-of-a-pupil";

/// Whatever the rules say, a field that none of them names does not come out, unless they keep what they do not name.
pub(crate) fn rules(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let mut taken = false;
    for format in [RulesFormat::Toml, RulesFormat::Json] {
        let Ok(rules) = Rules::read(&text, format) else {
            continue;
        };
        taken = true;
        let hides = rules.others() != Others::Keep;
        let root = RootKey::from_bytes(std::array::from_fn(|n| n as u8 * 7 + 1));
        let Ok(mut pseudonymiser) = Pseudonymiser::new(rules, Some(&root), None) else {
            continue;
        };
        let file = format!(
            "username,birthday,age,timestamp,score,hidden\nada,2011-03-04,13,2024-05-18T10:17:33Z,7,{MARK}\nbob,x,,,-1,{MARK}\n"
        );
        let mut out = Vec::new();
        let _ = pseudonymiser.run(FileForm::Csv { delimiter: b',' }, file.as_bytes(), &mut out);
        let out = String::from_utf8_lossy(&out);
        assert!(
            !hides || text.contains("hidden") || !out.contains(MARK),
            "{out}"
        );
    }
    taken
}

/// A table comes out with a row for each row, or not at all.
pub(crate) fn csv(input: &[u8]) -> bool {
    const RULES: &str = "format = 1\nstudy = \"s\"\nkey_version = 1\nothers = \"drop\"\n[fields]\n\
        username = { rule = \"pseudonymise\", reason = \"r\" }\nage = { rule = \"round\", to = 5, reason = \"r\" }\nnote = { rule = \"scrub-text\", reason = \"r\" }\n";
    let rules = Rules::read(RULES, RulesFormat::Toml).unwrap_or_else(|faults| panic!("{faults:?}"));
    let root = RootKey::from_bytes(std::array::from_fn(|n| n as u8 * 7 + 1));
    let mut pseudonymiser = Pseudonymiser::new(rules, Some(&root), None).unwrap();
    let mut out = Vec::new();
    if pseudonymiser
        .run(FileForm::Csv { delimiter: b',' }, input, &mut out)
        .is_err()
    {
        return false;
    }
    let text = input.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input);
    let rows = |bytes: &[u8]| {
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
        let rows: Result<Vec<_>, _> = reader.byte_records().collect();
        rows.unwrap().len()
    };
    assert_eq!(rows(&out), rows(text), "{}", String::from_utf8_lossy(&out));
    true
}
