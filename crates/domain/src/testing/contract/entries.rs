//! How entries are written.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::QuarantineFilter;

pub fn what_went_in_comes_out_to_the_letter(ports: &Ports) {
    let study = study(ports, "s");
    let mut bare = entry(&study, 2);
    (
        bare.content.session,
        bare.content.sequence,
        bare.content.payload,
    ) = (None, None, None);
    let mut full = entry(&study, 1);
    full.content.sent_at = Some(at(-3));
    full.content.session = Some("une séance 🎮 ".trim().parse().expect("a session"));
    full.content.payload = Some(Payload::from_checked(
        "{ \"b\":1.10,\r\n \"a\":\"é🎮\\u00e9\", \"n\":9007199254740993 }",
    ));
    let outcomes = send(ports, &[full.clone(), bare.clone()]);
    let [Outcome::Accepted(one), Outcome::Accepted(two)] = outcomes[..] else {
        panic!("{outcomes:?}")
    };
    assert!(one < two);
    let expected = [
        StoredEntry::new(&full, one, at(1000)),
        StoredEntry::new(&bare, two, at(1000)),
    ];
    assert_eq!(stored(ports, &study), expected);
}

pub fn a_batch_sent_twice_is_stored_once(ports: &Ports) {
    let study = study(ports, "s");
    let first = send(ports, &entries(&study, 0..1200));
    assert_eq!(accepted(&first), 1200);
    let again = send(
        ports,
        &[entry(&study, 3), entry(&study, 5000), entry(&study, 1100)],
    );
    let Outcome::Accepted(third) = first[3] else {
        panic!("{:?}", first[3])
    };
    assert_eq!(again[0], Outcome::Duplicate(third));
    assert!(
        matches!(again[1..], [Outcome::Accepted(_), Outcome::Duplicate(_)]),
        "{again:?}"
    );
    assert_eq!(ports.logs.counts(study.id).expect("counts").entries, 1201);
    let original = ports
        .logs
        .entry_by_id(player(0), entry(&study, 3).id)
        .expect("read")
        .expect("stored");
    assert_eq!(original.received_at, at(1000));
}

pub fn the_same_id_twice_in_one_submission_is_stored_once(ports: &Ports) {
    let study = study(ports, "s");
    let mut other = entry(&study, 1);
    other.content.action = "other".parse().expect("an action");
    let outcomes = send(ports, &[entry(&study, 1), entry(&study, 1), other]);
    let Outcome::Accepted(number) = outcomes[0] else {
        panic!("{outcomes:?}")
    };
    assert_eq!(
        outcomes[1..],
        [Outcome::Duplicate(number), Outcome::Conflict]
    );
    assert_eq!(stored(ports, &study).len(), 1);
}

pub fn two_participants_may_use_the_same_id(ports: &Ports) {
    let study = study(ports, "s");
    let mut other = entry(&study, 1);
    other.pseudonym = player(1);
    assert_eq!(accepted(&send(ports, &[entry(&study, 1), other])), 2);
}

pub fn the_same_id_with_other_content_is_a_conflict_and_writes_nothing(ports: &Ports) {
    let study = study(ports, "s");
    send(ports, &[entry(&study, 1)]);
    let before = stored(ports, &study);
    let changes: [fn(&mut NewEntry); 5] = [
        |e| e.content.action = "other".parse().expect("an action"),
        |e| e.content.session = None,
        |e| e.content.sequence = None,
        |e| e.content.occurred_at = at(77),
        |e| e.content.payload = Some(Payload::from_checked("{}")),
    ];
    for change in changes {
        let mut other = entry(&study, 1);
        change(&mut other);
        assert_eq!(send(ports, &[other]), [Outcome::Conflict]);
    }
    let mut later = entry(&study, 1);
    later.content.sent_at = Some(at(99));
    assert!(matches!(send(ports, &[later])[..], [Outcome::Duplicate(_)]));
    assert_eq!(stored(ports, &study), before);
}

pub fn two_spellings_of_one_payload_are_the_same_content(ports: &Ports) {
    let study = study(ports, "s");
    send(ports, &[entry(&study, 1)]);
    let mut spelt = entry(&study, 1);
    spelt.content.payload = Some(Payload::from_checked(r#"{"b":11e-1,"n":1.0}"#));
    assert!(matches!(send(ports, &[spelt])[..], [Outcome::Duplicate(_)]));
}

pub fn a_strict_submission_in_conflict_writes_nothing(ports: &Ports) {
    let study = study(ports, "s");
    send(ports, &[entry(&study, 1)]);
    let mut conflict = entry(&study, 1);
    conflict.content.session = None;
    let arrivals = [
        entry(&study, 2),
        conflict,
        entry(&study, 1),
        entry(&study, 3),
    ]
    .map(Arrival::Entry)
    .to_vec();
    let outcomes = submit(ports, arrivals, 1000, true);
    assert!(
        matches!(
            outcomes[..],
            [
                Outcome::Withheld,
                Outcome::Conflict,
                Outcome::Duplicate(_),
                Outcome::Withheld
            ]
        ),
        "{outcomes:?}"
    );
    assert_eq!(stored(ports, &study).len(), 1);
    let sound = [entry(&study, 2), entry(&study, 1)]
        .map(Arrival::Entry)
        .to_vec();
    assert!(matches!(
        submit(ports, sound, 1000, true)[..],
        [Outcome::Accepted(_), Outcome::Duplicate(_)]
    ));
}

pub fn a_misfit_sent_again_is_kept_once(ports: &Ports) {
    let study = study(ports, "s");
    let misfit = misfit(&study, r#"{"sequence":4,"timestamp":"é🎮"}"#);
    let first = submit(ports, vec![Arrival::Misfit(misfit.clone())], 1000, false);
    let twice = vec![
        Arrival::Misfit(misfit.clone()),
        Arrival::Misfit(misfit.clone()),
    ];
    assert_eq!(submit(ports, twice, 2000, false), [first[0], first[0]]);
    let kept = ports
        .quarantine
        .quarantine(study.id, &QuarantineFilter::default(), &page(1, 10))
        .expect("quarantine");
    assert_eq!(kept.total, 1);
    assert_eq!(
        (&kept.items[0].misfit, kept.items[0].received_at),
        (&misfit.misfit, at(1000))
    );
    let one = ports
        .quarantine
        .quarantined(study.id, kept.items[0].id)
        .expect("quarantine");
    assert_eq!(one.as_ref(), Some(&kept.items[0]));
    assert_eq!(ports.logs.counts(study.id).expect("counts").quarantined, 1);
}

pub fn alike_misfits_that_nothing_tells_apart_are_each_kept(ports: &Ports) {
    let study = study(ports, "s");
    let misfit = Arrival::Misfit(misfit(&study, r#"{"timestamp":"then"}"#));
    submit(ports, vec![misfit.clone(), misfit], 1000, false);
    assert_eq!(
        ports
            .quarantine
            .quarantine(study.id, &QuarantineFilter::default(), &page(1, 10))
            .expect("quarantine")
            .total,
        2
    );
}

pub fn entries_and_misfits_of_one_submission_keep_their_places(ports: &Ports) {
    let study = study(ports, "s");
    send(ports, &[entry(&study, 2)]);
    let arrivals = vec![
        Arrival::Entry(entry(&study, 1)),
        Arrival::Misfit(misfit(&study, "5")),
        Arrival::Entry(entry(&study, 2)),
        Arrival::Entry(entry(&study, 3)),
    ];
    let outcomes = submit(ports, arrivals, 1000, false);
    use Outcome::{Accepted, Duplicate, Quarantined};
    assert!(
        matches!(
            outcomes[..],
            [Accepted(_), Quarantined(_), Duplicate(_), Accepted(_)]
        ),
        "{outcomes:?}"
    );
}

pub fn eight_threads_with_overlapping_batches_store_each_entry_once(ports: &Ports) {
    let study = study(ports, "s");
    let accepted: usize = std::thread::scope(|scope| {
        let (ports, study) = (&ports, &study);
        let threads: Vec<_> = (0..8_i64)
            .map(|thread| {
                scope.spawn(move || {
                    let mut count = 0;
                    for round in 0..20 {
                        // Half of every batch is shared by all the threads, in a different order in each.
                        let mut batch = entries(study, round * 20..round * 20 + 20);
                        batch.extend(entries(
                            study,
                            (thread + 1) * 100_000 + round * 20
                                ..(thread + 1) * 100_000 + round * 20 + 20,
                        ));
                        let shift = (thread * 7 + round * 3) as usize % batch.len();
                        batch.rotate_left(shift);
                        if thread % 2 == 1 {
                            batch.reverse();
                        }
                        // A third of the batches are sent again, as after an answer that was lost.
                        for _ in 0..1 + (thread + round) % 3 / 2 {
                            count += accepted(&send(ports, &batch));
                        }
                    }
                    count
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no thread panics"))
            .sum()
    });
    assert_eq!(accepted, 400 + 8 * 400);
    let counts = ports.logs.counts(study.id).expect("counts");
    assert_eq!(counts.entries, accepted as u64);
    let mut ids: Vec<EntryId> = Vec::new();
    let mut take = |e: StoredEntry| {
        ids.push(e.id);
        ControlFlow::Continue(())
    };
    ports
        .logs
        .scan(study.id, &LogFilter::default(), &mut take)
        .expect("a scan");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), accepted);
}
