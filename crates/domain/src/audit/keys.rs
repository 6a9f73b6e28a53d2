//! What records are made with: references to people, and codes that nobody forges who has but the database.

use super::record::{
    AuditChain, AuditCheckpoint, AuditCut, AuditEvent, AuditHash, AuditRecord, AuditReference,
    text_of,
};
use crate::{SubjectId, Timestamp};
use sha2::{Digest, Sha256};
use sillage_pseudonym::{PurposeKey, RootKey};
use subtle::ConstantTimeEq;

/// The keys of the audit log, both derived from the root key.
#[derive(Debug, Clone)]
pub struct AuditKeys {
    references: PurposeKey,
    codes: PurposeKey,
}

impl AuditKeys {
    /// Those of that root key.
    pub fn of(root: &RootKey) -> Self {
        Self {
            references: root.purpose_key("audit-reference", "", 1),
            codes: root.purpose_key("audit-record", "", 1),
        }
    }

    /// An account. It is another one in a copy of the archive under another root key, and tells nothing once the account is gone.
    pub fn account(&self, subject: &SubjectId) -> AuditReference {
        self.reference("account", subject.as_bytes())
    }

    /// A registered application.
    pub fn client(&self, id: &str) -> AuditReference {
        self.reference("client", id.as_bytes())
    }

    /// The id of a request as a record may hold it: one that its sender chose might name somebody, and is kept as a keyed hash unless it is a
    /// number in hexadecimal digits, such as a UUID.
    pub fn request(&self, id: &str) -> String {
        if id
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        {
            id.to_owned()
        } else {
            format!("~{}", self.reference("request", id.as_bytes()))
        }
    }

    /// The event as the next record of a chain.
    pub fn seal(
        &self,
        chain: AuditChain,
        sequence: u64,
        previous: AuditHash,
        event: AuditEvent,
    ) -> AuditRecord {
        let text = text_of(chain, sequence, &event, previous);
        let hash = AuditHash::new(Sha256::digest(text).into());
        AuditRecord {
            chain,
            sequence,
            event,
            previous,
            hash,
            mac: self.code("record", hash.as_bytes()),
        }
    }

    /// Whether the record's code was made under these keys.
    pub fn is_ours(&self, record: &AuditRecord) -> bool {
        same(&record.mac, &self.code("record", record.hash.as_bytes()))
    }

    /// Says that a chain has come to that record.
    pub fn checkpoint(&self, head: &AuditRecord, at: Timestamp) -> AuditCheckpoint {
        let mut checkpoint = AuditCheckpoint {
            chain: head.chain,
            sequence: head.sequence,
            hash: head.hash,
            at,
            mac: AuditHash::NONE,
        };
        checkpoint.mac = self.code("checkpoint", checkpoint.canonical().as_bytes());
        checkpoint
    }

    /// Whether the checkpoint's code was made under these keys.
    pub fn is_our_checkpoint(&self, checkpoint: &AuditCheckpoint) -> bool {
        let ours = self.code("checkpoint", checkpoint.canonical().as_bytes());
        same(&checkpoint.mac, &ours)
    }

    /// Says that a chain begins behind that record.
    pub fn cut(&self, last: &AuditRecord, at: Timestamp) -> AuditCut {
        let mut cut = self.checkpoint(last, at);
        cut.mac = self.code("cut", cut.canonical().as_bytes());
        AuditCut(cut)
    }

    /// Whether the cut's code was made under these keys.
    pub fn is_our_cut(&self, cut: &AuditCut) -> bool {
        same(&cut.0.mac, &self.code("cut", cut.0.canonical().as_bytes()))
    }

    fn reference(&self, kind: &str, bytes: &[u8]) -> AuditReference {
        let digest = self.references.digest(kind, bytes);
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        AuditReference::new(first)
    }

    fn code(&self, kind: &str, bytes: &[u8]) -> AuditHash {
        AuditHash::new(self.codes.digest(kind, bytes))
    }
}

fn same(one: &AuditHash, other: &AuditHash) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
