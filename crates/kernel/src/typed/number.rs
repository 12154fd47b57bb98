//! Numbers and dates as people write them.

use jiff::civil::Date;

use super::one_line;

/// The years that a date may be of.
const YEARS: std::ops::RangeInclusive<i16> = 1800..=2200;

/// A decimal number, with a point or a comma, its thousands parted by spaces or not; its value and its text with a
/// point.
pub fn decimal(typed: &str) -> Option<(f64, String)> {
    let text: String = one_line(typed)
        .chars()
        .filter(|c| !matches!(c, ' ' | '\u{a0}' | '\u{202f}'))
        .map(|c| match c {
            ',' => '.',
            '−' | '–' => '-',
            c => c,
        })
        .collect();
    let text = text.strip_prefix('+').unwrap_or(&text);
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| (1..=15).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| (value, text.to_owned()))
}

/// A date of which the day, or the day and the month, may not be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialDate {
    /// `2026-05-31`.
    Day(Date),
    /// `2026-05`: its first day.
    Month(Date),
    /// `2026`: its first day.
    Year(Date),
}

impl PartialDate {
    /// Reads `2026-05-31`, `2026-05` or `2026`; also as people write them: `31/05/2026`, `05/2026`, `00/05/2026`.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > 100 {
            return None;
        }
        let text = one_line(typed);
        if text.len() > 10 || !text.is_ascii() {
            return None;
        }
        let mut parts: Vec<&str> = text.split(['-', '/', '.']).collect();
        if parts.last().is_some_and(|last| last.len() == 4) {
            parts.reverse();
        }
        if parts.first().is_none_or(|year| year.len() != 4)
            || parts.iter().skip(1).any(|part| !(1..=2).contains(&part.len()))
            || !parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return None;
        }
        let read = |at: usize| parts.get(at).map_or(Some(0_i8), |part| part.parse().ok());
        let year = parts.first()?.parse::<i16>().ok().filter(|year| YEARS.contains(year))?;
        match (parts.len(), read(1)?, read(2)?) {
            (1..=3, 0, 0) => Date::new(year, 1, 1).ok().map(Self::Year),
            (2..=3, month, 0) => Date::new(year, month, 1).ok().map(Self::Month),
            (3, month, day) => Date::new(year, month, day).ok().map(Self::Day),
            _ => None,
        }
    }

    /// Whether the day is known.
    pub fn is_day(self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// The first day that it may be.
    pub fn earliest(self) -> Date {
        match self {
            Self::Day(date) | Self::Month(date) | Self::Year(date) => date,
        }
    }

    /// The last day that it may be.
    pub fn latest(self) -> Date {
        match self {
            Self::Day(date) => date,
            Self::Month(date) => date.last_of_month(),
            Self::Year(date) => date.last_of_year(),
        }
    }

    /// As kept: `2026-05-31`, `2026-05`, `2026`.
    pub fn text(self) -> String {
        match self {
            Self::Day(date) => date.to_string(),
            Self::Month(date) => date.strftime("%Y-%m").to_string(),
            Self::Year(date) => date.strftime("%Y").to_string(),
        }
    }

    /// As people read it in French: `31/05/2026`, `05/2026`, `2026`.
    pub fn shown(self) -> String {
        match self {
            Self::Day(date) => date.strftime("%d/%m/%Y").to_string(),
            Self::Month(date) => date.strftime("%m/%Y").to_string(),
            Self::Year(date) => date.strftime("%Y").to_string(),
        }
    }
}

/// A day of the calendar, `2026-05-31` or `31/05/2026`, between 1800 and 2200.
pub fn day(typed: &str) -> Option<Date> {
    PartialDate::read(typed).filter(|date| date.is_day()).map(PartialDate::earliest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_written_many_ways() {
        for (typed, read) in [
            ("12", "12"),
            ("-1,25", "-1.25"),
            (" 1 200,5 ", "1200.5"),
            ("1\u{202f}000", "1000"),
            ("+3", "3"),
            ("−2", "-2"),
        ] {
            assert_eq!(decimal(typed).map(|(_, text)| text).as_deref(), Some(read), "{typed}");
        }
        for wrong in ["", "a", "1.2.3", "1,2,3", ".5", "5.", "--1", "1e5", "NaN", "1234567890123456"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_date_may_be_known_in_part() {
        for (typed, kept, shown) in [
            ("1954-03-12", "1954-03-12", "12/03/1954"),
            ("12/3/1954", "1954-03-12", "12/03/1954"),
            ("1954-03", "1954-03", "03/1954"),
            ("03/1954", "1954-03", "03/1954"),
            ("00/03/1954", "1954-03", "03/1954"),
            ("1954-00-00", "1954", "1954"),
            ("1954", "1954", "1954"),
        ] {
            let read = PartialDate::read(typed).unwrap();
            assert_eq!((read.text().as_str(), read.shown().as_str()), (kept, shown), "{typed}");
        }
        let february = PartialDate::read("2024-02").unwrap();
        assert_eq!(february.latest().to_string(), "2024-02-29");
        for wrong in [
            "",
            "54",
            "1954-13",
            "1954-02-30",
            "1954-00-12",
            "1700",
            "2201-01-01",
            "12/03",
            "1954-3-1-1",
            "19540312",
            "+954",
        ] {
            assert_eq!(PartialDate::read(wrong), None, "{wrong}");
        }
        assert_eq!(day("1954-03"), None);
    }

    proptest! {
        #[test]
        fn every_day_reads_back(year in 1800_i16..2200, month in 1_i8..13, of in 1_i8..32) {
            if let Ok(date) = Date::new(year, month, of) {
                prop_assert_eq!(day(&date.to_string()), Some(date));
                prop_assert_eq!(day(&PartialDate::Day(date).shown()), Some(date));
            }
        }
    }
}
