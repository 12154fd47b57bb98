//! How French is written.

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

/// `mardi 31 mars 2026`, `dimanche 1er mars 2026`.
pub fn long_date(date: Date) -> String {
    let day = DAYS[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0) % 7];
    let month = MONTHS[usize::try_from(date.month() - 1).unwrap_or(0) % 12];
    let number = if date.day() == 1 { "1er".to_owned() } else { date.day().to_string() };
    format!("{day} {number} {month} {}", date.year())
}

/// Tidies a rendered text: no more than one empty line in a row, no spaces at the end of lines, and the no-break
/// spaces that French asks for (before : ; ! ? », after «).
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty > 1 || (line.is_empty() && out.is_empty()) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    let mut out = out.trim_end().to_owned();
    for mark in [":", ";", "!", "?", "»"] {
        out = out.replace(&format!(" {mark}"), &format!("\u{a0}{mark}"));
    }
    out.replace("« ", "«\u{a0}").replace(" °", "\u{a0}°").replace("n° ", "n°\u{a0}")
}

/// One line without control characters, for a header or a name.
pub fn one_line(text: &str, max: usize) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    if out.chars().count() > max { out.chars().take(max).collect() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_long_and_french() {
        assert_eq!(long_date(jiff::civil::date(2026, 3, 31)), "mardi 31 mars 2026");
        assert_eq!(long_date(jiff::civil::date(2026, 3, 1)), "dimanche 1er mars 2026");
        assert_eq!(long_date(jiff::civil::date(2027, 8, 16)), "lundi 16 août 2027");
    }

    #[test]
    fn texts_are_tidied() {
        assert_eq!(tidy("\n\nÀ :  \n\n\n\n« oui » ?\n\n"), "À\u{a0}:\n\n«\u{a0}oui\u{a0}»\u{a0}?");
        assert_eq!(one_line("a\r\nBcc: x@y\tz", 100), "a Bcc: x@y z");
        assert_eq!(one_line(&"é".repeat(300), 10), "é".repeat(10));
    }
}
