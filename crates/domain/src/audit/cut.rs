//! Taking away, at the beginning of chains, what was kept long enough.

use super::record::{AuditChain, AuditHash};
use super::{AuditKeys, AuditRecord, AuditStore};
use crate::{StoreError, Timestamp};

/// How many records are read at a time.
const SLICE: u32 = 1000;

/// What became of the chains.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CutReport {
    /// How many records were taken away.
    pub removed: u64,
    /// Chains that were left whole, since something is wrong with what would have gone: evidence is not swept away.
    pub left: Vec<AuditChain>,
}

/// Takes away what is older than that of every chain, up to the first record that is not; the last record of a chain stays. What goes was read and
/// compared before.
pub(super) fn cut(
    store: &dyn AuditStore,
    keys: &AuditKeys,
    before: Timestamp,
    now: Timestamp,
) -> Result<CutReport, StoreError> {
    let cuts = store.audit_cuts()?;
    let mut report = CutReport::default();
    for chain in store.audit_chains()? {
        let begun = cuts.iter().find(|cut| cut.0.chain == chain);
        if begun.is_some_and(|cut| !keys.is_our_cut(cut)) {
            report.left.push(chain);
            continue;
        }
        let from = begun.map_or((0, AuditHash::NONE), |cut| (cut.0.sequence, cut.0.hash));
        match old(store, keys, chain, from, before)? {
            Old::None => {
                // What an interrupted cut has left is taken away now.
                if let Some(cut) = begun {
                    report.removed += store.cut_audit(cut)?;
                }
            }
            Old::UpTo(last) => report.removed += store.cut_audit(&keys.cut(&last, now))?,
            Old::Faulty => report.left.push(chain),
        }
    }
    Ok(report)
}

/// What there is at the beginning of a chain.
enum Old {
    None,
    /// This is the last that goes.
    UpTo(Box<AuditRecord>),
    /// One of them is not as it was written.
    Faulty,
}

fn old(
    store: &dyn AuditStore,
    keys: &AuditKeys,
    chain: AuditChain,
    (mut last, mut previous): (u64, AuditHash),
    before: Timestamp,
) -> Result<Old, StoreError> {
    // The one that goes, as long as another one follows it.
    let mut goes: Option<AuditRecord> = None;
    let mut candidate: Option<AuditRecord> = None;
    loop {
        let slice = store.audit_chain(chain, last, SLICE)?;
        if slice.is_empty() {
            break;
        }
        for record in slice {
            goes = candidate.take().or(goes);
            if record.event.at >= before {
                return Ok(goes.map_or(Old::None, |record| Old::UpTo(Box::new(record))));
            }
            let follows = record.sequence == last + 1 && record.previous == previous;
            if !follows || record.computed_hash() != record.hash || !keys.is_ours(&record) {
                return Ok(Old::Faulty);
            }
            (last, previous) = (record.sequence, record.hash);
            candidate = Some(record);
        }
    }
    Ok(goes.map_or(Old::None, |record| Old::UpTo(Box::new(record))))
}
