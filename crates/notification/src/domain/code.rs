//! The tracking code in a notice: a mark while it is kept, the code where it goes to the person, nothing for others.

use parvis_kernel::tracking_code;

/// Stands for the code in what is kept. No text of anybody has it: [`without_mark`].
pub const MARK: char = '\u{E000}';
/// What an agent sees in its place.
const HIDDEN: &str = "···-···-···-···";
/// Characters of a code as shown.
const SHOWN: usize = 15;

/// What somebody wrote, without what would be taken for the mark.
pub fn without_mark(text: &str) -> String {
    text.replace(MARK, "")
}

/// Whether the code is to be put in.
pub fn is_marked(text: &str) -> bool {
    text.contains(MARK)
}

/// The text as it goes to the person.
pub fn put(text: &str, code: &str) -> String {
    text.replace(MARK, code)
}

/// The text as agents see it. Those of earlier versions hold the code itself, of which `sha256` is kept beside.
pub fn hide(text: &str, sha256: &str) -> String {
    let mut hidden = text.replace(MARK, HIDDEN);
    if sha256.is_empty() {
        return hidden;
    }
    let found = text
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .map(|word| word.trim_matches('-'))
        .filter(|word| word.len() == SHOWN)
        .find(|word| tracking_code::opens(word, sha256));
    if let Some(code) = found {
        hidden = hidden.replace(code, HIDDEN);
    }
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_for_the_person_alone() {
        let text = format!("Votre code de suivi : {MARK}\nGardez-le.");
        assert_eq!(put(&text, "K7R-2MQ-9XB-4TD"), "Votre code de suivi : K7R-2MQ-9XB-4TD\nGardez-le.");
        assert!(!hide(&text, "").contains(MARK) && hide(&text, "").contains(HIDDEN));
        let old = "avec le code de suivi K7R-2MQ-9XB-4TD, ou nous appeler au 02-00-00-00-00-00.";
        let kept = tracking_code::sha256("K7R-2MQ-9XB-4TD");
        assert_eq!(hide(old, &kept), old.replace("K7R-2MQ-9XB-4TD", HIDDEN));
        assert_eq!(hide(old, &tracking_code::sha256("K7R-2MQ-9XB-4TE")), old, "another's is just text");
        assert_eq!(without_mark("a\u{E000}b"), "ab");
    }
}
