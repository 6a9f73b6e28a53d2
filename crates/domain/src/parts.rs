//! What the roles of a codebook make of the members of an entry: who plays the parts of the envelope.

use crate::codebook::{Part, ParticipantBy, Roles, nfc};
use crate::fault::{Fault, FaultKind, JsonType};
use crate::parse;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The member that names the participant.
pub(crate) const PARTICIPANT: &str = Part::Participant.as_str();

/// The members of an object, in order.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// The members of one entry once each has its part.
#[derive(Default)]
pub(crate) struct Cast {
    /// What the game calls the members of the envelope, where it has names of its own.
    names: Vec<(&'static str, Box<str>)>,
    /// The number of the participant in the study, if a member says it.
    pub(crate) number: Option<u64>,
    pub(crate) faults: Vec<Fault>,
}

impl Cast {
    /// What the game calls a member of the envelope.
    pub(crate) fn name<'n>(&'n self, own: &'n str) -> &'n str {
        let found = self.names.iter().find(|(part, _)| *part == own);
        found.map_or(own, |(_, name)| name)
    }
}

/// Gives members that play a part the name that the entry has for it.
pub(crate) fn cast(members: &mut Members<'_>, roles: &Roles) -> Cast {
    let mut cast = Cast::default();
    for &part in Part::ALL {
        let own = part.as_str();
        let Some(name) = roles.member(part) else {
            continue;
        };
        let by_number =
            part == Part::Participant && roles.participant_by() == ParticipantBy::Number;
        let has_own = members.iter().any(|(name, _)| name == own);
        match members.iter().position(|(sent, _)| *nfc(sent) == *name) {
            Some(at) if by_number => {
                let (sent, value) = members.remove(at);
                cast.take_number(&sent, value);
            }
            Some(at) if has_own => {
                let (sent, _) = members.remove(at);
                cast.faults.push(Fault::at(&sent, FaultKind::PlayedTwice));
            }
            Some(at) => {
                let sent = std::mem::replace(&mut members[at].0, Cow::Borrowed(own));
                cast.names.push((own, sent.into()));
            }
            None if has_own || by_number => {}
            None => cast.names.push((own, name.into())),
        }
    }
    cast
}

impl Cast {
    /// A number, or a text with one in it; null is as good as absent.
    fn take_number(&mut self, sent: &str, value: &RawValue) {
        let text = value.get();
        if text == "null" {
            return;
        }
        let number = text.trim_matches('"').parse().ok();
        if number.is_none() {
            let kind = FaultKind::WrongType {
                expected: JsonType::Integer,
            };
            self.faults.push(Fault::at(sent, kind));
        }
        self.number = self.number.or(number);
    }

    /// The payload without a member that names the participant, who is named by it if by nothing else; `None` if it has none.
    pub(crate) fn clear_payload(
        &mut self,
        payload: &str,
        roles: &Roles,
        participant: &mut Option<String>,
    ) -> Option<Box<str>> {
        let name = roles.member(Part::Participant)?;
        let mut members = members_with(payload, name)?;
        let at = members.iter().position(|(sent, _)| *nfc(sent) == *name)?;
        let (sent, value) = members.remove(at);
        match roles.participant_by() {
            ParticipantBy::Number => self.take_number(&sent, value),
            ParticipantBy::Username if participant.is_none() => {
                *participant = serde_json::from_str(value.get()).ok();
            }
            ParticipantBy::Username => {}
        }
        Some(compose(named(&members)))
    }
}

/// The text of an entry without what names the participant; as it is if nothing does.
pub(crate) fn without_participant(text: &str, roles: Option<&Roles>) -> Box<str> {
    let role = roles.and_then(|roles| roles.member(Part::Participant));
    let Some(members) = members_of(text) else {
        return text.into();
    };
    let names_participant =
        |name: &str| name == PARTICIPANT || role.is_some_and(|role| *nfc(name) == *role);
    let payload = members.iter().find(|(name, _)| name == "payload");
    let cleared = role.zip(payload).and_then(|(role, (_, payload))| {
        let mut inner = members_with(payload.get(), role)?;
        let before = inner.len();
        inner.retain(|(name, _)| *nfc(name) != *role);
        (inner.len() < before).then(|| compose(named(&inner)))
    });
    if cleared.is_none() && !members.iter().any(|(name, _)| names_participant(name)) {
        return text.into();
    }
    let kept = members.iter().filter(|(name, _)| !names_participant(name));
    compose(kept.map(|(name, value)| match &cleared {
        Some(cleared) if name == "payload" => (&**name, &**cleared),
        _ => (&**name, value.get()),
    }))
}

/// The members of an object that may have one of that name.
fn members_with<'a>(text: &'a str, name: &str) -> Option<Members<'a>> {
    // A name may be spelt with escapes, or in another form of Unicode.
    let may = text.contains(name) || text.contains("\\u") || !text.is_ascii();
    may.then(|| members_of(text)).flatten()
}

/// The members of an object; `None` for anything else.
pub(crate) fn members_of(text: &str) -> Option<Members<'_>> {
    #[derive(Deserialize)]
    struct Object<'a>(#[serde(borrow, deserialize_with = "parse::item")] parse::Item<'a>);

    serde_json::from_str::<Object<'_>>(text).ok()?.0
}

fn named<'m>(members: &'m Members<'_>) -> impl Iterator<Item = (&'m str, &'m str)> {
    members.iter().map(|(name, value)| (&**name, value.get()))
}

/// One object of members and their texts.
pub(crate) fn compose<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> Box<str> {
    let mut text = String::from("{");
    for (n, (name, value)) in members.enumerate() {
        if n > 0 {
            text.push(',');
        }
        // A name always has a JSON form.
        text.push_str(&serde_json::to_string(name).unwrap_or_default());
        text.push(':');
        text.push_str(value);
    }
    text.push('}');
    text.into()
}

#[cfg(test)]
mod tests;
