//! The audit log: what is kept of it, how it is listed, and what is found out about it.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{
    AuditAction, AuditChain, AuditEvent, AuditFaultKind, AuditFilter, AuditKeys, AuditOutcome,
    AuditRecord, AuditRole, AuditTrail, AuditWitness, Slug, SubjectId, Testimony, Timestamp,
    verify_audit,
};
use sillage_pseudonym::RootKey;
use std::io;
use std::sync::{Arc, Barrier, Mutex};

/// A witness that keeps its text in memory.
#[derive(Default)]
struct Remembering(Mutex<Option<String>>);

impl AuditWitness for Remembering {
    fn recall(&self) -> io::Result<Option<String>> {
        Ok(self.0.lock().expect("whole").clone())
    }

    fn keep(&self, text: &str) -> io::Result<()> {
        *self.0.lock().expect("whole") = Some(text.to_owned());
        Ok(())
    }
}

fn keys() -> AuditKeys {
    AuditKeys::of(&RootKey::from_bytes([3; 32]))
}

fn chain(byte: u8) -> AuditChain {
    AuditChain::new([byte; 16])
}

fn trail(ports: &Ports, of: AuditChain) -> AuditTrail {
    AuditTrail::open(Arc::clone(&ports.audit), keys(), None, of).expect("no witness can fail")
}

fn event(action: AuditAction, at: Timestamp) -> AuditEvent {
    AuditEvent {
        at,
        actor: Some(keys().account(&SubjectId::new([1; 16]))),
        role: AuditRole::Manager,
        action,
        study: Some("castle".parse::<Slug>().expect("a slug")),
        subject: None,
        outcome: AuditOutcome::Done,
        request: Some("0190c1d2-7e1c".to_owned()),
    }
}

fn faults(ports: &Ports) -> Vec<(u64, AuditFaultKind)> {
    let report = verify_audit(&*ports.audit, &keys(), &[]).expect("read");
    let of = |fault: &crate::AuditFault| (fault.sequence, fault.kind);
    report.faults.iter().map(of).collect()
}

fn records(ports: &Ports, of: AuditChain) -> Vec<AuditRecord> {
    ports.audit.audit_chain(of, 0, 1000).expect("read")
}

pub fn a_chain_comes_out_as_it_was_written_and_holds(ports: &Ports) {
    let trail = trail(ports, chain(1));
    let bare = AuditEvent {
        actor: None,
        study: None,
        request: None,
        subject: Some(keys().client("castle-server")),
        outcome: AuditOutcome::Failed,
        ..event(AuditAction::LogIn, at(3))
    };
    let all = [
        event(AuditAction::ExportFull, at(1)),
        bare.clone(),
        event(AuditAction::ReadLogs, at(2)),
    ];
    trail.record(&all[..1]).expect("kept");
    trail.record(&all[1..]).expect("kept");
    trail.record(&[]).expect("nothing is no record");
    let found = records(ports, chain(1));
    let events: Vec<_> = found.iter().map(|one| one.event.clone()).collect();
    assert_eq!(events, all);
    let numbers: Vec<_> = found.iter().map(|one| one.sequence).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(found[2].previous, found[1].hash);
    assert_eq!(
        ports.audit.audit_head(chain(1)).expect("read").as_ref(),
        found.last()
    );
    assert_eq!(ports.audit.audit_head(chain(2)).expect("read"), None);
    assert_eq!(
        ports.audit.audit_chain(chain(1), 1, 1).expect("read"),
        found[1..2]
    );
    assert_eq!(ports.audit.audit_chains().expect("read"), [chain(1)]);
    assert_eq!(faults(ports), []);
}

pub fn a_place_in_a_chain_is_given_once(ports: &Ports) {
    let first = keys().seal(
        chain(1),
        1,
        crate::AuditHash::NONE,
        event(AuditAction::LogIn, at(1)),
    );
    let second = keys().seal(chain(1), 2, first.hash, event(AuditAction::LogIn, at(1)));
    let store = &ports.audit;
    store
        .append_audit(std::slice::from_ref(&first))
        .expect("kept");
    let again = store.append_audit(&[second, first.clone()]);
    assert!(matches!(again, Err(StoreError::Stale)), "{again:?}");
    assert_eq!(records(ports, chain(1)), [first]);
}

/// A server and a command on it write one chain; other servers write theirs.
pub fn of_many_who_write_chains_at_once_no_record_is_lost(ports: &Ports) {
    const AT_ONCE: usize = 4;
    const EACH: usize = 5;
    let barrier = &Barrier::new(AT_ONCE);
    std::thread::scope(|scope| {
        for n in 0..AT_ONCE {
            let trail = trail(ports, chain(1 + (n % 2) as u8));
            scope.spawn(move || {
                barrier.wait();
                for _ in 0..EACH {
                    let new = event(AuditAction::ReadLogs, at(1));
                    trail.record(&[new]).expect("kept");
                }
            });
        }
    });
    for of in [chain(1), chain(2)] {
        assert_eq!(records(ports, of).len(), AT_ONCE / 2 * EACH);
    }
    assert_eq!(faults(ports), []);
}

pub fn records_are_listed_by_what_the_filter_says(ports: &Ports) {
    let other: Slug = "maze".parse().expect("a slug");
    let one = keys().account(&SubjectId::new([7; 16]));
    let about = AuditEvent {
        subject: Some(one),
        ..event(AuditAction::ResetPassword, at(2))
    };
    let elsewhere = AuditEvent {
        study: Some(other.clone()),
        actor: Some(one),
        ..event(AuditAction::ReadLogs, at(3))
    };
    trail(ports, chain(1))
        .record(&[event(AuditAction::ReadLogs, at(1)), about])
        .expect("kept");
    trail(ports, chain(2)).record(&[elsewhere]).expect("kept");
    let times = |filter: &AuditFilter| {
        let found = ports.audit.audit_page(filter, &page(1, 10)).expect("read");
        assert_eq!(found.total, found.items.len() as u64);
        let all = ports.audit.audit_after(filter, 0, 10).expect("read");
        let forth: Vec<_> = all.iter().map(|one| one.record.event.at).collect();
        let mut back: Vec<_> = found.items.iter().map(|one| one.record.event.at).collect();
        back.reverse();
        assert_eq!(forth, back);
        forth
    };
    let any = AuditFilter::default;
    assert_eq!(times(&any()), [at(1), at(2), at(3)]);
    assert_eq!(
        times(&AuditFilter {
            study: Some(other),
            ..any()
        }),
        [at(3)]
    );
    assert_eq!(
        times(&AuditFilter {
            subject: Some(one),
            ..any()
        }),
        [at(2)]
    );
    assert_eq!(
        times(&AuditFilter {
            actor: Some(one),
            ..any()
        }),
        [at(3)]
    );
    let read = vec![AuditAction::ReadLogs, AuditAction::Export];
    assert_eq!(
        times(&AuditFilter {
            actions: read,
            ..any()
        }),
        [at(1), at(3)]
    );
    let (from, to) = (Some(at(2)), Some(at(3)));
    assert_eq!(times(&AuditFilter { from, to, ..any() }), [at(2)]);
    let second = ports.audit.audit_page(&any(), &page(2, 2)).expect("read");
    assert_eq!((second.total, second.items[0].record.event.at), (3, at(1)));
    let all = ports.audit.audit_after(&any(), 0, 2).expect("read");
    assert_eq!(all.len(), 2);
    let rest = ports
        .audit
        .audit_after(&any(), all[1].number, 2)
        .expect("read");
    assert_eq!(rest.len(), 1);
}

pub fn a_forged_record_is_found(ports: &Ports) {
    let trail = trail(ports, chain(1));
    trail
        .record(&[event(AuditAction::ReadLogs, at(1))])
        .expect("kept");
    // Somebody who can write to the database, and has another root key, adds one that fits the hashes.
    let head = ports
        .audit
        .audit_head(chain(1))
        .expect("read")
        .expect("one");
    let theirs = AuditKeys::of(&RootKey::from_bytes([4; 32]));
    let forged = theirs.seal(chain(1), 2, head.hash, event(AuditAction::LogIn, at(2)));
    ports.audit.append_audit(&[forged]).expect("kept");
    // Or leaves one out, or writes after something that never was.
    let odd = keys().seal(chain(1), 4, head.hash, event(AuditAction::LogIn, at(2)));
    let bent = keys().seal(chain(1), 5, head.hash, event(AuditAction::LogIn, at(2)));
    let mut changed = keys().seal(
        chain(1),
        6,
        bent.hash,
        event(AuditAction::ExportFull, at(2)),
    );
    changed.event.action = AuditAction::Export;
    ports
        .audit
        .append_audit(&[odd, bent, changed])
        .expect("kept");
    let expected = [
        (2, AuditFaultKind::Forged),
        (4, AuditFaultKind::Missing),
        (5, AuditFaultKind::Unlinked),
        (6, AuditFaultKind::Changed),
    ];
    assert_eq!(faults(ports), expected);
}

pub fn a_chain_that_was_cut_off_is_found_by_what_was_said_before(ports: &Ports) {
    let witness = Arc::new(Remembering::default());
    let open = |new| {
        let witness = Arc::clone(&witness) as Arc<dyn AuditWitness>;
        AuditTrail::open(Arc::clone(&ports.audit), keys(), Some(witness), new).expect("opened")
    };
    let trail = open(chain(1));
    trail
        .record(&[
            event(AuditAction::ReadLogs, at(1)),
            event(AuditAction::LogIn, at(2)),
        ])
        .expect("kept");
    trail.checkpoint(at(3)).expect("said");
    // The witness knows whose chain it is.
    assert_eq!(open(chain(9)).chain(), chain(1));
    let said = |witness: &Remembering| {
        let text = witness.recall().expect("read").expect("there");
        Testimony::read(&text).expect("a testimony").checkpoints
    };
    let report = verify_audit(&*ports.audit, &keys(), &said(&witness)).expect("read");
    assert_eq!(
        (report.chains, report.records, report.checkpoints),
        (1, 2, 2)
    );
    assert_eq!(report.faults, []);
    assert_eq!(
        ports.audit.audit_checkpoints().expect("read"),
        said(&witness)
    );
    // A chain had come farther than it is, and another one is gone.
    let later = keys().seal(
        chain(1),
        7,
        crate::AuditHash::NONE,
        event(AuditAction::LogIn, at(4)),
    );
    let gone = keys().seal(
        chain(2),
        1,
        crate::AuditHash::NONE,
        event(AuditAction::LogIn, at(4)),
    );
    let cut = [
        keys().checkpoint(&later, at(5)),
        keys().checkpoint(&gone, at(5)),
    ];
    let mut forged = cut[0];
    forged.sequence = 8;
    let kinds = |told: &[crate::AuditCheckpoint]| -> Vec<_> {
        let report = verify_audit(&*ports.audit, &keys(), told).expect("read");
        report
            .faults
            .iter()
            .map(|one| (one.chain, one.sequence, one.kind))
            .collect()
    };
    let expected = [
        (chain(1), 2, AuditFaultKind::Truncated),
        (chain(2), 0, AuditFaultKind::Truncated),
    ];
    assert_eq!(kinds(&cut), expected);
    assert_eq!(
        kinds(&[forged]),
        [(chain(1), 8, AuditFaultKind::ForgedCheckpoint)]
    );
    // Whoever writes on leaves the gap open, so that it is found for ever.
    ports.audit.keep_audit_checkpoints(&cut[..1]).expect("kept");
    open(chain(1))
        .record(&[event(AuditAction::LogIn, at(6))])
        .expect("kept");
    assert_eq!(faults(ports), [(8, AuditFaultKind::Missing)]);
}

/// As somebody makes who can write to the database, and has no root key.
fn of_another(cut: &AuditRecord) -> crate::AuditCut {
    AuditKeys::of(&RootKey::from_bytes([4; 32])).cut(cut, at(9))
}

pub fn what_was_kept_long_enough_goes_at_the_beginning_of_each_chain_and_the_rest_holds(
    ports: &Ports,
) {
    let (one, two) = (trail(ports, chain(1)), trail(ports, chain(2)));
    let at_times = |times: &[i64]| -> Vec<_> {
        let of = |time: &i64| event(AuditAction::ReadLogs, at(*time));
        times.iter().map(of).collect()
    };
    one.record(&at_times(&[1, 2, 3, 10, 4, 11])).expect("kept");
    two.record(&at_times(&[1, 2])).expect("kept");
    one.checkpoint(at(12)).expect("said");
    assert_eq!(one.cut(at(1), at(12)).expect("cut").removed, 0);
    let done = one.cut(at(5), at(13)).expect("cut");
    // Up to the first that is younger; of the other chain, which is all old, the last stays.
    assert_eq!((done.removed, done.left), (4, vec![]));
    let left = |of| -> Vec<_> {
        let records = records(ports, of);
        records.iter().map(|one| one.sequence).collect()
    };
    assert_eq!(left(chain(1)), [4, 5, 6, 7]);
    assert_eq!(left(chain(2)), [2]);
    let head = |of| {
        let head = ports.audit.audit_head(of).expect("read");
        head.expect("a chain keeps its last record")
    };
    let last = head(chain(1)).event;
    let cut = (AuditAction::CutAudit, AuditRole::Server);
    assert_eq!((last.action, last.role), cut);
    let report = verify_audit(&*ports.audit, &keys(), &[]).expect("read");
    assert_eq!((report.faults, report.records, report.cuts), (vec![], 5, 2));
    // Chains go on behind it, and are cut again.
    two.record(&at_times(&[20])).expect("kept");
    one.record(&at_times(&[20])).expect("kept");
    let known = ports.audit.audit_cuts().expect("read");
    assert_eq!(one.cut(at(15), at(21)).expect("cut").removed, 5);
    assert_eq!(left(chain(1)), [8, 9]);
    assert_eq!(left(chain(2)), [3]);
    assert_eq!(faults(ports), []);
    // An older cut that is put back, or one that nobody with the root key made, hides nothing.
    let own = known.iter().find(|cut| cut.0.chain == chain(1));
    let own = own.expect("the chain was cut");
    ports.audit.cut_audit(own).expect("put back");
    assert_eq!(faults(ports), [(8, AuditFaultKind::Missing)]);
    let forged = of_another(&records(ports, chain(1))[0]);
    ports.audit.cut_audit(&forged).expect("put");
    let expected = [(8, AuditFaultKind::ForgedCut), (9, AuditFaultKind::Missing)];
    assert_eq!(faults(ports), expected);
}

pub fn a_chain_with_something_wrong_at_its_beginning_is_left_whole(ports: &Ports) {
    let trail = trail(ports, chain(1));
    let times = [1, 2].map(|time| event(AuditAction::ReadLogs, at(time)));
    trail.record(&times).expect("kept");
    let head = ports.audit.audit_head(chain(1)).expect("read");
    let head = head.expect("one was written");
    let theirs = AuditKeys::of(&RootKey::from_bytes([4; 32]));
    let forged = theirs.seal(chain(1), 3, head.hash, event(AuditAction::LogIn, at(3)));
    let after = keys().seal(chain(1), 4, forged.hash, event(AuditAction::LogIn, at(4)));
    ports.audit.append_audit(&[forged, after]).expect("kept");
    let done = trail.cut(at(5), at(6)).expect("looked at");
    assert_eq!((done.removed, done.left), (0, vec![chain(1)]));
    assert_eq!(records(ports, chain(1)).len(), 4);
    assert_eq!(faults(ports), [(3, AuditFaultKind::Forged)]);
}

pub fn a_long_beginning_goes_part_by_part(ports: &Ports) {
    let trail = trail(ports, chain(1));
    let many: Vec<_> = (0..1200)
        .map(|n| event(AuditAction::ReadLogs, at(n)))
        .collect();
    trail.record(&many).expect("kept");
    let done = trail.cut(at(1150), at(2000)).expect("cut");
    assert_eq!(done.removed, 1150);
    assert_eq!(records(ports, chain(1)).len(), 51);
    assert_eq!(faults(ports), []);
}
