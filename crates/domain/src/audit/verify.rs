//! Whether the chains are as they were written.

use super::record::{AuditChain, AuditCheckpoint, AuditHash};
use super::{AuditKeys, AuditStore};
use crate::StoreError;
use crate::account::words;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// How many records are read at a time.
const SLICE: u32 = 1000;
/// How many faults of one chain are told.
const MAX_FAULTS: usize = 100;

words!(
    /// What is wrong at a place of a chain.
    AuditFaultKind {
        /// The record says something else than when it was written.
        Changed = "changed",
        /// The record was not written by a server that has the root key.
        Forged = "forged",
        /// One or several records before it are gone.
        Missing = "missing",
        /// The record before it is not the one that it was written after.
        Unlinked = "unlinked",
        /// The chain ends before a place that it had come to.
        Truncated = "truncated",
        /// At the place of a checkpoint is another record.
        Replaced = "replaced",
        /// A checkpoint was not written by a server that has the root key.
        ForgedCheckpoint = "forged-checkpoint",
        /// The beginning of a chain was not cut off by a server that has the root key.
        ForgedCut = "forged-cut",
    }
);

impl AuditFaultKind {
    /// What it is, for people.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Changed => "says something else than when it was written",
            Self::Forged => "was not written by a server that has the root key",
            Self::Missing => "records before it are missing",
            Self::Unlinked => "follows another record than the one it was written after",
            Self::Truncated => "is the last, but the chain had come farther by the last checkpoint",
            Self::Replaced => "is not the record that the last checkpoint saw there",
            Self::ForgedCheckpoint => {
                "has a checkpoint that no server with the root key has written"
            }
            Self::ForgedCut => "is where no server with the root key has cut the chain off",
        }
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AuditFault {
    /// In which chain.
    pub chain: AuditChain,
    /// At which record of it.
    pub sequence: u64,
    /// What.
    pub kind: AuditFaultKind,
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}: {}",
            self.chain,
            self.sequence,
            self.kind.summary()
        )
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// How many chains there are.
    pub chains: u64,
    /// How many records they have.
    pub records: u64,
    /// How many checkpoints they were compared with.
    pub checkpoints: u64,
    /// How many chains begin later, since what was before was kept long enough.
    pub cuts: u64,
    /// Everything that is wrong; of one chain, the first hundred faults.
    pub faults: Vec<AuditFault>,
}

/// Reads every record of every chain, and compares them with each other and with the checkpoints: those of the store, and `testimony`, what a
/// witness kept outside of it.
///
/// It finds a record that was changed, added, taken away, moved or put in the place of another, and a chain that ends too early. What was
/// cut off since the last checkpoint, it can't.
///
/// # Errors
///
/// Those of the store.
pub fn verify_audit(
    store: &dyn AuditStore,
    keys: &AuditKeys,
    testimony: &[AuditCheckpoint],
) -> Result<AuditReport, StoreError> {
    let mut report = AuditReport::default();
    let mut expected: BTreeMap<AuditChain, Vec<AuditCheckpoint>> = BTreeMap::new();
    // First the checkpoints: what is written meanwhile is farther than they say.
    for one in store.audit_checkpoints()?.iter().chain(testimony) {
        if keys.is_our_checkpoint(one) {
            report.checkpoints += 1;
            expected.entry(one.chain).or_default().push(*one);
        } else {
            report.faults.push(fault(
                one.chain,
                one.sequence,
                AuditFaultKind::ForgedCheckpoint,
            ));
        }
    }
    for chain in store.audit_chains()? {
        report.chains += 1;
        let checkpoints = expected.remove(&chain).unwrap_or_default();
        follow(store, keys, chain, checkpoints, &mut report)?;
    }
    // Chains that are gone as a whole.
    for (chain, checkpoints) in expected {
        if checkpoints.iter().any(|one| one.sequence > 0) {
            report
                .faults
                .push(fault(chain, 0, AuditFaultKind::Truncated));
        }
    }
    Ok(report)
}

/// Follows one chain from its first record to its last.
fn follow(
    store: &dyn AuditStore,
    keys: &AuditKeys,
    chain: AuditChain,
    mut checkpoints: Vec<AuditCheckpoint>,
    report: &mut AuditReport,
) -> Result<(), StoreError> {
    let (mut last, mut previous) = (0, AuditHash::NONE);
    let (mut faults, mut records, mut begins) = (Vec::new(), 0, 0);
    let told = checkpoints.clone();
    // What was kept long enough is gone; the chain begins behind it.
    let cuts = store.audit_cuts()?;
    if let Some(cut) = cuts.iter().find(|cut| cut.0.chain == chain) {
        if keys.is_our_cut(cut) {
            (last, previous) = (cut.0.sequence, cut.0.hash);
            checkpoints.retain(|one| one.sequence > last);
            begins = 1;
        } else {
            faults.push(fault(chain, cut.0.sequence, AuditFaultKind::ForgedCut));
        }
    }
    loop {
        let slice = store.audit_chain(chain, last, SLICE)?;
        if slice.is_empty() {
            break;
        }
        for record in slice {
            let mut found = |kind| faults.push(fault(chain, record.sequence, kind));
            if record.sequence != last + 1 {
                found(AuditFaultKind::Missing);
            } else if record.previous != previous {
                found(AuditFaultKind::Unlinked);
            }
            if record.computed_hash() != record.hash {
                found(AuditFaultKind::Changed);
            } else if !keys.is_ours(&record) {
                found(AuditFaultKind::Forged);
            }
            let here = |one: &AuditCheckpoint| one.sequence == record.sequence;
            if checkpoints
                .iter()
                .any(|one| here(one) && one.hash != record.hash)
            {
                found(AuditFaultKind::Replaced);
            }
            checkpoints.retain(|one| one.sequence > record.sequence);
            (last, previous) = (record.sequence, record.hash);
            records += 1;
        }
    }
    if !checkpoints.is_empty() {
        faults.push(fault(chain, last, AuditFaultKind::Truncated));
    }
    if !faults.is_empty() && store.audit_cuts()? != cuts {
        // The beginning was cut off while it was read.
        return follow(store, keys, chain, told, report);
    }
    report.records += records;
    report.cuts += begins;
    faults.truncate(MAX_FAULTS);
    report.faults.append(&mut faults);
    Ok(())
}

fn fault(chain: AuditChain, sequence: u64, kind: AuditFaultKind) -> AuditFault {
    AuditFault {
        chain,
        sequence,
        kind,
    }
}
