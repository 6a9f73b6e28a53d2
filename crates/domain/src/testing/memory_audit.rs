//! The audit log of the memory store.

use super::MemoryStore;
use super::memory::part;
use crate::{
    AuditChain, AuditCheckpoint, AuditCut, AuditFilter, AuditRecord, AuditStore, NumberedRecord,
    PageRequest, Paged, StoreError,
};

impl AuditStore for MemoryStore {
    fn append_audit(&self, records: &[AuditRecord]) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let key = |record: &AuditRecord| (record.chain, record.sequence);
        let is_taken =
            |new: &AuditRecord| tables.audit.iter().any(|old| key(&old.record) == key(new));
        if records.iter().any(is_taken) {
            return Err(StoreError::Stale);
        }
        for record in records {
            let number = tables.audit.last().map_or(1, |last| last.number + 1);
            let record = record.clone();
            tables.audit.push(NumberedRecord { number, record });
        }
        Ok(())
    }

    fn audit_head(&self, chain: AuditChain) -> Result<Option<AuditRecord>, StoreError> {
        let tables = self.tables();
        let all = tables.audit.iter().map(|one| &one.record);
        let of_chain = all.filter(|one| one.chain == chain);
        Ok(of_chain.max_by_key(|one| one.sequence).cloned())
    }

    fn audit_chains(&self) -> Result<Vec<AuditChain>, StoreError> {
        let tables = self.tables();
        let mut chains: Vec<_> = tables.audit.iter().map(|one| one.record.chain).collect();
        chains.sort_unstable();
        chains.dedup();
        Ok(chains)
    }

    fn audit_chain(
        &self,
        chain: AuditChain,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let tables = self.tables();
        let all = tables.audit.iter().map(|one| &one.record);
        let of_chain = all.filter(|one| one.chain == chain);
        let mut found: Vec<_> = of_chain
            .filter(|one| one.sequence > after)
            .cloned()
            .collect();
        found.sort_by_key(|one| one.sequence);
        found.truncate(limit as usize);
        Ok(found)
    }

    fn audit_page(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Paged<NumberedRecord>, StoreError> {
        let mut found = self.numbered(filter);
        found.reverse();
        Ok(part(&found, page))
    }

    fn audit_after(
        &self,
        filter: &AuditFilter,
        number: i64,
        limit: u32,
    ) -> Result<Vec<NumberedRecord>, StoreError> {
        let mut found = self.numbered(filter);
        found.retain(|one| one.number > number);
        found.truncate(limit as usize);
        Ok(found)
    }

    fn keep_audit_checkpoints(&self, checkpoints: &[AuditCheckpoint]) -> Result<(), StoreError> {
        let kept = &mut self.tables().audit_checkpoints;
        for new in checkpoints {
            kept.retain(|old| old.chain != new.chain);
            kept.push(*new);
        }
        kept.sort_by_key(|one| one.chain);
        Ok(())
    }

    fn audit_checkpoints(&self) -> Result<Vec<AuditCheckpoint>, StoreError> {
        Ok(self.tables().audit_checkpoints.clone())
    }

    fn cut_audit(&self, cut: &AuditCut) -> Result<u64, StoreError> {
        let mut tables = self.tables();
        tables.audit_cuts.retain(|old| old.0.chain != cut.0.chain);
        tables.audit_cuts.push(*cut);
        let before = tables.audit.len();
        let goes = |one: &NumberedRecord| {
            one.record.chain == cut.0.chain && one.record.sequence <= cut.0.sequence
        };
        tables.audit.retain(|one| !goes(one));
        Ok((before - tables.audit.len()) as u64)
    }

    fn audit_cuts(&self) -> Result<Vec<AuditCut>, StoreError> {
        Ok(self.tables().audit_cuts.clone())
    }
}

impl MemoryStore {
    fn numbered(&self, filter: &AuditFilter) -> Vec<NumberedRecord> {
        let tables = self.tables();
        let all = tables.audit.iter();
        all.filter(|one| filter.matches(&one.record.event))
            .cloned()
            .collect()
    }
}
