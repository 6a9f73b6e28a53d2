//! One entry: found, corrected, deleted.

use crate::api::{Api, Inner};
use crate::codebooks::Compiled;
use crate::error::ApiError;
use crate::extractors::{Here, InStudy, Who};
use crate::logbook::purpose_of;
use crate::messages;
use crate::views::amendment::Tombstone;
use sillage_auth::{
    AmendLogs, DeleteLogs, Granted, GrantedAcross, ListMembers, Permission, ReadLogs, policy,
};
use sillage_domain::codebook::Checker;
use sillage_domain::{
    AccountId, Amendment, AmendmentError, AmendmentRequest, Burial, Changes, DeletionOrder,
    EntryStatus, LogNumber, NewAmendment, PageRequest, Paged, Payload, Purpose, Reason,
    SessionDeletion, SessionName, StoreError, StoredEntry, StudyId, StudyScope, Username,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// How often an amendment is tried that says nothing of a revision, while others amend the same entry.
const ATTEMPTS: u32 = 32;
/// How long whoever asks waits for the deletion of a session to end; the rest of a longer one goes by itself.
const PATIENCE: Duration = Duration::from_secs(5);

/// The entry of that number, if it is the caller's to read: as it was amended, or as it was sent.
///
/// An entry of which only the tombstone is left is an error that tells how it came to that.
pub(crate) async fn entry(
    who: &Who,
    granted: &GrantedAcross<ReadLogs>,
    number: &str,
    raw: bool,
    here: &Here,
) -> Result<StoredEntry, ApiError> {
    let number = number
        .parse()
        .map(LogNumber)
        .map_err(|_| messages::not_found())?;
    let scope = granted.studies();
    let reads = granted.clone();
    let (entry, burial) = who
        .api
        .off(move |inner| {
            let found = inner.ports.logs.entry(number, &scope)?;
            let mut entry = [found.ok_or_else(messages::not_found)?];
            let of = StudyScope::Only(vec![entry[0].study]);
            if let Some(purpose) = purpose_of(&reads, &of)
                && !inner.serves(&entry[0], purpose)?
            {
                return Err(messages::not_found().into());
            }
            if !raw {
                inner.ports.amendments.correct(&mut entry)?;
            }
            inner.ports.disputes.mark(&mut entry)?;
            let [entry] = entry;
            let burial = match entry.status {
                EntryStatus::Accepted => None,
                EntryStatus::Deleted => {
                    let burial = inner.ports.tombstones.burial(number)?;
                    let by = burial.as_ref().and_then(|burial| burial.by);
                    Some((burial, inner.username(by)?))
                }
            };
            Ok((entry, burial))
        })
        .await?;
    match burial {
        None => Ok(entry),
        Some((burial, by)) => {
            let by = by.filter(|_| sees_people(who, entry.study));
            Err(gone(here, &entry, burial.as_ref(), by.as_ref()))
        }
    }
}

fn gone(
    here: &Here,
    entry: &StoredEntry,
    burial: Option<&Burial>,
    by: Option<&Username>,
) -> ApiError {
    let left = Tombstone::new(here.root(), entry, burial, by);
    match serde_json::to_value(&left) {
        Ok(left) => ApiError::from(messages::content_deleted()).beside("entry", left),
        Err(error) => ApiError::internal(error),
    }
}

/// Whether the caller may see who runs the study.
pub(crate) fn sees_people(who: &Who, study: StudyId) -> bool {
    policy::across(who, ListMembers).is_ok_and(|granted| granted.studies().covers(study))
}

/// Whether the caller may do that to an entry which he can see.
pub(crate) fn may<P: Permission<On = StudyId>>(
    who: &Who,
    permission: P,
    entry: &StoredEntry,
) -> Result<GrantedAcross<P>, ApiError> {
    let granted = who.may_across(permission)?;
    if granted.studies().covers(entry.study) {
        Ok(granted)
    } else {
        Err(messages::forbidden().into())
    }
}

/// Amends an entry that was read; the entry as it is to be read from now on. `seen`: whether that is meant for the revision which was read.
pub(crate) async fn amend(
    api: &Api,
    granted: GrantedAcross<AmendLogs>,
    entry: StoredEntry,
    request: AmendmentRequest,
    seen: bool,
) -> Result<StoredEntry, ApiError> {
    let (number, now) = (entry.number, api.now());
    let amended = api
        .off(move |inner| {
            let mut entry = entry;
            for _ in 0..ATTEMPTS {
                let codebook = inner.codebook_in_force(entry.study)?;
                let checker = codebook.as_ref().map(|codebook| &codebook.checker);
                let roles = checker.map(Checker::roles);
                let limits = &inner.settings.limits;
                let amended = request.changes.apply(&entry, limits, roles)?;
                if amended.revision == entry.revision {
                    return Ok(amended);
                }
                if let Some(checker) = checker {
                    fits(checker, &amended)?;
                }
                let new = NewAmendment {
                    entry: amended,
                    changes: request.changes.to_json(),
                    reason: request.reason.clone(),
                    by: granted.by(),
                };
                match inner.ports.amendments.amend(&new, now) {
                    Ok(()) => return Ok(new.entry),
                    Err(StoreError::Stale) if !seen => entry = inner.read_again(&entry)?,
                    Err(error) => return Err(error.into()),
                }
            }
            Err(messages::stale().into())
        })
        .await?;
    tracing::info!(
        entry = number.0,
        revision = amended.revision,
        "an entry was amended"
    );
    Ok(amended)
}

/// The amendments of an entry, with the names of who made them.
pub(crate) async fn history(
    api: &Api,
    entry: &StoredEntry,
    page: PageRequest,
) -> Result<(Paged<Amendment>, HashMap<AccountId, Username>), ApiError> {
    let number = entry.number;
    api.off(move |inner| {
        let made = inner.ports.amendments.history(number, &page)?;
        let names = inner.usernames(made.items.iter().filter_map(|one| one.by))?;
        Ok((made, names))
    })
    .await
}

/// Deletes the content of an entry that was read. `seen`: whether that is meant for the revision which was read.
pub(crate) async fn delete(
    api: &Api,
    granted: GrantedAcross<DeleteLogs>,
    entry: StoredEntry,
    reason: Reason,
    seen: bool,
) -> Result<(), ApiError> {
    let (number, now) = (entry.number, api.now());
    let order = DeletionOrder {
        reason,
        by: granted.by(),
    };
    api.off(move |inner| {
        let seen = seen.then_some(entry.revision);
        let tombstones = &inner.ports.tombstones;
        Ok(tombstones.bury(entry.study, number, seen, &order, now)?)
    })
    .await?;
    tracing::info!(entry = number.0, "an entry was deleted");
    Ok(())
}

/// Deletes the content of the entries of a session.
pub(crate) async fn delete_session(
    study: &InStudy,
    granted: Granted<DeleteLogs>,
    session: SessionName,
    reason: Reason,
) -> Result<SessionDeletion, ApiError> {
    let api = &study.who.api;
    let now = api.now();
    let order = DeletionOrder {
        reason,
        by: granted.by(),
    };
    let deleted = api
        .off(move |inner| {
            let tombstones = &inner.ports.tombstones;
            Ok(tombstones.bury_session(granted.study(), &session, &order, now, PATIENCE)?)
        })
        .await?;
    tracing::info!(
        study = study.known.study.slug.as_str(),
        entries = deleted.entries,
        complete = deleted.complete,
        "a session was deleted"
    );
    Ok(deleted)
}

/// How many entries with content a session has.
pub(crate) async fn count_session(
    study: &InStudy,
    granted: Granted<DeleteLogs>,
    session: SessionName,
) -> Result<u64, ApiError> {
    let api = &study.who.api;
    api.off(move |inner| {
        let tombstones = &inner.ports.tombstones;
        Ok(tombstones.count_session(granted.study(), &session)?)
    })
    .await
}

/// Whether an amended entry fits the codebook, as one that is sent must.
fn fits(checker: &Checker, amended: &StoredEntry) -> Result<(), AmendmentError> {
    let payload = amended.payload.as_ref().map(Payload::as_str);
    match checker.check_payload(&amended.action, payload) {
        faults if faults.is_empty() => Ok(()),
        faults => Err(AmendmentError::Faults(faults)),
    }
}

impl Inner {
    /// Whether an entry could be amended so.
    pub(crate) fn fits_with(&self, entry: &StoredEntry, changes: &Changes) -> Result<(), ApiError> {
        let codebook = self.codebook_in_force(entry.study)?;
        let checker = codebook.as_ref().map(|codebook| &codebook.checker);
        let roles = checker.map(Checker::roles);
        let amended = changes.apply(entry, &self.settings.limits, roles)?;
        match checker {
            Some(checker) => Ok(fits(checker, &amended)?),
            None => Ok(()),
        }
    }

    /// The codebook that a study has now; `None` if it has none.
    fn codebook_in_force(&self, study: StudyId) -> Result<Option<Arc<Compiled>>, ApiError> {
        let found = self.ports.studies.study(study)?;
        let version = found.ok_or_else(messages::not_found)?.codebook;
        version
            .map(|version| self.compiled(study, version))
            .transpose()
    }

    /// Whether an entry may be used for that, by what whose it is and the study decided.
    fn serves(&self, entry: &StoredEntry, purpose: Purpose) -> Result<bool, ApiError> {
        let study = self.ports.studies.study(entry.study)?;
        let study = study.ok_or_else(messages::not_found)?;
        let one = entry.pseudonym;
        let decided = self.ports.consents.decisions(study.id, &[one])?;
        let decisions = decided.get(&one).copied().unwrap_or_default();
        Ok(decisions.allow_use(study.consent, purpose))
    }

    /// Of an account that is still there.
    fn username(&self, account: Option<AccountId>) -> Result<Option<Username>, StoreError> {
        let Some(account) = account else {
            return Ok(None);
        };
        let found = self.ports.accounts.account(account)?;
        Ok(found.map(|account| account.username))
    }

    /// What these accounts are called, as long as they exist.
    pub(crate) fn usernames(
        &self,
        accounts: impl Iterator<Item = AccountId>,
    ) -> Result<HashMap<AccountId, Username>, StoreError> {
        let mut names = HashMap::new();
        for account in accounts {
            if !names.contains_key(&account)
                && let Some(name) = self.username(Some(account))?
            {
                names.insert(account, name);
            }
        }
        Ok(names)
    }

    /// The entry as it is by now.
    fn read_again(&self, entry: &StoredEntry) -> Result<StoredEntry, ApiError> {
        let scope = StudyScope::Only(vec![entry.study]);
        let found = self.ports.logs.entry(entry.number, &scope)?;
        let mut entry = [found.ok_or_else(messages::not_found)?];
        self.ports.amendments.correct(&mut entry)?;
        self.ports.disputes.mark(&mut entry)?;
        let [entry] = entry;
        Ok(entry)
    }
}
