//! The short name of a request, as read aloud on the telephone.
//!
//! Nine digits in threes and a check letter: `412-873-952-K`. Digits are what French speakers dictate best (B, D, P
//! and T are not told apart on the telephone); the letter, the remainder by 23, catches every wrong digit and every
//! swap of two neighbours. The letters avoid I, O and U, which look like 1, 0 and V.
//!
//! Numbers are taken one after the other and then permuted (a Feistel network walked until it falls in range), so
//! two requests of a tenant never share one, and nobody reads the authority's volume off a reference.

use std::{fmt, str::FromStr};

use crate::{
    error::{Error, Result},
    reason::Expected,
    typed::one_line,
};

const CHECK_LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRSTVWXYZ";

/// How many references a tenant has.
pub const CAPACITY: u64 = 1_000_000_000;

/// A request's short name, unique in its tenant.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(u32);

impl Reference {
    /// The reference of the `rank`-th request of a tenant (from 0). Distinct ranks give distinct references.
    ///
    /// # Errors
    /// [`ErrorKind::Exhausted`](crate::ErrorKind::Exhausted) past [`CAPACITY`].
    pub fn of_rank(rank: u64, key: u64) -> Result<Self> {
        if rank >= CAPACITY {
            return Err(Error::new(crate::ErrorKind::Exhausted, "no reference left for this authority"));
        }
        let mut value = rank as u32;
        loop {
            value = permute(value, key);
            if u64::from(value) < CAPACITY {
                return Ok(Self(value));
            }
        }
    }

    /// The number without its letter, for the store.
    pub fn number(self) -> i64 {
        i64::from(self.0)
    }

    /// The reference whose number is `number`, from the store.
    pub fn from_number(number: i64) -> Result<Self> {
        u32::try_from(number)
            .ok()
            .filter(|n| u64::from(*n) < CAPACITY)
            .map(Self)
            .ok_or_else(|| Error::invalid("reference", "not a reference's number"))
    }

    fn letter(self) -> char {
        char::from(CHECK_LETTERS[(self.0 % 23) as usize])
    }
}

/// Permutes 30-bit numbers: four Feistel rounds of 15 bits each side.
fn permute(value: u32, key: u64) -> u32 {
    const HALF: u32 = 0x7fff;
    let (mut left, mut right) = (value >> 15 & HALF, value & HALF);
    for round in 0..4u32 {
        let mixed = (u64::from(right) ^ key.rotate_left(round * 16))
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(29)
            .wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (left, right) = (right, left ^ ((mixed >> 40) as u32 & HALF));
    }
    left << 15 | right
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.0;
        write!(f, "{:03}-{:03}-{:03}-{}", n / 1_000_000, n / 1000 % 1000, n % 1000, self.letter())
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reference({self})")
    }
}

impl FromStr for Reference {
    type Err = Error;

    /// Reads what people type or copy: any spacing, dashes or punctuation, `n°` or « Référence : » before it, a small
    /// letter, O for 0 and I or L for 1 among the digits.
    fn from_str(text: &str) -> Result<Self> {
        let reason = || Expected::Reference;
        let wrong = |why| Error::wrong("reference", reason(), format!("{why}; a reference looks like 412-873-952-K"));
        if text.len() > LONGEST_TYPED {
            return Err(wrong("this is not a reference"));
        }
        let compact = without_label(&one_line(text))
            .chars()
            .filter(|c| !c.is_whitespace() && !PUNCTUATION.contains(*c))
            .map(|c| of_a_keyboard(c).to_ascii_uppercase())
            .collect::<String>();
        if !compact.is_ascii() || !compact.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(wrong("this is not a reference"));
        }
        if compact.len() != 10 {
            return Err(wrong("nine digits and a letter are expected"));
        }
        let (digits, letter) = compact.split_at(9);
        let digits: String = digits
            .chars()
            .map(|c| match c {
                'O' | 'Q' => '0',
                'I' | 'L' => '1',
                c => c,
            })
            .collect();
        let number = digits.parse::<u32>().map_err(|_| wrong("the first nine must be digits"))?;
        let reference = Self(number);
        if !letter.starts_with(reference.letter()) {
            return Err(wrong("the last letter does not match the digits: one of them is mistyped"));
        }
        Ok(reference)
    }
}

/// Characters of what is typed at most.
const LONGEST_TYPED: usize = 200;
/// What people put between and around the parts.
const PUNCTUATION: &str = "-.,;:/_#'\"()[]«»<>·•‐‑‒–—―−";

/// Without the word that says what it is.
fn without_label(text: &str) -> &str {
    let mut rest = text.trim_start();
    for label in
        ["dossier", "demande", "référence", "reference", "réf", "ref", "numéro", "numero", "num", "n°", "nº", "no", "№"]
    {
        let Some(start) = rest.char_indices().nth(label.chars().count()).map_or(Some(rest.len()), |(at, _)| Some(at))
        else {
            continue;
        };
        if rest[..start].to_lowercase() == label {
            rest = rest[start..].trim_start_matches([' ', ':', '.', ',', '\u{a0}']);
        }
    }
    rest
}

/// A digit of a wide keyboard is a digit.
fn of_a_keyboard(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ranks_never_share_a_reference() {
        let seen: HashSet<_> = (0..200_000).map(|rank| Reference::of_rank(rank, 42).unwrap()).collect();
        assert_eq!(seen.len(), 200_000);
        let last: HashSet<_> = (CAPACITY - 1000..CAPACITY).map(|rank| Reference::of_rank(rank, 42).unwrap()).collect();
        assert_eq!(last.len(), 1000);
        assert!(seen.is_disjoint(&last));
        assert!(Reference::of_rank(CAPACITY, 42).is_err());
    }

    #[test]
    fn the_permutation_is_one_to_one_and_stays_in_its_domain() {
        let images: HashSet<_> = (0..1u32 << 18).map(|value| permute(value << 12, 7)).collect();
        assert_eq!(images.len(), 1 << 18);
        assert!(images.iter().all(|image| *image < 1 << 30));
    }

    #[test]
    fn the_one_shown_as_an_example_is_a_reference() {
        let error = "412".parse::<Reference>().unwrap_err();
        let example = error.message().rsplit(' ').next().unwrap();
        assert_eq!(example.parse::<Reference>().unwrap().to_string(), example);
    }

    #[test]
    fn what_is_printed_reads_back_however_it_is_typed() {
        let reference = Reference::of_rank(12_345, 99).unwrap();
        let text = reference.to_string();
        assert_eq!(text.parse::<Reference>().unwrap(), reference);
        let sloppy = format!(" {} ", text.replace('-', " ").to_lowercase());
        assert_eq!(sloppy.parse::<Reference>().unwrap(), reference);
    }

    #[test]
    fn a_reference_opens_as_people_copy_it() {
        let reference: Reference = "412-873-952-K".parse().unwrap();
        for typed in [
            "n° 412-873-952-K",
            "N°412 873 952 K",
            "nº 412-873-952-k",
            "No 412-873-952-K",
            "Référence : 412-873-952-K.",
            "réf. n° 412-873-952-K",
            "Dossier n° 412-873-952-K",
            "412–873–952–K",
            "412‑873‑952‑K",
            "412—873—952—K,",
            "(412-873-952-K)",
            "«\u{a0}412-873-952-K\u{a0}»",
            "412.873.952.K",
            "412/873/952/K",
            "412\u{200b}-873-952-K\r\n",
            "\u{202a}412-873-952-K\u{202c}",
        ] {
            assert_eq!(typed.parse::<Reference>().ok(), Some(reference), "{typed:?}");
        }
        let zeros = Reference::from_number(170_069_810).unwrap().to_string();
        for typed in
            [zeros.replace('0', "O"), zeros.replace('0', "o"), zeros.replacen('1', "l", 1), zeros.replacen('1', "I", 1)]
        {
            assert_eq!(
                typed.parse::<Reference>().map(|it| it.to_string()).ok().as_deref(),
                Some(zeros.as_str()),
                "{typed}"
            );
        }
    }

    #[test]
    fn every_single_wrong_digit_and_every_swap_is_caught() {
        for rank in 0..300 {
            let text = Reference::of_rank(rank, 5).unwrap().to_string().replace('-', "");
            let bytes = text.as_bytes();
            for at in 0..9 {
                for digit in b'0'..=b'9' {
                    let mut other = bytes.to_vec();
                    other[at] = digit;
                    let other = String::from_utf8(other).unwrap();
                    assert_eq!(other == text, other.parse::<Reference>().is_ok(), "{text} {other}");
                }
                if at < 8 && bytes[at] != bytes[at + 1] {
                    let mut other = bytes.to_vec();
                    other.swap(at, at + 1);
                    assert!(String::from_utf8(other).unwrap().parse::<Reference>().is_err());
                }
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in ["", "1", "412873956", "41287395AK", "412-873-956-é", "412-873-952-KK", "🦀"] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
