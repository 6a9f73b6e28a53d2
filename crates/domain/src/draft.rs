//! From the members of one object to an entry, with every fault that it has.

use crate::codebook::Roles;
use crate::entry::{Draft, EntryId, Misfit, Payload};
use crate::fault::{Fault, FaultKind, JsonType, escape};
use crate::json::inspect;
use crate::parse::{Item, Parsed};
use crate::parts::{self, Cast, PARTICIPANT, compose, members_of};
use crate::{Limits, NameError, Sequence, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashSet;
use std::str::FromStr;

/// The members that an entry has itself; all others belong to its payload.
const OWN: [&str; 8] = [
    "id",
    "session",
    "sequence",
    "timestamp",
    "action",
    "payload",
    "sent_at",
    PARTICIPANT,
];

/// Reads what stands at one place of a body; members that stand twice are added to `duplicates`, under `place`.
pub(crate) fn read(
    item: Item<'_>,
    limits: &Limits,
    roles: Option<&Roles>,
    place: &str,
    source: impl FnOnce() -> Box<str>,
    duplicates: &mut Vec<String>,
) -> Parsed {
    let Some(mut members) = item else {
        let fault = Fault::at(
            "",
            FaultKind::WrongType {
                expected: JsonType::Object,
            },
        );
        return Parsed {
            participant: None,
            number: None,
            entry: Err(Misfit {
                id: None,
                text: source(),
                faults: vec![fault],
            }),
        };
    };
    find_duplicates(&members, place, duplicates);
    let cast = roles.map_or_else(Cast::default, |roles| parts::cast(&mut members, roles));
    let mut reader = Reader {
        members,
        cast,
        faults: Vec::new(),
    };
    let id = reader
        .text("id")
        .and_then(|text| reader.checked("id", parse_id(&text)));
    let timestamp = reader
        .required("timestamp")
        .and_then(|text| reader.time("timestamp", &text));
    let action = reader
        .required("action")
        .and_then(|text| reader.name("action", &text));
    let session = reader
        .text("session")
        .and_then(|text| reader.name("session", &text));
    let sequence = reader.sequence();
    let sent_at = reader
        .text("sent_at")
        .and_then(|text| reader.time("sent_at", &text));
    let mut participant = reader.text(PARTICIPANT).map(Cow::into_owned);
    let mut payload = reader.payload(limits, place, duplicates);
    if let (Some(roles), Some(whole)) = (roles, &payload)
        && let Some(rest) = reader
            .cast
            .clear_payload(whole.as_str(), roles, &mut participant)
    {
        payload = Some(Payload::from_checked(rest));
    }
    reader.faults.append(&mut reader.cast.faults);
    let entry = match (timestamp, action) {
        (Some(occurred_at), Some(action)) if reader.faults.is_empty() => Ok(Draft {
            id,
            action,
            session,
            sequence,
            occurred_at,
            sent_at,
            payload,
        }),
        _ => Err(Misfit {
            id,
            text: source(),
            faults: reader.faults,
        }),
    };
    Parsed {
        participant,
        number: reader.cast.number,
        entry,
    }
}

/// Adds the pointers of members that stand twice.
pub(crate) fn find_duplicates(
    members: &[(Cow<'_, str>, &RawValue)],
    place: &str,
    duplicates: &mut Vec<String>,
) {
    let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.dedup_by(|later, earlier| {
        let same = later == earlier;
        if same {
            let pointer = format!("{place}/{}", escape(later));
            if duplicates.last() != Some(&pointer) {
                duplicates.push(pointer);
            }
        }
        same
    });
}

fn parse_id(text: &str) -> Result<EntryId, FaultKind> {
    uuid::Uuid::try_parse(text)
        .map(EntryId)
        .map_err(|_| FaultKind::NotAnId)
}

struct Reader<'a> {
    members: Vec<(Cow<'a, str>, &'a RawValue)>,
    cast: Cast,
    faults: Vec<Fault>,
}

impl<'a> Reader<'a> {
    fn fault(&mut self, member: &str, kind: FaultKind) {
        let fault = Fault::at(self.cast.name(member), kind);
        self.faults.push(fault);
    }

    fn checked<T>(&mut self, member: &str, result: Result<T, FaultKind>) -> Option<T> {
        result.map_err(|kind| self.fault(member, kind)).ok()
    }

    /// A member's text of JSON; a member that is null is as good as absent.
    fn raw(&self, member: &str) -> Option<&'a str> {
        let (_, value) = self.members.iter().find(|(name, _)| name == member)?;
        Some(value.get()).filter(|text| *text != "null")
    }

    fn text(&mut self, member: &str) -> Option<Cow<'a, str>> {
        #[derive(Deserialize)]
        struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

        let raw = self.raw(member)?;
        if !raw.starts_with('"') {
            self.fault(
                member,
                FaultKind::WrongType {
                    expected: JsonType::String,
                },
            );
            return None;
        }
        // The text is well-formed: only half a surrogate pair makes it unreadable.
        let text = serde_json::from_str::<Text<'a>>(raw).map_err(|_| FaultKind::LoneSurrogate);
        self.checked(member, text.map(|text| text.0))
    }

    fn required(&mut self, member: &str) -> Option<Cow<'a, str>> {
        if self.raw(member).is_none() {
            self.fault(member, FaultKind::Missing);
        }
        self.text(member)
    }

    fn name<T: FromStr<Err = NameError>>(&mut self, member: &str, text: &str) -> Option<T> {
        self.checked(
            member,
            text.parse().map_err(|error| FaultKind::Name { error }),
        )
    }

    fn time(&mut self, member: &str, text: &str) -> Option<Timestamp> {
        self.checked(
            member,
            text.parse().map_err(|error| FaultKind::Time { error }),
        )
    }

    fn sequence(&mut self) -> Option<Sequence> {
        let raw = self.raw("sequence")?;
        // Some engines have no integers, and write 9.0: an integer all the same, as JSON Schema has it.
        let raw = match raw.split_once('.') {
            Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
            _ => raw,
        };
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        let sequence = if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            Err(FaultKind::WrongType {
                expected: JsonType::Integer,
            })
        } else {
            raw.parse()
                .ok()
                .and_then(Sequence::new)
                .ok_or(FaultKind::SequenceOutOfRange)
        };
        self.checked("sequence", sequence)
    }

    /// The payload member as it is, or one made of all members that are not the entry's own.
    fn payload(
        &mut self,
        limits: &Limits,
        place: &str,
        duplicates: &mut Vec<String>,
    ) -> Option<Payload> {
        let given = self.raw("payload");
        if given.is_some_and(|text| !text.starts_with('{')) {
            self.fault(
                "payload",
                FaultKind::WrongType {
                    expected: JsonType::Object,
                },
            );
            return None;
        }
        let flat: Vec<_> = self.flat().cloned().collect();
        if let Some(given) = given {
            self.inspect("/payload", given, limits.depth, place, duplicates);
        }
        for (name, value) in &flat {
            let pointer = format!("/{}", escape(name));
            if name.contains('\0') {
                self.faults.push(Fault {
                    pointer: pointer.clone(),
                    kind: FaultKind::NulCharacter,
                });
            }
            // It lies one level deep in the payload that it becomes a part of.
            self.inspect(
                &pointer,
                value.get(),
                limits.depth.saturating_sub(1),
                place,
                duplicates,
            );
        }
        let text = match given {
            None if flat.is_empty() => return None,
            Some(given) if flat.is_empty() => given.into(),
            given => self.merge(given, &flat),
        };
        if text.len() > limits.payload {
            self.fault(
                "payload",
                FaultKind::PayloadTooLarge {
                    max: limits.payload,
                },
            );
        }
        Some(Payload::from_checked(text))
    }

    /// The members that are not the entry's own.
    fn flat(&self) -> impl Iterator<Item = &(Cow<'a, str>, &'a RawValue)> {
        self.members
            .iter()
            .filter(|(name, _)| !OWN.contains(&&**name))
    }

    fn inspect(
        &mut self,
        pointer: &str,
        value: &str,
        depth: usize,
        place: &str,
        duplicates: &mut Vec<String>,
    ) {
        let found = inspect(value, depth);
        duplicates.extend(
            found
                .duplicates
                .iter()
                .map(|inner| format!("{place}{pointer}{inner}")),
        );
        let faults = [
            found
                .too_deep
                .map(|inner| (inner, FaultKind::TooDeep { max: depth })),
            found.nul.map(|inner| (inner, FaultKind::NulCharacter)),
            found
                .lone_surrogate
                .map(|inner| (inner, FaultKind::LoneSurrogate)),
        ];
        let faults = faults.into_iter().flatten();
        self.faults.extend(faults.map(|(inner, kind)| Fault {
            pointer: format!("{pointer}{inner}"),
            kind,
        }));
    }

    /// One object of the payload that was given and the members beside it.
    fn merge(&mut self, given: Option<&'a str>, flat: &[(Cow<'a, str>, &'a RawValue)]) -> Box<str> {
        let given = given.and_then(members_of).unwrap_or_default();
        let inner: HashSet<&str> = given.iter().map(|(name, _)| &**name).collect();
        for (name, _) in flat.iter().filter(|(name, _)| inner.contains(&**name)) {
            self.fault(name, FaultKind::AlsoInPayload);
        }
        compose(
            given
                .iter()
                .chain(flat)
                .map(|(name, value)| (&**name, value.get())),
        )
    }
}
