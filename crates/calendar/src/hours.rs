//! Working hours: several periods a day, by the wall clock.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize};

use crate::holidays::{HolidayZone, is_public_holiday};

/// What is wrong with written hours, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Not two times.
    #[error("« {0} » is not a period of the day; write it like 08:30-12:00")]
    Malformed(String),
    /// It ends when or before it starts.
    #[error("the period {0} is empty; its end must come after its start (past midnight, write two periods)")]
    Empty(DayHours),
    /// Two periods share a time.
    #[error("the periods {0} and {1} overlap; make them one")]
    Overlap(DayHours, DayHours),
}

/// One period of a day: from its start, included, until its end, excluded. Minutes since midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayHours {
    from: i16,
    until: i16,
}

impl DayHours {
    /// Its start and end, in minutes since midnight.
    pub(crate) fn minutes(self) -> (i16, i16) {
        (self.from, self.until)
    }

    fn contains(self, minute: i16) -> bool {
        self.from <= minute && minute < self.until
    }
}

impl fmt::Display for DayHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, until } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, until / 60, until % 60)
    }
}

impl FromStr for DayHours {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<Self, HoursError> {
        let malformed = || HoursError::Malformed(parvis_kernel::text::excerpt(text, 40));
        let (from, until) = text.split_once('-').ok_or_else(malformed)?;
        let from = minutes(from.trim()).ok_or_else(malformed)?;
        let until = minutes(until.trim()).ok_or_else(malformed)?;
        let period = Self { from, until };
        if from >= until {
            return Err(HoursError::Empty(period));
        }
        Ok(period)
    }
}

impl TryFrom<String> for DayHours {
    type Error = HoursError;
    fn try_from(text: String) -> Result<Self, HoursError> {
        text.parse()
    }
}

impl From<DayHours> for String {
    fn from(period: DayHours) -> Self {
        period.to_string()
    }
}

/// Reads `08:30`; `24:00` is the end of the day.
fn minutes(text: &str) -> Option<i16> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= 24 * 60).then_some(total)
}

/// How far ahead an opening is looked for: longer than any run of holidays.
const HORIZON_DAYS: u32 = 60;

/// The hours of a week. Public holidays are closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingHours {
    /// Monday first; each day's periods in order.
    week: [Vec<DayHours>; 7],
}

impl WorkingHours {
    /// Sets the periods of one day, in any order.
    ///
    /// # Errors
    /// The first period that is not one, is empty, or overlaps another; the day is then left as it was.
    pub fn set_day<S: AsRef<str>>(&mut self, day: Weekday, periods: &[S]) -> Result<(), HoursError> {
        let mut parsed: Vec<DayHours> =
            periods.iter().map(|period| period.as_ref().parse()).collect::<Result<_, _>>()?;
        parsed.sort_unstable();
        if let Some(pair) = parsed.windows(2).find(|pair| pair[0].until > pair[1].from) {
            return Err(HoursError::Overlap(pair[0], pair[1]));
        }
        self.week[index(day)] = parsed;
        Ok(())
    }

    /// The periods of one day, in order.
    pub fn day(&self, day: Weekday) -> &[DayHours] {
        &self.week[index(day)]
    }

    /// Whether it never opens.
    pub fn is_empty(&self) -> bool {
        self.week.iter().all(Vec::is_empty)
    }

    /// Whether `at` is within the hours, in the time zone `tz`.
    pub fn is_open(&self, at: Timestamp, tz: &TimeZone, zone: HolidayZone) -> bool {
        let local = tz.to_datetime(at);
        let minute = i16::from(local.hour()) * 60 + i16::from(local.minute());
        self.day(local.weekday()).iter().any(|period| period.contains(minute)) && !is_public_holiday(local.date(), zone)
    }

    /// `at` where it is open then, else the next opening; `None` where there is none within two months.
    pub fn next_opening(&self, at: Timestamp, tz: &TimeZone, zone: HolidayZone) -> Option<Timestamp> {
        if self.is_open(at, tz, zone) {
            return Some(at);
        }
        let mut date = tz.to_datetime(at).date();
        for _ in 0..=HORIZON_DAYS {
            let starts = self.day(date.weekday()).iter().flat_map(|period| instants(date, period.from, tz));
            let opening = starts.filter(|start| *start >= at && self.is_open(*start, tz, zone)).min();
            if opening.is_some() {
                return opening;
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

/// The instants at which the wall clock shows `minute` of `date`: two when the clocks go back over it; when they go
/// forward over it, the same length after the change.
pub(crate) fn instants(date: Date, minute: i16, tz: &TimeZone) -> impl Iterator<Item = Timestamp> {
    let time = i8::try_from(minute / 60).ok().zip(i8::try_from(minute % 60).ok());
    let wall = time.and_then(|(hour, minute)| jiff::civil::Time::new(hour, minute, 0, 0).ok());
    let first = wall.and_then(|time| tz.to_ambiguous_timestamp(date.to_datetime(time)).earlier().ok());
    let last = wall.and_then(|time| tz.to_ambiguous_timestamp(date.to_datetime(time)).later().ok());
    first.into_iter().chain(last)
}

fn index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;
    use crate::test_office::{at, office, paris};

    #[test]
    fn hours_are_read_and_written_the_same() {
        for text in ["08:30-12:00", "00:00-24:00", "13:00-13:01"] {
            assert_eq!(text.parse::<DayHours>().unwrap().to_string(), text);
        }
        for bad in ["", "8:30-12:00", "08:30", "08:30-12:60", "08:30-24:01", "08h30-12h00", "08:30-12:00-13:00", "é"] {
            assert!(matches!(bad.parse::<DayHours>(), Err(HoursError::Malformed(_))), "{bad}");
        }
        assert!(matches!("12:00-12:00".parse::<DayHours>(), Err(HoursError::Empty(_))));
        assert!(matches!("22:00-06:00".parse::<DayHours>(), Err(HoursError::Empty(_))));
    }

    #[test]
    fn overlaps_are_refused_and_change_nothing() {
        let mut hours = office();
        let error = hours.set_day(Weekday::Monday, &["09:00-11:00", "10:59-12:00"]).unwrap_err();
        assert!(error.to_string().contains("09:00-11:00 and 10:59-12:00 overlap"), "{error}");
        assert_eq!(hours, office());
        hours.set_day(Weekday::Monday, &["09:00-11:00", "11:00-12:00"]).unwrap();
    }

    #[test]
    fn open_by_the_wall_clock_not_on_holidays() {
        let hours = office();
        let zone = HolidayZone::Metropole;
        // Monday 16 November 2026, winter time; Monday 13 July 2026, summer time.
        assert!(hours.is_open(at("2026-11-16T07:30:00Z"), &paris(), zone));
        assert!(!hours.is_open(at("2026-11-16T07:29:59Z"), &paris(), zone));
        assert!(hours.is_open(at("2026-07-13T06:30:00Z"), &paris(), zone));
        assert!(!hours.is_open(at("2026-11-16T11:00:00Z"), &paris(), zone));
        // 14 July 2026 is a Tuesday.
        assert!(!hours.is_open(at("2026-07-14T08:00:00Z"), &paris(), zone));
        assert_eq!(hours.next_opening(at("2026-07-13T15:30:00Z"), &paris(), zone), Some(at("2026-07-16T06:30:00Z")));
        assert_eq!(hours.next_opening(at("2026-11-16T11:10:00Z"), &paris(), zone), Some(at("2026-11-16T12:30:00Z")));
        assert_eq!(WorkingHours::default().next_opening(at("2026-11-16T11:10:00Z"), &paris(), zone), None);
    }

    #[test]
    fn changes_of_time_are_survived() {
        let mut hours = WorkingHours::default();
        hours.set_day(Weekday::Sunday, &["02:30-02:45"]).unwrap();
        let zone = HolidayZone::Metropole;
        // 29 March 2026 has no 02:30: the next opening is a week later. 25 October has two.
        assert_eq!(hours.next_opening(at("2026-03-28T12:00:00Z"), &paris(), zone), Some(at("2026-04-05T00:30:00Z")));
        assert_eq!(hours.next_opening(at("2026-10-25T00:31:00Z"), &paris(), zone), Some(at("2026-10-25T00:31:00Z")));
        assert_eq!(hours.next_opening(at("2026-10-25T00:50:00Z"), &paris(), zone), Some(at("2026-10-25T01:30:00Z")));
    }

    proptest! {
        #[test]
        fn the_next_opening_is_the_first_open_minute(start in 1_700_000_000i64..1_900_000_000, sunday in any::<bool>()) {
            let mut hours = office();
            if sunday {
                hours.set_day(Weekday::Sunday, &["01:00-04:00", "23:00-24:00"]).unwrap();
            }
            let zone = HolidayZone::Guyane;
            let start = Timestamp::from_second(start / 60 * 60).unwrap();
            let next = hours.next_opening(start, &paris(), zone).unwrap();
            prop_assert!(next >= start && hours.is_open(next, &paris(), zone));
            let mut minute = start;
            while minute < next {
                prop_assert!(!hours.is_open(minute, &paris(), zone), "{minute} is open before {next}");
                minute += SignedDuration::from_mins(1);
            }
        }
    }
}
