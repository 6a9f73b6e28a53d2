//! What the memory store holds, and its studies.

use super::memory_alerts::KeptAlert;
use super::memory_tombstones::Burying;
use crate::{
    Account, AccountId, Amended, Amendment, AuditCheckpoint, AuditCut, Burial, COMMIT_ROWS,
    COMMIT_SECONDS, Client, ConsentCode, ConsentEvent, Decisions, Discarded, Dispute, EntryId,
    EntryStatus, ErasureCode, ErasureRecord, Grant, HoldEvent, IdentityFields, LogNumber,
    Membership, Meter, NewStudy, NumberedRecord, PageRequest, Paged, Protection, Pseudonym,
    Purposes, QuarantinedEntry, Reidentification, RightsRequest, SealedIdentity, SealedSigningKey,
    ServerStore, Slug, StoreError, StoredCodebook, StoredEntry, StoredNotice, Study, StudyChange,
    StudyCounts, StudyId, StudyRole, StudyScope, StudyStatus, StudyStore, Timestamp, Traces,
    VaultKeyRecord,
};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An archive in memory, gone with the process.
#[derive(Debug)]
pub struct MemoryStore(Mutex<Tables>);

#[derive(Debug, Default)]
pub(super) struct Tables {
    /// The greatest that were ever given: none is given twice.
    pub(super) last: Last,
    pub(super) commits: Commits,
    /// New whenever a study was deleted.
    pub(super) epoch: u64,
    pub(super) studies: Vec<Study>,
    pub(super) accounts: Vec<Account>,
    pub(super) members: Vec<(AccountId, Membership)>,
    pub(super) entries: BTreeMap<LogNumber, StoredEntry>,
    pub(super) by_id: HashMap<(Pseudonym, EntryId), LogNumber>,
    pub(super) quarantine: Vec<QuarantinedEntry>,
    pub(super) discarded: Vec<(StudyId, Discarded)>,
    /// The versions of a study in their order.
    pub(super) codebooks: Vec<(StudyId, StoredCodebook)>,
    /// The versions of a study in their order.
    pub(super) notices: Vec<(StudyId, StoredNotice)>,
    /// Every decision, as they came.
    pub(super) consents: Vec<(StudyId, ConsentCode, ConsentEvent)>,
    /// What holds.
    pub(super) decisions: HashMap<(StudyId, Pseudonym), Decisions>,
    /// Every change of what holds the use up, as they came.
    pub(super) holds: Vec<(StudyId, ConsentCode, HoldEvent)>,
    pub(super) disputes: BTreeMap<LogNumber, Dispute>,
    pub(super) requests: Vec<(StudyId, RightsRequest)>,
    pub(super) changes: HashMap<StudyId, i64>,
    pub(super) fingerprint: Option<String>,
    pub(super) signing_keys: Vec<SealedSigningKey>,
    pub(super) clients: Vec<Client>,
    pub(super) grants: Vec<Grant>,
    /// The greatest number that a participant of the study ever had.
    pub(super) last_numbers: HashMap<StudyId, i64>,
    /// Of people who were brought over, with whether an account was made.
    pub(super) old_numbers: HashMap<(StudyId, i64), bool>,
    /// What was done to entries since they were stored.
    pub(super) amendments: BTreeMap<LogNumber, Vec<(Amendment, Amended)>>,
    pub(super) burials: BTreeMap<LogNumber, Burial>,
    pub(super) burying: Vec<Burying>,
    /// What was ordered to be erased.
    pub(super) erasures: Vec<Traces>,
    pub(super) reidentifications: Vec<Reidentification>,
    /// As they came.
    pub(super) audit: Vec<NumberedRecord>,
    pub(super) audit_checkpoints: Vec<AuditCheckpoint>,
    pub(super) audit_cuts: Vec<AuditCut>,
    /// Which ledger the archive belongs to.
    pub(super) ledger: Option<String>,
    /// When what is done by one of all servers may be done again.
    pub(super) rounds: HashMap<String, Timestamp>,
    pub(super) records: BTreeMap<ErasureCode, ErasureRecord>,
    pub(super) alerts: Vec<KeptAlert>,
    /// The one in force last.
    pub(super) vault_keys: Vec<VaultKeyRecord>,
    /// In order of accounts.
    pub(super) identities: Vec<SealedIdentity>,
}

/// What was committed.
#[derive(Debug)]
pub(super) struct Commits {
    pub(super) rows: Meter,
    pub(super) seconds: Meter,
}

impl Default for Commits {
    fn default() -> Self {
        Self {
            rows: Meter::new(COMMIT_ROWS),
            seconds: Meter::new(COMMIT_SECONDS),
        }
    }
}

/// Ids and numbers.
#[derive(Debug, Default)]
pub(super) struct Last {
    pub(super) study: i64,
    pub(super) account: i64,
    pub(super) quarantine: i64,
    pub(super) request: i64,
    pub(super) alert: i64,
    pub(super) number: i64,
}

/// The next of its kind.
pub(super) fn next(last: &mut i64) -> i64 {
    *last += 1;
    *last
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self(Mutex::new(Tables {
            clients: vec![super::memory_clients::built_in()],
            ..Tables::default()
        }))
    }
}

impl MemoryStore {
    /// A panic in the middle of a change is a bug of this store; what it left is as good as any.
    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The asked part of a list.
pub(super) fn part<T: Clone>(all: &[T], page: &PageRequest) -> Paged<T> {
    let offset = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let items = all
        .iter()
        .skip(offset)
        .take(page.size.get() as usize)
        .cloned()
        .collect();
    Paged {
        items,
        total: all.len() as u64,
    }
}

impl Tables {
    pub(super) fn counts(&self, study: StudyId) -> StudyCounts {
        let with = |status| {
            let is_one = |e: &&StoredEntry| e.study == study && e.status == status;
            self.entries.values().filter(is_one).count() as u64
        };
        StudyCounts {
            entries: with(EntryStatus::Accepted),
            deleted: with(EntryStatus::Deleted),
            quarantined: self.quarantine.iter().filter(|q| q.study == study).count() as u64,
        }
    }
}

impl StudyStore for MemoryStore {
    fn create_study(
        &self,
        new: &NewStudy,
        manager: Option<AccountId>,
        now: Timestamp,
    ) -> Result<Study, StoreError> {
        let mut tables = self.tables();
        if tables.studies.iter().any(|s| s.slug == new.slug) {
            return Err(StoreError::NameTaken(new.slug.to_string()));
        }
        let study = Study {
            id: StudyId(next(&mut tables.last.study)),
            slug: new.slug.clone(),
            title: new.title.clone(),
            description: new.description.clone(),
            game_url: new.game_url.clone(),
            status: StudyStatus::Draft,
            validation: new.validation,
            salt: new.salt.clone(),
            codebook: None,
            protection: Protection::default(),
            consent: Purposes::NONE,
            objected: false,
            identity: IdentityFields::NONE,
            anonymous: false,
            silence_minutes: None,
            watched_since: None,
            created_at: now,
            closed_at: None,
            revision: 1,
        };
        if let Some(account) = manager {
            tables.members.push((
                account,
                Membership {
                    study: study.id,
                    role: StudyRole::Manager,
                },
            ));
        }
        tables.studies.push(study.clone());
        Ok(study)
    }

    fn study_by_slug(&self, slug: &Slug) -> Result<Option<Study>, StoreError> {
        Ok(self
            .tables()
            .studies
            .iter()
            .find(|s| s.slug == *slug)
            .cloned())
    }

    fn study(&self, id: StudyId) -> Result<Option<Study>, StoreError> {
        Ok(self.tables().studies.iter().find(|s| s.id == id).cloned())
    }

    fn studies(&self, scope: &StudyScope, page: &PageRequest) -> Result<Paged<Study>, StoreError> {
        let tables = self.tables();
        let mut studies: Vec<_> = tables
            .studies
            .iter()
            .filter(|s| scope.covers(s.id))
            .cloned()
            .collect();
        studies.sort_by(|a, b| a.slug.cmp(&b.slug));
        Ok(part(&studies, page))
    }

    fn change_study(
        &self,
        id: StudyId,
        change: &StudyChange,
        revision: Option<i64>,
        now: Timestamp,
    ) -> Result<Study, StoreError> {
        let mut tables = self.tables();
        let study = tables
            .studies
            .iter_mut()
            .find(|s| s.id == id)
            .ok_or(StoreError::NotFound)?;
        if revision.is_some_and(|seen| seen != study.revision) {
            return Err(StoreError::Stale);
        }
        let asked = study.consent;
        study.apply(change, now);
        let changed = study.clone();
        if changed.consent != asked {
            *tables.changes.entry(id).or_default() += 1;
        }
        tables.keep_identities(id, changed.identity);
        Ok(changed)
    }
}

impl ServerStore for MemoryStore {
    fn claim_fingerprint(&self, fingerprint: &str) -> Result<String, StoreError> {
        Ok(self
            .tables()
            .fingerprint
            .get_or_insert_with(|| fingerprint.to_owned())
            .clone())
    }

    fn signing_keys(&self) -> Result<Vec<SealedSigningKey>, StoreError> {
        let mut keys = self.tables().signing_keys.clone();
        keys.sort_by_key(|key| std::cmp::Reverse(key.created_at));
        Ok(keys)
    }

    fn add_signing_key(&self, key: &SealedSigningKey) -> Result<bool, StoreError> {
        let keys = &mut self.tables().signing_keys;
        let is_new = keys.iter().all(|known| known.kid != key.kid);
        if is_new {
            keys.push(key.clone());
        }
        Ok(is_new)
    }

    fn remove_signing_key(&self, kid: &str) -> Result<(), StoreError> {
        self.tables().signing_keys.retain(|key| key.kid != kid);
        Ok(())
    }
}
