//! How much work an agent was given for the hours they could have been given some: what fairness is measured by.
//!
//! Both sides lose a thirty-second at each midnight (half is gone after twenty-two days), so that what counts is the
//! last weeks and a return from a long absence is no debt. Only hours count in which the agent works, is there and has
//! room: who is full is not owed what they could not have taken. Whole numbers only: the same everywhere.

use jiff::civil::Date;
use parvis_kernel::Timestamp;

use super::case::USUAL_WEIGHT;

/// A day keeps all but one part in so many.
const DECAY: u64 = 32;
/// Days looked back at most; what is older has decayed to a sixth.
pub(super) const DAYS_BACK: usize = 60;
/// An hour, in milliseconds.
const HOUR: u64 = 3_600_000;
/// Work is kept in thousandths of what weights are in, so that decay has something to take.
const SCALE: u64 = 1_000;

/// An agent's account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Work given: thousandths of hundredths of a case, decayed.
    pub work: u64,
    /// Time in which they could receive: milliseconds, decayed.
    pub available: u64,
    /// Until when that time was counted: microseconds since 1970; 0: not begun.
    pub counted_until: i64,
}

impl Account {
    /// Work an hour if `weight` more were given, in thousandths of hundredths: 100,000 is a case an hour. An hour is
    /// added to the hours, so that somebody new is not owed everything at once.
    pub fn rate_with(&self, weight: u32) -> u64 {
        let work = u128::from(self.work) + u128::from(weight) * u128::from(SCALE);
        let rate = work * u128::from(HOUR) / (u128::from(self.available) + u128::from(HOUR));
        u64::try_from(rate).unwrap_or(u64::MAX)
    }

    /// Work was given.
    pub fn give(&mut self, weight: u32) {
        self.work = self.work.saturating_add(u64::from(weight) * SCALE);
    }

    /// Counts the time until `now`. `open` gives the milliseconds of each day in which the agent could receive, from
    /// the first instant to the second where they are on that day; nothing while they could not.
    pub fn count(&mut self, now: Timestamp, days: &Days, open: impl Fn(usize, i64, i64) -> u64) {
        let until = now.as_microsecond();
        if self.counted_until == 0 {
            self.counted_until = until;
        }
        if self.counted_until >= until {
            return;
        }
        let since = days.back_to(self.counted_until);
        for back in (0..=since).rev() {
            self.available = self.available.saturating_add(open(back, self.counted_until, until));
            if back > 0 {
                self.work -= self.work / DECAY;
                self.available -= self.available / DECAY;
            }
        }
        self.counted_until = until;
    }
}

/// Rates within about a tenth of each other.
pub fn about(rate: u64) -> u64 {
    let rate = rate.max(1);
    let top = 63 - rate.leading_zeros();
    // The three bits after the first.
    let fraction = (u128::from(rate) << 3 >> top) & 7;
    u64::from(top) * 8 + u64::try_from(fraction).unwrap_or(0)
}

/// The last days and how long each calendar was open, for one today.
#[derive(Debug)]
pub struct Days {
    /// Today, by the authority's clock.
    pub today: Date,
    /// When each day began, in microseconds: today, yesterday, …
    pub began: Vec<i64>,
    /// By calendar, by day: its periods, in microseconds.
    pub periods: Vec<Vec<Vec<(i64, i64)>>>,
}

impl Days {
    /// Which day `at` was on: 0 is today; the farthest kept where it is older.
    fn back_to(&self, at: i64) -> usize {
        self.began.iter().position(|began| *began <= at).unwrap_or(DAYS_BACK)
    }

    /// How long `calendar` was open on the day `back` days ago, from `from` to `until`: milliseconds.
    pub fn open(&self, calendar: usize, back: usize, from: i64, until: i64) -> u64 {
        let periods = self.periods.get(calendar).and_then(|days| days.get(back)).map_or(&[][..], Vec::as_slice);
        let length = |(start, end): &(i64, i64)| (*end).min(until).saturating_sub((*start).max(from)).max(0);
        let open: i64 = periods.iter().map(length).sum();
        u64::try_from(open / 1_000).unwrap_or(0)
    }

    /// Whether `calendar` is open at `at`, which is today.
    pub fn is_open(&self, calendar: usize, at: i64) -> bool {
        let periods = self.periods.get(calendar).and_then(|days| days.first()).map_or(&[][..], Vec::as_slice);
        periods.iter().any(|(start, end)| *start <= at && at < *end)
    }
}

/// What a case takes of somebody who has room for `capacity` cases: never more than all of it.
pub fn effective(weight: u32, capacity: u32) -> u32 {
    weight.min(room_of(capacity))
}

/// Room for `capacity` cases, in hundredths.
pub fn room_of(capacity: u32) -> u32 {
    capacity.saturating_mul(USUAL_WEIGHT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_groups_what_is_near_and_keeps_the_order() {
        assert_eq!(about(100_000), about(104_000));
        assert!(about(100_000) < about(120_000));
        let mut last = 0;
        for rate in 0..100_000 {
            assert!(about(rate) >= last, "{rate}");
            last = about(rate);
        }
    }

    #[test]
    fn more_hours_or_less_work_come_first() {
        let account =
            |work: u64, hours: u64| Account { work: work * 100_000, available: hours * HOUR, counted_until: 1 };
        assert!(account(4, 20).rate_with(100) < account(4, 10).rate_with(100));
        assert!(account(4, 20).rate_with(100) < account(5, 20).rate_with(100));
        // Somebody new gets one, not all.
        assert!(account(0, 0).rate_with(100) < account(100, 40).rate_with(100));
        assert!(account(3, 0).rate_with(100) > account(100, 40).rate_with(100));
    }
}
