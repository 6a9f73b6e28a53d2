//! The audit log, as it is shown.

use crate::openapi::shapes;
use serde::Serialize;
use sillage_domain::{
    AuditAction, AuditChain, AuditOutcome, AuditReference, AuditRole, NumberedRecord, Slug,
    Timestamp,
};
use utoipa::ToSchema;

/// A record. It names nobody: who took part stands under a keyed hash, which `sillage audit reference` makes of a username.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditRecord)]
pub(crate) struct AuditView<'a> {
    /// The cursor of a harvest.
    #[schema(example = 17)]
    number: i64,
    /// The chain of the server that wrote it.
    #[schema(value_type = String, example = "0f8fad5bd9cb469fa16570867728950e")]
    chain: AuditChain,
    /// Its place in the chain.
    #[schema(example = 17)]
    sequence: u64,
    /// When it was done.
    #[schema(value_type = shapes::Instant)]
    at: Timestamp,
    /// By whom; null where that is not known, or a command did it.
    #[schema(value_type = Option<String>, example = "5d1c8e0e2f1a4c7b9a3d6f0e1b2c3d4e")]
    actor: Option<AuditReference>,
    /// As what.
    #[schema(value_type = String, example = "manager")]
    role: AuditRole,
    /// What.
    #[schema(value_type = shapes::AuditAction)]
    action: AuditAction,
    /// In which study.
    #[schema(value_type = Option<String>, example = "tsadk")]
    study: Option<&'a Slug>,
    /// About whom.
    #[schema(value_type = Option<String>)]
    subject: Option<AuditReference>,
    /// `done`, `refused` or `failed`.
    #[schema(value_type = String, example = "done")]
    outcome: AuditOutcome,
    /// The id of the request, as the server's log has it; one that its sender chose in words of his own, as a keyed hash.
    request: Option<&'a str>,
}

impl<'a> AuditView<'a> {
    pub(crate) fn new(one: &'a NumberedRecord) -> Self {
        let (record, event) = (&one.record, &one.record.event);
        Self {
            number: one.number,
            chain: record.chain,
            sequence: record.sequence,
            at: event.at,
            actor: event.actor,
            role: event.role,
            action: event.action,
            study: event.study.as_ref(),
            subject: event.subject,
            outcome: event.outcome,
            request: event.request.as_deref(),
        }
    }
}

/// Something that others did with what is held of somebody. Others are told by what they are, never by who.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnAccess {
    /// When.
    #[schema(value_type = shapes::Instant)]
    pub(crate) at: Timestamp,
    /// What.
    #[schema(value_type = shapes::AuditAction)]
    pub(crate) action: AuditAction,
    /// As what they did it.
    #[schema(value_type = String, example = "manager")]
    pub(crate) role: AuditRole,
    /// Whether it was about this one account, and not about all of the study.
    pub(crate) about_me: bool,
}
