//! Studies: one research project around one game.

use crate::account::words;
use crate::{
    CodebookVersion, IdentityFields, Protection, ProtectionChange, Purposes, Slug, StudyId,
    Timestamp,
};
use std::fmt;

words!(
    /// Where a study stands in its life.
    StudyStatus {
        /// Being prepared: takes test entries of its developers only.
        Draft = "draft",
        /// Takes entries.
        Open = "open",
        /// Takes no new actions; late ones from before the closing for [`LATE_DAYS`].
        Closed = "closed",
        /// Closed for good.
        Archived = "archived",
    }
);

words!(
    /// What happens to an entry that can't be taken.
    Validation {
        /// Kept aside with every reason.
        Quarantine = "quarantine",
        /// Refused, with every reason.
        Reject = "reject",
    }
);

/// How many days after the closing entries about earlier actions are still taken: the offline queue of a game.
pub const LATE_DAYS: i64 = 30;

/// The longest [`Study::game_url`], in bytes.
pub const MAX_GAME_URL: usize = 200;

/// Whether a text can be the address of a game: `http://` or `https://`, a host, and what follows, in the characters that a URL
/// has (RFC 3986), at most [`MAX_GAME_URL`].
pub fn is_game_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let has_host = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    text.len() <= MAX_GAME_URL
        && rest.is_some_and(|rest| has_host(rest) && rest.bytes().all(|b| b.is_ascii_graphic()))
}

/// The random salt of a study's key. Destroying it unlinks the study's traces from every account. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct StudySalt([u8; 32]);

impl StudySalt {
    /// Takes 32 bytes from the operating system's randomness, drawn by the caller.
    pub const fn new(random: [u8; 32]) -> Self {
        Self(random)
    }

    /// The bytes, as the key is derived from them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for StudySalt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A study as it is stored.
#[derive(Debug, Clone)]
pub struct Study {
    /// Names the row.
    pub id: StudyId,
    /// Names it in paths.
    pub slug: Slug,
    /// For people.
    pub title: String,
    /// For people; may be empty.
    pub description: String,
    /// Where to play, for sheets of accounts: a URL as [`is_game_url`] has it, or none.
    pub game_url: Option<String>,
    /// Where it stands in its life.
    pub status: StudyStatus,
    /// What happens to what can't be taken.
    pub validation: Validation,
    /// Of its key.
    pub salt: StudySalt,
    /// The last version of its codebook; a study without one takes everything.
    pub codebook: Option<CodebookVersion>,
    /// What it says of how it handles personal data.
    pub protection: Protection,
    /// What it asks consent for: nothing, or the collection and perhaps more.
    pub consent: Purposes,
    /// Whether anybody ever objected to it, so that each entry that arrives is looked up.
    pub objected: bool,
    /// What it keeps in the vault of who its participants are.
    pub identity: IdentityFields,
    /// Whether it is anonymous from the collection on: then it keeps nothing of that, whatever anybody says later.
    pub anonymous: bool,
    /// Minutes without an entry after which it raises an alert while it is open, from 1 to [`MAX_SILENCE_MINUTES`](crate::MAX_SILENCE_MINUTES); `None` for never.
    pub silence_minutes: Option<i64>,
    /// Since when it is watched so: when it was opened last, or that number was changed.
    pub watched_since: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was closed last, if it is closed or archived.
    pub closed_at: Option<Timestamp>,
    /// Goes up by one with each change of this row, from 1.
    pub revision: i64,
}

impl Study {
    /// Whether what people decided must be known before entries of theirs are taken.
    pub fn looks_up_decisions(&self) -> bool {
        !self.consent.is_empty() || self.objected
    }

    /// What to do with an action of that instant that arrives now.
    pub fn admits(&self, occurred_at: Timestamp, now: Timestamp) -> Admission {
        match (self.status, self.closed_at) {
            (StudyStatus::Open, _) => Admission::Take,
            (StudyStatus::Draft, _) => Admission::TestOnly,
            (StudyStatus::Closed, Some(closed))
                if occurred_at < closed && now <= closed.plus_days(LATE_DAYS) =>
            {
                Admission::Take
            }
            (StudyStatus::Closed, _) => Admission::Quarantine,
            (StudyStatus::Archived, _) => Admission::Refuse,
        }
    }
}

/// Why a study can't become what it is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnonymityError {
    /// It is anonymous, and would keep identities.
    #[error("a study that is anonymous from the collection on keeps no identity")]
    KeepsIdentities,
    /// Those who took part were told whether it is anonymous.
    #[error("whether a study is anonymous from the collection on is said while it is a draft")]
    Begun,
}

impl Study {
    /// Refuses to make a study anonymous that keeps identities, and to change whether it is anonymous once it was opened, or has participants
    /// or entries: a draft that was open before has told somebody.
    ///
    /// Errors: [`AnonymityError`]; those of `has_begun`, which says whether there is anybody or anything in it, and is asked only where it matters.
    pub fn may_become<E: From<AnonymityError>>(
        &self,
        wanted: &Self,
        has_begun: impl FnOnce() -> Result<bool, E>,
    ) -> Result<(), E> {
        if wanted.anonymous != self.anonymous && (self.status != StudyStatus::Draft || has_begun()?)
        {
            return Err(AnonymityError::Begun.into());
        }
        if wanted.anonymous && !wanted.identity.is_empty() {
            return Err(AnonymityError::KeepsIdentities.into());
        }
        Ok(())
    }
}

/// What a study does with an entry, by its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Take it.
    Take,
    /// Take it from the developers of the study, refuse it from others.
    TestOnly,
    /// Keep it aside: it came after the closing.
    Quarantine,
    /// Refuse it.
    Refuse,
}

/// A study to be made; it begins as a draft.
#[derive(Debug, Clone)]
pub struct NewStudy {
    /// Must be free.
    pub slug: Slug,
    /// For people.
    pub title: String,
    /// For people; may be empty.
    pub description: String,
    /// See [`Study::game_url`].
    pub game_url: Option<String>,
    /// What happens to what can't be taken.
    pub validation: Validation,
    /// Random 256 bits.
    pub salt: StudySalt,
}

/// A change of a study: what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct StudyChange {
    /// See [`Study::title`].
    pub title: Option<String>,
    /// See [`Study::description`].
    pub description: Option<String>,
    /// See [`Study::game_url`]; an empty text takes it away.
    pub game_url: Option<String>,
    /// See [`Study::status`].
    pub status: Option<StudyStatus>,
    /// See [`Study::validation`].
    pub validation: Option<Validation>,
    /// See [`Study::protection`].
    pub protection: ProtectionChange,
    /// See [`Study::consent`].
    pub consent: Option<Purposes>,
    /// See [`Study::identity`]. What is no longer kept is erased.
    pub identity: Option<IdentityFields>,
    /// See [`Study::anonymous`].
    pub anonymous: Option<bool>,
    /// See [`Study::silence_minutes`]; 0 for never.
    pub silence_minutes: Option<i64>,
}

impl Study {
    /// Makes a change: the revision goes up, and `closed_at` follows the status.
    pub fn apply(&mut self, change: &StudyChange, now: Timestamp) {
        if let Some(title) = &change.title {
            self.title.clone_from(title);
        }
        if let Some(description) = &change.description {
            self.description.clone_from(description);
        }
        if let Some(url) = &change.game_url {
            self.game_url = Some(url.clone()).filter(|url| !url.is_empty());
        }
        if let Some(status) = change.status {
            self.closed_at = match status {
                StudyStatus::Draft | StudyStatus::Open => None,
                StudyStatus::Closed | StudyStatus::Archived => self.closed_at.or(Some(now)),
            };
            if status == StudyStatus::Open && self.status != status {
                self.watched_since = Some(now);
            }
            self.status = status;
        }
        if let Some(minutes) = change.silence_minutes {
            self.silence_minutes = Some(minutes).filter(|minutes| *minutes > 0);
            self.watched_since = Some(now);
        }
        self.validation = change.validation.unwrap_or(self.validation);
        self.protection.apply(&change.protection);
        self.consent = change.consent.unwrap_or(self.consent);
        self.identity = change.identity.unwrap_or(self.identity);
        self.anonymous = change.anonymous.unwrap_or(self.anonymous);
        self.revision += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("https://game.example.org/", true)]
    #[case("http://192.168.1.10:8000/jeu?classe=a", true)]
    #[case("http://[::1]/", true)]
    #[case("game.example.org", false)]
    #[case("https://", false)]
    #[case("https:///path", false)]
    #[case("javascript:alert(1)", false)]
    #[case("https://game.example.org/a b", false)]
    #[case("https://jeu.example.org/é", false)]
    #[case("", false)]
    fn the_address_of_a_game_is_a_web_address(#[case] text: &str, #[case] good: bool) {
        assert_eq!(is_game_url(text), good);
    }

    #[test]
    fn the_address_of_a_game_has_a_longest() {
        let url = |length: usize| format!("http://{}", "a".repeat(length - 7));
        assert!(is_game_url(&url(MAX_GAME_URL)));
        assert!(!is_game_url(&url(MAX_GAME_URL + 1)));
    }
}
