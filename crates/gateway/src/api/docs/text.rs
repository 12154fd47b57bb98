//! The little of CommonMark that descriptions use.

use parvis_kernel::text::fold;

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
    let plain: String = fold(text).chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("section-{}", plain.trim_matches('-'))
}
