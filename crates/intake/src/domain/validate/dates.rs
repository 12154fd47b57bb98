//! Dates of a form against their bounds.

use jiff::{SignedDuration, civil::Date, tz::TimeZone};
use parvis_kernel::{Reason, Timestamp, reason::Expected, typed::number::PartialDate};

use crate::domain::procedure::{DayBound, Field};

/// How far the day of whoever writes may be from ours: towns lie on both sides of the date line, and nobody is refused
/// their own today.
const EAST: SignedDuration = SignedDuration::from_hours(14);
const WEST: SignedDuration = SignedDuration::from_hours(-12);

/// The date that `field` takes.
///
/// # Errors
/// Why it is not taken.
pub(super) fn read(field: &Field, typed: &str, now: Timestamp) -> Result<PartialDate, (Reason, String)> {
    let (expected, like) = if field.partial {
        (Expected::PartialDay, "2026-05-31, 2026-05 or 2026")
    } else {
        (Expected::Day, "2026-05-31")
    };
    let date = PartialDate::read(typed).filter(|date| field.partial || date.is_day());
    let Some(date) = date else {
        return Err((expected.into(), format!("not a day of the calendar written like {like}")));
    };
    match field.earliest {
        Some(DayBound::Today) if date.latest() < at(now, WEST) => {
            return Err((Reason::InThePast, "in the past; check the day and the year".to_owned()));
        }
        Some(DayBound::Day(first)) if date.latest() < first => {
            return Err((Reason::BeforeDate { first }, format!("before {first}, the first day accepted")));
        }
        _ => {}
    }
    match field.latest {
        Some(DayBound::Today) if date.earliest() > at(now, EAST) => {
            Err((Reason::InTheFuture, "in the future; check the day and the year".to_owned()))
        }
        Some(DayBound::Day(last)) if date.earliest() > last => {
            Err((Reason::AfterDate { last }, format!("after {last}, the last day accepted")))
        }
        _ => Ok(date),
    }
}

fn at(now: Timestamp, away: SignedDuration) -> Date {
    now.saturating_add(away).unwrap_or(now).to_zoned(TimeZone::UTC).date()
}
