//! Finding a procedure by the words people use.

use unicode_normalization::UnicodeNormalization as _;

use super::procedure::Content;

/// Lower case, no accents, ligatures opened, anything but letters and digits a space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            c if c.is_alphanumeric() => folded.push(c),
            // Combining accents vanish; the rest parts words.
            '\u{300}'..='\u{36f}' => {}
            _ => folded.push(' '),
        }
    }
    folded
}

/// What a procedure is searched in.
pub fn haystack(content: &Content) -> String {
    let mut text = format!("{} {} {}", content.title, content.summary, content.code);
    for keyword in &content.keywords {
        text.push(' ');
        text.push_str(keyword);
    }
    fold(&text)
}

/// Whether every word of `query` begins a word of `haystack`. An empty query matches everything.
pub fn matches(haystack: &str, query: &str) -> bool {
    fold(query).split_whitespace().all(|wanted| haystack.split_whitespace().any(|word| word.starts_with(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_matter() {
        let haystack = fold("Demander une copie d'acte de naissance. ÉTAT CIVIL, œuvre");
        for query in ["", "naissance", "Acte  NAISS", "etat", "état", "oeuvre", "d'acte"] {
            assert!(matches(&haystack, query), "{query}");
        }
        for query in ["mariage", "acte mariage", "aissance"] {
            assert!(!matches(&haystack, query), "{query}");
        }
    }
}
