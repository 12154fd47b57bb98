//! The little of CommonMark that descriptions use.

use crate::problem::escape;

/// Paragraphs.
pub fn prose(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>\n", inline(paragraph))).collect()
}

/// One paragraph, with `code`.
pub fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{}</code>", escape(part)) } else { escape(part) }).collect()
}

/// A name as an anchor.
pub fn slug(text: &str) -> String {
    let plain = text.chars().map(|c| match c {
        'é' | 'è' | 'ê' | 'É' => 'e',
        'à' | 'â' => 'a',
        'î' => 'i',
        'ô' => 'o',
        'ç' => 'c',
        c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
        _ => '-',
    });
    format!("section-{}", plain.collect::<String>().trim_matches('-'))
}
