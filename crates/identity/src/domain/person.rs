//! Names, addresses and numbers as compared, whatever way they were typed.

use parvis_kernel::text::fold;

use super::account::email_key;

/// Words kept of one name, and characters of one word: a key of an index stays short.
const WORDS: usize = 8;
const WORD_CHARS: usize = 30;
/// An address longer than this is nobody's.
const EMAIL_BYTES: usize = 320;

/// The words of a name: no accents, no capitals, no punctuation.
pub fn words(text: &str) -> Vec<String> {
    let mut plain = String::with_capacity(text.len());
    for c in fold(text).chars() {
        match c {
            'ß' => plain.push_str("ss"),
            'ø' => plain.push('o'),
            'ł' => plain.push('l'),
            'đ' => plain.push('d'),
            'ı' => plain.push('i'),
            c if c.is_alphanumeric() => plain.push(c),
            _ => plain.push(' '),
        }
    }
    plain.split_whitespace().take(WORDS).map(|word| word.chars().take(WORD_CHARS).collect()).collect()
}

/// An address as compared; `None` where it is not one.
pub fn email(text: &str) -> Option<String> {
    let key = email_key(text);
    let (local, host) = key.rsplit_once('@')?;
    let sane = !local.is_empty() && !host.is_empty() && !key.contains(|c: char| c.is_whitespace() || c.is_control());
    (sane && key.len() <= EMAIL_BYTES).then_some(key)
}

/// A telephone number as compared: `+`, country, number (E.164 where it can be told). A national number is French; the
/// overseas departments have countries of their own.
pub fn phone(text: &str) -> Option<String> {
    // "+33 (0)6…": the zero in brackets is not dialled.
    let text = text.replace("(0)", "");
    let plus = text.trim_start().starts_with('+');
    if text.chars().any(|c| !matches!(c, '0'..='9' | '+' | ' ' | '.' | '-' | '(' | ')' | '/' | '\u{a0}' | '\u{202f}')) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = if plus {
        digits
    } else if let Some(international) = digits.strip_prefix("00") {
        international.to_owned()
    } else if let Some(national) = digits.strip_prefix('0').filter(|rest| rest.len() == 9) {
        format!("{}{national}", country_of(national))
    } else {
        // A short or unknown numbering: compared as it is.
        return (digits.len() >= 6 && digits.len() <= 15).then_some(digits);
    };
    let number = match number.strip_prefix("330") {
        Some(rest) if rest.len() == 9 => format!("33{rest}"),
        _ => number,
    };
    (8..=15).contains(&number.len()).then(|| format!("+{number}"))
}

fn country_of(national: &str) -> &'static str {
    match national.get(..3) {
        Some("262" | "263" | "269" | "639" | "692" | "693") => "262",
        Some("590" | "690" | "691") => "590",
        Some("594" | "694") => "594",
        Some("596" | "696" | "697") => "596",
        _ => "33",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_accents_capitals_and_punctuation() {
        assert_eq!(words("  Éléonore  d'Ÿs-LEFÈVRE "), ["eleonore", "d", "ys", "lefevre"]);
        assert_eq!(words("Cœur Æneas Ørsted Łukasz"), ["coeur", "aeneas", "orsted", "lukasz"]);
        assert_eq!(words("ИВАН"), ["иван"]);
        assert_eq!(words("e\u{301}ric"), words("\u{c9}RIC"));
        assert!(words("… - '").is_empty());
        assert!(words(&"a ".repeat(10_000)).len() <= WORDS);
    }

    #[test]
    fn numbers_have_one_form() {
        for same in [
            "06 12 34 56 78",
            "06.12.34.56.78",
            "+33 6 12 34 56 78",
            "0033612345678",
            "+33 (0)6 12-34-56-78",
            "+330612345678",
        ] {
            assert_eq!(phone(same).as_deref(), Some("+33612345678"), "{same}");
        }
        assert_eq!(phone("0692 12 34 56"), phone("+262 692 12 34 56"));
        assert_eq!(phone("+44 20 7946 0958").as_deref(), Some("+442079460958"));
        for none in ["", "12", "appelez-moi", "06 12 34 56 78 poste 4", "+", &"1".repeat(40)] {
            assert_eq!(phone(none), None, "{none}");
        }
    }

    #[test]
    fn addresses_have_one_form() {
        assert_eq!(email(" Claire.Martin@Exemple.FR ").as_deref(), Some("claire.martin@exemple.fr"));
        for none in ["", "claire", "@x.fr", "claire@", "a b@x.fr", "a\n@x.fr", &format!("{}@x.fr", "a".repeat(400))] {
            assert_eq!(email(none), None, "{none}");
        }
    }
}
