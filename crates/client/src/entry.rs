//! What is handed over, and how it is written.

use crate::id::EntryId;
use crate::time;
use std::borrow::Cow;
use std::io::Write;
use std::sync::Arc;

/// What `record` hands over. All that costs time is done to it later, on another thread.
#[derive(Debug)]
pub(crate) enum Item {
    Action {
        id: EntryId,
        /// In microseconds since 1970.
        at: i64,
        session: Arc<str>,
        sequence: u64,
        participant: Option<Arc<str>>,
        action: Cow<'static, str>,
        /// As JSON.
        payload: Option<Vec<u8>>,
    },
    /// An entry that somebody else wrote.
    Whole(Vec<u8>),
}

impl Item {
    /// As JSON on one line. It begins with `{`.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> std::io::Result<()> {
        match self {
            Self::Action {
                id,
                at,
                session,
                sequence,
                participant,
                action,
                payload,
            } => {
                write!(out, r#"{{"id":"{id}","session":"#)?;
                serde_json::to_writer(&mut *out, &**session)?;
                write!(
                    out,
                    r#","sequence":{sequence},"timestamp":"{}","action":"#,
                    time::text(*at)
                )?;
                serde_json::to_writer(&mut *out, action)?;
                if let Some(participant) = participant {
                    out.extend_from_slice(br#","participant":"#);
                    serde_json::to_writer(&mut *out, &**participant)?;
                }
                if let Some(payload) = payload {
                    out.extend_from_slice(br#","payload":"#);
                    out.extend_from_slice(payload);
                }
                out.push(b'}');
            }
            Self::Whole(json) => out.extend_from_slice(json),
        }
        Ok(())
    }
}

/// The body of a request: an array of those entries, each with the time of sending, by which the server knows how the clock goes.
pub(crate) fn body(entries: &[Vec<u8>], sent_at: i64) -> Vec<u8> {
    let sent_at = format!(r#"{{"sent_at":"{}""#, time::text(sent_at));
    let length = entries
        .iter()
        .map(|entry| entry.len() + sent_at.len() + 1)
        .sum::<usize>();
    let mut body = Vec::with_capacity(length + 2);
    body.push(b'[');
    for (n, entry) in entries.iter().enumerate() {
        if n > 0 {
            body.push(b',');
        }
        // One that somebody else wrote may say itself when it was sent.
        match entry.strip_prefix(b"{") {
            Some(members) if !has_sent_at(entry) => {
                body.extend_from_slice(sent_at.as_bytes());
                if members.trim_ascii_start().first() != Some(&b'}') {
                    body.push(b',');
                }
                body.extend_from_slice(members);
            }
            _ => body.extend_from_slice(entry),
        }
    }
    body.push(b']');
    body
}

/// Whether it may have the member already, be it only deeper.
fn has_sent_at(entry: &[u8]) -> bool {
    const NAME: &[u8] = br#""sent_at""#;
    entry.windows(NAME.len()).any(|window| window == NAME)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use serde_json::{Value, json};

    fn action(participant: Option<&str>, payload: Option<Value>) -> Vec<u8> {
        let item = Item::Action {
            id: EntryId::new(1_716_027_453_109_000, &Random::new().unwrap()),
            at: 1_716_027_453_109_000,
            session: "s-\"81\"".into(),
            sequence: 9,
            participant: participant.map(Into::into),
            action: "dépose\n".into(),
            payload: payload.map(|payload| payload.to_string().into_bytes()),
        };
        let mut written = Vec::new();
        item.write(&mut written).unwrap();
        written
    }

    #[test]
    fn an_action_is_written_with_the_members_of_the_api_on_one_line() {
        let written = action(Some("eleve-1"), Some(json!({"k": "a\nb"})));
        assert!(!written.contains(&b'\n'));
        let mut entry: Value = serde_json::from_slice(&written).unwrap();
        assert!(
            entry
                .as_object_mut()
                .unwrap()
                .remove("id")
                .unwrap()
                .is_string()
        );
        assert_eq!(
            entry,
            json!({"session": "s-\"81\"", "sequence": 9, "timestamp": "2024-05-18T10:17:33.109000Z", "action": "dépose\n",
                "participant": "eleve-1", "payload": {"k": "a\nb"}})
        );
    }

    #[test]
    fn a_body_is_an_array_whose_entries_say_when_they_were_sent() {
        let own = br#"{"action":"a","sent_at":"2024-01-01T00:00:00Z"}"#.to_vec();
        let entries = [action(None, None), b"{}".to_vec(), own];
        let body: Value = serde_json::from_slice(&body(&entries, 0)).unwrap();
        assert_eq!(body.as_array().unwrap().len(), 3);
        assert_eq!(body[0]["sent_at"], "1970-01-01T00:00:00.000000Z");
        assert_eq!(body[0]["sequence"], 9);
        assert_eq!(body[1], json!({"sent_at": "1970-01-01T00:00:00.000000Z"}));
        assert_eq!(body[2]["sent_at"], "2024-01-01T00:00:00Z");
        assert_eq!(super::body(&[], 0), b"[]");
    }
}
