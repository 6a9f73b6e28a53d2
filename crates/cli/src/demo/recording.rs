//! The recorded class that the demonstration plays.

use super::DemoError;
use flate2::read::GzDecoder;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use uuid::Uuid;

/// 10,000 actions in 49 play sessions, one JSON object a line; `examples/waves/NOTICE.md` says where they come from.
const WAVES: &[u8] = include_bytes!("../../data/waves.ndjson.gz");

/// What the actions and fields of the recording mean.
pub const CODEBOOK: &str = include_str!("../../data/codebook.toml");

/// Play sessions, ready to be sent.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) sessions: Vec<Session>,
    /// How many entries there are of each action.
    pub(crate) actions: BTreeMap<String, u64>,
}

/// What one player did.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) name: String,
    /// Entries as JSON, each with the id that its game made for it.
    pub(crate) entries: Vec<Entry>,
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: Uuid,
    pub(crate) json: String,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    session: Cow<'a, str>,
    #[serde(borrow)]
    action: Cow<'a, str>,
}

impl Recording {
    /// Reads the recorded class.
    pub(crate) fn read() -> Result<Self, DemoError> {
        let mut text = String::new();
        GzDecoder::new(WAVES)
            .read_to_string(&mut text)
            .map_err(|error| DemoError::Recording(error.to_string()))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, DemoError> {
        let mut sessions: Vec<Session> = Vec::new();
        let mut actions = BTreeMap::new();
        for line in text.lines() {
            let told: Line<'_> = serde_json::from_str(line)
                .map_err(|error| DemoError::Recording(error.to_string()))?;
            *actions.entry(told.action.into_owned()).or_default() += 1;
            if sessions
                .last()
                .is_none_or(|session| session.name != *told.session)
            {
                sessions.push(Session {
                    name: told.session.into_owned(),
                    entries: Vec::new(),
                });
            }
            if let Some(session) = sessions.last_mut() {
                session.entries.push(Entry::of(line));
            }
        }
        Ok(Self { sessions, actions })
    }

    pub(crate) fn entries(&self) -> u64 {
        self.actions.values().sum()
    }
}

impl Entry {
    /// Gives the entry an id, as a game does when the action happens; all else stays as it was recorded.
    fn of(line: &str) -> Self {
        let id = Uuid::now_v7();
        let json = format!(
            r#"{{"id":"{id}",{}"#,
            line.trim_start().trim_start_matches('{')
        );
        Self { id, json }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recording_is_what_its_notice_says() {
        let recording = Recording::read().unwrap();
        assert_eq!(recording.sessions.len(), 49);
        assert_eq!(recording.entries(), 10_000);
        assert_eq!(recording.actions.len(), 11);
        assert_eq!(recording.actions["slider_move_release"], 3660);
        assert_eq!(recording.actions["dismiss_menu_button"], 13);
    }

    #[test]
    fn every_entry_is_an_object_with_an_id_of_its_own() {
        let recording = Recording::read().unwrap();
        let entries: Vec<_> = recording
            .sessions
            .iter()
            .flat_map(|session| &session.entries)
            .collect();
        let ids: std::collections::HashSet<_> = entries.iter().map(|entry| entry.id).collect();
        assert_eq!(ids.len(), entries.len());
        for entry in entries {
            let value: serde_json::Value = serde_json::from_str(&entry.json).unwrap();
            assert_eq!(value["id"], entry.id.to_string());
            assert!(value["payload"].is_object() && value["sequence"].is_u64());
        }
    }
}
