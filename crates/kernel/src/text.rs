//! Small things about French text.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// The first `max` characters, with an ellipsis where it was cut. For messages, never for storage.
pub fn excerpt(text: &str, max: usize) -> String {
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut out: String = clean.clone().take(max).collect();
    if clean.count() > max {
        out.push('…');
    }
    out
}

/// Lower case, no accents, ligatures opened; whatever is no letter stays. What is compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'þ' => folded.push_str("th"),
            'ĳ' => folded.push_str("ij"),
            'ŋ' => folded.push_str("ng"),
            'ø' => folded.push('o'),
            'ł' | 'ŀ' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ŧ' => folded.push('t'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            'ə' => folded.push('e'),
            // A capital of some alphabets lowers to a letter and a mark.
            c if is_combining_mark(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

/// The words of a text, [folded](fold), with one space between them: what is searched.
pub fn folded_words(text: &str) -> String {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_otherwise_is_the_same() {
        assert_eq!(fold("Œuvre d’ÉTÉ, n° 3"), "oeuvre d’ete, n° 3");
        assert_eq!(fold("E\u{301}te\u{301} Muñoz Páez Ağa"), "ete munoz paez aga");
        assert_eq!(folded_words("  LEFÈVRE-Œuvré,  Zoé "), "lefevre oeuvre zoe");
        assert_eq!(folded_words("D’Artagnan"), folded_words("d'artagnan"));
        assert_eq!(folded_words("№ ½"), "no 1 2");
        assert_eq!(folded_words("Łukasz Ørsted Straße Đặng Þór Işık"), "lukasz orsted strasse dang thor isik");
        assert_eq!(fold("STRASSE"), fold("straße"));
        assert_eq!(folded_words(" -, "), "");
    }
}
