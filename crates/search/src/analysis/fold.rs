//! Letters made comparable: lower case, no accents, ligatures undone, one kind of apostrophe.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A word or text in lower case and without accents: `Œuvre` gives `oeuvre`, `Été` gives `ete`.
///
/// Two spellings that differ only by their accents fold to the same, whichever Unicode form they came in.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkd().filter(|character| !is_combining_mark(*character)) {
        match character {
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' | 'Ø' => folded.push('o'),
            'ł' | 'Ł' => folded.push('l'),
            _ => folded.extend(character.to_lowercase().filter(|lower| !is_combining_mark(*lower))),
        }
    }
    folded
}

/// Whether a character stands where an elided vowel was.
pub(crate) fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’' | '‘' | 'ʼ' | '´' | '`' | '′' | '＇')
}

/// The beginning of a text that holds in so many bytes, cut between two characters.
pub fn bounded(text: &str, maximum_bytes: usize) -> &str {
    if text.len() <= maximum_bytes {
        return text;
    }
    &text[..text.floor_char_boundary(maximum_bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_ligatures_do_not_count() {
        assert_eq!(fold("Œuvre À L’ÉCOLE"), "oeuvre a l’ecole");
        assert_eq!(fold("e\u{301}te\u{301}"), fold("été"));
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(bounded("été", 4), "ét");
        assert_eq!(bounded("été", 2), "é");
        assert_eq!(bounded("été", 1), "");
        assert_eq!(bounded("été", 99), "été");
    }
}
