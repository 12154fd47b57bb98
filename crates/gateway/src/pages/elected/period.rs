//! The days that figures are about.

use jiff::{ToSpan as _, civil::Date};
use serde::Deserialize;

use crate::pages::{filing, format};

/// Days at most: a year and a day.
const LONGEST: i32 = 366;

/// As asked for in the address.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub du: String,
    #[serde(default)]
    pub au: String,
    #[serde(default)]
    pub service: String,
}

/// From a day to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
}

impl Period {
    /// The last `days` days, today included.
    pub fn last(days: i32, today: Date) -> Self {
        Self { from: today.checked_sub((days - 1).days()).unwrap_or(today), until: today }
    }

    /// As asked, or the last 30 days and what is wrong.
    pub fn read(asked: &Asked, today: Date) -> (Self, Option<(&'static str, String)>) {
        let default = Self::last(30, today);
        if asked.du.is_empty() && asked.au.is_empty() {
            return (default, None);
        }
        let day = |text: &str, default: Date| match text {
            "" => Some(default),
            text => format::parse_day(&filing::iso_day(text)),
        };
        let Some(from) = day(&asked.du, default.from) else {
            return (default, Some(("du", "La première date n'existe pas. Exemple : 01/05/2026.".to_owned())));
        };
        let Some(until) = day(&asked.au, today) else {
            return (default, Some(("au", "La dernière date n'existe pas. Exemple : 31/05/2026.".to_owned())));
        };
        if from > until {
            return (default, Some(("du", "La première date est après la dernière.".to_owned())));
        }
        if (until - from).get_days() >= LONGEST {
            return (default, Some(("du", "La période est trop longue : un an au plus.".to_owned())));
        }
        (Self { from, until }, None)
    }

    /// « du 1er au 31 mai 2026 ».
    pub fn said(&self) -> String {
        if self.from == self.until {
            return format!("le {}", format::date(self.from));
        }
        format!("du {} au {}", format::date(self.from), format::date(self.until))
    }

    /// The address's query.
    pub fn query(&self, unit: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("du", &self.from.to_string()).append_pair("au", &self.until.to_string());
        if !unit.is_empty() {
            query.append_pair("service", unit);
        }
        query.finish()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn asked(du: &str, au: &str) -> Asked {
        Asked { du: du.into(), au: au.into(), service: String::new() }
    }

    #[test]
    fn thirty_days_unless_asked_otherwise() {
        let today = date(2026, 5, 31);
        let (period, wrong) = Period::read(&asked("", ""), today);
        assert_eq!((period.from, period.until, wrong), (date(2026, 5, 2), today, None));
        let (period, _) = Period::read(&asked("01/01/2026", "2026-01-31"), today);
        assert_eq!((period.from, period.until), (date(2026, 1, 1), date(2026, 1, 31)));
        assert_eq!(period.query("voirie"), "du=2026-01-01&au=2026-01-31&service=voirie");
    }

    #[test]
    fn what_cannot_be_is_said() {
        let today = date(2026, 5, 31);
        assert_eq!(Period::read(&asked("2026-02-30", ""), today).1.unwrap().0, "du");
        assert_eq!(Period::read(&asked("", "hier"), today).1.unwrap().0, "au");
        assert!(Period::read(&asked("2026-05-02", "2026-05-01"), today).1.unwrap().1.contains("après"));
        assert!(Period::read(&asked("2020-01-01", "2026-05-01"), today).1.unwrap().1.contains("trop longue"));
    }
}
