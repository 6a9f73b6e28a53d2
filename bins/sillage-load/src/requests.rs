//! Requests put together beforehand, in which only the digits change from one to the next.

use crate::api::Account;
use sillage_domain::Timestamp;
use uuid::Uuid;

/// Before the first request; the sequence keeps its seven digits from there on.
const FIRST_SEQUENCE: u32 = 1_000_000;
/// What the entries of a measurement carry: some 110 bytes, as a game writes them.
pub const PAYLOAD: &str = r#"{"roomName":"salleForet","userAnswer":"if(none){win}else{loose}","attempt":3,"position":[104.5,-3.25,88]}"#;
/// What they say happened.
pub const ACTION: &str = "regionDeposer";

/// The endless requests of one keep-alive connection: `POST /v1/logs` with one entry or a batch, or the same log-in again and again.
pub struct Requests {
    bytes: Vec<u8>,
    slots: Vec<Slot>,
    /// What each request counts for.
    entries: u64,
    sequence: u32,
    random_ids: bool,
}

/// Where the parts of one entry stand that change.
struct Slot {
    id: usize,
    sequence: usize,
    timestamp: usize,
}

impl Requests {
    /// One object a request.
    #[must_use]
    pub fn single(token: &str, session: &str) -> Self {
        Self::single_below("", token, session)
    }

    /// The same at a server whose paths begin with `path`: empty, or `/tsadk/api`.
    #[must_use]
    pub fn single_below(path: &str, token: &str, session: &str) -> Self {
        let mut body = Vec::new();
        let slot = push_entry(&mut body, session);
        Self::new(path, token, &body, vec![slot])
    }

    /// An array of that many entries a request.
    #[must_use]
    pub fn batches(token: &str, session: &str, entries: usize) -> Self {
        let mut body = vec![b'['];
        let mut slots = Vec::with_capacity(entries);
        for n in 0..entries {
            if n > 0 {
                body.push(b',');
            }
            slots.push(push_entry(&mut body, session));
        }
        body.push(b']');
        Self::new("", token, &body, slots)
    }

    /// Log-ins with that username and password. Each counts as one entry.
    #[must_use]
    pub fn log_ins(account: &Account) -> Self {
        Self {
            bytes: log_in("localhost", "", account),
            slots: Vec::new(),
            entries: 1,
            sequence: FIRST_SEQUENCE,
            random_ids: false,
        }
    }

    fn new(path: &str, token: &str, body: &[u8], mut slots: Vec<Slot>) -> Self {
        let mut bytes = format!(
            "POST {path}/v1/logs HTTP/1.1\r\nHost: localhost\r\nUser-Agent: sillage-load\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        for slot in &mut slots {
            slot.id += bytes.len();
            slot.sequence += bytes.len();
            slot.timestamp += bytes.len();
        }
        bytes.extend_from_slice(body);
        Self {
            bytes,
            entries: slots.len() as u64,
            slots,
            sequence: FIRST_SEQUENCE,
            random_ids: false,
        }
    }

    /// The same with ids of version 4, all random, instead of 7.
    #[must_use]
    pub fn with_random_ids(self) -> Self {
        Self {
            random_ids: true,
            ..self
        }
    }

    /// How many entries each request has.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// The next request: other ids, later instants, greater sequence numbers.
    #[expect(
        clippy::should_implement_trait,
        reason = "it lends, which an iterator can't"
    )]
    pub fn next(&mut self) -> &[u8] {
        let mut buffer = [0; 27];
        let now = Timestamp::now().format(&mut buffer).as_bytes();
        for slot in &self.slots {
            let id = &mut self.bytes[slot.id..slot.id + 36];
            let made = if self.random_ids {
                Uuid::new_v4()
            } else {
                Uuid::now_v7()
            };
            made.hyphenated().encode_lower(id);
            self.bytes[slot.timestamp..slot.timestamp + 27].copy_from_slice(now);
            let mut rest = self.sequence;
            for digit in self.bytes[slot.sequence..slot.sequence + 7]
                .iter_mut()
                .rev()
            {
                *digit = b'0' + (rest % 10) as u8;
                rest /= 10;
            }
            self.sequence += 1;
        }
        &self.bytes
    }
}

/// A log-in as bytes, at a host and below a path.
#[must_use]
pub fn log_in(host: &str, path: &str, account: &Account) -> Vec<u8> {
    let form = format!(
        "grant_type=password&client_id=sillage&username={}&password={}",
        escaped(&account.username),
        escaped(&account.password)
    );
    let length = form.len();
    format!(
        "POST {path}/oauth2/access_token HTTP/1.1\r\nHost: {host}\r\nUser-Agent: {}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}",
        crate::USER_AGENT
    )
    .into_bytes()
}

/// A text as a form has it: every byte but letters, digits, `-` and `.` in hexadecimal digits.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.') {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// Appends one entry, with the parts that change still to be written.
fn push_entry(body: &mut Vec<u8>, session: &str) -> Slot {
    let mut push = |text: &str| {
        body.extend_from_slice(text.as_bytes());
        body.len()
    };
    let id = push(r#"{"id":""#);
    push(&"0".repeat(36));
    push(r#"","session":""#);
    push(session);
    let sequence = push(r#"","sequence":"#);
    push(&"0".repeat(7));
    let timestamp = push(r#","timestamp":""#);
    push(&"0".repeat(27));
    push(r#"","action":""#);
    push(ACTION);
    push(r#"","payload":"#);
    push(PAYLOAD);
    push("}");
    Slot {
        id,
        sequence,
        timestamp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sillage_domain::{Body, Form, Limits, parse};
    use std::collections::HashSet;

    fn body(request: &[u8]) -> &[u8] {
        let text = std::str::from_utf8(request).unwrap();
        text.split_once("\r\n\r\n").unwrap().1.as_bytes()
    }

    #[test]
    fn a_password_is_escaped() {
        let account = Account {
            username: "a-1".to_owned(),
            password: "é&=".to_owned(),
        };
        let request = String::from_utf8(log_in("localhost", "", &account)).unwrap();
        assert!(request.ends_with("username=a-1&password=%C3%A9%26%3D"));
    }

    #[test]
    fn every_entry_of_every_request_is_whole_and_has_an_id_of_its_own() {
        let mut requests = Requests::batches("token", "s-1", 3);
        let mut ids = HashSet::new();
        for _ in 0..2 {
            let body = parse(body(requests.next()), Form::Json, &Limits::default()).unwrap();
            let Body::Several(entries) = body else {
                panic!("it is an array");
            };
            for parsed in entries {
                ids.insert(parsed.entry.unwrap().id.unwrap());
            }
        }
        assert_eq!(ids.len(), 6);
    }
}
