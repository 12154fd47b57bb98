//! A question as it is looked for, and as it is counted.

use parvis_kernel::text::folded_words;

/// Characters of a question that are accepted at all.
pub const MAX_TEXT: usize = 20_000;
/// Characters of a question that are looked at: enough for what a person asks, bounded for what a machine sends.
pub const LOOKED_AT: usize = 2_000;
/// Characters of a question that is counted by its words.
const MAX_COUNTED: usize = 60;

/// The part of a text that is looked for.
pub fn looked_at(text: &str) -> &str {
    text.char_indices().nth(LOOKED_AT).map_or(text, |(end, _)| &text[..end])
}

/// The words under which a question is counted; `None` where it may hold personal data (long, with a digit or an
/// address) and only its number may be kept.
pub fn counted_as(question: &str) -> Option<String> {
    let long = question.trim().chars().count() > MAX_COUNTED;
    if long || question.chars().any(|c| c.is_numeric() || c == '@') {
        return None;
    }
    Some(folded_words(question)).filter(|words| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_counted_by_its_words_and_personal_data_are_not_kept() {
        assert_eq!(counted_as("  Où  jeter un Sapin ? "), Some("ou jeter un sapin".to_owned()));
        assert_eq!(counted_as("3 rue du Port"), None);
        assert_eq!(counted_as("zoe@exemple.fr"), None);
        assert_eq!(counted_as(&"a".repeat(61)), None);
        assert_eq!(counted_as("+ - \" * ~ ^"), None);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        let text = "é".repeat(10_000_000 / 2);
        assert_eq!(looked_at(&text).chars().count(), LOOKED_AT);
        assert_eq!(looked_at("court"), "court");
    }
}
