//! Numbers of organisations: RNA of an association, SIREN of a company, SIRET of one of its establishments.

/// La Poste, whose establishments do not follow Luhn's rule.
const LA_POSTE: &str = "356000000";

/// A number of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Number {
    /// An association's: W and nine digits.
    Rna(String),
    /// A company's: nine digits.
    Siren(String),
    /// An establishment's: fourteen digits.
    Siret(String),
}

impl Number {
    /// Reads what people type: spaces, full stops and dashes anywhere, the number's name before it.
    pub fn read(typed: &str) -> Option<Self> {
        if typed.len() > 200 {
            return None;
        }
        let mut compact: String =
            super::one_line(typed).to_uppercase().chars().filter(char::is_ascii_alphanumeric).collect();
        for name in ["SIRET", "SIREN", "RNA", "N", "NO"] {
            if let Some(rest) = compact.strip_prefix(name).filter(|rest| !rest.is_empty()) {
                compact = rest.to_owned();
            }
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        match compact.as_bytes() {
            [b'W', rest @ ..] if rest.len() == 9 && digits(&compact[1..]) => Some(Self::Rna(compact)),
            all if all.len() == 9 && digits(&compact) && luhn(&compact) => Some(Self::Siren(compact)),
            all if all.len() == 14 && digits(&compact) && is_siret(&compact) => Some(Self::Siret(compact)),
            _ => None,
        }
    }

    /// Without spaces: what is kept.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Rna(text) | Self::Siren(text) | Self::Siret(text) => text,
        }
    }

    /// What it is called, and the number in groups as people read it.
    pub fn shown(&self) -> (&'static str, String) {
        match self {
            Self::Rna(text) => ("RNA", text.clone()),
            Self::Siren(text) => ("SIREN", grouped(text)),
            Self::Siret(text) => ("SIRET", format!("{} {}", grouped(&text[..9]), &text[9..])),
        }
    }
}

fn grouped(digits: &str) -> String {
    let mut shown = String::with_capacity(digits.len() + 3);
    for (at, c) in digits.chars().enumerate() {
        if at > 0 && at % 3 == 0 {
            shown.push(' ');
        }
        shown.push(c);
    }
    shown
}

/// Fourteen digits that pass Luhn's rule, those of the company too; La Poste's need a sum that is a multiple of five.
fn is_siret(digits: &str) -> bool {
    let sum: u32 = digits.bytes().map(|byte| u32::from(byte - b'0')).sum();
    luhn(digits) || (digits.starts_with(LA_POSTE) && sum.is_multiple_of(5))
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            if at % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_number_is_read_however_it_is_spaced() {
        for (typed, kept, shown) in [
            ("W751212517", "W751212517", "W751212517"),
            ("w 75 121 2517", "W751212517", "W751212517"),
            ("RNA : W751212517", "W751212517", "W751212517"),
            ("732 829 320", "732829320", "732 829 320"),
            ("SIREN 732829320", "732829320", "732 829 320"),
            ("732.829.320.00074", "73282932000074", "732 829 320 00074"),
            ("732 829 320 00074", "73282932000074", "732 829 320 00074"),
            ("n° 732-829-320-00074", "73282932000074", "732 829 320 00074"),
            ("35600000000048", "35600000000048", "356 000 000 00048"),
            ("356 000 000 49837", "35600000049837", "356 000 000 49837"),
        ] {
            let read = Number::read(typed).unwrap_or_else(|| panic!("{typed}"));
            assert_eq!((read.as_str(), read.shown().1.as_str()), (kept, shown), "{typed}");
            assert_eq!(Number::read(&read.shown().1).as_ref(), Some(&read));
        }
        for wrong in [
            "",
            "W75121251",
            "W7512125170",
            "732829321",
            "73282932000075",
            "35600000049838",
            "7328293200007",
            "ABC",
            "X751212517",
            "W75121251A",
        ] {
            assert_eq!(Number::read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_never_makes_a_siret(mut digits in prop::collection::vec(0_u8..10, 14), at in 0..14_usize, by in 1_u8..10) {
            let text = |digits: &[u8]| digits.iter().map(|digit| char::from(b'0' + digit)).collect::<String>();
            let last = (0..10).find(|last| { digits[13] = *last; luhn(&text(&digits)) }).unwrap();
            digits[13] = last;
            prop_assume!(!text(&digits).starts_with(LA_POSTE));
            prop_assert!(matches!(Number::read(&text(&digits)), Some(Number::Siret(_))));
            digits[at] = (digits[at] + by) % 10;
            prop_assume!(!text(&digits).starts_with(LA_POSTE));
            prop_assert_eq!(Number::read(&text(&digits)), None);
        }
    }
}
