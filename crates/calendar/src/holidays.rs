//! Public holidays.

use std::{fmt, str::FromStr};

use jiff::{ToSpan as _, civil::Date};
use parvis_kernel::Error;
use serde::{Deserialize, Serialize};

/// Which law on holidays applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is the territory of its name")]
pub enum HolidayZone {
    #[default]
    Metropole,
    AlsaceMoselle,
    Mayotte,
    Martinique,
    Guadeloupe,
    Guyane,
    Reunion,
}

impl HolidayZone {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 7] = [
        Self::Metropole,
        Self::AlsaceMoselle,
        Self::Mayotte,
        Self::Martinique,
        Self::Guadeloupe,
        Self::Guyane,
        Self::Reunion,
    ];

    /// The stable name, as in `tenants.toml`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metropole => "metropole",
            Self::AlsaceMoselle => "alsace-moselle",
            Self::Mayotte => "mayotte",
            Self::Martinique => "martinique",
            Self::Guadeloupe => "guadeloupe",
            Self::Guyane => "guyane",
            Self::Reunion => "reunion",
        }
    }

    /// Month and day of the commemoration of the abolition of slavery, overseas.
    fn abolition(self) -> Option<(i8, i8)> {
        match self {
            Self::Mayotte => Some((4, 27)),
            Self::Martinique => Some((5, 22)),
            Self::Guadeloupe => Some((5, 27)),
            Self::Guyane => Some((6, 10)),
            Self::Reunion => Some((12, 20)),
            Self::Metropole | Self::AlsaceMoselle => None,
        }
    }
}

impl fmt::Display for HolidayZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for HolidayZone {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|zone| zone.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            let text = parvis_kernel::text::excerpt(text, 40);
            Error::invalid("holidays", format!("« {text} » is not one of: {known}"))
        })
    }
}

const FIXED: [(i8, i8, &str); 8] = [
    (1, 1, "Jour de l’an"),
    (5, 1, "Fête du Travail"),
    (5, 8, "Victoire de 1945"),
    (7, 14, "Fête nationale"),
    (8, 15, "Assomption"),
    (11, 1, "Toussaint"),
    (11, 11, "Armistice de 1918"),
    (12, 25, "Noël"),
];

/// Days after Easter Sunday.
const MOVABLE: [(i32, &str); 3] = [(1, "Lundi de Pâques"), (39, "Ascension"), (50, "Lundi de Pentecôte")];

/// Easter Sunday of the Gregorian calendar, by the anonymous algorithm (Meeus, Jones, Butcher).
pub fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y.rem_euclid(19), y.div_euclid(100), y.rem_euclid(100));
    let (d, e) = (b / 4, b % 4);
    let g = (8 * b + 13) / 25;
    let h = (19 * a + b - d - g + 15).rem_euclid(30);
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k).rem_euclid(7);
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    // March 22 to April 25 whatever the year; the fallback is never taken.
    Date::new(year, i8::try_from(n / 31).unwrap_or(4), i8::try_from(n % 31 + 1).unwrap_or(1)).unwrap_or(Date::MAX)
}

/// The public holidays of a year, in order of date. Two may fall on one day.
pub fn public_holidays(year: i16, zone: HolidayZone) -> Vec<(Date, &'static str)> {
    let sunday = easter(year);
    let fixed = |month, day, name| Date::new(year, month, day).ok().map(|date| (date, name));
    let movable = |days: i32, name| sunday.checked_add(days.days()).ok().map(|date| (date, name));
    let mut days: Vec<_> = FIXED.iter().filter_map(|(month, day, name)| fixed(*month, *day, *name)).collect();
    days.extend(MOVABLE.iter().filter_map(|(after, name)| movable(*after, *name)));
    if zone == HolidayZone::AlsaceMoselle {
        days.extend(movable(-2, "Vendredi saint"));
        days.extend(fixed(12, 26, "Saint-Étienne"));
    }
    if let Some((month, day)) = zone.abolition() {
        days.extend(fixed(month, day, "Abolition de l’esclavage"));
    }
    days.sort_unstable();
    days
}

/// Whether `date` is a public holiday.
pub fn is_public_holiday(date: Date, zone: HolidayZone) -> bool {
    let day = (date.month(), date.day());
    if FIXED.iter().any(|(month, of_month, _)| (*month, *of_month) == day) || zone.abolition() == Some(day) {
        return true;
    }
    if zone == HolidayZone::AlsaceMoselle && day == (12, 26) {
        return true;
    }
    if !(3..=6).contains(&date.month()) {
        return false;
    }
    let after = date.day_of_year() - easter(date.year()).day_of_year();
    MOVABLE.iter().any(|(days, _)| *days == i32::from(after)) || (zone == HolidayZone::AlsaceMoselle && after == -2)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use jiff::civil::{Weekday, date};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for (year, month, day) in
            [(1961, 4, 2), (2000, 4, 23), (2008, 3, 23), (2011, 4, 24), (2024, 3, 31), (2026, 4, 5), (2038, 4, 25)]
        {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    #[test]
    fn names_read_back() {
        for zone in HolidayZone::ALL {
            assert_eq!(zone.as_str().parse::<HolidayZone>().unwrap(), zone);
            assert_eq!(serde_json::to_string(&zone).unwrap(), format!("\"{zone}\""));
        }
        assert!("corse".parse::<HolidayZone>().unwrap_err().message().contains("metropole"));
    }

    #[test]
    fn the_official_list_agrees() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/public_holidays.csv");
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!("skipped: {} is not there", path.display());
            return;
        };
        let codes = [
            ("metropole", HolidayZone::Metropole),
            ("57", HolidayZone::AlsaceMoselle),
            ("971", HolidayZone::Guadeloupe),
            ("972", HolidayZone::Martinique),
            ("973", HolidayZone::Guyane),
            ("974", HolidayZone::Reunion),
            ("976", HolidayZone::Mayotte),
        ];
        // Kept by custom in the Antilles, not by the law.
        let customary = ["Mi-Carême", "Vendredi saint", "Fête de Victor Schoelcher"];
        for (code, zone) in codes {
            let mut official = BTreeSet::new();
            for line in text.lines().skip(1) {
                let mut cells = line.trim_end().split(',');
                let (day, name) = (cells.next().unwrap(), cells.next().unwrap());
                let antilles = matches!(zone, HolidayZone::Guadeloupe | HolidayZone::Martinique);
                if cells.next() == Some(code) && !(antilles && customary.contains(&name)) {
                    official.insert(day.parse::<Date>().unwrap());
                }
            }
            let years: BTreeSet<i16> = official.iter().map(|day| day.year()).collect();
            assert!(years.len() >= 5, "{code}: {years:?}");
            let ours: BTreeSet<Date> =
                years.iter().flat_map(|year| public_holidays(*year, zone)).map(|(day, _)| day).collect();
            assert_eq!(ours, official, "{code}");
        }
    }

    proptest! {
        #[test]
        fn the_list_and_the_test_agree(year in 1583i16..3000, ordinal in 1i16..=365, zone in 0usize..7) {
            let zone = HolidayZone::ALL[zone];
            let day = date(year, 1, 1).checked_add((i32::from(ordinal) - 1).days()).unwrap();
            let listed = public_holidays(year, zone).iter().any(|(holiday, _)| *holiday == day);
            prop_assert_eq!(is_public_holiday(day, zone), listed);
        }

        #[test]
        fn easter_is_a_sunday_of_spring(year in 1583i16..9000) {
            let sunday = easter(year);
            prop_assert_eq!(sunday.weekday(), Weekday::Sunday);
            prop_assert!(sunday >= date(year, 3, 22) && sunday <= date(year, 4, 25));
        }
    }
}
