//! The quarantine of the memory store.

use super::MemoryStore;
use super::memory::{Tables, part};
use crate::{
    AccountId, Discarded, FaultKind, Outcome, PageRequest, Paged, QuarantineFilter, QuarantineId,
    QuarantineStore, QuarantinedEntry, Reason, ReasonCount, ReasonPeriod, Rejudged, Release,
    StoreError, StudyId, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet};

impl Tables {
    fn chosen(&self, study: StudyId, filter: &QuarantineFilter) -> Vec<QuarantinedEntry> {
        let texts = self.quarantine.iter();
        texts
            .filter(|text| text.study == study && filter.matches(text))
            .cloned()
            .collect()
    }

    pub(super) fn release(&mut self, release: &Release) -> Outcome {
        let place = self
            .quarantine
            .iter()
            .position(|q| (q.id, q.study) == (release.from, release.entry.study));
        let Some(place) = place else {
            return Outcome::Gone;
        };
        let outcome = self.write_entry(&release.entry, release.received_at);
        if outcome != Outcome::Conflict {
            self.quarantine.remove(place);
            *self.changes.entry(release.entry.study).or_default() += 1;
        }
        outcome
    }
}

impl QuarantineStore for MemoryStore {
    fn quarantine(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        page: &PageRequest,
    ) -> Result<Paged<QuarantinedEntry>, StoreError> {
        Ok(part(&self.tables().chosen(study, filter), page))
    }

    fn next_quarantined(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        after: QuarantineId,
        texts: u32,
        bytes: usize,
    ) -> Result<Vec<QuarantinedEntry>, StoreError> {
        let mut found = self.tables().chosen(study, filter);
        found.retain(|text| text.id > after);
        found.truncate(texts as usize);
        let mut size = 0;
        let mut first = true;
        found.retain(|text| {
            size += text.misfit.text.len();
            std::mem::take(&mut first) || size <= bytes
        });
        Ok(found)
    }

    fn quarantined(
        &self,
        study: StudyId,
        id: QuarantineId,
    ) -> Result<Option<QuarantinedEntry>, StoreError> {
        let tables = self.tables();
        let mut texts = tables.quarantine.iter();
        Ok(texts.find(|q| q.study == study && q.id == id).cloned())
    }

    fn quarantine_reasons(
        &self,
        study: StudyId,
        filter: &QuarantineFilter,
        period: ReasonPeriod,
    ) -> Result<Vec<ReasonCount>, StoreError> {
        let mut counts = BTreeMap::new();
        for text in self.tables().chosen(study, filter) {
            let faults = text.misfit.faults.iter();
            let words: BTreeSet<_> = faults.map(|fault| FaultKind::word(&fault.kind)).collect();
            for word in words {
                if filter.reason.as_ref().is_none_or(|reason| *reason == word)
                    && let Some(from) = period.start(text.received_at)
                {
                    *counts.entry((from, word)).or_default() += 1;
                }
            }
        }
        let count = |((from, reason), texts)| ReasonCount {
            from,
            reason,
            texts,
        };
        Ok(counts.into_iter().map(count).collect())
    }

    fn rejudge(
        &self,
        study: StudyId,
        texts: &[Rejudged],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables();
        let mut any = false;
        for new in texts {
            let mut kept = tables.quarantine.iter_mut();
            if let Some(text) = kept.find(|q| (q.id, q.study) == (new.id, study)) {
                text.misfit.faults.clone_from(&new.faults);
                text.codebook = new.codebook;
                text.judged_at = Some(now);
                any = true;
            }
        }
        *tables.changes.entry(study).or_default() += i64::from(any);
        Ok(())
    }

    fn discard_quarantined(
        &self,
        study: StudyId,
        id: QuarantineId,
        reason: &Reason,
        by: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Discarded, StoreError> {
        let mut tables = self.tables();
        let place = tables
            .quarantine
            .iter()
            .position(|q| (q.id, q.study) == (id, study))
            .ok_or(StoreError::NotFound)?;
        let text = tables.quarantine.remove(place);
        let discarded = Discarded {
            id,
            received_at: text.received_at,
            discarded_at: now,
            reason: reason.clone(),
            by,
        };
        tables.discarded.push((study, discarded.clone()));
        *tables.changes.entry(study).or_default() += 1;
        Ok(discarded)
    }

    fn discarded(&self, study: StudyId, id: QuarantineId) -> Result<Option<Discarded>, StoreError> {
        let tables = self.tables();
        let mut found = tables.discarded.iter().filter(|(of, _)| *of == study);
        Ok(found
            .find(|(_, one)| one.id == id)
            .map(|(_, one)| one.clone()))
    }
}
