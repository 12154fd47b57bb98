//! An office of Paris, for tests: closed on Wednesdays and at weekends.

use jiff::{Timestamp, civil::Weekday, tz::TimeZone};

use crate::WorkingHours;

pub(crate) fn paris() -> TimeZone {
    TimeZone::get("Europe/Paris").unwrap()
}

pub(crate) fn office() -> WorkingHours {
    let mut hours = WorkingHours::default();
    for day in [Weekday::Monday, Weekday::Tuesday, Weekday::Thursday, Weekday::Friday] {
        hours.set_day(day, &["13:30-17:30", "08:30-12:00"]).unwrap();
    }
    hours
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
