//! Letters made comparable: lower case, no accents, ligatures undone, one kind of apostrophe.

/// A word or text in lower case and without accents: `Œuvre` gives `oeuvre`, `Été` gives `ete`; and without the letters
/// that a French keyboard lacks: `Straße` gives `strasse`.
///
/// Two spellings that differ only by their accents fold to the same, whichever Unicode form they came in.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let folded = parvis_kernel::text::fold(text);
    if !folded.contains(['ß', 'ø', 'ł']) {
        return folded;
    }
    folded.replace('ß', "ss").replace('ø', "o").replace('ł', "l")
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
        assert_eq!(fold("Øresund, Łódź, Straße"), "oresund, lodz, strasse");
    }

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(bounded("été", 4), "ét");
        assert_eq!(bounded("été", 2), "é");
        assert_eq!(bounded("été", 1), "");
        assert_eq!(bounded("été", 99), "été");
    }
}
