use super::*;
use sillage_domain::testing::MemoryStore;
use sillage_domain::testing::fixtures::{accepted, at, entry, new_account, send, study};
use sillage_domain::{EntryStatus, LogFilter, NewEntry, Role};
use std::ops::ControlFlow;
use std::sync::Arc;

fn root() -> RootKey {
    RootKey::from_bytes([9; 32])
}

/// An archive with ada and bob, who both played, and rita, who runs studies.
fn archive() -> (Ports, Study) {
    let ports = Ports::of(Arc::<MemoryStore>::default());
    let study = study(&ports, "s");
    for (name, n) in [("ada", 0), ("bob", 1)] {
        let enrolled = ports.accounts.enrol(study.id, &[new_account(name)], at(0));
        let account = enrolled.unwrap().remove(0);
        let key = root().study_key(study.salt.as_bytes());
        let entry = NewEntry {
            pseudonym: key.pseudonym(account.subject.as_bytes()),
            ..entry(&study, n)
        };
        assert_eq!(accepted(&send(&ports, &[entry])), 1);
    }
    let rita = new_account("rita");
    let made = ports.accounts.create_user(&rita, Role::Researcher, at(0));
    made.unwrap();
    (ports, study)
}

fn names(ports: &Ports) -> Vec<String> {
    let there = |name: &&str| {
        let found = ports.accounts.account_by_username(&name.parse().unwrap());
        found.unwrap().is_some()
    };
    let all = ["ada", "bob", "rita"].into_iter().filter(there);
    all.map(str::to_owned).collect()
}

fn record(ports: &Ports, ledger: &LedgerFile, name: &str, what: Erased) -> ErasureRecord {
    let account = ports.accounts.account_by_username(&name.parse().unwrap());
    let subject = account.unwrap().unwrap().subject;
    ErasureRecord::new(ledger.account(&subject), what, at(0))
}

fn with_content(ports: &Ports, study: &Study) -> usize {
    let mut count = 0;
    ports
        .logs
        .scan(study.id, &LogFilter::default(), &mut |entry| {
            count += usize::from(entry.status == EntryStatus::Accepted);
            ControlFlow::Continue(())
        })
        .unwrap();
    count
}

#[test]
fn what_the_ledger_knows_is_erased_again_from_an_old_copy_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = LedgerFile::at(dir.path().join("erasures"), &root());
    let (ports, study) = archive();
    let begun = reconcile(&ports, &root(), &ledger, at(0)).unwrap();
    assert!(begun.begun && begun.replayed == 0);
    let records = [
        record(&ports, &ledger, "ada", Erased::Erase),
        record(&ports, &ledger, "rita", Erased::Anonymise),
    ];
    ledger.add(&records).unwrap();
    let done = reconcile(&ports, &root(), &ledger, at(1)).unwrap();
    assert_eq!((done.replayed, done.accounts, done.studies), (2, 2, 0));
    assert_eq!(names(&ports), ["bob"]);
    assert_eq!(with_content(&ports, &study), 1);
    let again = reconcile(&ports, &root(), &ledger, at(2)).unwrap();
    assert_eq!(again, Reconciled::default());
}

#[test]
fn an_anonymisation_is_replayed_and_leaves_what_somebody_did() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = LedgerFile::at(dir.path().join("erasures"), &root());
    let (ports, study) = archive();
    reconcile(&ports, &root(), &ledger, at(0)).unwrap();
    let record = record(&ports, &ledger, "ada", Erased::Anonymise);
    ledger.add(&[record]).unwrap();
    reconcile(&ports, &root(), &ledger, at(1)).unwrap();
    assert_eq!(names(&ports), ["bob", "rita"]);
    assert_eq!(with_content(&ports, &study), 2);
}

#[test]
fn a_study_that_was_deleted_goes_again_whatever_its_state_was() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = LedgerFile::at(dir.path().join("erasures"), &root());
    let (ports, study) = archive();
    reconcile(&ports, &root(), &ledger, at(0)).unwrap();
    assert_ne!(study.status, StudyStatus::Archived);
    let record = ErasureRecord::new(ledger.study(&study.salt), Erased::Study, at(0));
    ledger.add(&[record]).unwrap();
    let done = reconcile(&ports, &root(), &ledger, at(1)).unwrap();
    assert_eq!(done.studies, 1);
    assert!(ports.studies.study(study.id).unwrap().is_none());
    assert_eq!(names(&ports), ["rita"]);
}

#[test]
fn what_only_the_database_knows_is_written_down() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = LedgerFile::at(dir.path().join("erasures"), &root());
    let (ports, _) = archive();
    reconcile(&ports, &root(), &ledger, at(0)).unwrap();
    // As another server does, which has a file of its own.
    let record = ErasureRecord::new(ErasureCode::new([4; 16]), Erased::Erase, at(0));
    ports.records.keep_erasure_records(&[record]).unwrap();
    let done = reconcile(&ports, &root(), &ledger, at(1)).unwrap();
    assert_eq!((done.learnt, done.replayed), (1, 0));
    assert_eq!(ledger.read().unwrap().unwrap().records, [record]);
}

#[test]
fn without_its_ledger_or_with_another_an_archive_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = LedgerFile::at(dir.path().join("erasures"), &root());
    let (ports, _) = archive();
    reconcile(&ports, &root(), &ledger, at(0)).unwrap();
    let elsewhere = LedgerFile::at(dir.path().join("elsewhere"), &root());
    let gone = reconcile(&ports, &root(), &elsewhere, at(1));
    assert!(
        matches!(gone, Err(CommandError::Ledger(LedgerError::Gone { .. }))),
        "{gone:?}"
    );
    assert!(elsewhere.read().unwrap().is_none(), "none was begun");
    elsewhere.begin("another").unwrap();
    let other = reconcile(&ports, &root(), &elsewhere, at(1));
    assert!(
        matches!(other, Err(CommandError::Ledger(LedgerError::Other { .. }))),
        "{other:?}"
    );
}
