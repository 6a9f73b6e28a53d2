//! Database and ledger brought together: what the one knows and the other does not.

use super::{LedgerContent, LedgerError, LedgerFile};
use crate::CommandError;
use serde::Serialize;
use sillage_domain::{
    Account, ConsentCode, Deleted, DeletionError, Erased, Erasure, ErasureCode, ErasureLedger,
    ErasureRecord, Extent, PageRequest, Ports, StoreError, Study, StudyChange, StudyScope,
    StudyStatus, Timestamp, Traces,
};
use sillage_pseudonym::RootKey;
use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

/// How many studies or accounts are read at once.
const PAGE: NonZeroU32 = NonZeroU32::new(1000).unwrap();
/// How long one account's entries may take here; the store goes on with the rest.
const PATIENCE: Duration = Duration::from_secs(600);

/// What bringing them together came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// Whether the ledger was begun.
    pub begun: bool,
    /// Erasures that were written down in the ledger, since another server made them, or a crash came between.
    pub learnt: usize,
    /// Erasures that the database did not know.
    pub replayed: usize,
    /// Accounts that were erased again for that.
    pub accounts: usize,
    /// Studies that were deleted again.
    pub studies: usize,
}

/// Brings them together: begins the ledger of a new database, writes down what only the database knows, and repeats on the database what only the
/// ledger knows, as after an old copy of the database was brought back.
///
/// # Errors
///
/// [`LedgerError::Gone`] where the database has a ledger that is not there, [`LedgerError::Other`] where it has another one; then nothing is
/// changed. Those of the ledger and of the store.
pub fn reconcile(
    ports: &Ports,
    root: &RootKey,
    ledger: &LedgerFile,
    now: Timestamp,
) -> Result<Reconciled, CommandError> {
    let mut done = Reconciled::default();
    let content = opened(ports, ledger, &mut done)?;
    let known = ports.records.erasure_records()?;
    done.learnt = match known.is_empty() {
        true => 0,
        false => ledger.add(&known)?,
    };
    let known: HashMap<ErasureCode, ErasureRecord> =
        known.into_iter().map(|one| (one.code, one)).collect();
    let lacking: Vec<ErasureRecord> = content
        .records
        .into_iter()
        .filter(|one| !known.contains_key(&one.code))
        .collect();
    if lacking.is_empty() {
        return Ok(done);
    }
    done.replayed = lacking.len();
    let replay = Replay {
        ports,
        root,
        ledger,
        now,
        what: lacking.iter().map(|one| (one.code, one.what)).collect(),
    };
    replay.run(&mut done)?;
    // Of those that this copy never had, too: they are known from now on.
    ports.records.keep_erasure_records(&lacking)?;
    Ok(done)
}

/// The ledger that the database has, begun where it has none.
fn opened(
    ports: &Ports,
    ledger: &LedgerFile,
    done: &mut Reconciled,
) -> Result<LedgerContent, CommandError> {
    let theirs = ports.records.ledger()?;
    let content = match (ledger.read()?, theirs) {
        (Some(content), _) => content,
        (None, Some(id)) => {
            let path = ledger.path().to_owned();
            return Err(LedgerError::Gone { path, id }.into());
        }
        (None, None) => {
            done.begun = ledger.begin(&uuid::Uuid::new_v4().simple().to_string())?;
            let path = ledger.path().to_owned();
            let id = String::new();
            ledger.read()?.ok_or(LedgerError::Gone { path, id })?
        }
    };
    let theirs = ports.records.claim_ledger(&content.id)?;
    if theirs == content.id {
        return Ok(content);
    }
    let path = ledger.path().to_owned();
    if done.begun {
        // Another server on this database was faster; its ledger is the one, and this belongs to nothing.
        let _ = std::fs::remove_file(&path);
        return Err(LedgerError::Gone { path, id: theirs }.into());
    }
    let ours = content.id;
    Err(LedgerError::Other { path, ours, theirs }.into())
}

struct Replay<'a> {
    ports: &'a Ports,
    root: &'a RootKey,
    ledger: &'a LedgerFile,
    now: Timestamp,
    what: HashMap<ErasureCode, Erased>,
}

impl Replay<'_> {
    fn run(&self, done: &mut Reconciled) -> Result<(), CommandError> {
        for study in all_studies(self.ports)? {
            if self.what.contains_key(&self.ledger.study(&study.salt)) {
                self.delete(&study)?;
                done.studies += 1;
                continue;
            }
            let mut found = Vec::new();
            each_participant(self.ports, &study, &mut |account| {
                if let Some(what) = self.what.get(&self.ledger.account(&account.subject)) {
                    found.push((account, *what));
                }
            })?;
            for (account, what) in found {
                self.remove(&study, &account, what)?;
                done.accounts += 1;
            }
        }
        for account in users(self.ports)? {
            if self
                .what
                .contains_key(&self.ledger.account(&account.subject))
            {
                gone(self.ports.erasure.unlink(account.id))?;
                done.accounts += 1;
            }
        }
        Ok(())
    }

    fn remove(&self, study: &Study, account: &Account, what: Erased) -> Result<(), CommandError> {
        let erasure = &self.ports.erasure;
        let key = self.root.study_key(study.salt.as_bytes());
        let traces = Traces {
            study: study.id,
            pseudonym: key.pseudonym(account.subject.as_bytes()),
        };
        let code = ConsentCode::new(key.consent_code(account.subject.as_bytes()));
        self.ports.forget_words(traces, &code)?;
        if what == Erased::Anonymise {
            return gone(erasure.unlink(account.id));
        }
        gone(erasure.erase(account.id, &[traces], self.now, PATIENCE))
    }

    /// Whatever its state was when this copy was made.
    fn delete(&self, study: &Study) -> Result<(), CommandError> {
        let change = StudyChange {
            status: Some(StudyStatus::Archived),
            ..StudyChange::default()
        };
        if study.status != StudyStatus::Archived {
            let studies = &self.ports.studies;
            studies.change_study(study.id, &change, None, self.now)?;
        }
        let deletion = &self.ports.deletion;
        loop {
            match deletion.delete_study(study.id, Extent::Whole) {
                Ok(Deleted::Part) => {}
                Ok(Deleted::All) | Err(DeletionError::Store(StoreError::NotFound)) => return Ok(()),
                Err(DeletionError::Store(error)) => return Err(error.into()),
                Err(error) => return Err(CommandError::Usage(error.to_string())),
            }
        }
    }
}

/// Somebody else may replay at the same time.
fn gone(done: Result<Erasure, StoreError>) -> Result<(), CommandError> {
    match done {
        Ok(_) | Err(StoreError::NotFound) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn pages() -> impl Iterator<Item = PageRequest> {
    (1_u64..)
        .filter_map(NonZeroU64::new)
        .map(|page| PageRequest { page, size: PAGE })
}

fn is_last<T>(items: &[T]) -> bool {
    (items.len() as u64) < u64::from(PAGE.get())
}

/// Every study, by slug.
pub(crate) fn all_studies(ports: &Ports) -> Result<Vec<Study>, CommandError> {
    let mut all = Vec::new();
    for page in pages() {
        let found = ports.studies.studies(&StudyScope::All, &page)?.items;
        let last = is_last(&found);
        all.extend(found);
        if last {
            break;
        }
    }
    Ok(all)
}

/// Calls `each` with every participant of a study, by number.
pub(crate) fn each_participant(
    ports: &Ports,
    study: &Study,
    each: &mut dyn FnMut(Account),
) -> Result<(), CommandError> {
    for page in pages() {
        let found = ports.accounts.participants(study.id, None, &page)?.items;
        let last = is_last(&found);
        found.into_iter().for_each(&mut *each);
        if last {
            break;
        }
    }
    Ok(())
}

/// The accounts of people who run studies.
fn users(ports: &Ports) -> Result<Vec<Account>, CommandError> {
    let mut all = Vec::new();
    for page in pages() {
        let found = ports.people.users(None, &page)?.items;
        for user in &found {
            all.extend(ports.accounts.account(user.id)?);
        }
        if is_last(&found) {
            break;
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
