//! The codebooks of the memory store.

use super::MemoryStore;
use super::memory::part;
use crate::{
    CodebookPut, CodebookStore, CodebookSummary, CodebookVersion, NewCodebook, PageRequest, Paged,
    StoreError, StoredCodebook, StudyId, Timestamp,
};

impl CodebookStore for MemoryStore {
    fn put_codebook(
        &self,
        study: StudyId,
        new: &NewCodebook,
        seen: Option<Option<CodebookVersion>>,
        now: Timestamp,
    ) -> Result<CodebookPut, StoreError> {
        let mut tables = self.tables();
        let last = tables
            .codebooks
            .iter()
            .rfind(|(of, _)| *of == study)
            .map(|(_, codebook)| (codebook.summary.version, codebook.summary.hash));
        if seen.is_some_and(|seen| seen != last.map(|(version, _)| version)) {
            return Err(StoreError::Stale);
        }
        let version = match last {
            Some((version, hash)) if hash == new.hash => return Ok(CodebookPut::Same(version)),
            Some((version, _)) => CodebookVersion(version.0 + 1),
            None => CodebookVersion(1),
        };
        let row = tables.studies.iter_mut().find(|s| s.id == study);
        let row = row.ok_or(StoreError::NotFound)?;
        row.codebook = Some(version);
        row.revision += 1;
        let summary = CodebookSummary {
            version,
            format: new.format,
            hash: new.hash,
            created_at: now,
            created_by: new.by,
        };
        let text = new.text.clone();
        tables
            .codebooks
            .push((study, StoredCodebook { summary, text }));
        *tables.changes.entry(study).or_default() += 1;
        Ok(CodebookPut::Made(version))
    }

    fn codebook(
        &self,
        study: StudyId,
        version: CodebookVersion,
    ) -> Result<Option<StoredCodebook>, StoreError> {
        let tables = self.tables();
        let mut found = tables.codebooks.iter().filter(|(of, _)| *of == study);
        Ok(found
            .find(|(_, codebook)| codebook.summary.version == version)
            .map(|(_, codebook)| codebook.clone()))
    }

    fn codebooks(
        &self,
        study: StudyId,
        page: &PageRequest,
    ) -> Result<Paged<CodebookSummary>, StoreError> {
        let tables = self.tables();
        let found = tables.codebooks.iter().rev().filter(|(of, _)| *of == study);
        let found: Vec<_> = found
            .map(|(_, codebook)| codebook.summary.clone())
            .collect();
        Ok(part(&found, page))
    }
}
