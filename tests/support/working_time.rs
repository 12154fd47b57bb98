//! Tests run at any hour; agents do not work at any hour.

use jiff::{SignedDuration, ToSpan as _, civil::Weekday, tz::TimeZone};
use parvis_calendar::HolidayZone;
use parvis_kernel::{Clock as _, SystemClock};

/// How far to move the clock so that it is ten in the morning, in Paris, of the next Tuesday that is a working day.
pub fn shift_to_working_hours() -> SignedDuration {
    let now = SystemClock.now();
    let zone = TimeZone::get("Europe/Paris").expect("the time zones are bundled");
    let mut day = now.to_zoned(zone.clone()).date();
    loop {
        day = day.checked_add(1.day()).expect("the calendar goes on");
        if day.weekday() == Weekday::Tuesday && parvis_calendar::is_working_day(day, HolidayZone::Metropole) {
            break;
        }
    }
    let target = day.at(10, 0, 0, 0).to_zoned(zone).expect("ten o'clock exists").timestamp();
    target.duration_since(now)
}
