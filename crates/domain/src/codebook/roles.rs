//! Which member of a flat entry plays which part.

use crate::account::words;
use std::fmt;

words!(
    /// A part that a member of a flat entry can play. It has the name of the entry's own member.
    Part {
        /// Whose entry it is; never stored.
        Participant = "participant",
        /// What happened.
        Action = "action",
        /// When, by the clock of the game.
        Timestamp = "timestamp",
        /// The place in the session.
        Sequence = "sequence",
        /// The play session.
        Session = "session",
        /// The id that the game made.
        Id = "id",
        /// When it was sent, by the clock of the game.
        SentAt = "sent_at",
    }
);

words!(
    /// How a member names the participant.
    ParticipantBy {
        /// By the name that the participant logs in with.
        Username = "username",
        /// By the number of the participant in the study.
        Number = "number",
    }
);

/// Which members of a flat entry play which part, and what else has a meaning for every study.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    /// In the order of [`Part::ALL`].
    pub(crate) members: Vec<(Part, Box<str>)>,
    pub(crate) participant_by: ParticipantBy,
    pub(crate) game_version: Option<Box<str>>,
    pub(crate) session_start: Vec<Box<str>>,
    pub(crate) session_end: Vec<Box<str>>,
}

impl Default for Roles {
    fn default() -> Self {
        Self {
            members: Vec::new(),
            participant_by: ParticipantBy::Username,
            game_version: None,
            session_start: Vec::new(),
            session_end: Vec::new(),
        }
    }
}

impl Roles {
    /// The member that plays the part instead of the entry's own, in NFC.
    pub fn member(&self, part: Part) -> Option<&str> {
        let found = self.members.iter().find(|(p, _)| *p == part);
        found.map(|(_, member)| &**member)
    }

    /// The part that a member of that name, in NFC, plays.
    pub fn part_of(&self, member: &str) -> Option<Part> {
        let found = self.members.iter().find(|(_, m)| **m == *member);
        found.map(|(part, _)| *part)
    }

    /// How the member that plays [`Part::Participant`] names the participant.
    pub fn participant_by(&self) -> ParticipantBy {
        self.participant_by
    }

    /// The field that holds the version of the game; it stays in the payload.
    pub fn game_version(&self) -> Option<&str> {
        self.game_version.as_deref()
    }

    /// The actions that begin a play session.
    pub fn session_start(&self) -> impl Iterator<Item = &str> {
        self.session_start.iter().map(|name| &**name)
    }

    /// The actions that end a play session.
    pub fn session_end(&self) -> impl Iterator<Item = &str> {
        self.session_end.iter().map(|name| &**name)
    }
}
