//! Finding a procedure by the words people use.

use parvis_kernel::text::folded_words;

use super::procedure::Content;

/// What a procedure is searched in.
pub fn haystack(content: &Content) -> String {
    let mut text = format!("{} {} {}", content.title, content.summary, content.code);
    for keyword in &content.keywords {
        text.push(' ');
        text.push_str(keyword);
    }
    folded_words(&text)
}

/// Whether every word of `query` begins a word of `haystack`. An empty query matches everything.
pub fn matches(haystack: &str, query: &str) -> bool {
    folded_words(query)
        .split_whitespace()
        .all(|wanted| haystack.split_whitespace().any(|word| word.starts_with(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_and_case_do_not_matter() {
        let haystack = folded_words("Demander une copie d'acte de naissance. ÉTAT CIVIL, œuvre");
        for query in ["", "naissance", "Acte  NAISS", "etat", "état", "oeuvre", "d'acte"] {
            assert!(matches(&haystack, query), "{query}");
        }
        for query in ["mariage", "acte mariage", "aissance"] {
            assert!(!matches(&haystack, query), "{query}");
        }
    }
}
