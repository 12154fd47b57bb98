//! Days as numbers, so that they sort and index: days since 1 January 1970.

use jiff::{Span, civil::Date, tz::TimeZone};
use parvis_kernel::Timestamp;

const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// The day on which `at` falls in `zone`.
pub fn day_of(at: Timestamp, zone: &TimeZone) -> i32 {
    number_of(at.to_zoned(zone.clone()).date())
}

/// A date's number.
pub fn number_of(date: Date) -> i32 {
    date.since(EPOCH).map_or(0, |span| span.get_days())
}

/// The date of a number.
pub fn date_of(number: i32) -> Date {
    Span::new().try_days(number).and_then(|span| EPOCH.checked_add(span)).unwrap_or(EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_zone() {
        let paris = TimeZone::get("Europe/Paris").unwrap();
        let before: Timestamp = "2026-03-28T22:59:59Z".parse().unwrap();
        let after: Timestamp = "2026-03-28T23:00:00Z".parse().unwrap();
        assert_eq!(date_of(day_of(before, &paris)), jiff::civil::date(2026, 3, 28));
        assert_eq!(date_of(day_of(after, &paris)), jiff::civil::date(2026, 3, 29));
        // Summer time has begun: the day ends an hour earlier in UTC.
        let summer: Timestamp = "2026-03-29T22:00:00Z".parse().unwrap();
        assert_eq!(date_of(day_of(summer, &paris)), jiff::civil::date(2026, 3, 30));
        assert_eq!(date_of(number_of(jiff::civil::date(1969, 12, 31))), jiff::civil::date(1969, 12, 31));
    }
}
