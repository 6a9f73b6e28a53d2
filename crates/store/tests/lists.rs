//! Long lists: pages far in, in every order, of one study, of several and of all, on each engine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod engines;

use engines::each_engine;
use sillage_domain::testing::MemoryStore;
use sillage_domain::testing::fixtures::{at, entry, page_of, send, study};
use sillage_domain::{
    LogFilter, LogOrder, LogPage, LogQuery, NewEntry, Ports, Study, StudyScope, Window,
};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

const ORDERS: [LogOrder; 4] = [
    LogOrder::Received,
    LogOrder::ReceivedDescending,
    LogOrder::Timestamp,
    LogOrder::TimestampDescending,
];

/// Three studies with 3000, 1500 and 600 entries, mixed, and with their times in disorder.
fn fill(ports: &Ports) -> Vec<Study> {
    let studies: Vec<_> = ["one", "two", "three"]
        .map(|slug| study(ports, slug))
        .into();
    let mut batch = Vec::new();
    for n in 0..3000 {
        for (study, every) in studies.iter().zip([1, 2, 5]) {
            if n % every == 0 {
                batch.push(made(study, n));
            }
        }
        if batch.len() > 900 {
            send(ports, &std::mem::take(&mut batch));
        }
    }
    send(ports, &batch);
    studies
}

fn made(study: &Study, n: i64) -> NewEntry {
    let mut made = entry(study, n + 10_000 * study.id.0);
    made.content.occurred_at = at(n * 7919 % 3001);
    if n % 3 == 0 {
        made.content.action = "rare".parse().unwrap();
    }
    made
}

fn of(ports: &Ports, query: &LogQuery) -> (Vec<i64>, Option<u64>, bool) {
    let LogPage {
        entries,
        total,
        more,
    } = ports.logs.page(query).unwrap();
    let entries = entries
        .iter()
        .map(|e| e.study.0 * 1_000_000 + e.sequence.unwrap().get())
        .collect();
    (entries, total, more)
}

#[test]
fn a_page_far_into_a_list_is_the_one_that_counting_gives() {
    let memory = Ports::of(Arc::new(MemoryStore::default()));
    let known = fill(&memory);
    each_engine("far", |ports| {
        let studies = fill(ports);
        assert_eq!(ids(&studies), ids(&known));
        let scopes = [
            StudyScope::All,
            StudyScope::Only(vec![studies[0].id]),
            StudyScope::Only(studies.iter().map(|s| s.id).collect()),
            StudyScope::Only(vec![studies[2].id, studies[1].id]),
        ];
        for scope in scopes {
            for order in ORDERS {
                for (page, size) in [
                    (1, 10),
                    (103, 10),
                    (104, 10),
                    (2, 1000),
                    (250, 10),
                    (300, 10),
                    (510, 10),
                    (6, 1000),
                    (600, 10),
                ] {
                    let query = LogQuery {
                        scope: scope.clone(),
                        order,
                        window: Window::Page(NonZeroU64::new(page).unwrap()),
                        size: NonZeroU32::new(size).unwrap(),
                        ..page_of(&studies[0], 1, 1)
                    };
                    assert_eq!(of(ports, &query), of(&memory, &query), "{query:?}");
                }
            }
        }
    });
}

#[test]
fn a_filtered_page_far_into_a_list_is_the_one_that_counting_gives() {
    let memory = Ports::of(Arc::new(MemoryStore::default()));
    fill(&memory);
    each_engine("filtered", |ports| {
        let studies = fill(ports);
        let rare = LogFilter {
            action: Some("rare".parse().unwrap()),
            ..LogFilter::default()
        };
        let window = LogFilter {
            from: Some(at(500)),
            to: Some(at(2500)),
            ..LogFilter::default()
        };
        let session = LogFilter {
            session: Some("s-1".parse().unwrap()),
            ..window.clone()
        };
        for filter in [rare, window, session] {
            for scope in [
                StudyScope::All,
                StudyScope::Only(vec![studies[1].id, studies[0].id]),
            ] {
                for order in ORDERS {
                    let query = LogQuery {
                        scope: scope.clone(),
                        filter: filter.clone(),
                        order,
                        window: Window::Page(NonZeroU64::new(40).unwrap()),
                        size: NonZeroU32::new(10).unwrap(),
                    };
                    assert_eq!(of(ports, &query), of(&memory, &query), "{query:?}");
                }
            }
        }
    });
}

#[test]
fn a_cursor_goes_on_in_the_order_of_numbers_whatever_the_filter() {
    let memory = Ports::of(Arc::new(MemoryStore::default()));
    fill(&memory);
    each_engine("cursor", |ports| {
        let studies = fill(ports);
        let window = LogFilter {
            from: Some(at(500)),
            to: Some(at(2500)),
            ..LogFilter::default()
        };
        for (filter, scope) in [
            (LogFilter::default(), StudyScope::All),
            (window.clone(), StudyScope::All),
            (
                window,
                StudyScope::Only(studies.iter().map(|s| s.id).collect()),
            ),
        ] {
            let after = |ports: &Ports, number| {
                let query = LogQuery {
                    scope: scope.clone(),
                    filter: filter.clone(),
                    order: LogOrder::TimestampDescending,
                    window: Window::After(number),
                    size: NonZeroU32::new(700).unwrap(),
                };
                (
                    of(ports, &query),
                    ports
                        .logs
                        .page(&query)
                        .unwrap()
                        .entries
                        .last()
                        .map(|e| e.number),
                )
            };
            let (mut here, mut there) =
                (sillage_domain::LogNumber(0), sillage_domain::LogNumber(0));
            loop {
                let ((page, next), (expected, known)) = (after(ports, here), after(&memory, there));
                assert_eq!(page, expected);
                match (next, known) {
                    (Some(next), Some(known)) => (here, there) = (next, known),
                    _ => break,
                }
            }
        }
    });
}

fn ids(studies: &[Study]) -> Vec<i64> {
    studies.iter().map(|study| study.id.0).collect()
}
