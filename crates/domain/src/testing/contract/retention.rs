//! Taking out what is old.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{EntryStatus, Expired, Traces};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(60);

pub fn what_is_older_than_that_loses_its_content_and_nothing_else(ports: &Ports) {
    let (here, there) = (study(ports, "here"), study(ports, "there"));
    let arrive = |study: &crate::Study, n: i64, received: i64| {
        let entry = Arrival::Entry(entry(study, n));
        let text = Arrival::Misfit(misfit(study, &format!(r#"{{"id":{n}}}"#)));
        submit(ports, vec![entry, text], received, false);
    };
    for n in 0..3 {
        arrive(&here, n, 1000 * n);
    }
    arrive(&there, 7, 0);
    let retention = &ports.retention;
    let expired = |entries, quarantined| Expired {
        entries,
        quarantined,
    };
    assert_eq!(
        retention.expired(here.id, at(1000)).expect("counted"),
        expired(1, 1)
    );
    assert_eq!(
        retention.expired(here.id, at(1001)).expect("counted"),
        expired(2, 2)
    );
    let revision = || {
        let scope = StudyScope::Only(vec![here.id]);
        ports.logs.revision(&scope).expect("a revision")
    };
    let before = revision();
    let done = retention.expire(here.id, at(1001), WITHIN).expect("done");
    assert_eq!(done, expired(2, 2));
    assert_ne!(revision(), before);
    let settled = revision();
    let again = retention.expire(here.id, at(1001), WITHIN).expect("done");
    assert!(again.is_empty());
    assert_eq!(revision(), settled);
    let left: Vec<_> = stored(ports, &here)
        .into_iter()
        .map(|entry| (entry.status, entry.payload.is_some()))
        .collect();
    let gone = (EntryStatus::Deleted, false);
    assert_eq!(left, [gone, gone, (EntryStatus::Accepted, true)]);
    let counts = ports.logs.counts(here.id).expect("counts");
    assert_eq!(
        (counts.entries, counts.deleted, counts.quarantined),
        (1, 2, 1)
    );
    let counts = ports.logs.counts(there.id).expect("counts");
    assert_eq!((counts.entries, counts.quarantined), (1, 1));
}

pub fn a_round_is_taken_by_one_and_again_only_later(ports: &Ports) {
    let day = Duration::from_secs(86_400);
    let take = |name, seconds| {
        ports
            .retention
            .take_round(name, at(seconds), day)
            .expect("asked")
    };
    assert!(take("one", 0));
    assert!(!take("one", 0) && !take("one", 86_399));
    assert!(take("another", 5));
    assert!(take("one", 86_400) && !take("one", 86_401));
    let wins = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let taken = usize::from(take("contended", 0));
                wins.fetch_add(taken, std::sync::atomic::Ordering::SeqCst);
            });
        }
    });
    assert_eq!(wins.into_inner(), 1, "one of all servers does it");
}

pub fn what_somebody_has_is_counted(ports: &Ports) {
    let study = study(ports, "s");
    let enrolled = ports.accounts.enrol(study.id, &[new_account("ada")], at(0));
    let ada = enrolled.expect("enrolled").remove(0);
    send(ports, &entries(&study, 0..3));
    submit(
        ports,
        vec![Arrival::Misfit(misfit(&study, r#"{"id":1}"#))],
        0,
        false,
    );
    let grant = crate::NewGrant {
        id: crate::GrantId(uuid::Uuid::from_u128(1)),
        account: Some(ada.id),
        client: None,
        scope: "participant".into(),
        ends_at: None,
        refresh: None,
    };
    ports.grants.begin_grant(&grant, at(0)).expect("begun");
    let of = |traces| ports.erasure.belongings(ada.id, traces);
    let traces = Traces {
        study: study.id,
        pseudonym: player(0),
    };
    let all = of(Some(traces)).expect("counted");
    assert_eq!(
        (all.log_ins, all.memberships, all.entries, all.quarantined),
        (1, 0, 3, 1)
    );
    let alone = of(None).expect("counted");
    assert_eq!((alone.log_ins, alone.entries), (1, 0));
    ports.erasure.unlink(ada.id).expect("unlinked");
    assert!(matches!(of(None), Err(StoreError::NotFound)));
}
