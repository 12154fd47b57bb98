//! Shapes: language.

/// Whether `text` has the shape of a language tag (BCP 47).
pub fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    text.len() <= 35
        && parts
            .next()
            .is_some_and(|first| (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic()))
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
