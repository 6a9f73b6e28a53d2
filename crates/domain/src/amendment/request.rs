//! What somebody wants amended: read, checked, and applied to an entry.

use super::merge::merge;
use crate::codebook::Roles;
use crate::draft::find_duplicates;
use crate::entry::same_value;
use crate::json::inspect;
use crate::parse::{Body, object, parse_with};
use crate::parts::compose;
use crate::{BodyError, Fault, FaultKind, Form, JsonType, Limits, Payload, Reason, StoredEntry};
use std::borrow::Cow;

const REASON: &str = "reason";
const PAYLOAD: &str = "payload";
/// The members of an entry that can be amended.
const MEMBERS: [&str; 5] = ["action", "timestamp", "session", "sequence", PAYLOAD];

/// What is to be changed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmendmentRequest {
    /// Why.
    pub reason: Reason,
    /// What.
    pub changes: Changes,
}

/// What is to be changed of an entry.
///
/// `action`, `timestamp`, `session` and `sequence` are put in the place of what is there, and `null` takes `session` and `sequence` away.
/// `payload` is a JSON merge patch (RFC 7396): it changes the members that it names, `null` takes one away, and `null` in the place of
/// the payload takes all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Each with its text of JSON.
    members: Vec<(&'static str, Box<str>)>,
}

/// Why something can't be amended so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmendmentError {
    /// What was sent can't be read.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// What was sent is no amendment, or the entry would be none with it.
    #[error("{} faults", .0.len())]
    Faults(Vec<Fault>),
}

impl AmendmentRequest {
    /// Reads `{"reason", ...}` and the members to be changed.
    ///
    /// # Errors
    ///
    /// [`AmendmentError`], with every fault that can be seen without the entry.
    pub fn read(body: &[u8]) -> Result<Self, AmendmentError> {
        let Some(sent) = object(body)? else {
            let expected = JsonType::Object;
            return Err(one_fault("", FaultKind::WrongType { expected }));
        };
        let mut pointers = Vec::new();
        find_duplicates(&sent, "", &mut pointers);
        if !pointers.is_empty() {
            return Err(BodyError::Duplicates { pointers }.into());
        }
        let mut faults = Vec::new();
        let mut members = Vec::new();
        let mut reason = Err(FaultKind::Missing);
        for (name, value) in &sent {
            if name == REASON {
                reason = read_reason(value.get());
            } else if let Some(known) = MEMBERS.iter().find(|known| *known == name) {
                members.push((*known, value.get().into()));
            } else {
                faults.push(Fault::at(name, FaultKind::UnknownMember));
            }
        }
        if members.is_empty() && faults.is_empty() {
            faults.push(Fault::at("", FaultKind::NothingToChange));
        }
        match reason {
            Ok(reason) if faults.is_empty() => Ok(Self {
                reason,
                changes: Changes { members },
            }),
            Ok(_) => Err(AmendmentError::Faults(faults)),
            Err(kind) => {
                faults.insert(0, Fault::at(REASON, kind));
                Err(AmendmentError::Faults(faults))
            }
        }
    }
}

fn one_fault(member: &str, kind: FaultKind) -> AmendmentError {
    AmendmentError::Faults(vec![Fault::at(member, kind)])
}

fn read_reason(text: &str) -> Result<Reason, FaultKind> {
    if text == "null" {
        return Err(FaultKind::Missing);
    }
    if !text.starts_with('"') {
        let expected = JsonType::String;
        return Err(FaultKind::WrongType { expected });
    }
    // It is well-formed: only half a surrogate pair makes it unreadable.
    let text: String = serde_json::from_str(text).map_err(|_| FaultKind::LoneSurrogate)?;
    text.parse().map_err(|error| FaultKind::Name { error })
}

impl Changes {
    /// The changes as a JSON object, each value to the letter.
    pub fn to_json(&self) -> Box<str> {
        compose(self.members.iter().map(|(name, value)| (*name, &**value)))
    }

    /// The entry as it would be read, with the next revision; the same revision if nothing would change. `roles`: those of the study's codebook, since
    /// a member that names the participant stands in no payload.
    ///
    /// # Errors
    ///
    /// [`AmendmentError`]: every rule of an entry holds for an amended one. Whether it fits the codebook is another question.
    pub fn apply(
        &self,
        entry: &StoredEntry,
        limits: &Limits,
        roles: Option<&Roles>,
    ) -> Result<StoredEntry, AmendmentError> {
        self.check_patch(limits)?;
        let text = compose(
            self.members_of(entry)
                .iter()
                .map(|(name, value)| (*name, &**value)),
        );
        let Body::One(parsed) = parse_with(text.as_bytes(), Form::Json, limits, roles)? else {
            return Err(one_fault("", FaultKind::NothingToChange));
        };
        if parsed.participant.is_some() || parsed.number.is_some() {
            return Err(one_fault(PAYLOAD, FaultKind::UnknownMember));
        }
        let draft = parsed
            .entry
            .map_err(|misfit| AmendmentError::Faults(misfit.faults))?;
        let unchanged = draft.action == entry.action
            && draft.occurred_at == entry.occurred_at
            && draft.session == entry.session
            && draft.sequence == entry.sequence
            && same_value(draft.payload.as_ref(), entry.payload.as_ref());
        if unchanged {
            return Ok(entry.clone());
        }
        Ok(StoredEntry {
            action: draft.action,
            occurred_at: draft.occurred_at,
            session: draft.session,
            sequence: draft.sequence,
            payload: draft.payload,
            revision: entry.revision + 1,
            ..entry.clone()
        })
    }

    /// A patch that is nested deeper than a payload may be, or has a member twice, is applied to nothing.
    fn check_patch(&self, limits: &Limits) -> Result<(), AmendmentError> {
        let patch = self.members.iter().find(|(name, _)| *name == PAYLOAD);
        let Some((_, patch)) = patch else {
            return Ok(());
        };
        let found = inspect(patch, limits.depth);
        if !found.duplicates.is_empty() {
            let pointer = |inner: &String| format!("/{PAYLOAD}{inner}");
            let pointers = found.duplicates.iter().map(pointer).collect();
            return Err(BodyError::Duplicates { pointers }.into());
        }
        let Some(inner) = found.too_deep else {
            return Ok(());
        };
        let (pointer, max) = (format!("/{PAYLOAD}{inner}"), limits.depth);
        let kind = FaultKind::TooDeep { max };
        Err(AmendmentError::Faults(vec![Fault { pointer, kind }]))
    }

    /// The members of the amended entry, as a game would send them.
    fn members_of<'a>(&'a self, entry: &'a StoredEntry) -> Vec<(&'static str, Cow<'a, str>)> {
        MEMBERS
            .iter()
            .filter_map(|&name| {
                let change = self.members.iter().find(|(known, _)| *known == name);
                let value = match (change, name) {
                    (Some((_, patch)), PAYLOAD) => {
                        merge(entry.payload.as_ref().map(Payload::as_str), patch)
                            .into_string()
                            .into()
                    }
                    (Some((_, value)), _) => Cow::Borrowed(&**value),
                    (None, _) => present(entry, name)?,
                };
                Some((name, value))
            })
            .collect()
    }
}

/// A member as the entry has it, as JSON.
fn present<'a>(entry: &'a StoredEntry, name: &str) -> Option<Cow<'a, str>> {
    // A text always has a JSON form.
    let text = |text: &str| serde_json::to_string(text).unwrap_or_default().into();
    match name {
        "action" => Some(text(entry.action.as_str())),
        "timestamp" => Some(text(entry.occurred_at.format(&mut [0; 27]))),
        "session" => entry.session.as_ref().map(|session| text(session.as_str())),
        "sequence" => entry
            .sequence
            .map(|sequence| sequence.get().to_string().into()),
        _ => entry
            .payload
            .as_ref()
            .map(|payload| payload.as_str().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::{Part, ParticipantBy};
    use crate::{EntryId, EntryStatus, LogNumber, Pseudonym, Sequence, StudyId};
    use rstest::rstest;

    fn entry() -> StoredEntry {
        StoredEntry {
            number: LogNumber(7),
            study: StudyId(1),
            pseudonym: Pseudonym::from_u64(5).unwrap(),
            id: EntryId(uuid::Uuid::nil()),
            action: "open".parse().unwrap(),
            session: Some("s-1".parse().unwrap()),
            sequence: Sequence::new(3),
            occurred_at: "2024-05-18T10:17:33.109Z".parse().unwrap(),
            sent_at: None,
            received_at: "2024-05-18T10:17:34Z".parse().unwrap(),
            status: EntryStatus::Accepted,
            payload: Some(Payload::from_checked(r#"{"a":1.10, "b":{"c":1e400}}"#)),
            revision: 2,
            disputed: false,
            codebook: None,
        }
    }

    fn amended(body: &str) -> Result<StoredEntry, AmendmentError> {
        let request = AmendmentRequest::read(body.as_bytes())?;
        request.changes.apply(&entry(), &Limits::default(), None)
    }

    fn pointers(body: &str) -> Vec<String> {
        match amended(body) {
            Err(AmendmentError::Faults(faults)) => {
                faults.into_iter().map(|fault| fault.pointer).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_is_named_changes_and_the_rest_stays_to_the_letter() {
        let body = r#"{"reason":"a typo","action":"close","sequence":null,"timestamp":"2024-05-18T12:17+02:00","payload":{"b":{"d":true}}}"#;
        let expected = StoredEntry {
            action: "close".parse().unwrap(),
            sequence: None,
            occurred_at: "2024-05-18T10:17:00Z".parse().unwrap(),
            payload: Some(Payload::from_checked(
                r#"{"a":1.10,"b":{"c":1e400,"d":true}}"#,
            )),
            revision: 3,
            ..entry()
        };
        assert_eq!(amended(body), Ok(expected));
    }

    #[test]
    fn a_payload_can_be_taken_away_as_a_whole() {
        let now = amended(r#"{"reason":"wrong game","payload":null}"#).unwrap();
        assert_eq!((now.payload, now.revision), (None, 3));
    }

    #[rstest]
    #[case(r#"{"reason":"r","action":"open"}"#)]
    #[case(r#"{"reason":"r","payload":{"a":1.1}}"#)]
    #[case(r#"{"reason":"r","payload":{"z":null},"session":"s-1"}"#)]
    fn what_changes_nothing_makes_no_revision(#[case] body: &str) {
        assert_eq!(amended(body), Ok(entry()));
    }

    #[rstest]
    #[case("[]", &[""])]
    #[case("{}", &["/reason", ""])]
    #[case(r#"{"action":"x"}"#, &["/reason"])]
    #[case(r#"{"reason":null,"action":"x"}"#, &["/reason"])]
    #[case(r#"{"reason":5,"action":"x"}"#, &["/reason"])]
    #[case(r#"{"reason":" \n ","action":"x"}"#, &["/reason"])]
    #[case(r#"{"reason":"r"}"#, &[""])]
    #[case(r#"{"participant":"ada","id":"5","a/b":1}"#, &["/reason", "/participant", "/id", "/a~1b"])]
    #[case(r#"{"reason":"r","action":null,"timestamp":"yesterday"}"#, &["/timestamp", "/action"])]
    #[case(r#"{"reason":"r","sequence":-1}"#, &["/sequence"])]
    #[case(r#"{"reason":"r","payload":"text"}"#, &["/payload"])]
    #[case(r#"{"reason":"r","payload":{"x":["\u0000"]}}"#, &["/payload/x/0"])]
    fn what_can_not_be_is_refused_with_every_place(#[case] body: &str, #[case] expected: &[&str]) {
        assert_eq!(pointers(body), expected);
    }

    #[rstest]
    #[case(r#"{"reason":"r","reason":"s","action":"x"}"#, "/reason")]
    #[case(r#"{"reason":"r","payload":{"a":{"x":1,"x":2}}}"#, "/payload/a/x")]
    fn members_that_stand_twice_are_refused(#[case] body: &str, #[case] pointer: &str) {
        let pointers = vec![pointer.to_owned()];
        let error = AmendmentError::Body(BodyError::Duplicates { pointers });
        assert_eq!(amended(body), Err(error));
    }

    #[test]
    fn the_participant_does_not_come_in_by_an_amendment() {
        let roles = Roles {
            members: vec![(Part::Participant, "userID".into())],
            participant_by: ParticipantBy::Number,
            ..Roles::default()
        };
        let body = br#"{"reason":"r","payload":{"userID":7}}"#;
        let request = AmendmentRequest::read(body).unwrap();
        let limits = Limits::default();
        let faults = vec![Fault::at("payload", FaultKind::UnknownMember)];
        assert_eq!(
            request.changes.apply(&entry(), &limits, Some(&roles)),
            Err(AmendmentError::Faults(faults))
        );
        assert!(request.changes.apply(&entry(), &limits, None).is_ok());
    }

    #[test]
    fn a_patch_is_nested_no_deeper_than_a_payload() {
        let nested = |depth: usize| {
            let (open, close) = (r#"{"x":"#.repeat(depth), "}".repeat(depth));
            amended(&format!(r#"{{"reason":"r","payload":{open}1{close}}}"#))
        };
        assert!(nested(32).is_ok());
        for depth in [33, 100_000] {
            let found = match nested(depth) {
                Err(AmendmentError::Faults(faults)) => faults[0].kind.clone(),
                other => panic!("{other:?}"),
            };
            assert_eq!(found, FaultKind::TooDeep { max: 32 });
        }
    }

    #[test]
    fn an_amended_entry_is_no_larger_than_one_that_is_sent() {
        let limits = Limits {
            payload: 40,
            ..Limits::default()
        };
        let body = format!(r#"{{"reason":"r","payload":{{"x":"{}"}}}}"#, "x".repeat(30));
        let request = AmendmentRequest::read(body.as_bytes()).unwrap();
        let faults = vec![Fault::at("payload", FaultKind::PayloadTooLarge { max: 40 })];
        assert_eq!(
            request.changes.apply(&entry(), &limits, None),
            Err(AmendmentError::Faults(faults))
        );
    }

    #[test]
    fn the_changes_are_kept_to_the_letter_and_without_the_reason() {
        let body = r#" { "payload" : {"a":1.50}, "reason":"r", "session": null } "#;
        let request = AmendmentRequest::read(body.as_bytes()).unwrap();
        assert_eq!(
            &*request.changes.to_json(),
            r#"{"payload":{"a":1.50},"session":null}"#
        );
    }
}
