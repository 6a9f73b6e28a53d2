//! What the memory store keeps of what was erased.

use super::MemoryStore;
use crate::{ErasureRecord, ErasureRecordStore, StoreError};

impl ErasureRecordStore for MemoryStore {
    fn claim_ledger(&self, id: &str) -> Result<String, StoreError> {
        let mut tables = self.tables();
        Ok(tables.ledger.get_or_insert_with(|| id.to_owned()).clone())
    }

    fn ledger(&self) -> Result<Option<String>, StoreError> {
        Ok(self.tables().ledger.clone())
    }

    fn change_ledger(&self, id: &str) -> Result<(), StoreError> {
        self.tables().ledger = Some(id.to_owned());
        Ok(())
    }

    fn erasure_records(&self) -> Result<Vec<ErasureRecord>, StoreError> {
        Ok(self.tables().records.values().copied().collect())
    }

    fn keep_erasure_records(&self, records: &[ErasureRecord]) -> Result<(), StoreError> {
        let mut tables = self.tables();
        for record in records {
            tables.records.entry(record.code).or_insert(*record);
        }
        Ok(())
    }
}
