//! Days and months added to a date.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

use crate::holidays::{HolidayZone, is_public_holiday};

/// Monday to Friday, no public holiday.
pub fn is_working_day(date: Date, zone: HolidayZone) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_public_holiday(date, zone)
}

/// `date` where it is a working day, else the first one after it.
pub fn next_working_day(date: Date, zone: HolidayZone) -> Date {
    let mut day = date;
    while !is_working_day(day, zone) {
        match day.tomorrow() {
            Ok(next) => day = next,
            Err(_) => return Date::MAX,
        }
    }
    day
}

/// The `n`-th working day after `date`, which itself never counts: one working day after a Friday or a Saturday is
/// Monday. With 0, `date`. Stops at the last date there is.
pub fn add_working_days(date: Date, n: u32, zone: HolidayZone) -> Date {
    let (mut day, mut left) = (date, n);
    while left > 0 {
        let Ok(next) = day.tomorrow() else { return Date::MAX };
        day = next;
        if is_working_day(day, zone) {
            left -= 1;
        }
    }
    day
}

/// The same day of the month `n` months later (earlier where negative); the month's last day where it has no such
/// day: 31 December and two months is 28 or 29 February. Stops at the first and last dates there are.
pub fn add_months_clamped(date: Date, n: i32) -> Date {
    date.checked_add(n.clamp(-239_000, 239_000).months()).unwrap_or(if n < 0 { Date::MIN } else { Date::MAX })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const METROPOLE: HolidayZone = HolidayZone::Metropole;

    #[test]
    fn months_are_clamped_to_their_end() {
        assert_eq!(add_months_clamped(date(2026, 3, 1), 2), date(2026, 5, 1));
        assert_eq!(add_months_clamped(date(2025, 12, 31), 2), date(2026, 2, 28));
        assert_eq!(add_months_clamped(date(2027, 12, 31), 2), date(2028, 2, 29));
        assert_eq!(add_months_clamped(date(2026, 3, 31), -1), date(2026, 2, 28));
        assert_eq!(add_months_clamped(date(2026, 3, 31), i32::MAX), Date::MAX);
        assert_eq!(add_months_clamped(date(2026, 3, 31), i32::MIN), Date::MIN);
    }

    #[test]
    fn holidays_and_weekends_do_not_count() {
        // Thursday 30 April 2026, then 1 May, a weekend, and Monday 4 May.
        assert_eq!(add_working_days(date(2026, 4, 30), 1, METROPOLE), date(2026, 5, 4));
        assert_eq!(add_working_days(date(2026, 5, 2), 1, METROPOLE), date(2026, 5, 4));
        assert_eq!(add_working_days(date(2026, 5, 4), 10, METROPOLE), date(2026, 5, 20));
        assert_eq!(add_working_days(date(2026, 12, 24), 1, HolidayZone::AlsaceMoselle), date(2026, 12, 28));
        assert_eq!(next_working_day(date(2026, 8, 15), METROPOLE), date(2026, 8, 17));
        assert_eq!(next_working_day(date(2026, 8, 17), METROPOLE), date(2026, 8, 17));
    }

    #[test]
    fn the_end_of_time_is_an_end() {
        assert_eq!(add_working_days(Date::MAX, 3, METROPOLE), Date::MAX);
    }

    proptest! {
        #[test]
        fn adding_working_days_adds_up(ordinal in 0i32..20_000, a in 0u32..60, b in 0u32..60, zone in 0usize..7) {
            let zone = HolidayZone::ALL[zone];
            let start = date(2000, 1, 1).checked_add(ordinal.days()).unwrap();
            let end = add_working_days(start, a + b, zone);
            prop_assert_eq!(add_working_days(add_working_days(start, a, zone), b, zone), end);
            let mut day = start;
            let mut counted = 0;
            while day < end {
                day = day.tomorrow().unwrap();
                counted += u32::from(is_working_day(day, zone));
            }
            prop_assert_eq!(counted, a + b);
            prop_assert!(a + b == 0 || is_working_day(end, zone));
        }

        #[test]
        fn adding_months_keeps_the_day_or_the_month_end(ordinal in 0i32..20_000, n in 0i32..600) {
            let start = date(2000, 1, 1).checked_add(ordinal.days()).unwrap();
            let end = add_months_clamped(start, n);
            let months = |d: Date| i32::from(d.year()) * 12 + i32::from(d.month());
            prop_assert_eq!(months(end) - months(start), n);
            prop_assert!(end.day() == start.day() || (end.day() < start.day() && end == end.last_of_month()));
        }
    }
}
