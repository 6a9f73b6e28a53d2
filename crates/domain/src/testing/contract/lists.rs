//! How entries are read.
#![expect(missing_docs, reason = "the names say it")]

use super::*;

pub fn a_cursor_meets_every_entry_once(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    for n in 0..60 {
        let study = if n % 3 == 0 { &two } else { &one };
        send(ports, &[entry(study, n)]);
    }
    let mut seen = Vec::new();
    let mut after = LogNumber(0);
    loop {
        let query = LogQuery {
            window: Window::After(after),
            ..page_of(&one, 1, 7)
        };
        let part = ports.logs.page(&query).expect("the list can be read");
        assert_eq!(part.total, None);
        seen.extend(part.entries.iter().map(|e| e.sequence.map(|s| s.get())));
        match part.entries.last() {
            Some(last) if part.more => after = last.number,
            _ => break,
        }
    }
    assert_eq!(
        seen,
        (0..60).filter(|n| n % 3 != 0).map(Some).collect::<Vec<_>>()
    );
}

pub fn pages_cut_the_list_without_gap_or_overlap(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    for n in 0..30 {
        send(
            ports,
            &entries(if n % 4 == 0 { &two } else { &one }, n * 100..n * 100 + 100),
        );
    }
    for order in [LogOrder::Received, LogOrder::ReceivedDescending] {
        let everything = list(
            ports,
            &LogQuery {
                order,
                ..page_of(&two, 1, 1000)
            },
        );
        assert_eq!(everything.len(), 800);
        let mut cut = Vec::new();
        for n in 1..=9 {
            let part = ports
                .logs
                .page(&LogQuery {
                    order,
                    ..page_of(&two, n, 90)
                })
                .expect("a page");
            assert_eq!((part.total, part.more), (Some(800), n < 9));
            cut.extend(part.entries);
        }
        assert_eq!(cut, everything);
    }
    let beyond = ports.logs.page(&page_of(&two, 10, 90)).expect("a page");
    assert_eq!(
        (beyond.entries.len(), beyond.total, beyond.more),
        (0, Some(800), false)
    );
    let all = LogQuery {
        scope: StudyScope::All,
        ..page_of(&two, 30, 100)
    };
    let last = ports.logs.page(&all).expect("a page");
    assert_eq!(
        (last.entries.len(), last.total, last.more),
        (100, Some(3000), false)
    );
    let none = LogQuery {
        scope: StudyScope::Only(Vec::new()),
        ..page_of(&two, 1, 10)
    };
    assert_eq!(ports.logs.page(&none).expect("a page").total, Some(0));
}

pub fn every_filter_narrows(ports: &Ports) {
    let study = study(ports, "s");
    for n in 0..40 {
        let mut e = entry(&study, n);
        e.pseudonym = player(n as u64 % 2);
        e.content.action = ["a", "b", "c"][n as usize % 3].parse().expect("an action");
        e.content.session = Some(format!("s-{}", n % 5).parse().expect("a session"));
        submit(ports, vec![Arrival::Entry(e)], 1000 + n, false);
    }
    let cases = [
        (
            LogFilter {
                participant: Some(player(1)),
                ..LogFilter::default()
            },
            20,
        ),
        (
            LogFilter {
                action: Some("b".parse().expect("an action")),
                ..LogFilter::default()
            },
            13,
        ),
        (
            LogFilter {
                session: Some("s-2".parse().expect("a session")),
                ..LogFilter::default()
            },
            8,
        ),
        (
            LogFilter {
                from: Some(at(10)),
                to: Some(at(20)),
                ..LogFilter::default()
            },
            10,
        ),
        (
            LogFilter {
                received_from: Some(at(1039)),
                ..LogFilter::default()
            },
            1,
        ),
        (
            LogFilter {
                received_to: Some(at(1002)),
                ..LogFilter::default()
            },
            2,
        ),
        (
            LogFilter {
                status: Some(crate::EntryStatus::Accepted),
                ..LogFilter::default()
            },
            40,
        ),
        (
            LogFilter {
                status: Some(crate::EntryStatus::Deleted),
                ..LogFilter::default()
            },
            0,
        ),
    ];
    for (filter, count) in cases {
        for order in [LogOrder::Received, LogOrder::TimestampDescending] {
            let query = LogQuery {
                filter: filter.clone(),
                order,
                ..page_of(&study, 1, 100)
            };
            let found = ports.logs.page(&query).expect("a page");
            assert_eq!(
                (found.entries.len(), found.total),
                (count, Some(count as u64)),
                "{filter:?}"
            );
            assert!(found.entries.iter().all(|e| filter.matches(e)));
        }
        let mut scanned = 0;
        let mut count_one = |_| {
            scanned += 1;
            ControlFlow::Continue(())
        };
        ports
            .logs
            .scan(study.id, &filter, &mut count_one)
            .expect("a scan");
        assert_eq!(scanned, count);
    }
}

pub fn entries_come_in_the_order_asked_for(ports: &Ports) {
    let study = study(ports, "s");
    let instants = [5, 1, 3, 1, 9];
    for (n, &second) in instants.iter().enumerate() {
        let mut e = entry(&study, n as i64);
        e.content.occurred_at = at(second);
        send(ports, &[e]);
    }
    let sequences = |order| -> Vec<i64> {
        let pages = (1..=3).flat_map(|n| {
            list(
                ports,
                &LogQuery {
                    order,
                    ..page_of(&study, n, 2)
                },
            )
        });
        pages.filter_map(|e| e.sequence.map(|s| s.get())).collect()
    };
    assert_eq!(sequences(LogOrder::Received), [0, 1, 2, 3, 4]);
    assert_eq!(sequences(LogOrder::ReceivedDescending), [4, 3, 2, 1, 0]);
    assert_eq!(sequences(LogOrder::Timestamp), [1, 3, 2, 0, 4]);
    assert_eq!(sequences(LogOrder::TimestampDescending), [4, 0, 2, 3, 1]);
}

pub fn names_are_compared_to_the_letter(ports: &Ports) {
    let study = study(ports, "s");
    let spellings = ["click", "Click", "clíck", "clıck", "ß", "ss"];
    for (n, action) in spellings.iter().enumerate() {
        let mut e = entry(&study, n as i64);
        e.content.action = action.parse().expect("an action");
        send(ports, &[e]);
    }
    for action in spellings {
        let filter = LogFilter {
            action: Some(action.parse().expect("an action")),
            ..LogFilter::default()
        };
        assert_eq!(
            list(
                ports,
                &LogQuery {
                    filter,
                    ..page_of(&study, 1, 10)
                }
            )
            .len(),
            1,
            "{action}"
        );
    }
}

pub fn two_spellings_of_one_name_are_one(ports: &Ports) {
    let study = study(ports, "s");
    let spelt = |n: i64, action: &str, session: &str| {
        let mut e = entry(&study, n);
        e.content.action = action.parse().expect("an action");
        e.content.session = Some(session.parse().expect("a session"));
        e
    };
    let (composed, decomposed) = ("d\u{e9}but", "de\u{301}but");
    send(ports, &[spelt(1, decomposed, composed)]);
    send(ports, &[spelt(2, composed, decomposed)]);
    let again = spelt(1, composed, decomposed);
    assert!(matches!(send(ports, &[again])[..], [Outcome::Duplicate(_)]));
    for spelling in [composed, decomposed] {
        let filters = [
            LogFilter {
                action: Some(spelling.parse().expect("an action")),
                ..LogFilter::default()
            },
            LogFilter {
                session: Some(spelling.parse().expect("a session")),
                ..LogFilter::default()
            },
        ];
        for filter in filters {
            let query = LogQuery {
                filter,
                ..page_of(&study, 1, 10)
            };
            let found = list(ports, &query);
            let actions: Vec<&str> = found.iter().map(|e| e.action.as_str()).collect();
            assert_eq!(actions, [composed, composed]);
        }
    }
}

pub fn the_revision_changes_with_each_write_and_not_without(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    let revision = |study: &crate::Study| {
        ports
            .logs
            .revision(&StudyScope::Only(vec![study.id]))
            .expect("a revision")
    };
    let (first, other) = (revision(&one), revision(&two));
    send(ports, &[entry(&one, 1)]);
    let second = revision(&one);
    assert_ne!(first, second);
    send(ports, &[entry(&one, 1)]);
    assert_eq!(second, revision(&one));
    submit(
        ports,
        vec![Arrival::Misfit(misfit(&one, "[]"))],
        1000,
        false,
    );
    assert_ne!(second, revision(&one));
    assert_eq!(other, revision(&two));
}

pub fn a_scan_gives_every_entry_and_stops_when_told(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    for n in 0..12 {
        send(ports, &entries(&one, n * 250..n * 250 + 250));
        send(ports, &[entry(&two, 10_000 + n)]);
    }
    let mut seen = Vec::new();
    let mut take = |e: StoredEntry| {
        seen.push(e.sequence.map(|s| s.get()));
        ControlFlow::Continue(())
    };
    ports
        .logs
        .scan(one.id, &LogFilter::default(), &mut take)
        .expect("a scan");
    assert_eq!(seen, (0..3000).map(Some).collect::<Vec<_>>());
    let mut count = 0;
    let mut three = |_| {
        count += 1;
        if count == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    ports
        .logs
        .scan(one.id, &LogFilter::default(), &mut three)
        .expect("a scan");
    assert_eq!(count, 3);
}

pub fn an_entry_is_found_only_in_its_study(ports: &Ports) {
    let (one, two) = (study(ports, "s1"), study(ports, "s2"));
    let outcomes = send(ports, &[entry(&one, 1)]);
    let Outcome::Accepted(number) = outcomes[0] else {
        panic!("{outcomes:?}")
    };
    let found = |scope| {
        ports
            .logs
            .entry(number, &scope)
            .expect("read")
            .map(|e| e.number)
    };
    assert_eq!(found(StudyScope::Only(vec![one.id])), Some(number));
    assert_eq!(found(StudyScope::All), Some(number));
    assert_eq!(found(StudyScope::Only(vec![two.id])), None);
    assert_eq!(
        ports
            .logs
            .entry(LogNumber(number.0 + 99), &StudyScope::All)
            .expect("read"),
        None
    );
}
