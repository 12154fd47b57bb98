//! The secret that lets whoever holds it follow a request: `K7R-2MQ-9XB-4TD`.
//!
//! Twelve characters of Crockford's base 32 (60 bits): no I, L, O or U, so that a code copied by hand from a letter
//! reads back. Every role compares the SHA-256 of the *normalised* code, in constant time, and keeps no code.

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The digits of a code, by value.
pub const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code without its dashes.
pub const LENGTH: usize = 12;

/// How much of what is typed is looked at: a code with every sort of spacing fits, a flood does not.
const LONGEST_TYPED: usize = 64;

/// A code as compared and hashed, from what people type: upper case, no spaces, dashes or dots, O read as 0, I and L
/// as 1. Whatever is not a code gives a text that matches none.
pub fn normalize(typed: &str) -> String {
    typed
        .chars()
        .take(LONGEST_TYPED)
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '‑' | '–' | '—' | '.' | '_'))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// Whether a normalised code has the shape of one.
pub fn is_normalized(code: &str) -> bool {
    code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// A code as shown: in threes.
pub fn format(normalized: &str) -> String {
    let mut shown = String::with_capacity(normalized.len() + normalized.len() / 3);
    for (at, c) in normalized.chars().enumerate() {
        if at > 0 && at % 3 == 0 {
            shown.push('-');
        }
        shown.push(c);
    }
    shown
}

/// What is kept of a code, however it is typed: its SHA-256, hexadecimal.
pub fn sha256(typed: &str) -> String {
    hex::encode(Sha256::digest(normalize(typed)))
}

/// Whether `typed` is the code of which `kept` is the [hash](sha256). It takes the same time whatever is wrong; where
/// nothing is kept, nothing opens.
pub fn opens(typed: &str, kept: &str) -> bool {
    sha256(typed).as_bytes().ct_eq(kept.as_bytes()).into()
}

/// The normalised code made of the first 60 bits of `digest`.
pub fn from_digest(digest: &[u8; 32]) -> String {
    let mut bits = [0_u8; 8];
    bits.copy_from_slice(&digest[..8]);
    let bits = u64::from_be_bytes(bits);
    (0..LENGTH).map(|at| char::from(ALPHABET[(bits >> (59 - 5 * at)) as usize & 31])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_back_however_it_is_typed() {
        let code = from_digest(&[0x9c; 32]);
        assert!(is_normalized(&code), "{code}");
        let shown = format(&code);
        assert_eq!(shown.len(), 15);
        for typed in [shown.clone(), shown.to_lowercase(), shown.replace('-', " "), format!("\u{a0}{code} ")] {
            assert_eq!(normalize(&typed), code, "{typed}");
        }
        assert_eq!(normalize("oil-OIL"), "011011");
    }

    #[test]
    fn every_bit_of_the_first_sixty_counts() {
        let zero = from_digest(&[0; 32]);
        assert_eq!(zero, "0".repeat(LENGTH));
        for bit in 0..60 {
            let mut digest = [0_u8; 32];
            digest[bit / 8] = 0x80 >> (bit % 8);
            assert_ne!(from_digest(&digest), zero, "bit {bit}");
        }
    }

    #[test]
    fn a_code_opens_however_it_is_typed_and_no_other_does() {
        let kept = sha256("K7R-2MQ-9XB-4TD");
        assert_eq!(kept, hex::encode(Sha256::digest(b"K7R2MQ9XB4TD")));
        assert!(opens("k7r-2mq 9xb.4td", &kept));
        assert!(!opens("K7R-2MQ-9XB-4TE", &kept));
        assert!(!opens("", ""));
        assert!(!opens("K7R-2MQ-9XB-4TD", ""));
    }

    #[test]
    fn nonsense_has_not_the_shape_of_a_code() {
        for bad in ["", "ABC", "UUUUUUUUUUUU", "ÉÉÉÉÉÉÉÉÉÉÉÉ", "000000000000000"] {
            assert!(!is_normalized(&normalize(bad)), "{bad}");
        }
        assert!(normalize(&"A".repeat(1_000_000)).len() <= LONGEST_TYPED);
    }
}
