//! Shapes: telephone, SIRET, number, day, language.

use jiff::civil::Date;

/// Whether `text` has the shape of a telephone number, however it is spaced.
pub fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let spaced = |c: char| matches!(c, ' ' | '.' | '-' | '/' | '(' | ')' | '\u{a0}' | '\u{202f}');
    (6..=15).contains(&digits)
        && text.chars().enumerate().all(|(at, c)| c.is_ascii_digit() || spaced(c) || (c == '+' && at == 0))
}

/// Whether the digits pass Luhn's check.
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let digit = u32::from(*digit);
            match at % 2 {
                0 => digit,
                _ => digit * 2 / 10 + digit * 2 % 10,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Whether `text` is a SIRET: 14 digits that pass Luhn's check, or, for La Poste's establishments, whose sum is a
/// multiple of 5.
pub fn is_siret(text: &str) -> bool {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let digits: Vec<u8> = text.bytes().map(|byte| byte - b'0').collect();
    let la_poste = text.starts_with("356000000") && digits.iter().map(|digit| u32::from(*digit)).sum::<u32>() % 5 == 0;
    luhn(&digits) || la_poste
}

/// A day written `2026-05-31`, between 1800 and 2200.
pub fn day(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !shaped {
        return None;
    }
    let date = Date::new(text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?).ok()?;
    (1800..=2200).contains(&date.year()).then_some(date)
}

/// A decimal number, with a point or a comma; gives its value and its text with a point.
pub fn number(text: &str) -> Option<(f64, String)> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = unsigned.split_once(['.', ',']).unwrap_or((unsigned, "0"));
    let digits = |part: &str| (1..=15).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return None;
    }
    let text = text.replace(',', ".");
    text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|value| (value, text))
}

/// Whether `text` has the shape of a language tag (BCP 47).
pub fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    text.len() <= 35
        && parts
            .next()
            .is_some_and(|first| (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
