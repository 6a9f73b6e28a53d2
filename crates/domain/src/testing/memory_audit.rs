//! The audit log of the memory store.

use super::MemoryStore;
use super::memory::part;
use crate::{
    AuditChain, AuditCheckpoint, AuditFilter, AuditRecord, AuditStore, NumberedRecord, PageRequest,
    Paged, StoreError,
};

impl AuditStore for MemoryStore {
    fn append_audit(&self, records: &[AuditRecord]) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let key = |record: &AuditRecord| (record.chain, record.sequence);
        let is_taken = |new: &AuditRecord| tables.audit.iter().any(|old| key(old) == key(new));
        if records.iter().any(is_taken) {
            return Err(StoreError::Stale);
        }
        tables.audit.extend_from_slice(records);
        Ok(())
    }

    fn audit_head(&self, chain: AuditChain) -> Result<Option<AuditRecord>, StoreError> {
        let tables = self.tables();
        let of_chain = tables.audit.iter().filter(|one| one.chain == chain);
        Ok(of_chain.max_by_key(|one| one.sequence).cloned())
    }

    fn audit_chains(&self) -> Result<Vec<AuditChain>, StoreError> {
        let tables = self.tables();
        let mut chains: Vec<_> = tables.audit.iter().map(|one| one.chain).collect();
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
        let of_chain = tables.audit.iter().filter(|one| one.chain == chain);
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
}

impl MemoryStore {
    fn numbered(&self, filter: &AuditFilter) -> Vec<NumberedRecord> {
        let tables = self.tables();
        let all = tables.audit.iter().zip(1..);
        let chosen = all.filter(|(record, _)| filter.matches(&record.event));
        let numbered = |(record, number): (&AuditRecord, i64)| NumberedRecord {
            number,
            record: record.clone(),
        };
        chosen.map(numbered).collect()
    }
}
