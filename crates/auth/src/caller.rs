//! Who is asking.

use sillage_domain::{
    Account, AccountId, Enrolment, Membership, Role, StudyId, StudyRole, SubjectId, Username,
};
use thiserror::Error;

use crate::Scope;

/// Somebody whose credentials were found good, with all that the policy has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    account: AccountId,
    subject: SubjectId,
    username: Username,
    standing: Standing,
    scope: Scope,
}

/// What somebody is on the server, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Admin,
    Researcher(Vec<Membership>),
    Participant(Option<Enrolment>),
}

/// The account has been deactivated: its credentials are good for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the account is not active")]
pub struct Inactive;

impl Caller {
    /// The caller with this account, as it is now, and a token of this scope. A participant has no memberships: any
    /// that are given do not count, and nobody has two in one study: the first counts.
    ///
    /// # Errors
    ///
    /// [`Inactive`] if the account has been deactivated.
    pub fn new(
        account: &Account,
        memberships: &[Membership],
        scope: Scope,
    ) -> Result<Self, Inactive> {
        if !account.active {
            return Err(Inactive);
        }
        Ok(Self {
            account: account.id,
            subject: account.subject,
            username: account.username.clone(),
            standing: match account.role {
                Role::Admin => Standing::Admin,
                Role::Researcher => Standing::Researcher(one_a_study(memberships)),
                Role::Participant => Standing::Participant(account.enrolment),
            },
            scope,
        })
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The random id that pseudonyms are computed from.
    #[must_use]
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    /// What the caller logs in with.
    #[must_use]
    pub fn username(&self) -> &Username {
        &self.username
    }

    /// What the account is on the whole server.
    #[must_use]
    pub fn role(&self) -> Role {
        match self.standing {
            Standing::Admin => Role::Admin,
            Standing::Researcher(_) => Role::Researcher,
            Standing::Participant(_) => Role::Participant,
        }
    }

    /// The study that the caller plays in, and the number there; `None` for people who run studies.
    #[must_use]
    pub fn enrolment(&self) -> Option<Enrolment> {
        match self.standing {
            Standing::Participant(enrolment) => enrolment,
            Standing::Admin | Standing::Researcher(_) => None,
        }
    }

    /// The studies that the caller is a member of; none for an admin, who needs no membership, and a participant.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        match &self.standing {
            Standing::Researcher(memberships) => memberships,
            Standing::Admin | Standing::Participant(_) => &[],
        }
    }

    /// What the caller is in that study, by membership.
    #[must_use]
    pub fn role_in(&self, study: StudyId) -> Option<StudyRole> {
        self.memberships()
            .iter()
            .find(|membership| membership.study == study)
            .map(|membership| membership.role)
    }

    /// What the caller's token may be used for, at most.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }
}

/// The first membership of each study, so that every question about a study has one answer.
fn one_a_study(memberships: &[Membership]) -> Vec<Membership> {
    let mut kept: Vec<Membership> = Vec::with_capacity(memberships.len());
    for membership in memberships {
        if kept.iter().all(|known| known.study != membership.study) {
            kept.push(*membership);
        }
    }
    kept
}
