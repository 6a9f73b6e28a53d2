//! The information notices of a study.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{NewNotice, NoticePut, NoticeVersion, Study, Timestamp};
use std::sync::Barrier;

pub(super) fn notice(language: &str, text: &str) -> NewNotice {
    NewNotice {
        language: language.to_owned(),
        text: text.to_owned(),
        by: None,
    }
}

fn put(ports: &Ports, study: &Study, language: &str, text: &str, now: Timestamp) -> NoticePut {
    ports
        .notices
        .put_notice(study.id, &notice(language, text), None, now)
        .expect("it is kept")
}

pub fn a_notice_that_says_something_else_is_the_next_version(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    let account = ports
        .accounts
        .create_user(&new_account("mia"), Role::Researcher, at(0))
        .expect("made");
    let first = NewNotice {
        by: Some(account.id),
        ..notice("fr", "# Bonjour 🎮\n\n‏א")
    };
    let made = ports.notices.put_notice(one.id, &first, None, at(1));
    assert_eq!(made.expect("kept"), NoticePut::Made(NoticeVersion(1)));
    let same = put(ports, &one, "fr", &first.text, at(2));
    assert_eq!(same, NoticePut::Same(NoticeVersion(1)));
    // In another language it is another one, under a number of the same row.
    let english = put(ports, &one, "en", &first.text, at(3));
    assert_eq!(english, NoticePut::Made(NoticeVersion(2)));
    let third = put(ports, &one, "fr", "# Bonsoir", at(4));
    assert_eq!(third, NoticePut::Made(NoticeVersion(3)));
    let back = put(ports, &one, "fr", &first.text, at(5));
    assert_eq!(back, NoticePut::Made(NoticeVersion(4)));
    let other = put(ports, &two, "fr", "# Bonjour", at(6));
    assert_eq!(other, NoticePut::Made(NoticeVersion(1)));
    let read = |version| {
        let found = ports.notices.notice(one.id, NoticeVersion(version));
        found.expect("read")
    };
    let kept = read(1).expect("the first is still there");
    assert_eq!(kept.text, first.text);
    assert_eq!(kept.summary.hash, first.hash());
    assert_eq!(kept.summary.language, "fr");
    assert_eq!(kept.summary.created_at, at(1));
    assert_eq!(kept.summary.created_by, Some(account.id));
    assert_eq!(read(5), None);
    let listed = ports.notices.notices(one.id, &page(1, 3)).expect("read");
    let versions: Vec<_> = listed.items.iter().map(|one| one.version.0).collect();
    assert_eq!((listed.total, versions), (4, vec![4, 3, 2]));
}

pub fn a_notice_holds_in_each_language_until_the_next(ports: &Ports) {
    let study = study(ports, "s");
    let holds = || {
        let found = ports.notices.notices_in_force(study.id).expect("read");
        let of = |one: crate::NoticeSummary| (one.language, one.version.0);
        found.into_iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(holds(), []);
    put(ports, &study, "fr", "un", at(0));
    put(ports, &study, "en", "one", at(0));
    put(ports, &study, "fr", "deux", at(0));
    assert_eq!(holds(), [("fr".to_owned(), 3), ("en".to_owned(), 2)]);
}

pub fn a_notice_changes_only_from_the_version_that_was_seen(ports: &Ports) {
    let study = study(ports, "s");
    let put = |language, text, seen: Option<i32>| {
        let seen = Some(seen.map(NoticeVersion));
        let new = notice(language, text);
        ports.notices.put_notice(study.id, &new, seen, at(0))
    };
    assert!(matches!(put("fr", "un", Some(1)), Err(StoreError::Stale)));
    assert_eq!(
        put("fr", "un", None).expect("kept"),
        NoticePut::Made(NoticeVersion(1))
    );
    assert!(matches!(put("fr", "deux", None), Err(StoreError::Stale)));
    // Of another language there is none.
    assert_eq!(
        put("en", "one", None).expect("kept"),
        NoticePut::Made(NoticeVersion(2))
    );
    assert_eq!(
        put("fr", "deux", Some(1)).expect("kept"),
        NoticePut::Made(NoticeVersion(3))
    );
    let nowhere =
        ports
            .notices
            .put_notice(crate::StudyId(9_999_999), &notice("fr", "un"), None, at(0));
    assert!(matches!(nowhere, Err(StoreError::NotFound)), "{nowhere:?}");
}

pub fn of_notices_put_at_once_no_two_have_one_number(ports: &Ports) {
    const AT_ONCE: usize = 4;
    let study = study(ports, "s");
    let (study, barrier) = (&study, &Barrier::new(AT_ONCE));
    let mut versions: Vec<i32> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE)
            .map(|n| {
                scope.spawn(move || {
                    barrier.wait();
                    put(ports, study, "fr", &format!("n° {n}"), at(0))
                        .version()
                        .0
                })
            })
            .collect();
        let done = threads
            .into_iter()
            .map(|thread| thread.join().expect("done"));
        done.collect()
    });
    versions.sort_unstable();
    assert_eq!(versions, [1, 2, 3, 4]);
}
