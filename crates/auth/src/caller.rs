//! Who is asking.

use sillage_domain::{
    Account, AccountId, Enrolment, Membership, Role, StudyId, StudyRole, SubjectId, Username,
};
use thiserror::Error;

use crate::Scope;

/// Somebody whose credentials were found good, with all that the policy has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    account: Option<(AccountId, Username)>,
    subject: SubjectId,
    kind: Kind,
    scope: Scope,
}

/// What somebody is on the server, with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Admin,
    Researcher(Vec<Membership>),
    Participant(Option<Enrolment>),
    /// An application that acts for itself, in its study if it has one.
    Client(Option<StudyId>),
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
            account: Some((account.id, account.username.clone())),
            subject: account.subject,
            kind: match account.role {
                Role::Admin => Kind::Admin,
                Role::Researcher => Kind::Researcher(one_a_study(memberships)),
                Role::Participant => Kind::Participant(account.enrolment),
            },
            scope,
        })
    }

    /// A registered application that acts for itself (RFC 6749 section 4.4), such as a game's server: in its study, and in
    /// none if it has none. `subject` is what its tokens name it by.
    #[must_use]
    pub fn client(subject: SubjectId, study: Option<StudyId>, scope: Scope) -> Self {
        Self {
            account: None,
            subject,
            kind: Kind::Client(study),
            scope,
        }
    }

    /// The account; `None` for an application.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        self.account.as_ref().map(|(id, _)| *id)
    }

    /// The random id that pseudonyms are computed from.
    #[must_use]
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    /// What the caller logs in with; `None` for an application.
    #[must_use]
    pub fn username(&self) -> Option<&Username> {
        self.account.as_ref().map(|(_, username)| username)
    }

    /// What the account is on the whole server; `None` for an application.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self.kind {
            Kind::Admin => Some(Role::Admin),
            Kind::Researcher(_) => Some(Role::Researcher),
            Kind::Participant(_) => Some(Role::Participant),
            Kind::Client(_) => None,
        }
    }

    /// The study of an application that acts for itself; `None` for everybody else, and for one that has no study.
    #[must_use]
    pub fn client_study(&self) -> Option<StudyId> {
        match self.kind {
            Kind::Client(study) => study,
            Kind::Admin | Kind::Researcher(_) | Kind::Participant(_) => None,
        }
    }

    /// The study that the caller plays in, and the number there; `None` for people who run studies.
    #[must_use]
    pub fn enrolment(&self) -> Option<Enrolment> {
        match self.kind {
            Kind::Participant(enrolment) => enrolment,
            Kind::Admin | Kind::Researcher(_) | Kind::Client(_) => None,
        }
    }

    /// The studies that the caller is a member of; none for an admin, who needs no membership, and a participant.
    #[must_use]
    pub fn memberships(&self) -> &[Membership] {
        match &self.kind {
            Kind::Researcher(memberships) => memberships,
            Kind::Admin | Kind::Participant(_) | Kind::Client(_) => &[],
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

    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
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
