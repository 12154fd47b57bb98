//! Working time, public holidays and time limits: pure arithmetic on dates, no clock.
//!
//! Holidays are those of the law (Code du travail, L3133-1, L3134-13 and L3422-2): eleven everywhere, two more in
//! Alsace-Moselle, one more in each overseas department. Days that are only customary (Good Friday in the Antilles,
//! for instance) are working days here; an authority that closes then says so by absences.

mod holidays;
mod hours;
#[cfg(test)]
mod test_office;
mod working_days;
mod working_time;

pub use holidays::{HolidayZone, easter, is_public_holiday, public_holidays};
pub use hours::{DayHours, HoursError, WorkingHours};
pub use working_days::{add_months_clamped, add_working_days, is_working_day, next_working_day};
