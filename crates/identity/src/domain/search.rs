//! What is looked for among the people known.

use parvis_kernel::{
    Error, FieldViolation, Reason, Result,
    typed::{name, phone},
};

use super::linking::{EMAIL, MatchKey, PHONE, contact_prefix, contact_start};

/// Characters at least and at most.
const SHORTEST: usize = 3;
const LONGEST: usize = 200;
/// Words looked for at most.
const WORDS: usize = 5;

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// Contacts whose key begins so.
    Contact(MatchKey),
    /// Names of which some word begins with each of these.
    Name(Vec<Vec<u8>>),
    /// A telephone number that is none: nobody has it.
    Nothing,
}

impl Search {
    /// Reads what was typed.
    pub fn parse(query: &str) -> Result<Self> {
        let query = query.trim();
        let length = query.chars().count();
        if length < SHORTEST {
            let reason = Reason::TooShort { least: SHORTEST as u64 };
            return Err(Error::wrong("query", reason, format!("at least {SHORTEST} characters are needed")));
        }
        if length > LONGEST {
            return Err(FieldViolation::too_long("query", LONGEST).into());
        }
        if query.contains('@') {
            return Ok(Self::Contact(contact_start(EMAIL, &query.to_lowercase())));
        }
        let digits = query.chars().filter(char::is_ascii_digit).count();
        if digits >= 4 && !query.chars().any(char::is_alphabetic) {
            return Ok(phone::key(query).map_or(Self::Nothing, |phone| Self::Contact(contact_prefix(PHONE, &phone))));
        }
        let mut words = name::words(query);
        words.truncate(WORDS);
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        words.dedup();
        if words.first().is_none_or(|word| word.chars().count() < 2) {
            let reason = Reason::TooShort { least: 2 };
            return Err(Error::wrong("query", reason, "at least two letters of a name are needed"));
        }
        Ok(Self::Name(words.into_iter().map(String::into_bytes).collect()))
    }
}

/// The first bytes that come after everything that begins with `prefix` (text: its last byte is never 255).
pub fn after(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    if let Some(last) = end.last_mut() {
        *last = last.saturating_add(1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_told_from_what_is_typed() {
        assert_eq!(Search::parse("Claire@Ex").unwrap(), Search::Contact(b"e:claire@ex".to_vec()));
        assert_eq!(Search::parse("06 12 34 56 78").unwrap(), Search::Contact(b"p:+33612345678\n".to_vec()));
        assert_eq!(Search::parse("0692 71 00 02").unwrap(), Search::Contact(b"p:+262692710002\n".to_vec()));
        assert_eq!(Search::parse("0612 34").unwrap(), Search::Nothing);
        assert_eq!(Search::parse("12 34").unwrap(), Search::Nothing);
        assert_eq!(Search::parse(" Mar  Élo").unwrap(), Search::Name(vec![b"mar".to_vec(), b"elo".to_vec()]));
        for bad in ["", "  ab ", "a b c", "- - -", &"x".repeat(201)] {
            assert_eq!(Search::parse(bad).unwrap_err().violations()[0].field, "query", "{bad}");
        }
    }

    #[test]
    fn what_begins_with_a_prefix_comes_before_its_end() {
        let end = after("mé".as_bytes());
        for (word, inside) in [("mé", true), ("mémé", true), ("m\u{e9}\u{10ffff}", true), ("mê", false), ("n", false)]
        {
            assert_eq!(word.as_bytes() < end.as_slice() && word.as_bytes() >= "mé".as_bytes(), inside, "{word}");
        }
    }
}
