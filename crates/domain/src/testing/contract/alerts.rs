//! Alerts.
#![expect(missing_docs, reason = "the names say it")]

use super::*;
use crate::{Alert, AlertFilter, AlertKind, AlertState, NewAlert, Study, StudyId};

fn silent(study: &Study, seconds: f64) -> NewAlert {
    NewAlert {
        kind: AlertKind::StudySilent,
        study: Some(study.id),
        server: None,
        value: seconds,
        threshold: 600.0,
    }
}

fn full(server: &str) -> NewAlert {
    NewAlert {
        kind: AlertKind::DiskNearlyFull,
        study: None,
        server: Some(server.to_owned()),
        value: 0.05,
        threshold: 0.1,
    }
}

fn raise(ports: &Ports, new: &NewAlert, second: i64) -> bool {
    ports.alerts.raise_alert(new, at(second)).expect("kept")
}

fn alerts(ports: &Ports, study: Option<&Study>, state: Option<AlertState>) -> Vec<Alert> {
    let study = study.map(|study| study.id);
    let filter = AlertFilter { study, state };
    let found = ports.alerts.alerts(&filter, &page(1, 100)).expect("read");
    assert_eq!(found.total, found.items.len() as u64);
    found.items
}

pub fn what_holds_is_raised_once_and_again_after_it_was_resolved(ports: &Ports) {
    let study = study(ports, "castle");
    assert!(raise(ports, &silent(&study, 601.0), 10));
    assert!(!raise(ports, &silent(&study, 661.0), 70));
    let found = alerts(ports, Some(&study), None);
    let [one] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(one.about, silent(&study, 661.0));
    assert_eq!(one.slug.as_ref(), Some(&study.slug));
    assert_eq!((one.raised_at, one.seen_at), (at(10), at(70)));
    assert_eq!(one.state(), AlertState::Raised);
    assert!(ports.alerts.resolve_alert(one.id, at(80)).expect("kept"));
    assert!(!ports.alerts.resolve_alert(one.id, at(90)).expect("kept"));
    assert!(raise(ports, &silent(&study, 700.0), 100));
    let both = alerts(ports, None, None);
    assert_eq!(both.len(), 2);
    assert_eq!(both[0].raised_at, at(100));
    assert_eq!(both[1].resolved_at, Some(at(80)));
    assert_eq!(both[1].about.value, 661.0);
    assert_eq!(alerts(ports, None, Some(AlertState::Raised)), both[..1]);
    assert_eq!(alerts(ports, None, Some(AlertState::Resolved)), both[1..]);
}

pub fn alerts_are_listed_by_study_and_each_server_has_its_own(ports: &Ports) {
    let (castle, maze) = (study(ports, "castle"), study(ports, "maze"));
    assert!(raise(ports, &silent(&castle, 601.0), 10));
    assert!(raise(ports, &silent(&maze, 601.0), 20));
    assert!(raise(ports, &full("one"), 30));
    assert!(raise(ports, &full("two"), 40));
    assert!(!raise(ports, &full("one"), 50));
    assert_eq!(alerts(ports, Some(&castle), None).len(), 1);
    let all = alerts(ports, None, None);
    let servers: Vec<_> = all.iter().map(|one| one.about.server.as_deref()).collect();
    assert_eq!(servers, [Some("two"), Some("one"), None, None]);
    let second = ports
        .alerts
        .alerts(&AlertFilter::default(), &page(2, 3))
        .expect("read");
    assert_eq!((second.total, second.items.len()), (4, 1));
    assert_eq!(second.items[0].slug.as_ref(), Some(&castle.slug));
    let nobody = NewAlert {
        study: Some(StudyId(4711)),
        ..silent(&castle, 1.0)
    };
    let refused = ports.alerts.raise_alert(&nobody, at(1));
    assert!(matches!(refused, Err(StoreError::NotFound)), "{refused:?}");
}

pub fn each_state_of_an_alert_is_told_by_one(ports: &Ports) {
    let waiting = |second| ports.alerts.alerts_to_tell(at(second), 10).expect("read");
    assert!(raise(ports, &full("one"), 10));
    assert_eq!(waiting(9), []);
    let seen = waiting(10).remove(0);
    let begin = |seen: &Alert, next: Option<i64>| {
        ports
            .alerts
            .begin_to_tell(seen, next.map(at))
            .expect("kept")
    };
    assert!(begin(&seen, Some(70)));
    assert!(!begin(&seen, Some(71)), "somebody else tells it");
    assert_eq!(waiting(69), []);
    // It was not told: it waits again.
    let again = waiting(70).remove(0);
    assert_eq!(again.tries, 1);
    assert!(begin(&again, Some(200)));
    ports.alerts.alert_told(&again).expect("kept");
    assert_eq!(waiting(10_000), []);
    assert!(ports.alerts.resolve_alert(seen.id, at(300)).expect("kept"));
    let resolved = waiting(300).remove(0);
    assert_eq!(
        (resolved.state(), resolved.tries),
        (AlertState::Resolved, 0)
    );
    // Whoever told the state before says nothing of this one.
    ports.alerts.alert_told(&again).expect("kept");
    assert!(!begin(&seen, None));
    assert_eq!(waiting(300).len(), 1);
    assert!(begin(&resolved, None));
    assert_eq!(waiting(10_000), []);
}

pub fn of_many_who_raise_an_alert_at_once_one_does(ports: &Ports) {
    let study = study(ports, "castle");
    let raised: usize = std::thread::scope(|scope| {
        let each = |_| scope.spawn(|| usize::from(raise(ports, &silent(&study, 601.0), 10)));
        let threads: Vec<_> = (0..8).map(each).collect();
        let ended = threads.into_iter().map(|thread| thread.join());
        ended.map(|one| one.expect("a thread")).sum()
    });
    assert_eq!(raised, 1);
    assert_eq!(alerts(ports, None, None).len(), 1);
}

pub fn alerts_that_were_resolved_long_ago_are_forgotten(ports: &Ports) {
    let study = study(ports, "castle");
    assert!(raise(ports, &silent(&study, 601.0), 10));
    assert!(raise(ports, &full("one"), 10));
    let of_study = alerts(ports, Some(&study), None).remove(0);
    assert!(
        ports
            .alerts
            .resolve_alert(of_study.id, at(20))
            .expect("kept")
    );
    assert_eq!(ports.alerts.forget_alerts(at(20)).expect("done"), 0);
    assert_eq!(ports.alerts.forget_alerts(at(21)).expect("done"), 1);
    assert_eq!(alerts(ports, None, None).len(), 1);
}
