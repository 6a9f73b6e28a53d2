use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn read(text: &str) -> Result<String, TimeError> {
    text.parse::<Timestamp>().map(|t| t.to_string())
}

#[rstest]
#[case("2024-05-18T10:17:33.109Z", "2024-05-18T10:17:33.109000Z")]
#[case("2024-05-18T12:17:33.109+02:00", "2024-05-18T10:17:33.109000Z")]
#[case("2024-05-18T10:17:33-0530", "2024-05-18T15:47:33.000000Z")]
#[case("2024-05-18T10:17:33+02", "2024-05-18T08:17:33.000000Z")]
#[case("20240518T101733,5Z", "2024-05-18T10:17:33.500000Z")]
#[case("2024-05-18T10:17Z", "2024-05-18T10:17:00.000000Z")]
#[case("2024-05-18t10:17:33.1234567891z", "2024-05-18T10:17:33.123456Z")]
#[case("2024-02-29T24:00:00Z", "2024-03-01T00:00:00.000000Z")]
#[case("2024-139T10:17:33Z", "2024-05-18T10:17:33.000000Z")]
#[case("2024139T101733Z", "2024-05-18T10:17:33.000000Z")]
#[case("2024-366T00:00Z", "2024-12-31T00:00:00.000000Z")]
#[case("2024-W20-6T10:17:33+02:00", "2024-05-18T08:17:33.000000Z")]
#[case("2024W206T101733Z", "2024-05-18T10:17:33.000000Z")]
#[case("2020-W53-7T23:59Z", "2021-01-03T23:59:00.000000Z")]
#[case("2024-05-18T10Z", "2024-05-18T10:00:00.000000Z")]
#[case("2024-05-18T10,25-01", "2024-05-18T11:15:00.000000Z")]
#[case("2024-05-18T1017,5Z", "2024-05-18T10:17:30.000000Z")]
#[case("2024-05-18T10:17:33-00:00", "2024-05-18T10:17:33.000000Z")]
#[case("2024-05-18T00:00:00+14:00", "2024-05-17T10:00:00.000000Z")]
#[case("2024-05-18T24Z", "2024-05-19T00:00:00.000000Z")]
#[case("2016-12-31T23:59:60.5Z", "2016-12-31T23:59:59.999999Z")]
#[case("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z")]
#[case("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z")]
#[case("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z")]
fn an_instant_is_read_in_every_form_that_iso_8601_has(#[case] text: &str, #[case] shown: &str) {
    assert_eq!(read(text).as_deref(), Ok(shown));
}

#[test]
fn a_decimal_fraction_of_minutes_is_read_as_the_predecessor_wrote_it() {
    assert_eq!(
        read("2023-04-18T10:17.109Z").as_deref(),
        Ok("2023-04-18T10:17:06.540000Z")
    );
}

#[rstest]
#[case("2024-05-18T10:17:33", TimeError::NoOffset)]
#[case("2024-05-18", TimeError::Malformed)]
#[case("yesterday", TimeError::Malformed)]
#[case("", TimeError::Malformed)]
#[case("2024-05-18T10:17:33.Z", TimeError::Malformed)]
#[case("2024-05-18T10:17:33Z ", TimeError::Malformed)]
#[case("2023-02-29T10:17:33Z", TimeError::NoSuchTime)]
#[case("2023-366T10:17:33Z", TimeError::NoSuchTime)]
#[case("2024-000T10:17:33Z", TimeError::NoSuchTime)]
#[case("2021-W53-1T10:17:33Z", TimeError::NoSuchTime)]
#[case("2024-W20-8T10:17:33Z", TimeError::NoSuchTime)]
#[case("2024-W20T10:17:33Z", TimeError::Malformed)]
#[case("2024-05T10:17:33Z", TimeError::Malformed)]
#[case("2024-05-18T:17Z", TimeError::Malformed)]
#[case("2024-05-18T24.1Z", TimeError::NoSuchTime)]
#[case("2024-05-18T10:60Z", TimeError::NoSuchTime)]
#[case("2024-05-18T10:17:61Z", TimeError::NoSuchTime)]
#[case("2024-05-18T10:17:33+24:00", TimeError::NoSuchTime)]
#[case("2024-05-18T10:17:33+1", TimeError::Malformed)]
#[case("2024-05-18T10:17:33+01:", TimeError::Malformed)]
#[case("+002024-05-18T10:17:33Z", TimeError::Malformed)]
#[case("2024-05-18T25:17:33Z", TimeError::NoSuchTime)]
#[case("2024-05-18T24:00:01Z", TimeError::NoSuchTime)]
#[case("0000-01-01T00:00:00+01:00", TimeError::NoSuchTime)]
fn what_is_no_instant_is_refused(#[case] text: &str, #[case] error: TimeError) {
    assert_eq!(read(text), Err(error));
}

proptest! {
    #[test]
    fn what_is_shown_is_read_back(micros in Timestamp::MIN..=Timestamp::MAX) {
        let instant = Timestamp(micros);
        prop_assert_eq!(instant.to_string().parse::<Timestamp>(), Ok(instant));
    }

    #[test]
    fn an_instant_is_the_same_in_every_form_and_at_every_offset(
        // A day from either end, so that no offset leads out.
        micros in Timestamp::MIN + Timestamp::DAY..=Timestamp::MAX - Timestamp::DAY,
        minutes_east in -1439_i64..1440,
        date in 0..3,
        extended: bool,
        comma: bool,
        colon: bool,
    ) {
        let local = jiff::Timestamp::from_microsecond(micros + minutes_east * Timestamp::MINUTE)
            .unwrap()
            .to_zoned(TimeZone::UTC)
            .datetime();
        let (dash, mark) = if extended { ("-", ":") } else { ("", "") };
        let week = local.date().iso_week_date();
        let date = match date {
            0 => format!("{:04}{dash}{:02}{dash}{:02}", local.year(), local.month(), local.day()),
            1 => format!("{:04}{dash}{:03}", local.year(), local.day_of_year()),
            // The week may be of the year before the first.
            _ if week.year() < 0 => return Ok(()),
            _ => format!("{:04}{dash}W{:02}{dash}{}", week.year(), week.week(), week.weekday().to_monday_one_offset()),
        };
        let point = if comma { ',' } else { '.' };
        let micros_of_second = local.subsec_nanosecond() / 1000;
        let time = format!("{:02}{mark}{:02}{mark}{:02}{point}{micros_of_second:06}", local.hour(), local.minute(), local.second());
        let sign = if minutes_east < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes_east.abs() / 60, minutes_east.abs() % 60);
        let between = if colon { ":" } else { "" };
        let text = format!("{date}T{time}{sign}{hours:02}{between}{minutes:02}");
        prop_assert_eq!(text.parse::<Timestamp>(), Ok(Timestamp(micros)), "{}", text);
    }

    #[test]
    fn a_fraction_of_hours_or_minutes_is_that_part_of_them(hour in 0..24_i64, minute in 0..60_i64, fraction in 0..1_000_000_i64) {
        let day = "2024-05-18T00:00Z".parse::<Timestamp>().unwrap().0;
        let hours: Timestamp = format!("2024-05-18T{hour:02}.{fraction:06}Z").parse().unwrap();
        prop_assert_eq!(hours.0 - day, hour * Timestamp::HOUR + fraction * 3600);
        let minutes: Timestamp = format!("2024-05-18T{hour:02}:{minute:02},{fraction:06}Z").parse().unwrap();
        prop_assert_eq!(minutes.0 - day, hour * Timestamp::HOUR + minute * Timestamp::MINUTE + fraction * 60);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = text.parse::<Timestamp>();
    }

    #[test]
    fn almost_a_time_makes_no_panic(text in "[0-9TZ:.,+ -]{0,40}") {
        let _ = text.parse::<Timestamp>();
    }
}

#[test]
fn the_last_hours_of_the_calendar_are_written_as_they_were_read() {
    for text in [
        "9999-12-30T21:59:59.999999Z",
        "9999-12-30T22:00:01.000000Z",
        "9999-12-30T23:59:59.999999Z",
        "0000-01-01T00:00:00.000000Z",
    ] {
        assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), text);
    }
}
