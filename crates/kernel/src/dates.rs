//! Days in French.

use jiff::civil::Date;

const DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
const MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

/// « 1er mai ».
pub fn month_day(date: Date) -> String {
    let month = usize::try_from(date.month() - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or_default();
    if date.day() == 1 { format!("1er {month}") } else { format!("{} {month}", date.day()) }
}

/// « 1er mai 2026 ».
pub fn date(date: Date) -> String {
    format!("{} {}", month_day(date), date.year())
}

/// « vendredi 1er mai 2026 ».
pub fn long_date(day: Date) -> String {
    let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).ok().and_then(|at| DAYS.get(at));
    format!("{} {}", weekday.copied().unwrap_or_default(), date(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_month_is_premier() {
        let day = |year, month, day| jiff::civil::date(year, month, day);
        assert_eq!(month_day(day(2026, 1, 1)), "1er janvier");
        assert_eq!(date(day(2026, 5, 1)), "1er mai 2026");
        assert_eq!(date(day(2026, 12, 2)), "2 décembre 2026");
        assert_eq!(long_date(day(2026, 3, 1)), "dimanche 1er mars 2026");
        assert_eq!(long_date(day(2027, 8, 16)), "lundi 16 août 2027");
    }
}
