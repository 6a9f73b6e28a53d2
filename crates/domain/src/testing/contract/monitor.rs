//! How a store is.
#![expect(missing_docs, reason = "the names say it")]

use super::*;

pub fn what_is_committed_is_counted(ports: &Ports) {
    let study = study(ports, "castle");
    let before = ports.monitor.load();
    send(ports, &entries(&study, 0..5));
    let load = ports.monitor.load();
    assert!(load.commit_rows.sum - before.commit_rows.sum >= 5.0);
    assert!(load.commit_rows.count() > before.commit_rows.count());
    assert_eq!(load.commit_rows.count(), load.commit_seconds.count());
    assert!(load.commit_seconds.sum >= 0.0);
    assert_eq!((load.queue.rows, load.queue.bytes), (0, 0));
    assert!(load.queue.max_rows > 0 && load.queue.max_bytes > 0);
    assert!(load.pools.iter().any(|pool| pool.name == "read"));
    assert!(
        load.pools
            .iter()
            .all(|pool| pool.busy + pool.idle <= pool.max)
    );
}

pub fn a_study_tells_when_something_last_arrived(ports: &Ports) {
    let (castle, maze) = (study(ports, "castle"), study(ports, "maze"));
    let last = |study: &crate::Study| ports.monitor.last_received(study.id).expect("told");
    assert_eq!(last(&castle), None);
    for (n, second) in [(0, 1000), (1, 1010), (2, 1005)] {
        let arrival = Arrival::Entry(entry(&castle, n));
        submit(ports, vec![arrival], second, false);
    }
    assert_eq!(last(&castle), Some(at(1010)));
    assert_eq!(last(&maze), None);
}

pub fn an_archive_tells_how_large_it_is(ports: &Ports) {
    assert!(ports.monitor.database_bytes().expect("told") > 0);
}
