//! Requests put together beforehand, in which only the digits change from one to the next.

use crate::api::Account;
use sillage_domain::Timestamp;
use uuid::Uuid;

/// Before the first request; the sequence keeps its seven digits from there on.
const FIRST_SEQUENCE: u32 = 1_000_000;
/// What the entries of a measurement carry: some 110 bytes, as a game writes them.
pub(crate) const PAYLOAD: &str = r#"{"roomName":"salleForet","userAnswer":"if(none){win}else{loose}","attempt":3,"position":[104.5,-3.25,88]}"#;
/// What they say happened.
pub(crate) const ACTION: &str = "regionDeposer";

/// The endless requests of one keep-alive connection: `POST /v1/logs` with one entry or a batch, or the same log-in again and again.
pub(crate) struct Requests {
    bytes: Vec<u8>,
    slots: Vec<Slot>,
    /// What each request counts for.
    entries: u64,
    sequence: u32,
}

/// Where the parts of one entry stand that change.
struct Slot {
    id: usize,
    sequence: usize,
    timestamp: usize,
}

impl Requests {
    /// One object a request.
    pub(crate) fn single(token: &str, session: &str) -> Self {
        let mut body = Vec::new();
        let slot = push_entry(&mut body, session);
        Self::new(token, &body, vec![slot])
    }

    /// An array of that many entries a request.
    pub(crate) fn batches(token: &str, session: &str, entries: usize) -> Self {
        let mut body = vec![b'['];
        let mut slots = Vec::with_capacity(entries);
        for n in 0..entries {
            if n > 0 {
                body.push(b',');
            }
            slots.push(push_entry(&mut body, session));
        }
        body.push(b']');
        Self::new(token, &body, slots)
    }

    /// Log-ins with that username and password. Each counts as one entry.
    pub(crate) fn log_ins(account: &Account) -> Self {
        Self {
            bytes: log_in(&account.username, &account.password),
            slots: Vec::new(),
            entries: 1,
            sequence: FIRST_SEQUENCE,
        }
    }

    fn new(token: &str, body: &[u8], mut slots: Vec<Slot>) -> Self {
        let mut bytes = format!(
            "POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nUser-Agent: sillage-benches\r\nAuthorization: Bearer {token}\r\n\
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
        }
    }

    /// How many entries each request has.
    pub(crate) fn entries(&self) -> u64 {
        self.entries
    }

    /// The next request: other ids, later instants, greater sequence numbers.
    pub(crate) fn next(&mut self) -> &[u8] {
        let mut buffer = [0; 27];
        let now = Timestamp::now().format(&mut buffer).as_bytes();
        for slot in &self.slots {
            let id = &mut self.bytes[slot.id..slot.id + 36];
            Uuid::now_v7().hyphenated().encode_lower(id);
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

/// A log-in as bytes.
pub(crate) fn log_in(username: &str, password: &str) -> Vec<u8> {
    // Names and passwords of measurements have letters, digits, `-` and `.`, which a form writes as they are.
    let form =
        format!("grant_type=password&client_id=sillage&username={username}&password={password}");
    let length = form.len();
    format!(
        "POST /oauth2/access_token HTTP/1.1\r\nHost: localhost\r\nUser-Agent: sillage-benches\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    )
    .into_bytes()
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
