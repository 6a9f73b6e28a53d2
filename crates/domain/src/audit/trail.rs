//! Writing at the end of a chain, and saying how far it has come.

use super::record::{AuditChain, AuditCheckpoint, AuditEvent, AuditHash, AuditRecord};
use super::{AuditAction, AuditKeys, AuditOutcome, AuditRole, AuditStore, CutReport, cut};
use crate::{StoreError, Timestamp};
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How often the end of a chain is looked for that others of the same server write to as well.
const ATTEMPTS: u32 = 16;

/// Keeps a small text outside of the database, so that whoever cuts off the end of a chain there is found out.
pub trait AuditWitness: Send + Sync {
    /// What was kept last; `None` if nothing ever was.
    fn recall(&self) -> io::Result<Option<String>>;

    /// Keeps a text in the place of the one before, as a whole or not at all.
    fn keep(&self, text: &str) -> io::Result<()>;
}

/// What a witness keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Testimony {
    /// The chain that this server writes.
    pub chain: AuditChain,
    /// How far each chain had come, its own and those of the other servers.
    pub checkpoints: Vec<AuditCheckpoint>,
}

impl Testimony {
    /// Of a server that has written nothing yet.
    pub fn new(chain: AuditChain) -> Self {
        Self {
            chain,
            checkpoints: Vec::new(),
        }
    }

    /// Reads what a witness kept.
    ///
    /// # Errors
    ///
    /// For what is none.
    pub fn read(text: &str) -> io::Result<Self> {
        serde_json::from_str(text).map_err(io::Error::from)
    }

    /// The text that a witness keeps.
    ///
    /// # Errors
    ///
    /// None that is known of.
    pub fn text(&self) -> io::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Remembers that a chain has come so far, unless it was seen to be farther.
    fn remember(&mut self, new: AuditCheckpoint) {
        match self
            .checkpoints
            .iter_mut()
            .find(|one| one.chain == new.chain)
        {
            Some(known) if known.sequence < new.sequence => *known = new,
            Some(_) => {}
            None => self.checkpoints.push(new),
        }
    }
}

/// The end of a chain, to write at.
pub struct AuditTrail {
    store: Arc<dyn AuditStore>,
    keys: AuditKeys,
    witness: Option<Arc<dyn AuditWitness>>,
    chain: AuditChain,
    /// The number and the hash of the last record, once they are known.
    end: Mutex<Option<(u64, AuditHash)>>,
}

impl AuditTrail {
    /// The end of the chain that the witness knows as this server's. Without a witness, or with one that knows of none, of a new chain with
    /// that name.
    ///
    /// # Errors
    ///
    /// Those of the witness.
    pub fn open(
        store: Arc<dyn AuditStore>,
        keys: AuditKeys,
        witness: Option<Arc<dyn AuditWitness>>,
        new: AuditChain,
    ) -> io::Result<Self> {
        let mut chain = new;
        if let Some(witness) = &witness {
            match witness.recall()? {
                Some(text) => chain = Testimony::read(&text)?.chain,
                None => witness.keep(&Testimony::new(new).text()?)?,
            }
        }
        Ok(Self {
            store,
            keys,
            witness,
            chain,
            end: Mutex::new(None),
        })
    }

    /// The keys that records are made with.
    pub fn keys(&self) -> &AuditKeys {
        &self.keys
    }

    /// The chain that is written.
    pub fn chain(&self) -> AuditChain {
        self.chain
    }

    /// Adds events to the chain in this order, all or none. They are durable then.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn record(&self, events: &[AuditEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        let mut end = self.end();
        for _ in 0..ATTEMPTS {
            let from = match *end {
                Some(known) => known,
                None => self.look()?,
            };
            let records = self.sealed(from, events);
            match self.store.append_audit(&records) {
                Ok(()) => {
                    *end = records.last().map(|last| (last.sequence, last.hash));
                    return Ok(());
                }
                // Somebody else of this server has written: a command, say.
                Err(StoreError::Stale) => *end = None,
                Err(error) => {
                    // Whether it was written is not known.
                    *end = None;
                    return Err(error);
                }
            }
        }
        Err(StoreError::Stale)
    }

    /// Says in the store, and by the witness, how far every chain has come.
    ///
    /// A chain that was seen farther than it is now, or whose last record is not what this server made, is left as it was said to be.
    ///
    /// # Errors
    ///
    /// Those of the store and of the witness.
    pub fn checkpoint(&self, now: Timestamp) -> Result<(), CheckpointError> {
        let mut new = Vec::new();
        for chain in self.store.audit_chains()? {
            if let Some(head) = self.store.audit_head(chain)?
                && head.computed_hash() == head.hash
                && self.keys.is_ours(&head)
            {
                new.push(self.keys.checkpoint(&head, now));
            }
        }
        let known = self.store.audit_checkpoints()?;
        let is_farther = |one: &AuditCheckpoint| {
            known
                .iter()
                .filter(|old| self.keys.is_our_checkpoint(old))
                .all(|old| old.chain != one.chain || old.sequence < one.sequence)
        };
        let farther: Vec<_> = new.iter().copied().filter(is_farther).collect();
        self.store.keep_audit_checkpoints(&farther)?;
        let Some(witness) = &self.witness else {
            return Ok(());
        };
        let mut testimony = match witness.recall()? {
            Some(text) => Testimony::read(&text)?,
            None => Testimony::new(self.chain),
        };
        new.into_iter().for_each(|one| testimony.remember(one));
        Ok(witness.keep(&testimony.text()?)?)
    }

    /// Takes away what is older than that at the beginning of every chain, and records that, if anything went.
    ///
    /// # Errors
    ///
    /// Those of the store. What was taken away until then is.
    pub fn cut(&self, before: Timestamp, now: Timestamp) -> Result<CutReport, StoreError> {
        let report = cut::cut(&*self.store, &self.keys, before, now)?;
        if report.removed > 0 {
            self.record(&[AuditEvent {
                at: now,
                actor: None,
                role: AuditRole::Server,
                action: AuditAction::CutAudit,
                study: None,
                subject: None,
                outcome: AuditOutcome::Done,
                request: None,
            }])?;
        }
        Ok(report)
    }

    fn sealed(&self, from: (u64, AuditHash), events: &[AuditEvent]) -> Vec<AuditRecord> {
        let (mut sequence, mut previous) = from;
        let seal = |event: &AuditEvent| {
            sequence += 1;
            let record = self
                .keys
                .seal(self.chain, sequence, previous, event.clone());
            previous = record.hash;
            record
        };
        events.iter().map(seal).collect()
    }

    /// Where the chain ends; or where it once ended, if it was cut off since: the gap that this leaves is found for ever.
    fn look(&self) -> Result<(u64, AuditHash), StoreError> {
        let head = self.store.audit_head(self.chain)?;
        let end = head.map_or((0, AuditHash::NONE), |head| (head.sequence, head.hash));
        let mut seen = self.store.audit_checkpoints()?;
        seen.extend(
            self.testimony()
                .map(|one| one.checkpoints)
                .unwrap_or_default(),
        );
        let farther = seen
            .into_iter()
            .filter(|one| one.chain == self.chain && one.sequence > end.0)
            .filter(|one| self.keys.is_our_checkpoint(one))
            .max_by_key(|one| one.sequence);
        Ok(farther.map_or(end, |one| (one.sequence, one.hash)))
    }

    /// What the witness kept; nothing, if it can't be read: whoever verifies is told.
    fn testimony(&self) -> Option<Testimony> {
        let text = self.witness.as_ref()?.recall().ok()??;
        Testimony::read(&text).ok()
    }

    fn end(&self) -> MutexGuard<'_, Option<(u64, AuditHash)>> {
        // A pair that is put at once is whole at any moment.
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for AuditTrail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuditTrail")
            .field("chain", &self.chain)
            .finish_non_exhaustive()
    }
}

/// Why it could not be said how far the chains have come.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The witness could not.
    #[error("the checkpoint of the audit log can't be kept outside of the database")]
    Witness(#[from] io::Error),
}
