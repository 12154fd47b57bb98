//! Dates and hours, in the authority's time zone.

use jiff::{Timestamp, civil, tz::TimeZone};
pub use parvis_kernel::dates::{date, long_date as weekday_date, month_day};

/// An instant said by a role; the beginning of 1970 where it is none.
pub fn instant(at: Option<&prost_types::Timestamp>) -> Timestamp {
    parvis_proto::from_proto_time(at, "at").ok().flatten().unwrap_or_default()
}

/// « 1er mai 2026 à 14 h 05 ».
pub fn date_time(at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    format!("{} à {}\u{a0}h\u{a0}{:02}", date(local.date()), local.hour(), local.minute())
}

/// The day of an instant.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> civil::Date {
    at.to_zoned(zone.clone()).date()
}

/// The value of a `<time datetime>`.
pub fn time_tag(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A day that came as `2026-05-01`.
pub fn parse_day(text: &str) -> Option<civil::Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// « 1er mai 2026 » from `2026-05-01`; what is no date is shown as it came.
pub fn iso_day(text: &str) -> String {
    parse_day(text).map_or_else(|| text.to_owned(), date)
}

/// « il y a 3 h », « hier à 14 h 05 », then the date.
pub fn relative(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let seconds = now.as_second() - at.as_second();
    if (0..60).contains(&seconds) {
        return "à l'instant".to_owned();
    }
    if (60..3600).contains(&seconds) {
        return format!("il y a {}\u{a0}min", seconds / 60);
    }
    let (local, today) = (at.to_zoned(zone.clone()), day_of(now, zone));
    if local.date() == today {
        return format!("aujourd'hui à {}\u{a0}h\u{a0}{:02}", local.hour(), local.minute());
    }
    if Some(local.date()) == today.yesterday().ok() {
        return format!("hier à {}\u{a0}h\u{a0}{:02}", local.hour(), local.minute());
    }
    date_time(at, zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").unwrap()
    }

    #[test]
    fn hours_are_those_of_the_town_in_winter_and_in_summer() {
        let winter: Timestamp = "2026-01-15T13:05:00Z".parse().unwrap();
        let summer: Timestamp = "2026-07-15T13:05:00Z".parse().unwrap();
        assert_eq!(date_time(winter, &paris()), "15 janvier 2026 à 14\u{a0}h\u{a0}05");
        assert_eq!(date_time(summer, &paris()), "15 juillet 2026 à 15\u{a0}h\u{a0}05");
        let late: Timestamp = "2026-07-15T22:30:00Z".parse().unwrap();
        assert_eq!(day_of(late, &paris()), civil::date(2026, 7, 16));
    }

    #[test]
    fn recent_instants_are_said_as_people_say_them() {
        let now: Timestamp = "2026-07-15T13:05:00Z".parse().unwrap();
        let ago = |seconds: i64| Timestamp::from_second(now.as_second() - seconds).unwrap();
        assert_eq!(relative(ago(5), now, &paris()), "à l'instant");
        assert_eq!(relative(ago(600), now, &paris()), "il y a 10\u{a0}min");
        assert_eq!(relative(ago(7200), now, &paris()), "aujourd'hui à 13\u{a0}h\u{a0}05");
        assert_eq!(relative(ago(86_400), now, &paris()), "hier à 15\u{a0}h\u{a0}05");
        assert_eq!(relative(ago(5 * 86_400), now, &paris()), "10 juillet 2026 à 15\u{a0}h\u{a0}05");
        assert_eq!(relative(ago(-90), now, &paris()), "aujourd'hui à 15\u{a0}h\u{a0}06");
    }

    #[test]
    fn what_is_no_date_is_shown_as_it_came() {
        assert_eq!(iso_day("2026-05-01"), "1er mai 2026");
        assert_eq!(iso_day("bientôt"), "bientôt");
        assert_eq!(parse_day("2026-02-30"), None);
    }
}
