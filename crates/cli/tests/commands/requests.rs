//! `sillage requests`.

use crate::support::{place, try_type, typed};
use sillage_cli::{CommandError, Workplace};
use sillage_domain::testing::fixtures::at;
use sillage_domain::{Day, StepFault};

fn castle() -> Workplace {
    let place = place();
    typed(&place, "study create castle");
    typed(&place, "participants generate castle --count 1 --prefix a");
    place
}

/// So many days before the day on which commands are given.
fn days_ago(place: &Workplace, days: i32) -> Day {
    Day::from_number(Day::of(place.now).number() - days).unwrap()
}

#[test]
fn requests_are_listed_with_the_days_that_are_left_the_most_urgent_on_top() {
    let place = castle();
    assert_eq!(typed(&place, "requests list castle"), "no requests\n");
    typed(
        &place,
        "requests record castle --kind access --participant a-01",
    );
    let old = days_ago(&place, 40);
    let line =
        format!("requests record castle --kind erasure --reference 2024-17 --received-on {old}");
    typed(&place, &line);
    let listed = typed(&place, "requests list castle");
    let lines: Vec<_> = listed.lines().collect();
    let first = lines[0];
    assert!(first.starts_with("2\terasure\t2024-17\tcame "), "{first}");
    assert!(first.contains("\toverdue since "), "{first}");
    assert!(lines[1].starts_with("1\taccess\ta-01\t"), "{listed}");
    let json = typed(&place, "--json requests list castle --state open");
    let all: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(all[0]["overdue"], true);
    assert!(all[0]["days_left"].as_i64().unwrap() <= -9, "{json}");
    let days = all[1]["days_left"].as_i64().unwrap();
    assert!((28..=30).contains(&days), "{json}");
}

#[test]
fn a_request_is_put_off_answered_and_not_changed_any_more() {
    let place = castle();
    typed(
        &place,
        "requests record --study castle --kind access --reference 2024-17",
    );
    let until = Day::of(place.now).plus_days(60);
    let put_off = format!("requests put-off castle 1 --until {until} --reason holidays");
    let shown = typed(&place, &put_off);
    assert!(
        shown.contains(&format!("due {until}: 60 day(s) left")),
        "{shown}"
    );
    let late = Day::of(place.now).plus_days(120);
    let line = format!("requests put-off castle 1 --until {late} --reason more");
    let refused = try_type(&place, &line).unwrap_err();
    assert!(
        matches!(refused, CommandError::Request(StepFault::PutOffBetween(..))),
        "{refused}"
    );
    let shown = typed(&place, "requests answer castle 1 --outcome partly");
    let today = Day::of(place.now);
    assert!(
        shown.ends_with(&format!("\tpartly on {today}\n")),
        "{shown}"
    );
    let again = try_type(&place, "requests close castle 1").unwrap_err();
    assert!(
        matches!(again, CommandError::Request(StepFault::AnsweredAlready)),
        "{again}"
    );
    assert_eq!(
        typed(&place, "requests list castle --state open"),
        "no requests\n"
    );
}

#[test]
fn a_request_that_is_taken_back_is_closed() {
    let place = castle();
    typed(
        &place,
        "requests record castle --kind objection --participant a-01",
    );
    let shown = typed(&place, "requests close castle 1");
    assert!(shown.contains("taken_back on "), "{shown}");
}

#[test]
fn what_is_not_there_is_told() {
    let mut place = castle();
    let nobody = try_type(
        &place,
        "requests record castle --kind access --participant b-01",
    );
    assert!(matches!(nobody, Err(CommandError::NoSuchParticipant(_))));
    let none = try_type(&place, "requests answer castle 7 --outcome granted");
    assert!(matches!(none, Err(CommandError::NoSuchRequest(7))));
    let tomorrow = Day::of(place.now).plus_days(1);
    let line =
        format!("requests record castle --kind access --reference 1 --received-on {tomorrow}");
    assert_eq!(try_type(&place, &line).unwrap_err().exit_code(), 2);
    // A day later it has come.
    place.now = at(86_400_000_000);
    typed(&place, &line);
}
