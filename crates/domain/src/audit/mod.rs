//! The audit log: who did what, in chains of records that can't be changed without a trace.
//!
//! A chain belongs to one server, so that servers do not wait for each other. Each record holds the hash of the one before it, and a
//! code under a key that is in no database.

mod canonical;
mod cut;
mod keys;
mod record;
mod trail;
mod verify;
mod words;

pub use cut::CutReport;
pub use keys::AuditKeys;
pub use record::{
    AuditChain, AuditCheckpoint, AuditCut, AuditEvent, AuditHash, AuditRecord, AuditReference,
    NotHexadecimal,
};
pub use trail::{AuditTrail, AuditWitness, CheckpointError, Testimony};
pub use verify::{AuditFault, AuditFaultKind, AuditReport, verify_audit};
pub use words::{AuditAction, AuditOutcome, AuditRole};

use crate::{PageRequest, Paged, Slug, StoreError, Timestamp};

/// Which records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// In that study.
    pub study: Option<Slug>,
    /// Of these actions; of any, if there are none.
    pub actions: Vec<AuditAction>,
    /// By that one.
    pub actor: Option<AuditReference>,
    /// About that one.
    pub subject: Option<AuditReference>,
    /// Made at this time or later.
    pub from: Option<Timestamp>,
    /// Made before this time.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether it chooses that record.
    pub fn matches(&self, event: &AuditEvent) -> bool {
        self.study
            .as_ref()
            .is_none_or(|study| event.study.as_ref() == Some(study))
            && (self.actions.is_empty() || self.actions.contains(&event.action))
            && self.actor.is_none_or(|actor| event.actor == Some(actor))
            && self
                .subject
                .is_none_or(|subject| event.subject == Some(subject))
            && self.from.is_none_or(|from| event.at >= from)
            && self.to.is_none_or(|to| event.at < to)
    }
}

/// A record with the number that the store gave it: the cursor of a list over all chains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedRecord {
    /// Greater than that of every record that the store had when it came, on SQLite; on several servers about so.
    pub number: i64,
    /// What was recorded.
    pub record: AuditRecord,
}

/// Keeps audit records. What was added is never changed through this, and taken away at the beginning of a chain only.
pub trait AuditStore: Send + Sync {
    /// Adds records of one chain, all or none.
    ///
    /// Error: [`StoreError::Stale`] where the chain has a record of such a number already.
    fn append_audit(&self, records: &[AuditRecord]) -> Result<(), StoreError>;

    /// The last record of that chain.
    fn audit_head(&self, chain: AuditChain) -> Result<Option<AuditRecord>, StoreError>;

    /// Every chain that there is.
    fn audit_chains(&self) -> Result<Vec<AuditChain>, StoreError>;

    /// At most `limit` records of a chain that come after that number of it, in their order.
    fn audit_chain(
        &self,
        chain: AuditChain,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError>;

    /// A part of the records of all chains, the last first.
    fn audit_page(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Paged<NumberedRecord>, StoreError>;

    /// At most `limit` records of all chains with a greater number, in the order of numbers.
    fn audit_after(
        &self,
        filter: &AuditFilter,
        number: i64,
        limit: u32,
    ) -> Result<Vec<NumberedRecord>, StoreError>;

    /// Keeps these in the place of those that were kept of the same chains before.
    fn keep_audit_checkpoints(&self, checkpoints: &[AuditCheckpoint]) -> Result<(), StoreError>;

    /// Those that are kept.
    fn audit_checkpoints(&self) -> Result<Vec<AuditCheckpoint>, StoreError>;

    /// Keeps a cut in the place of the one before of that chain, and takes away its records up to there: the cut with the first of them, the
    /// others a few hundred a transaction. Gives how many were taken away.
    fn cut_audit(&self, cut: &AuditCut) -> Result<u64, StoreError>;

    /// The cuts that are kept.
    fn audit_cuts(&self) -> Result<Vec<AuditCut>, StoreError>;
}
