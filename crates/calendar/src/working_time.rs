//! Lengths of working time: how much there is between two instants, and when so much has passed.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::{
    holidays::{HolidayZone, is_public_holiday},
    hours::{WorkingHours, instants},
};

/// How far an end is looked for, in days: about a year and a half, longer than any delay of a service.
const HORIZON_DAYS: u32 = 550;

impl WorkingHours {
    /// The periods of `date` as instants, in order; none on a public holiday. Where the clocks change inside a
    /// period it is as long as it really lasts.
    pub fn periods_on(&self, date: Date, tz: &TimeZone, zone: HolidayZone) -> Vec<(Timestamp, Timestamp)> {
        if self.day(date.weekday()).is_empty() || is_public_holiday(date, zone) {
            return Vec::new();
        }
        let bounds = |period: &crate::DayHours| {
            let (from, until) = period.minutes();
            let start = instants(date, from, tz).next()?;
            let end = match until {
                1440 => instants(date.tomorrow().ok()?, 0, tz).next()?,
                _ => instants(date, until, tz).last()?,
            };
            (start < end).then_some((start, end))
        };
        self.day(date.weekday()).iter().filter_map(bounds).collect()
    }

    /// How much of the time from `from` to `until` is open; nothing where `until` is not later. At most as far back
    /// as `days` days before `until`: what is older is left out.
    pub fn open_between(
        &self,
        from: Timestamp,
        until: Timestamp,
        days: u32,
        tz: &TimeZone,
        zone: HolidayZone,
    ) -> SignedDuration {
        let mut open = SignedDuration::ZERO;
        let mut date = tz.to_datetime(until).date();
        let first = tz.to_datetime(from).date();
        for _ in 0..=days {
            if date < first {
                break;
            }
            for (start, end) in self.periods_on(date, tz, zone) {
                let (start, end) = (start.max(from), end.min(until));
                if start < end {
                    open += start.duration_until(end);
                }
            }
            let Ok(before) = date.yesterday() else { break };
            date = before;
        }
        open
    }

    /// When `length` of open time has passed since `from`; `None` where it never does within a year and a half. A
    /// length of zero has passed at the next opening.
    pub fn after(
        &self,
        from: Timestamp,
        length: SignedDuration,
        tz: &TimeZone,
        zone: HolidayZone,
    ) -> Option<Timestamp> {
        let mut left = length.max(SignedDuration::ZERO);
        let mut date = tz.to_datetime(from).date();
        for _ in 0..=HORIZON_DAYS {
            for (start, end) in self.periods_on(date, tz, zone) {
                let start = start.max(from);
                if start >= end {
                    continue;
                }
                let open = start.duration_until(end);
                // What ends with a period ends then, not at the next opening.
                if left < open || (left == open && !left.is_zero()) {
                    return start.checked_add(left).ok();
                }
                left -= open;
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_office::{at, office, paris};

    fn after(from: &str, hours: i64) -> Timestamp {
        office().after(at(from), SignedDuration::from_hours(hours), &paris(), HolidayZone::Metropole).unwrap()
    }

    #[test]
    fn working_time_passes_over_lunch_nights_and_holidays() {
        // Monday 16 November 2026, 10:00: two hours to noon, the third after lunch.
        assert_eq!(after("2026-11-16T09:00:00Z", 3), at("2026-11-16T13:30:00Z"));
        assert_eq!(after("2026-11-16T09:00:00Z", 2), at("2026-11-16T11:00:00Z"));
        // The six hours that are left of Monday, then two of Tuesday.
        assert_eq!(after("2026-11-16T09:00:00Z", 8), at("2026-11-17T09:30:00Z"));
        // Thursday 24 December, 17:00; Friday is Christmas.
        assert_eq!(after("2026-12-24T16:00:00Z", 1), at("2026-12-28T08:00:00Z"));
        assert_eq!(after("2026-11-15T09:00:00Z", 0), at("2026-11-16T07:30:00Z"));
        let never = WorkingHours::default();
        let hour = SignedDuration::from_hours(1);
        assert_eq!(never.after(at("2026-11-16T09:00:00Z"), hour, &paris(), HolidayZone::Metropole), None);
    }

    #[test]
    fn what_is_too_old_is_left_out() {
        let (from, until) = (at("2026-11-02T00:00:00Z"), at("2026-11-17T23:00:00Z"));
        let open = |days| office().open_between(from, until, days, &paris(), HolidayZone::Metropole).as_hours();
        assert_eq!((open(1), open(400)), (7, 75));
        assert_eq!(office().open_between(until, from, 400, &paris(), HolidayZone::Metropole), SignedDuration::ZERO);
    }

    proptest! {
        #[test]
        fn as_much_has_passed_as_was_asked(start in 1_700_000_000i64..1_900_000_000, minutes in 1i64..6000) {
            let (zone, tz) = (HolidayZone::Metropole, paris());
            let start = Timestamp::from_second(start).unwrap();
            let length = SignedDuration::from_mins(minutes);
            let end = office().after(start, length, &tz, zone).unwrap();
            prop_assert_eq!(office().open_between(start, end, 600, &tz, zone), length);
            // And no less: a second earlier it had not.
            let before = end - SignedDuration::from_secs(1);
            prop_assert!(office().open_between(start, before, 600, &tz, zone) < length);
        }
    }
}
