//! Every list finds its keys by an index, on both engines, and reads no more of it than it must.

use super::*;
use crate::store::Store;
use crate::testing::Scratch;
use sillage_domain::Ports;
use sillage_domain::testing::fixtures::{at, entry, player, send, study};
use sillage_domain::{LogNumber, NewEntry};

const ENTRIES: i64 = 12_000;
const STUDIES: i64 = 4;

/// Entries of four studies, a thousand players and a thousand sessions, in turn.
fn fill(store: Store) -> Vec<LogNumber> {
    let ports = Ports::of(std::sync::Arc::new(store));
    let studies: Vec<_> = (0..STUDIES)
        .map(|n| study(&ports, &format!("s{n}")))
        .collect();
    let made = |n: i64| {
        let mut made = entry(&studies[(n % STUDIES) as usize], n);
        made.content.session = format!("session-{}", n % 1000).parse().ok();
        if n % 2000 == 4 {
            made.content.action = "rare".parse().unwrap();
        }
        NewEntry {
            pseudonym: player((n % 1000) as u64),
            ..made
        }
    };
    for start in (0..ENTRIES).step_by(1000) {
        send(&ports, &(start..start + 1000).map(made).collect::<Vec<_>>());
    }
    let last = ports
        .logs
        .counts(studies[0].id)
        .map(|counts| counts.entries)
        .ok();
    assert_eq!(last, Some((ENTRIES / STUDIES) as u64));
    studies.iter().map(|study| LogNumber(study.id.0)).collect()
}

/// Questions with what each is called, and which index of SQLite serves it.
fn questions<'a>(
    study: i64,
    filters: &'a [LogFilter; 5],
) -> Vec<(&'static str, &'static str, Keys<'a>)> {
    let [everything, participant, session, window, action] = filters;
    let question = |filter, order, from: Option<i64>| Keys {
        study: Studies::One(study),
        filter,
        persons: None,
        order,
        from,
        to: None,
        by_number: from.is_some(),
        offset: 0,
        limit: 11,
    };
    let middle = Some(ENTRIES / 2);
    let (by_number, by_time) = (LogOrder::Received, LogOrder::TimestampDescending);
    vec![
        (
            "a cursor in a study",
            "log_entries_study",
            question(everything, by_number, middle),
        ),
        (
            "a cursor in all",
            "PRIMARY KEY",
            Keys {
                study: Studies::All,
                ..question(everything, by_number, middle)
            },
        ),
        (
            "the last page of a study",
            "log_entries_study",
            question(everything, LogOrder::ReceivedDescending, None),
        ),
        (
            "a study by time",
            "log_entries_occurred",
            question(everything, by_time, None),
        ),
        (
            "a window in time",
            "log_entries_occurred",
            question(window, by_number, None),
        ),
        (
            "a window in time, by time",
            "log_entries_occurred",
            question(window, by_time, None),
        ),
        (
            "a participant",
            "log_entries_of_participant",
            question(participant, by_number, None),
        ),
        (
            "a cursor on a participant",
            "log_entries_of_participant",
            question(participant, by_number, middle),
        ),
        (
            "a participant by time",
            "log_entries_of_participant",
            question(participant, by_time, None),
        ),
        (
            "an action",
            "log_entries_action",
            question(action, by_number, None),
        ),
        (
            "a cursor on an action",
            "log_entries_action",
            question(action, by_number, middle),
        ),
        (
            "a session",
            "log_entries_of_session",
            question(session, by_number, None),
        ),
        (
            "a cursor on a session",
            "log_entries_of_session",
            question(session, by_number, middle),
        ),
        (
            "a session by time",
            "log_entries_of_session",
            question(session, by_time, None),
        ),
    ]
}

fn filters() -> [LogFilter; 5] {
    [
        LogFilter::default(),
        LogFilter {
            participant: Some(player(4)),
            ..LogFilter::default()
        },
        LogFilter {
            session: "session-4".parse().ok(),
            ..LogFilter::default()
        },
        LogFilter {
            from: Some(at(6000)),
            to: Some(at(6040)),
            ..LogFilter::default()
        },
        LogFilter {
            action: "rare".parse().ok(),
            ..LogFilter::default()
        },
    ]
}

#[cfg(feature = "sqlite")]
#[test]
fn sqlite_finds_the_keys_of_every_list_by_its_index() {
    use diesel::sql_types::{Integer, Text};

    /// `EXPLAIN QUERY PLAN`.
    #[derive(QueryId)]
    struct Explained<Q>(Q);

    impl<Q> Query for Explained<Q> {
        type SqlType = (Integer, Integer, Integer, Text);
    }

    impl<Q> diesel::RunQueryDsl<Conn> for Explained<Q> {}

    impl<Q: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Explained<Q> {
        fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
            out.push_sql("EXPLAIN QUERY PLAN ");
            self.0.walk_ast(out.reborrow())
        }
    }

    let scratch = Scratch::sqlite();
    let studies = fill(Store::open(&scratch.options()).unwrap());
    let mut conn = scratch.connect();
    for (what, index, keys) in questions(studies[0].0, &filters()) {
        let path = keys.path(&mut conn).unwrap();
        let query = keys
            .ordered(&mut conn)
            .unwrap()
            .limit(11)
            .select(dsl::number);
        let steps: Vec<(i32, i32, i32, String)> = Explained(query).load(&mut conn).unwrap();
        let plan = steps
            .into_iter()
            .map(|step| step.3)
            .collect::<Vec<_>>()
            .join("; ");
        assert!(plan.contains(index), "{what}: {plan}");
        assert!(
            plan.starts_with("SEARCH"),
            "{what} walks everything: {plan}"
        );
        // The index gives a study by number or by time, a session by number; a participant's entries are few, and sorted.
        let in_order = path == Path::Number || (index == "log_entries_occurred" && keys.by_time());
        assert!(
            !in_order || !plan.contains("TEMP B-TREE"),
            "{what} is sorted: {plan}"
        );
    }
}

/// How many rows the connection had the database read so far.
#[cfg(feature = "mysql")]
fn rows_read(conn: &mut Conn) -> i64 {
    #[derive(QueryableByName)]
    struct Status {
        #[diesel(sql_type = diesel::sql_types::Text, column_name = "Variable_name")]
        name: String,
        #[diesel(sql_type = diesel::sql_types::Text, column_name = "Value")]
        value: String,
    }

    let Conn::Mysql(conn) = conn else {
        panic!("not MySQL")
    };
    // MariaDB counts apart what it reads from an index and passes over before it looks at the row.
    let status: Vec<Status> = diesel::sql_query(
        "SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler_read%' OR Variable_name = 'Handler_icp_attempts'",
    )
    .load(conn)
    .unwrap();
    let rows = status
        .iter()
        .filter(|s| s.name != "Handler_read_rnd_deleted");
    rows.map(|s| s.value.parse::<i64>().unwrap()).sum()
}

#[cfg(feature = "mysql")]
#[test]
fn mysql_reads_no_more_rows_than_the_list_has() {
    let Some(scratch) = Scratch::mysql() else {
        return;
    };
    let studies = fill(Store::open(&scratch.options()).unwrap());
    let mut conn = scratch.connect();
    for (what, _, keys) in questions(studies[0].0, &filters()) {
        let before = rows_read(&mut conn);
        assert!(!keys.load(&mut conn).unwrap().is_empty(), "{what}");
        // The status itself is read from rows, some dozen of them.
        let rows = rows_read(&mut conn) - before;
        assert!(rows < 150, "{what}: {rows} rows read");
    }
}

#[cfg(feature = "mysql")]
#[test]
fn mysql_does_not_begin_anew_at_each_step_of_a_walk() {
    const STEP: i64 = 100;
    let Some(scratch) = Scratch::mysql() else {
        return;
    };
    let studies = fill(Store::open(&scratch.options()).unwrap());
    let mut conn = scratch.connect();
    let common = LogFilter {
        action: "click".parse().ok(),
        ..LogFilter::default()
    };
    let [everything, ..] = filters();
    for filter in [&everything, &common] {
        for from in (0..ENTRIES).step_by(500) {
            let keys = Keys {
                study: Studies::One(studies[0].0),
                filter,
                persons: None,
                order: LogOrder::Received,
                from: Some(from),
                to: Some(ENTRIES),
                by_number: true,
                offset: 0,
                limit: STEP,
            };
            let start = rows_read(&mut conn);
            assert!(!keys.load(&mut conn).unwrap().is_empty());
            let found = rows_read(&mut conn);
            keys.entries(&mut conn, |_| ControlFlow::Continue(()))
                .unwrap();
            let walked = rows_read(&mut conn);
            // Each row once, or at the end of the study, where few are left, all of them to sort; and those of the status.
            for rows in [found - start, walked - found] {
                assert!(rows < 5 * STEP, "{filter:?} from {from}: {rows} rows read");
            }
        }
    }
}
