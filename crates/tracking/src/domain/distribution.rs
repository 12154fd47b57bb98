//! Median and 90th percentile.
//!
//! With at most [`EXACT`] values they are exact: the values are sorted, and a percentile between two of them is
//! interpolated (as a spreadsheet's PERCENTILE does). Beyond, the database counts the values by minute, and the
//! percentile is that of the middle of its minute: at that size nobody sees the difference, and what is read stays
//! small.

/// How many values are sorted at most.
pub const EXACT: u64 = 200_000;

/// How some durations are spread, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Distribution {
    /// How many.
    pub count: u64,
    /// Half are shorter; 0 where there are none.
    pub median: f64,
    /// Nine in ten are shorter; 0 where there are none.
    pub p90: f64,
}

impl Distribution {
    /// Of durations in microseconds.
    pub fn of_micros(mut micros: Vec<i64>) -> Self {
        micros.sort_unstable();
        let at = |rank: usize| micros.get(rank).map_or(0.0, |value| (*value).max(0) as f64 / 1e6);
        Self::interpolated(micros.len() as u64, at)
    }

    /// Of counts by minute, the minutes in order.
    pub fn of_minutes(minutes: &[(i64, u64)]) -> Self {
        let count = minutes.iter().map(|(_, count)| count).sum();
        let at = |rank: usize| {
            let mut before = 0;
            for (minute, count) in minutes {
                before += count;
                if rank as u64 <= before.saturating_sub(1) && before > 0 {
                    return (*minute).max(0) as f64 * 60.0 + 30.0;
                }
            }
            0.0
        };
        Self::interpolated(count, at)
    }

    fn interpolated(count: u64, at: impl Fn(usize) -> f64) -> Self {
        if count == 0 {
            return Self::default();
        }
        let percentile = |share: f64| {
            let rank = share * (count - 1) as f64;
            let (low, part) = (rank.floor(), rank.fract());
            let value = at(low as usize);
            if part == 0.0 { value } else { value + (at(low as usize + 1) - value) * part }
        };
        Self { count, median: percentile(0.5), p90: percentile(0.9) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_a_spreadsheet() {
        assert_eq!(Distribution::of_micros(vec![]), Distribution::default());
        let one = Distribution::of_micros(vec![5_000_000]);
        assert_eq!(one, Distribution { count: 1, median: 5.0, p90: 5.0 });
        let four = Distribution::of_micros(vec![40_000_000, 10_000_000, 30_000_000, 20_000_000]);
        assert_eq!((four.median, four.p90), (25.0, 37.0));
        let eleven = Distribution::of_micros((0..=10).map(|n| n * 1_000_000).collect());
        assert_eq!((eleven.median, eleven.p90), (5.0, 9.0));
    }

    #[test]
    fn counting_by_minute_is_off_by_a_minute_at_most() {
        let micros: Vec<i64> = (0..5000).map(|n| (n * n % 86_400) * 1_000_000).collect();
        let mut minutes = std::collections::BTreeMap::new();
        for value in &micros {
            *minutes.entry(value / 60_000_000).or_insert(0_u64) += 1;
        }
        let minutes: Vec<_> = minutes.into_iter().collect();
        let (exact, counted) = (Distribution::of_micros(micros), Distribution::of_minutes(&minutes));
        assert_eq!(exact.count, counted.count);
        assert!((exact.median - counted.median).abs() <= 60.0, "{exact:?} {counted:?}");
        assert!((exact.p90 - counted.p90).abs() <= 60.0, "{exact:?} {counted:?}");
    }
}
