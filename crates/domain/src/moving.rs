//! People who come from another archive, with the numbers that they had there.

use crate::{
    Account, NewAccount, ParticipantNumber, PasswordHash, StoreError, StudyId, Timestamp, Username,
};

/// Somebody who had an account in another archive.
#[derive(Debug, Clone)]
pub struct OldParticipant {
    /// The number there, which stays.
    pub number: ParticipantNumber,
    /// The account to be made here; `None` where none can be made: the number stays taken.
    pub account: Option<NewAccount>,
}

/// What became of somebody who had an account in another archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Move {
    /// The account was made now.
    Made,
    /// It was made before.
    Known,
    /// There is no account to be made.
    Without,
    /// It was made before and was deleted since: it is not made again.
    TakenOut,
    /// Another participant of the study has or had the number.
    NumberTaken,
    /// Another account has the username.
    NameTaken,
}

/// What a study knows of somebody who comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Who has the number.
    pub holder: Option<Username>,
    /// Whether an account was made when the number was brought over; `None` if it never was.
    pub enrolled: Option<bool>,
    /// Whether the number was given to a participant of the study's own before anybody came.
    pub given: bool,
    /// Whether some account has the username.
    pub name_taken: bool,
}

impl Move {
    /// What becomes of whoever comes.
    #[must_use]
    pub fn of(person: &OldParticipant, standing: &Standing) -> Self {
        match (standing.enrolled, &standing.holder) {
            (Some(true), Some(_)) => Self::Known,
            (Some(true), None) => Self::TakenOut,
            (_, Some(_)) => Self::NumberTaken,
            (None, None) if standing.given => Self::NumberTaken,
            _ if person.account.is_none() => Self::Without,
            _ if standing.name_taken => Self::NameTaken,
            _ => Self::Made,
        }
    }

    /// Whether the number is from now on that of whoever came.
    #[must_use]
    pub fn keeps_number(self) -> bool {
        self != Self::NumberTaken
    }
}

/// Takes over people from another archive, and finds them by the number that they had.
pub trait MoveStore: Send + Sync {
    /// Makes participants of a study under the numbers that they had, all in one transaction, and says what became of each, in order.
    /// An account that is known stays as it is now. With `pretend`, nothing is written.
    ///
    /// Whoever is enrolled later gets a number above all of these. Error: [`StoreError::NotFound`] without that study.
    fn move_in(
        &self,
        study: StudyId,
        people: &[OldParticipant],
        pretend: bool,
        now: Timestamp,
    ) -> Result<Vec<Move>, StoreError>;

    /// The participant of that number in the study.
    fn numbered(
        &self,
        study: StudyId,
        number: ParticipantNumber,
    ) -> Result<Option<Account>, StoreError>;

    /// At most that many of the password hashes that begin so: with what marks those that another program made.
    fn hashes_beginning(&self, with: &str, at_most: u32) -> Result<Vec<PasswordHash>, StoreError>;
}
