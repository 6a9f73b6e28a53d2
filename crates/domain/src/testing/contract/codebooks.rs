//! The versions of a study's codebook.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    AccountId, CodebookFormat, CodebookPut, CodebookVersion, NewCodebook, Study, Timestamp,
};
use std::sync::Barrier;

fn codebook(text: &str) -> NewCodebook {
    let mut hash = [0; 32];
    hash[..text.len().min(32)].copy_from_slice(&text.as_bytes()[..text.len().min(32)]);
    NewCodebook {
        format: CodebookFormat::Toml,
        text: text.to_owned(),
        hash,
        by: None,
    }
}

fn put(ports: &Ports, study: &Study, text: &str, now: Timestamp) -> CodebookPut {
    ports
        .codebooks
        .put_codebook(study.id, &codebook(text), None, now)
        .expect("it is kept")
}

fn version_of(ports: &Ports, study: &Study) -> Option<CodebookVersion> {
    let study = ports.studies.study(study.id).expect("read");
    study.expect("it is there").codebook
}

pub fn a_codebook_that_changes_something_is_the_next_version(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    assert_eq!(version_of(ports, &one), None);
    let account = ports
        .accounts
        .create_user(&new_account("mia"), Role::Researcher, at(0))
        .expect("made");
    let first = NewCodebook {
        format: CodebookFormat::Json,
        by: Some(account.id),
        ..codebook("{\"é\":\"🎮 ‏א\"}")
    };
    let made = ports.codebooks.put_codebook(one.id, &first, None, at(1));
    assert_eq!(made.expect("kept"), CodebookPut::Made(CodebookVersion(1)));
    let same = put(ports, &one, &first.text, at(2));
    assert_eq!(same, CodebookPut::Same(CodebookVersion(1)));
    assert_eq!(
        put(ports, &one, "b", at(3)),
        CodebookPut::Made(CodebookVersion(2))
    );
    // What it meant before is a change from what it means now.
    assert_eq!(
        put(ports, &one, &first.text, at(4)),
        CodebookPut::Made(CodebookVersion(3))
    );
    assert_eq!(
        put(ports, &two, "b", at(5)),
        CodebookPut::Made(CodebookVersion(1)),
        "numbers are of one study"
    );
    assert_eq!(version_of(ports, &one), Some(CodebookVersion(3)));
    let read = |version| {
        let found = ports.codebooks.codebook(one.id, CodebookVersion(version));
        found.expect("read")
    };
    let kept = read(1).expect("the first is still there");
    assert_eq!(kept.text, first.text);
    let summary = &kept.summary;
    assert_eq!(
        (summary.format, summary.hash, summary.created_at),
        (CodebookFormat::Json, first.hash, at(1))
    );
    assert_eq!(summary.created_by, Some(account.id));
    assert_eq!((read(0), read(4)), (None, None));
    let list = |number, size| {
        let found = ports.codebooks.codebooks(one.id, &page(number, size));
        let found = found.expect("a page");
        let versions = found.items.iter().map(|one| one.version.0);
        (versions.collect::<Vec<_>>(), found.total)
    };
    assert_eq!(list(1, 2), (vec![3, 2], 3));
    assert_eq!(list(2, 2), (vec![1], 3));
    ports.people.delete_user(account.id, None).expect("gone");
    assert_eq!(
        read(1).expect("kept").summary.created_by,
        None::<AccountId>,
        "whoever left is named no more"
    );
}

pub fn a_codebook_changes_only_from_the_version_that_was_seen(ports: &Ports) {
    let study = study(ports, "s");
    let put = |text, seen| {
        let codebooks = &ports.codebooks;
        codebooks.put_codebook(study.id, &codebook(text), Some(seen), at(1))
    };
    let first = Some(CodebookVersion(1));
    assert!(matches!(put("a", first), Err(StoreError::Stale)));
    assert!(put("a", None).is_ok());
    assert!(matches!(put("b", None), Err(StoreError::Stale)));
    assert!(put("b", first).is_ok());
    assert!(matches!(put("c", first), Err(StoreError::Stale)));
    let nowhere = crate::StudyId(study.id.0 + 99);
    let lost = ports
        .codebooks
        .put_codebook(nowhere, &codebook("a"), None, at(1));
    assert!(matches!(lost, Err(StoreError::NotFound)), "{lost:?}");
}

pub fn of_codebooks_put_at_once_no_two_have_one_number(ports: &Ports) {
    let study = study(ports, "s");
    let start = Barrier::new(8);
    let versions: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|n| {
                let (start, study) = (&start, &study);
                scope.spawn(move || {
                    start.wait();
                    (0..4)
                        .map(|k| put(ports, study, &format!("{n} {k}"), at(1)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("it ends"))
            .collect()
    });
    let mut made: Vec<_> = versions
        .iter()
        .map(|put| match put {
            CodebookPut::Made(version) => version.0,
            CodebookPut::Same(_) => panic!("no two were the same"),
        })
        .collect();
    made.sort_unstable();
    assert_eq!(made, (1..=32).collect::<Vec<_>>());
    assert_eq!(version_of(ports, &study), Some(CodebookVersion(32)));
}

pub fn a_new_codebook_changes_the_revision_of_the_entries_and_of_the_study(ports: &Ports) {
    let study = study(ports, "s");
    let state = || {
        let scope = StudyScope::Only(vec![study.id]);
        let entries = ports.logs.revision(&scope).expect("a revision");
        let row = ports.studies.study(study.id).expect("read");
        (entries, row.expect("it is there").revision)
    };
    let before = state();
    put(ports, &study, "a", at(1));
    let after = state();
    assert_ne!(before.0, after.0);
    assert_ne!(before.1, after.1);
    put(ports, &study, "a", at(2));
    assert_eq!(state(), after, "nothing has changed");
}

pub fn an_entry_remembers_the_codebook_that_it_was_checked_against(ports: &Ports) {
    let study = study(ports, "s");
    let mut checked = entry(&study, 1);
    checked.codebook = Some(CodebookVersion(7));
    send(ports, &[checked.clone(), entry(&study, 2)]);
    let versions: Vec<_> = stored(ports, &study).iter().map(|e| e.codebook).collect();
    assert_eq!(versions, [checked.codebook, None]);
    // The version does not belong to what happened.
    let mut again = checked;
    again.codebook = None;
    assert!(matches!(send(ports, &[again])[..], [Outcome::Duplicate(_)]));
}
