//! Who may do what: one table, deny by default.
//!
//! A caller stands to a study as admin, as one of its members, as one of its participants, as an application of its own, or
//! not at all. The table says what each may do, and how far that reaches; what it does not say is refused. A token's scope
//! can only take away.

use std::fmt::Write as _;

use sillage_domain::{StudyId, StudyRole, StudyScope, StudyStatus};

use crate::caller::Kind;
use crate::{
    Action, Caller, Granted, GrantedAcross, Permission, Reach, ReadLogs, Refusal, ScopeWord,
    StudyRef,
};
use Reach::{Deidentified, Own, Public, Whole};
use Rule::{Always, InDraft};
use Standing::{Admin, Analyst, Client, Developer, Manager, Monitor, Participant, Researcher};

/// What a caller is to the thing in question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Of the server.
    Admin,
    /// Of the study.
    Manager,
    /// Of the study.
    Analyst,
    /// Of the study's game.
    Developer,
    /// Of the study.
    Monitor,
    /// On the server, whatever he is in which study.
    Researcher,
    /// Of the study; on the server, of any.
    Participant,
    /// An application that acts for itself, in its study.
    Client,
}

impl Standing {
    /// Every standing, in the order of the documentation.
    pub const ALL: [Self; 8] = [
        Admin,
        Manager,
        Analyst,
        Developer,
        Monitor,
        Researcher,
        Participant,
        Client,
    ];
}

/// When something is allowed, and how far it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Whatever the status of the study.
    Always(Reach),
    /// While the study is a draft.
    InDraft(Reach),
}

/// The policy. Who is not in a row may not do what the row is about.
const TABLE: &[(Action, &[(Standing, Rule)])] = &[
    (
        Action::WriteLogs,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Developer, InDraft(Own)),
            (Participant, Always(Own)),
            (Client, Always(Whole)),
        ],
    ),
    (
        Action::NameParticipant,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Client, Always(Whole)),
        ],
    ),
    (
        Action::ReadLogs,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Analyst, Always(Deidentified)),
        ],
    ),
    (
        Action::ReadFullLogs,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::AmendLogs,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::DeleteLogs,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::Export,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Analyst, Always(Deidentified)),
        ],
    ),
    (
        Action::ExportTsadk,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ReadQuarantine,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Developer, Always(Own)),
        ],
    ),
    (
        Action::ManageQuarantine,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    // For a game server too, which may check what it sends.
    (
        Action::ReadCodebook,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Analyst, Always(Whole)),
            (Developer, Always(Whole)),
            (Monitor, Always(Whole)),
            (Client, Always(Whole)),
        ],
    ),
    (
        Action::ManageCodebook,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    // What everybody is told who takes part; a game shows it before the log-in of a player, by its server.
    (
        Action::ReadNotice,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Analyst, Always(Whole)),
            (Developer, Always(Whole)),
            (Monitor, Always(Whole)),
            (Participant, Always(Public)),
            (Client, Always(Public)),
        ],
    ),
    (
        Action::ManageNotice,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ReadStudy,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Analyst, Always(Whole)),
            (Developer, Always(Whole)),
            (Monitor, Always(Whole)),
            (Participant, Always(Public)),
            (Client, Always(Public)),
        ],
    ),
    (
        Action::ReadStats,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Analyst, Always(Whole)),
            (Developer, Always(Whole)),
            (Monitor, Always(Whole)),
        ],
    ),
    // A study's silence tells nothing of anybody in it.
    (
        Action::ReadAlerts,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Analyst, Always(Whole)),
            (Developer, Always(Whole)),
            (Monitor, Always(Whole)),
        ],
    ),
    // Not for analysts: the time of an account's last entry, beside the entries, would tell whose pseudonym is whose. Those who run the
    // study read the entries too, and are told no exact counts; a monitor reads none.
    (
        Action::ReadLive,
        &[
            (Admin, Always(Deidentified)),
            (Manager, Always(Deidentified)),
            (Monitor, Always(Whole)),
        ],
    ),
    (
        Action::ManageStudy,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::DeleteStudy,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ListMembers,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ManageMembers,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ListParticipants,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ReadParticipant,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ManageParticipants,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::DeleteParticipants,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    // Never for those who read traces without reading accounts, nor for a game.
    (
        Action::ReadIdentity,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ManageIdentity,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    // By username, and never for those who only read the traces.
    (
        Action::ReadConsents,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::RecordConsents,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    // With usernames, and for those who answer.
    (
        Action::ReadRequests,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ManageRequests,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::Reidentify,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::AllowReidentification,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ReadReidentification,
        &[(Admin, Always(Whole)), (Manager, Always(Whole))],
    ),
    (
        Action::ListClients,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Developer, Always(Whole)),
        ],
    ),
    (
        Action::ManageClients,
        &[
            (Admin, Always(Whole)),
            (Manager, Always(Whole)),
            (Developer, Always(Whole)),
        ],
    ),
    (
        Action::CreateStudy,
        &[(Admin, Always(Whole)), (Researcher, Always(Whole))],
    ),
    (Action::ListUsers, &[(Admin, Always(Whole))]),
    (Action::ReadUser, &[(Admin, Always(Whole))]),
    (Action::ManageUsers, &[(Admin, Always(Whole))]),
    (Action::ListPlatformClients, &[(Admin, Always(Whole))]),
    (Action::ManagePlatformClients, &[(Admin, Always(Whole))]),
    (Action::ReadServerAlerts, &[(Admin, Always(Whole))]),
    (Action::ReadAudit, &[(Admin, Always(Whole))]),
    (
        Action::IntrospectTokens,
        &[(Admin, Always(Whole)), (Client, Always(Own))],
    ),
    (
        Action::ReadSelf,
        &[
            (Admin, Always(Own)),
            (Researcher, Always(Own)),
            (Participant, Always(Own)),
        ],
    ),
    (
        Action::ChangeSelf,
        &[
            (Admin, Always(Own)),
            (Researcher, Always(Own)),
            (Participant, Always(Own)),
        ],
    ),
    (
        Action::DeleteSelf,
        &[
            (Admin, Always(Own)),
            (Researcher, Always(Own)),
            (Participant, Always(Own)),
        ],
    ),
    (
        Action::ReadOwnLogs,
        &[
            (Admin, Always(Own)),
            (Researcher, Always(Own)),
            (Participant, Always(Own)),
        ],
    ),
    (Action::DisputeOwnLogs, &[(Participant, Always(Own))]),
    (Action::ReadOwnIdentity, &[(Participant, Always(Own))]),
    (Action::ChangeOwnIdentity, &[(Participant, Always(Own))]),
    (Action::ReadOwnConsents, &[(Participant, Always(Own))]),
    (Action::GiveConsent, &[(Participant, Always(Own))]),
    (
        Action::ReadOwnGrants,
        &[
            (Admin, Always(Own)),
            (Researcher, Always(Own)),
            (Participant, Always(Own)),
        ],
    ),
    (
        Action::EndOwnGrants,
        &[
            (Admin, Always(Own)),
            (Researcher, Always(Own)),
            (Participant, Always(Own)),
        ],
    ),
];

/// Whether the caller may do that in the study.
///
/// # Errors
///
/// [`Refusal::Hidden`] for a study that the caller has nothing to do with, whatever is asked; [`Refusal::Forbidden`]
/// for what the caller may not do in a study that he can see.
pub fn allows<P: Permission<On = StudyId>>(
    caller: &Caller,
    _permission: P,
    study: &StudyRef,
) -> Result<Granted<P>, Refusal> {
    let standing = standing_in(caller, study.id).ok_or(Refusal::Hidden)?;
    match scoped_rule(caller, standing, P::ACTION) {
        Some(Always(reach)) => Ok(Granted::new(study.id, caller.account(), reach)),
        Some(InDraft(reach)) if study.status == StudyStatus::Draft => {
            Ok(Granted::new(study.id, caller.account(), reach))
        }
        _ => Err(Refusal::Forbidden),
    }
}

/// Whether the caller has anything to do with the study, and may know that it exists, whatever the token's scope.
#[must_use]
pub fn knows(caller: &Caller, study: StudyId) -> bool {
    standing_in(caller, study).is_some()
}

/// Whether the caller may do that on the server.
///
/// # Errors
///
/// [`Refusal::Forbidden`] if not.
pub fn allows_on_server<P: Permission<On = ()>>(
    caller: &Caller,
    _permission: P,
) -> Result<Granted<P>, Refusal> {
    match scoped_rule(caller, standing_on_server(caller), P::ACTION) {
        Some(Always(reach)) => Ok(Granted::new((), caller.account(), reach)),
        _ => Err(Refusal::Forbidden),
    }
}

/// The studies in which the caller may do that, whatever their status.
///
/// # Errors
///
/// [`Refusal::Forbidden`] if nobody of the caller's role may do it in any study. Somebody who only happens to have no
/// study where he may gets an empty list.
pub fn across<P: Permission<On = StudyId>>(
    caller: &Caller,
    _permission: P,
) -> Result<GrantedAcross<P>, Refusal> {
    let reach_of = |standing| match scoped_rule(caller, standing, P::ACTION) {
        Some(Always(reach)) => Some(reach),
        _ => None,
    };
    studies_by(caller, reach_of).ok_or(Refusal::Forbidden)
}

/// The studies in which the caller may do that now, or may while they have another status. Maybe none.
#[must_use]
pub fn at_some_time<P: Permission<On = StudyId>>(caller: &Caller, _permission: P) -> StudyScope {
    let reach_of = |standing| {
        let (Always(reach) | InDraft(reach)) = scoped_rule(caller, standing, P::ACTION)?;
        Some(reach)
    };
    studies_by::<P>(caller, reach_of).map_or(StudyScope::Only(Vec::new()), |all| all.studies())
}

/// The studies whose log entries the caller may read; none for those who may never read any.
#[must_use]
pub fn readable_studies(caller: &Caller) -> StudyScope {
    across(caller, ReadLogs).map_or(StudyScope::Only(Vec::new()), |granted| granted.studies())
}

/// The policy as a table for people: a line an action, a column a standing; an empty place is a refusal.
#[must_use]
pub fn matrix() -> String {
    let mut text = format!("{:<21}", "");
    for standing in Standing::ALL {
        // Writing to a String cannot fail.
        let _ = write!(text, " | {:<13}", format!("{standing:?}").to_lowercase());
    }
    for action in Action::ALL {
        let _ = write!(text, "\n{action:<21}");
        for standing in Standing::ALL {
            let cell = match rule(standing, *action) {
                Some(Always(reach)) => format!("{reach:?}").to_lowercase(),
                Some(InDraft(reach)) => format!("{reach:?}, in draft").to_lowercase(),
                None => String::new(),
            };
            let _ = write!(text, " | {cell:<13}");
        }
    }
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// The studies where a standing of the caller reaches something; `None` if no standing of his kind ever does.
fn studies_by<P: Permission<On = StudyId>>(
    caller: &Caller,
    reach_of: impl Fn(Standing) -> Option<Reach>,
) -> Option<GrantedAcross<P>> {
    let in_one = |study: Option<StudyId>, standing| {
        reach_of(standing).map(|reach| {
            let own = study.map(|study| (study, reach));
            GrantedAcross::only(caller.account(), own.into_iter().collect())
        })
    };
    match caller.kind() {
        Kind::Admin => {
            reach_of(Admin).map(|reach| GrantedAcross::everywhere(caller.account(), reach))
        }
        Kind::Researcher(memberships) => {
            let possible = StudyRole::ALL
                .iter()
                .any(|role| reach_of(of_member(*role)).is_some());
            possible.then(|| {
                let allowed = memberships
                    .iter()
                    .filter_map(|m| reach_of(of_member(m.role)).map(|reach| (m.study, reach)));
                GrantedAcross::only(caller.account(), allowed.collect())
            })
        }
        Kind::Participant(enrolment) => in_one(enrolment.map(|one| one.study), Participant),
        Kind::Client(study) => in_one(*study, Client),
    }
}

/// What the table says; `None` for a refusal.
#[must_use]
pub fn rule(standing: Standing, action: Action) -> Option<Rule> {
    let (_, row) = TABLE.iter().find(|(known, _)| *known == action)?;
    row.iter()
        .find(|(known, _)| *known == standing)
        .map(|(_, rule)| *rule)
}

/// The rule that the token's scope leaves over.
fn scoped_rule(caller: &Caller, standing: Standing, action: Action) -> Option<Rule> {
    let by_standing = rule(standing, action)?;
    let word = ScopeWord::of(action);
    // What needs the whole account is not for a narrower token, but a participant's holds all of a participant's account, but for who one is.
    // An application has nothing of its own to take part with.
    let as_participant = match standing {
        Participant => word != ScopeWord::Identity,
        Client => false,
        _ => word != ScopeWord::All,
    };
    if caller.scope().has(ScopeWord::All) || caller.scope().has(word) {
        Some(by_standing)
    } else if caller.scope().has(ScopeWord::Participant) && as_participant {
        both(by_standing, rule(Participant, action)?)
    } else {
        None
    }
}

/// What two rules allow together; nothing, where neither reach holds the other.
fn both(one: Rule, other: Rule) -> Option<Rule> {
    let (Always(a) | InDraft(a), Always(b) | InDraft(b)) = (one, other);
    let reach = match (a, b) {
        (Whole, reach) | (reach, Whole) => reach,
        (a, b) if a == b => a,
        _ => return None,
    };
    Some(if matches!((one, other), (Always(_), Always(_))) {
        Always(reach)
    } else {
        InDraft(reach)
    })
}

/// What the caller is to that study; `None` for nothing.
fn standing_in(caller: &Caller, study: StudyId) -> Option<Standing> {
    match caller.kind() {
        Kind::Admin => Some(Admin),
        Kind::Researcher(_) => caller.role_in(study).map(of_member),
        Kind::Participant(enrolment) => enrolment
            .filter(|enrolment| enrolment.study == study)
            .map(|_| Participant),
        Kind::Client(own) => (*own == Some(study)).then_some(Client),
    }
}

fn standing_on_server(caller: &Caller) -> Standing {
    match caller.kind() {
        Kind::Admin => Admin,
        Kind::Researcher(_) => Researcher,
        Kind::Participant(_) => Participant,
        Kind::Client(_) => Client,
    }
}

fn of_member(role: StudyRole) -> Standing {
    match role {
        StudyRole::Manager => Manager,
        StudyRole::Analyst => Analyst,
        StudyRole::Developer => Developer,
        StudyRole::Monitor => Monitor,
    }
}
