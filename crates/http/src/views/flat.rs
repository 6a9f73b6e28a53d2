//! The members of a flat entry, beside those that all entries have.

use super::log::LogView;
use crate::flat::FlatEntry;
use serde::ser::SerializeMap;
use serde_json::value::RawValue;
use sillage_domain::codebook::Part;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What an entry shows under these names is its own.
const OWN: [&str; 13] = [
    "number",
    "uri",
    "id",
    "participant",
    "session",
    "sequence",
    "timestamp",
    "action",
    "payload",
    "sent_at",
    "received_at",
    "status",
    "codebook",
];

#[derive(serde::Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

pub(super) fn serialize<M: SerializeMap>(
    view: &LogView<'_>,
    flat: FlatEntry<'_>,
    map: &mut M,
) -> Result<(), M::Error> {
    let roles = flat.roles;
    if let (Some(Some(number)), Some(name)) = (flat.number, roles.member(Part::Participant)) {
        map.serialize_entry(name, &number)?;
    }
    if let Some((timestamp, action)) = view.happened {
        if let Some(name) = roles.member(Part::Action) {
            map.serialize_entry(name, action)?;
        }
        if let Some(name) = roles.member(Part::Timestamp) {
            map.serialize_entry(name, &timestamp)?;
        }
    }
    if let (Some(sequence), Some(name)) = (view.sequence, roles.member(Part::Sequence)) {
        map.serialize_entry(name, &sequence)?;
    }
    if let (Some(session), Some(name)) = (view.session, roles.member(Part::Session)) {
        map.serialize_entry(name, session)?;
    }
    let members: BTreeMap<Name<'_>, &RawValue> = match view.payload {
        // What is stored was found to be an object when it arrived.
        Some(payload) => serde_json::from_str(payload.as_str()).unwrap_or_default(),
        None => BTreeMap::new(),
    };
    for (Name(name), value) in &members {
        if !OWN.contains(&&**name) && roles.part_of(name).is_none() {
            map.serialize_entry(name, value)?;
        }
    }
    Ok(())
}
