//! What players of a real class did, and when: the recorded class of `examples/waves`.

use crate::Result;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::value::RawValue;
use sillage_domain::Timestamp;
use std::io::Read;
use std::time::Duration;

/// 10,000 actions in 49 play sessions, one JSON object a line; `data/NOTICE.md` says where they come from.
const WAVES: &[u8] = include_bytes!("../data/waves.ndjson.gz");
/// A player who thought longer than this had left the game; and clocks that ran backwards tell nothing.
const LONGEST_THOUGHT: Duration = Duration::from_secs(60);

/// An action that was recorded.
#[derive(Debug)]
pub struct Action {
    /// After the one before it, at most a minute.
    pub thought: Duration,
    /// What was done.
    pub name: String,
    /// Its payload, as JSON.
    pub payload: String,
}

/// What one player did, in order.
#[derive(Debug)]
pub struct Session {
    /// The actions.
    pub actions: Vec<Action>,
}

#[derive(Deserialize)]
struct Line<'a> {
    session: &'a str,
    timestamp: &'a str,
    action: String,
    #[serde(borrow)]
    payload: &'a RawValue,
}

/// Reads the recording.
///
/// # Errors
///
/// What was compiled in can't be read.
pub fn sessions() -> Result<Vec<Session>> {
    let mut text = String::new();
    GzDecoder::new(WAVES).read_to_string(&mut text)?;
    let mut sessions: Vec<Session> = Vec::new();
    let mut name = "";
    let mut last = None;
    for line in text.lines() {
        let line: Line<'_> = serde_json::from_str(line)?;
        let at = line.timestamp.parse::<Timestamp>()?.micros();
        if line.session != name {
            name = line.session;
            last = None;
            sessions.push(Session {
                actions: Vec::new(),
            });
        }
        let thought = Duration::from_micros(at.saturating_sub(last.unwrap_or(at)).max(0) as u64);
        last = Some(at);
        if let Some(session) = sessions.last_mut() {
            session.actions.push(Action {
                thought: thought.min(LONGEST_THOUGHT),
                name: line.action,
                payload: line.payload.get().to_owned(),
            });
        }
    }
    Ok(sessions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recording_has_its_times_to_think() {
        let sessions = sessions().unwrap();
        assert_eq!(sessions.len(), 49);
        let thoughts: Vec<_> = sessions
            .iter()
            .flat_map(|session| &session.actions)
            .map(|action| action.thought)
            .collect();
        assert_eq!(thoughts.len(), 10_000);
        assert!(thoughts.iter().all(|thought| *thought <= LONGEST_THOUGHT));
        let seconds = thoughts.iter().map(Duration::as_secs_f64).sum::<f64>() / 10_000.0;
        assert!((1.0..20.0).contains(&seconds), "{seconds}");
        assert_eq!(sessions[0].actions[1].thought, Duration::from_millis(4730));
    }
}
