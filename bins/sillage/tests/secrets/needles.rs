//! What must not be found, in every form in which it could be written.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::fmt::Write;

/// Whose the text is, and so where it must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nowhere at all.
    Secret,
    /// Not in the log: the server was given it, and gives it to nobody.
    Setting,
    /// Not in the log: it says who somebody is.
    Person,
}

struct Needle {
    kind: Kind,
    what: &'static str,
    text: String,
    forms: Vec<String>,
}

/// Everything that is looked for.
#[derive(Default)]
pub(crate) struct Needles(Vec<Needle>);

impl Needles {
    pub(crate) fn secret(&mut self, what: &'static str, text: &str) {
        self.add(Kind::Secret, what, text);
    }

    pub(crate) fn setting(&mut self, what: &'static str, text: &str) {
        self.add(Kind::Setting, what, text);
    }

    pub(crate) fn person(&mut self, what: &'static str, text: &str) {
        self.add(Kind::Person, what, text);
    }

    /// A token, and what alone makes it one: its signature.
    pub(crate) fn token(&mut self, what: &'static str, text: &str) {
        self.secret(what, text);
        if let Some((_, signature)) = text.rsplit_once('.') {
            self.secret(what, signature);
        }
    }

    fn add(&mut self, kind: Kind, what: &'static str, text: &str) {
        assert!(text.len() >= 5, "`{text}` may be found by chance");
        self.0.push(Needle {
            kind,
            what,
            text: text.to_owned(),
            forms: forms(text),
        });
    }

    /// What of it is in a log, in whatever form, and in which line.
    pub(crate) fn in_log(&self, log: &str) -> Vec<String> {
        let mut found = Vec::new();
        for needle in &self.0 {
            for form in &needle.forms {
                if let Some(line) = log.lines().find(|line| line.contains(form.as_str())) {
                    found.push(format!("{} as `{form}` in: {line}", needle.what));
                }
            }
        }
        found
    }

    /// What of it is in a file as it is.
    pub(crate) fn in_file(&self, bytes: &[u8]) -> Vec<&'static str> {
        let text = String::from_utf8_lossy(bytes);
        self.0
            .iter()
            .filter(|needle| needle.kind == Kind::Secret && text.contains(&needle.text))
            .map(|needle| needle.what)
            .collect()
    }
}

/// As it is, and as headers, forms, URLs, JSON, `Debug` and dumps write it.
fn forms(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut forms = vec![
        text.to_owned(),
        percent(text),
        percent(text).to_lowercase(),
        percent(text).replace("%20", "+"),
        json(text),
        format!("{text:?}").trim_matches('"').to_owned(),
        bytes.escape_ascii().to_string(),
        hex(bytes),
        hex(bytes).to_uppercase(),
        format!("{bytes:?}").trim_matches(['[', ']']).to_owned(),
    ];
    // Base64 of a text that it is a part of: it begins at one of three places, and what its first and its last symbol are depends on
    // what stands beside it.
    for before in 0..3 {
        let padded = [vec![0; before], bytes.to_vec()].concat();
        let first = (before * 8).div_ceil(6);
        let whole = padded.len() * 8 / 6;
        for base64 in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            forms.push(base64.encode(&padded)[first..whole].to_owned());
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Percent-encoded, all but what never has to be.
pub(crate) fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(byte.into());
            }
            _ => write!(encoded, "%{byte:02X}").unwrap(),
        }
    }
    encoded
}

fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_needle_is_found_in_every_form() {
    let secret = "pass & wörd/+%";
    let mut needles = Needles::default();
    needles.secret("it", secret);
    let basic = |user: &str| STANDARD_NO_PAD.encode(format!("{user}:{secret}!"));
    for text in [
        secret.to_owned(),
        "password=pass+%26+w%C3%B6rd%2F%2B%25&x".to_owned(),
        "?password=pass%20%26%20w%c3%b6rd%2f%2b%25".to_owned(),
        format!("{{\"password\":{secret:?}}}"),
        basic("a"),
        basic("ab"),
        basic("abc"),
        format!("{:?}", secret.as_bytes()),
    ] {
        assert!(!needles.in_log(&text).is_empty(), "{text}");
    }
    assert!(needles.in_log("pass & word").is_empty());
}
