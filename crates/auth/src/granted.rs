//! The policy's answers.

use std::marker::PhantomData;

use sillage_domain::{AccountId, Study, StudyId, StudyScope, StudyStatus};
use thiserror::Error;

use crate::Permission;

/// The study that a question to the policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StudyRef {
    /// Which one.
    pub id: StudyId,
    /// Where it stands in its life.
    pub status: StudyStatus,
}

impl From<&Study> for StudyRef {
    fn from(study: &Study) -> Self {
        Self {
            id: study.id,
            status: study.status,
        }
    }
}

/// How much of a thing a permission covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reach {
    /// All of it.
    Whole,
    /// What the privacy classes of the codebook leave over.
    Deidentified,
    /// What one did or sent oneself.
    Own,
    /// The face that the thing shows to those who only take part in it.
    Public,
}

/// No.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The caller can see the thing, or any such thing, but may not do this: 403.
    #[error("this account may not do that")]
    Forbidden,
    /// The caller has nothing to do with the study, and is not told that it exists: 404.
    #[error("there is no such thing for this account")]
    Hidden,
}

/// The proof that a caller may do `P`. Only the [policy](crate::policy) makes one, so what asks for it cannot be reached
/// without.
///
/// ```compile_fail,E0624
/// use sillage_auth::{Granted, ReadLogs, Reach};
/// use sillage_domain::{AccountId, StudyId};
///
/// let forged: Granted<ReadLogs> = Granted::new(StudyId(1), Some(AccountId(1)), Reach::Whole);
/// ```
#[derive(Debug, Clone)]
pub struct Granted<P: Permission> {
    on: P::On,
    by: Option<AccountId>,
    reach: Reach,
}

impl<P: Permission> Granted<P> {
    pub(crate) fn new(on: P::On, by: Option<AccountId>, reach: Reach) -> Self {
        Self { on, by, reach }
    }

    /// The account that was allowed it; `None` for an application that acts for itself.
    #[must_use]
    pub fn by(&self) -> Option<AccountId> {
        self.by
    }

    /// How much of it was allowed.
    #[must_use]
    pub fn reach(&self) -> Reach {
        self.reach
    }
}

impl<P: Permission<On = StudyId>> Granted<P> {
    /// The study that it was allowed in.
    #[must_use]
    pub fn study(&self) -> StudyId {
        self.on
    }
}

/// The proof that a caller may do `P` in some studies: for lists across studies.
#[derive(Debug, Clone)]
pub struct GrantedAcross<P: Permission<On = StudyId>> {
    by: Option<AccountId>,
    everywhere: Option<Reach>,
    only: Vec<(StudyId, Reach)>,
    permission: PhantomData<P>,
}

impl<P: Permission<On = StudyId>> GrantedAcross<P> {
    pub(crate) fn everywhere(by: Option<AccountId>, reach: Reach) -> Self {
        Self {
            by,
            everywhere: Some(reach),
            only: Vec::new(),
            permission: PhantomData,
        }
    }

    pub(crate) fn only(by: Option<AccountId>, only: Vec<(StudyId, Reach)>) -> Self {
        Self {
            by,
            everywhere: None,
            only,
            permission: PhantomData,
        }
    }

    /// The account that was allowed it; `None` for an application that acts for itself.
    #[must_use]
    pub fn by(&self) -> Option<AccountId> {
        self.by
    }

    /// The studies that it was allowed in; maybe none.
    #[must_use]
    pub fn studies(&self) -> StudyScope {
        match self.everywhere {
            Some(_) => StudyScope::All,
            None => StudyScope::Only(self.only.iter().map(|(study, _)| *study).collect()),
        }
    }

    /// How much of that study was allowed; `None` if it is not among them.
    #[must_use]
    pub fn reach(&self, study: StudyId) -> Option<Reach> {
        self.everywhere.or_else(|| {
            self.only
                .iter()
                .find(|(known, _)| *known == study)
                .map(|(_, reach)| *reach)
        })
    }
}
