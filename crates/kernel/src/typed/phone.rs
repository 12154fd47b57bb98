//! Telephone numbers: read, compared and dialled as E.164.
//!
//! A number without a country is French. The overseas departments and territories have countries of their own, told by
//! the beginning of the number. Other countries: the calling code must be one, and the number as long as that country's
//! are (ITU E.164 and its national plans). Whether a range is attributed is not asked: ranges are opened faster than
//! lists are.

use super::tidy::one_line;

/// Characters of a number at most, as typed.
const LONGEST: usize = 80;
/// Digits of an extension at most.
const EXTENSION: usize = 6;
/// Digits of a number at most, its country's included (E.164).
const MOST_DIGITS: usize = 15;
/// Digits of a French number, its zero included.
pub const FRENCH_DIGITS: u64 = 10;

/// Overseas ranges: the first three digits after the zero, and the country they are reached by (ARCEP's numbering
/// plan).
const OVERSEAS: [(&str, &str); 14] = [
    ("262", "262"),
    ("263", "262"),
    ("269", "262"),
    ("639", "262"),
    ("692", "262"),
    ("693", "262"),
    ("590", "590"),
    ("690", "590"),
    ("691", "590"),
    ("594", "594"),
    ("694", "594"),
    ("596", "596"),
    ("696", "596"),
    ("697", "596"),
];

/// Countries whose numbers are met most, and how many digits theirs have; others have 4 to 15 with the country's.
const LENGTHS: [(&str, usize, usize); 46] = [
    ("1", 10, 10),
    ("20", 8, 10),
    ("212", 9, 9),
    ("213", 8, 9),
    ("216", 8, 8),
    ("221", 9, 9),
    ("222", 8, 8),
    ("223", 8, 8),
    ("224", 8, 9),
    ("225", 10, 10),
    ("226", 8, 8),
    ("227", 8, 8),
    ("228", 8, 8),
    ("229", 8, 10),
    ("230", 7, 8),
    ("237", 8, 9),
    ("241", 7, 8),
    ("242", 9, 9),
    ("243", 7, 9),
    ("261", 9, 9),
    ("269", 7, 7),
    ("31", 9, 11),
    ("32", 8, 9),
    ("34", 9, 9),
    ("351", 9, 9),
    ("352", 4, 11),
    ("353", 7, 9),
    ("376", 6, 9),
    ("377", 8, 9),
    ("380", 9, 9),
    ("39", 6, 12),
    ("40", 9, 9),
    ("41", 9, 9),
    ("420", 9, 9),
    ("44", 9, 10),
    ("45", 8, 8),
    ("48", 9, 9),
    ("49", 5, 13),
    ("508", 6, 9),
    ("681", 6, 6),
    ("687", 6, 6),
    ("689", 6, 8),
    ("7", 10, 10),
    ("86", 8, 11),
    ("90", 10, 10),
    ("91", 10, 10),
];

/// A number that can be dialled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phone {
    /// `+33612345678`.
    pub e164: String,
    /// What is dialled once somebody answers; empty where there is none.
    pub extension: String,
}

/// Why it is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not written as a number.
    Shape,
    /// A French number of more or fewer digits than [ten](FRENCH_DIGITS).
    FrenchDigits,
    /// Too many or too few digits for its country, or a country that there is not.
    Digits,
}

impl Fault {
    /// The same for a machine.
    pub fn reason(self) -> crate::Reason {
        match self {
            Self::FrenchDigits => crate::Reason::DigitCount { count: FRENCH_DIGITS },
            Self::Shape | Self::Digits => crate::reason::Expected::Phone.into(),
        }
    }

    /// The same in English, with what to do.
    pub fn message(self) -> &'static str {
        match self {
            Self::FrenchDigits => "a French number has 10 digits, such as 06 12 34 56 78: one is missing or too many",
            Self::Digits => "no country has such a number; check the digits after +",
            Self::Shape => "not a telephone number; it looks like 06 12 34 56 78 or +33 6 12 34 56 78",
        }
    }
}

/// Reads a number however it is spaced.
///
/// # Errors
/// Why it is none.
pub fn read(typed: &str) -> Result<Phone, Fault> {
    if typed.len() > 4 * LONGEST {
        return Err(Fault::Shape);
    }
    let text = one_line(typed).to_lowercase();
    let (number, extension) = parts(without_label(&text)).ok_or(Fault::Shape)?;
    // "+33 (0)6…": the zero in brackets is not dialled.
    let number = number.replace("(0)", "");
    let (abroad, digits) = digits(&number).ok_or(Fault::Shape)?;
    let e164 = if abroad { of_country(&digits)? } else { of_france(&digits)? };
    Ok(Phone { e164, extension })
}

/// As compared: E.164 without the extension; `None` where it is no number.
pub fn key(typed: &str) -> Option<String> {
    read(typed).ok().map(|phone| phone.e164)
}

fn without_label(text: &str) -> &str {
    let mut rest = text.trim_start();
    for label in ["telephone", "téléphone", "portable", "mobile", "fixe", "tel", "tél"] {
        if let Some(after) = rest.strip_prefix(label) {
            rest = after.trim_start_matches([':', '.', ' ', '/']);
        }
    }
    rest.trim()
}

/// The number, and the extension behind it.
fn parts(text: &str) -> Option<(&str, String)> {
    for word in [";ext=", "poste", "ext.", "ext", "p.", "#", "x"] {
        let Some((number, after)) = text.split_once(word) else { continue };
        let after = after.trim().trim_end_matches(')').trim_start_matches([':', '.', ' ', 'n', '°']);
        let digits = (1..=EXTENSION).contains(&after.len()) && after.bytes().all(|byte| byte.is_ascii_digit());
        return digits.then(|| (number.trim_end_matches([' ', ',', '(', '-']), after.to_owned()));
    }
    Some((text, String::new()))
}

/// Whether a country is said, and the digits.
fn digits(text: &str) -> Option<(bool, String)> {
    let mut digits = String::with_capacity(16);
    let mut plus = false;
    for c in text.chars() {
        match c {
            '+' | '＋' if digits.is_empty() && !plus => plus = true,
            '0'..='9' => digits.push(c),
            // Digits of a wide or an Arabic keyboard.
            '０'..='９' => digits.push(char::from(b'0' + u8::try_from(c as u32 - 0xff10).ok()?)),
            '٠'..='٩' => digits.push(char::from(b'0' + u8::try_from(c as u32 - 0x660).ok()?)),
            ' ' | '.' | ',' | '-' | '/' | '(' | ')' | '_' | '·' | '•' | '‐' | '‑' | '‒' | '–' | '—' | '−' =>
                {}
            _ => return None,
        }
    }
    if digits.is_empty() || digits.len() > 20 {
        return None;
    }
    match digits.strip_prefix("00") {
        Some(rest) if !plus && !rest.is_empty() => Some((true, rest.to_owned())),
        _ => Some((plus, digits)),
    }
}

/// A number written without a country.
fn of_france(digits: &str) -> Result<String, Fault> {
    // Without its zero, as a spreadsheet leaves it; or with its country and without the plus.
    let national = match (digits.len(), digits.as_bytes()) {
        (10, [b'0', b'1'..=b'9', ..]) => &digits[1..],
        (9, [b'1'..=b'9', ..]) => digits,
        (11 | 12, [b'3', b'3', ..]) => return of_country(digits),
        (12, [b'2', b'6', b'2', ..] | [b'5', b'9', b'0' | b'4' | b'6', ..]) => return of_country(digits),
        _ => return Err(Fault::FrenchDigits),
    };
    if let Some(rest) = national.strip_prefix("508") {
        return Ok(format!("+508{rest}"));
    }
    let overseas = OVERSEAS.iter().find(|(range, _)| national.starts_with(range));
    Ok(format!("+{}{national}", overseas.map_or("33", |(_, country)| country)))
}

/// A number with its country.
fn of_country(digits: &str) -> Result<String, Fault> {
    // "+33 0692…" and "+33 692…" are the overseas number: the country is dialled by habit.
    if let Some(national) = digits.strip_prefix("33") {
        let national = national.strip_prefix('0').unwrap_or(national);
        return match national.as_bytes() {
            [b'1'..=b'9', ..] if national.len() == 9 => of_france(national),
            _ => Err(Fault::FrenchDigits),
        };
    }
    for country in ["262", "590", "594", "596"] {
        if let Some(national) = digits.strip_prefix(country) {
            let national = national.strip_prefix('0').unwrap_or(national);
            return if national.len() == 9 && !national.starts_with('0') {
                Ok(format!("+{country}{national}"))
            } else {
                Err(Fault::Digits)
            };
        }
    }
    let length = code_length(digits).ok_or(Fault::Digits)?;
    let (country, national) = digits.split_at_checked(length).ok_or(Fault::Digits)?;
    let (least, most) = LENGTHS
        .iter()
        .find(|(code, ..)| *code == country)
        .map_or((4, MOST_DIGITS - country.len()), |(_, least, most)| (*least, *most));
    // "+44 (0)20…" was typed "+44 020…". Italy does dial the zero.
    let national = if country == "39" { national } else { national.trim_start_matches('0') };
    let fits = (least..=most).contains(&national.len());
    if fits { Ok(format!("+{country}{national}")) } else { Err(Fault::Digits) }
}

/// How many digits the calling code has; `None` where there is none such.
fn code_length(digits: &str) -> Option<usize> {
    let mut bytes = digits.bytes();
    let (first, second) = (bytes.next()?, bytes.next()?);
    match (first, second) {
        (b'1' | b'7', _) => Some(1),
        (b'2', b'0' | b'7') | (b'3', b'0'..=b'4' | b'6' | b'9') | (b'4', b'0' | b'1' | b'3'..=b'9') => Some(2),
        (b'5', b'1'..=b'8') | (b'6', b'0'..=b'6') | (b'8', b'1' | b'2' | b'4' | b'6') => Some(2),
        (b'9', b'0'..=b'5' | b'8') => Some(2),
        (b'2', b'8') | (b'8', b'3' | b'9') | (b'0', _) => None,
        _ => (!digits.starts_with("999") && !digits.starts_with("210")).then_some(3),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is(typed: &str, e164: &str) {
        assert_eq!(read(typed).map(|phone| phone.e164).as_deref(), Ok(e164), "{typed}");
    }

    #[test]
    fn one_number_has_one_form() {
        for same in [
            "06 12 34 56 78",
            "06.12.34.56.78",
            "0612345678",
            "+33 6 12 34 56 78",
            "0033612345678",
            "00 33 (0)6 12 34 56 78",
            "+33 (0)6 12-34-56-78",
            "+330612345678",
            "(+33) 6 12 34 56 78",
            "(+33) (0)6 12 34 56 78",
            "tel:+33612345678",
            "TEL:+33-6-12-34-56-78",
            "Tél. : 06 12 34 56 78",
            "06\u{2011}12\u{2011}34\u{2011}56\u{2011}78",
            "06–12–34–56–78",
            "06\u{a0}12\u{202f}34 56 78",
            "\u{202d}06 12 34 56 78\u{202c}",
            "６ 12 34 56 78",
            "6 12 34 56 78",
            "33612345678",
            "06 12 34 56 78 poste 12",
            "06/12/34/56/78",
        ] {
            is(same, "+33612345678");
        }
        is("01 99 00 12 34", "+33199001234");
        is("06 39 98 12 34", "+262639981234");
    }

    #[test]
    fn an_extension_is_kept_apart() {
        for typed in [
            "02 40 00 00 00 poste 12",
            "02 40 00 00 00, poste n° 12",
            "02 40 00 00 00 (poste: 12",
            "02 40 00 00 00 ext. 12",
            "tel:+33240000000;ext=12",
            "02 40 00 00 00 #12",
            "0240000000x12",
        ] {
            let read = read(typed).unwrap_or_else(|fault| panic!("{typed} {fault:?}"));
            assert_eq!((read.e164.as_str(), read.extension.as_str()), ("+33240000000", "12"), "{typed}");
        }
        assert_eq!(read("02 40 00 00 00 poste douze"), Err(Fault::Shape));
    }

    #[test]
    fn overseas_numbers_have_countries_of_their_own() {
        for (typed, e164) in [
            ("0692 71 00 02", "+262692710002"),
            ("+262 692 71 00 02", "+262692710002"),
            ("+262 0692 71 00 02", "+262692710002"),
            ("+33 692 71 00 02", "+262692710002"),
            ("00262692710002", "+262692710002"),
            ("262692710002", "+262692710002"),
            ("0262 20 00 00", "+262262200000"),
            ("0269 61 00 00", "+262269610000"),
            ("0590 11 22 33", "+590590112233"),
            ("0690 11 22 33", "+590690112233"),
            ("0694 11 22 33", "+594694112233"),
            ("+594 594 11 22 33", "+594594112233"),
            ("0696 11 22 33", "+596696112233"),
            ("0508 41 23 45", "+508412345"),
            ("+508 41 23 45", "+508412345"),
            ("+687 41 23 45", "+687412345"),
            ("+689 40 12 34 56", "+68940123456"),
        ] {
            is(typed, e164);
        }
    }

    #[test]
    fn other_countries_have_their_lengths() {
        for (typed, e164) in [
            ("+44 20 7946 0958", "+442079460958"),
            ("+44 (0)20 7946 0958", "+442079460958"),
            ("+32 470 12 34 56", "+32470123456"),
            ("+1 (415) 555-0123", "+14155550123"),
            ("+352 621 123 456", "+352621123456"),
            ("+39 06 1234 5678", "+390612345678"),
            ("+213 551 23 45 67", "+213551234567"),
        ] {
            is(typed, e164);
        }
        for wrong in ["+44 20 79", "+999 12 34 56 78", "+1 415", "+", "00", "+32 470 12 34 56 78 90"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn too_many_or_too_few_digits_are_told() {
        for typed in ["06 12 34 56 78 9", "06 12 34 56 7", "+33 6 12 34 56 78 9", "+33 6 12 34", "12", "112", "0033612"]
        {
            assert_eq!(read(typed), Err(Fault::FrenchDigits), "{typed}");
        }
        for typed in ["", "appelez-moi", "06 12 34 56 7a", "06+12345678", "zoe@exemple.fr", &"1".repeat(400)] {
            assert_eq!(read(typed), Err(Fault::Shape), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_reads_back(typed in "\\PC{0,3}[+(]{0,2}[0-9 .()-]{0,18}\\PC{0,4}") {
            if let Ok(phone) = read(&typed) {
                let again = read(&phone.e164).map(|phone| phone.e164);
                prop_assert_eq!(again, Ok(phone.e164.clone()));
                prop_assert!(phone.e164.len() <= 16);
            }
        }

        #[test]
        fn every_french_number_is_read_with_or_without_its_country(digits in 100_000_000_u32..999_999_999) {
            let national = format!("0{digits}");
            prop_assert_eq!(key(&national), key(&format!("+33 {digits}")));
            prop_assert!(key(&national).is_some());
        }
    }
}
