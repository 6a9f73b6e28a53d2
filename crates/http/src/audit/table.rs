//! What is recorded of which operation. A test holds it to the table of paths: an operation without a line fails.

use AuditAction as Do;
use Watch::{As, Before, Ingest, Not, Once, Told};
use actix_web::http::Method;
use sillage_domain::AuditAction;
use std::time::Duration;

pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// What is recorded of an operation that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// That.
    As(AuditAction),
    /// That, once in this time for each caller.
    Once(AuditAction, Duration),
    /// That, by the controller, before it reads: what is recorded changes what is read.
    Before(AuditAction),
    /// What the controller tells.
    Told,
    /// Not that entries were sent, but that somebody sent them for others, or with a password.
    Ingest,
    /// Nothing, for this reason.
    Not(&'static str),
}

const NOBODY: Watch = Not("it tells nothing of anybody");
const OWN: Watch = Not("one's own, with nothing of anybody else in it");

/// Methods of the table: GET stands for HEAD too, PATCH for PUT where that does the same.
#[rustfmt::skip]
pub(super) const TABLE: &[(&str, &str, Watch)] = &[
    ("GET", "/v1/logs", As(Do::ReadLogs)),
    ("POST", "/v1/logs", Ingest),
    ("DELETE", "/v1/logs", As(Do::DeleteLogs)),
    ("GET", "/v1/logs/{number}", As(Do::ReadLogs)),
    ("PATCH", "/v1/logs/{number}", As(Do::AmendLogs)),
    ("DELETE", "/v1/logs/{number}", As(Do::DeleteLogs)),
    ("GET", "/v1/logs/{number}/history", As(Do::ReadLogs)),
    ("GET", "/v1/studies", NOBODY),
    ("POST", "/v1/studies", As(Do::CreateStudy)),
    ("GET", "/v1/studies/{study}", NOBODY),
    ("PATCH", "/v1/studies/{study}", As(Do::ChangeStudy)),
    ("DELETE", "/v1/studies/{study}", As(Do::DeleteStudy)),
    ("GET", "/v1/studies/{study}/stats", NOBODY),
    ("GET", "/v1/studies/{study}/alerts", NOBODY),
    ("GET", "/v1/studies/{study}/live", As(Do::ReadLive)),
    ("GET", "/v1/studies/{study}/participants", As(Do::ReadParticipants)),
    ("POST", "/v1/studies/{study}/participants", As(Do::CreateParticipants)),
    ("GET", "/v1/studies/{study}/participants/{username}", As(Do::ReadParticipants)),
    ("PATCH", "/v1/studies/{study}/participants/{username}", As(Do::ChangeParticipant)),
    ("DELETE", "/v1/studies/{study}/participants/{username}", As(Do::DeleteParticipant)),
    ("GET", "/v1/studies/{study}/participants/{username}/consents", As(Do::ReadConsents)),
    ("GET", "/v1/studies/{study}/participants/{username}/processing", As(Do::ReadConsents)),
    ("PATCH", "/v1/studies/{study}/participants/{username}/processing", As(Do::RecordConsents)),
    ("GET", "/v1/studies/{study}/requests", As(Do::ReadRequests)),
    ("POST", "/v1/studies/{study}/requests", As(Do::RecordRequests)),
    ("GET", "/v1/studies/{study}/requests/{id}", As(Do::ReadRequests)),
    ("PATCH", "/v1/studies/{study}/requests/{id}", As(Do::RecordRequests)),
    ("GET", "/v1/studies/{study}/disputes", As(Do::ReadLogs)),
    ("GET", "/v1/studies/{study}/disputes/{number}", As(Do::ReadLogs)),
    ("PATCH", "/v1/studies/{study}/disputes/{number}", As(Do::AmendLogs)),
    ("GET", "/v1/studies/{study}/participants/{username}/identity", As(Do::ReadIdentity)),
    ("PATCH", "/v1/studies/{study}/participants/{username}/identity", As(Do::ChangeIdentity)),
    ("DELETE", "/v1/studies/{study}/participants/{username}/identity", As(Do::ChangeIdentity)),
    ("GET", "/v1/studies/{study}/consents", As(Do::ReadConsents)),
    ("POST", "/v1/studies/{study}/consents", As(Do::RecordConsents)),
    ("GET", "/v1/studies/{study}/notice", NOBODY),
    ("PUT", "/v1/studies/{study}/notice", As(Do::ChangeNotice)),
    ("GET", "/v1/studies/{study}/notice/versions", NOBODY),
    ("GET", "/v1/studies/{study}/members", As(Do::ReadMembers)),
    ("POST", "/v1/studies/{study}/members", As(Do::ChangeMembers)),
    ("GET", "/v1/studies/{study}/members/{username}", As(Do::ReadMembers)),
    ("PATCH", "/v1/studies/{study}/members/{username}", As(Do::ChangeMembers)),
    ("DELETE", "/v1/studies/{study}/members/{username}", As(Do::ChangeMembers)),
    ("GET", "/v1/studies/{study}/codebook", NOBODY),
    ("PUT", "/v1/studies/{study}/codebook", As(Do::ChangeCodebook)),
    ("GET", "/v1/studies/{study}/codebook/versions", NOBODY),
    ("GET", "/v1/studies/{study}/codebook/differences", NOBODY),
    ("GET", "/v1/studies/{study}/quarantine", As(Do::ReadQuarantine)),
    ("GET", "/v1/studies/{study}/quarantine/reasons", As(Do::ReadReport)),
    ("POST", "/v1/studies/{study}/quarantine/replay", As(Do::ManageQuarantine)),
    ("GET", "/v1/studies/{study}/quarantine/{id}", As(Do::ReadQuarantine)),
    ("DELETE", "/v1/studies/{study}/quarantine/{id}", As(Do::ManageQuarantine)),
    ("GET", "/v1/studies/{study}/quality", As(Do::ReadReport)),
    ("GET", "/v1/studies/{study}/export", As(Do::Export)),
    ("GET", "/v1/studies/{study}/export/cleaning.csv", As(Do::Export)),
    ("GET", "/v1/studies/{study}/export/codebook.csv", NOBODY),
    ("GET", "/v1/studies/{study}/export/tableschema.json", NOBODY),
    ("GET", "/v1/studies/{study}/reidentifications", As(Do::ReadReidentifications)),
    ("POST", "/v1/studies/{study}/reidentifications", As(Do::RequestReidentification)),
    ("GET", "/v1/studies/{study}/reidentifications/{id}", As(Do::ReadReidentifications)),
    ("POST", "/v1/studies/{study}/reidentifications/{id}/approval", As(Do::DecideReidentification)),
    ("POST", "/v1/studies/{study}/reidentifications/{id}/answer", As(Do::Reidentify)),
    ("GET", "/v1/alerts", NOBODY),
    ("GET", "/v1/audit", Before(Do::ReadAudit)),
    ("GET", "/v1/utils/export/logs", As(Do::ExportTsadk)),
    ("GET", "/v1/utils/token", As(Do::LogIn)),
    ("GET", "/v1/clients", As(Do::ReadClients)),
    ("POST", "/v1/clients", As(Do::ChangeClients)),
    ("GET", "/v1/clients/{client_id}", As(Do::ReadClients)),
    ("PATCH", "/v1/clients/{client_id}", As(Do::ChangeClients)),
    ("DELETE", "/v1/clients/{client_id}", As(Do::ChangeClients)),
    ("POST", "/v1/clients/{client_id}/secret", As(Do::ChangeClients)),
    ("GET", "/v1/users", As(Do::ReadUsers)),
    ("POST", "/v1/users", As(Do::CreateUser)),
    ("GET", "/v1/users/{id}", As(Do::ReadUsers)),
    ("PATCH", "/v1/users/{id}", As(Do::ChangeUser)),
    ("DELETE", "/v1/users/{id}", As(Do::DeleteUser)),
    ("GET", "/v1/me", OWN),
    ("PATCH", "/v1/me", As(Do::ChangeOwnPassword)),
    ("DELETE", "/v1/me", As(Do::DeleteOwn)),
    ("GET", "/v1/me/export", As(Do::ExportOwn)),
    ("GET", "/v1/me/logs", Once(Do::ReadOwn, HOUR)),
    ("GET", "/v1/me/consents", OWN),
    ("POST", "/v1/me/consents", Not("it is kept in a history of its own, which only grows")),
    ("GET", "/v1/me/logs/{number}/dispute", OWN),
    ("PUT", "/v1/me/logs/{number}/dispute", Not("it stands beside the entry, for those who run the study")),
    ("DELETE", "/v1/me/logs/{number}/dispute", Not("one's own, and the mark is seen to be gone")),
    ("GET", "/v1/me/processing", OWN),
    ("PATCH", "/v1/me/processing", Not("it is kept in a history of its own, which only grows")),
    ("GET", "/v1/me/identity", OWN),
    ("PATCH", "/v1/me/identity", As(Do::ChangeIdentity)),
    ("GET", "/v1/me/grants", OWN),
    ("DELETE", "/v1/me/grants", As(Do::EndLogIns)),
    ("GET", "/v1/me/grants/{id}", OWN),
    ("DELETE", "/v1/me/grants/{id}", As(Do::EndLogIns)),
    ("DELETE", "/v1/me/tokens", As(Do::EndLogIns)),
    ("GET", "/me", NOBODY),
    ("GET", "/me/{file}", NOBODY),
    ("POST", "/oauth2/access_token", Told),
    ("POST", "/oauth2/revoke", Told),
    ("POST", "/oauth2/introspect", Once(Do::IntrospectToken, HOUR)),
];

/// What is recorded of that method at a path of the API; nothing beside `/v1` and `/oauth2`.
pub(crate) fn watch_of(path: &str, method: &Method) -> Watch {
    let found = |wanted: &str| {
        let line = TABLE.iter().find(|line| line.0 == wanted && line.1 == path);
        line.map(|line| line.2)
    };
    let watched = match method.as_str() {
        "HEAD" => found("GET"),
        "PUT" => found("PUT").or_else(|| found("PATCH")),
        other => found(other),
    };
    watched.unwrap_or(NOBODY)
}
