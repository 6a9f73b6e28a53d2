//! What only a controller, or the way in, knows of what was done: it goes with the answer, or with the error.

use actix_web::HttpResponse;
use sillage_domain::{AccountId, AuditAction, Role, StudyId, SubjectId};

/// Who got in.
#[derive(Debug, Clone)]
pub(crate) enum By {
    /// Somebody with an account; a participant, in that study.
    Account(SubjectId, Role, Option<StudyId>),
    /// A registered application, in its study.
    Client(Box<str>, Option<StudyId>),
}

/// What goes with an answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// What was done, where the table says less.
    pub(crate) action: Option<AuditAction>,
    /// Whose account it is about.
    pub(crate) account: Option<AccountId>,
    /// Whom it is about, if these are several: a record each.
    pub(crate) about: Vec<SubjectId>,
    /// In which study it was.
    pub(crate) study: Option<StudyId>,
    /// Who got in.
    pub(crate) by: Option<By>,
}

/// Sends along with the answer what is to be known of it.
pub(crate) fn tell(response: &mut HttpResponse, change: impl FnOnce(&mut Told)) {
    let mut extensions = response.extensions_mut();
    let mut told = extensions.remove::<Told>().unwrap_or_default();
    change(&mut told);
    extensions.insert(told);
}

/// What goes with an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The policy said no.
    Denied,
    /// A password or a secret was wrong; of that account, if there is one.
    FailedLogIn(Option<SubjectId>),
}
