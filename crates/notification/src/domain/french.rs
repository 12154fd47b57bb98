//! How French is written.

use parvis_kernel::typed;

/// Tidies a rendered text: no more than one empty line in a row, no spaces at the end of lines, and the no-break
/// spaces that French asks for (before : ; ! ? », after «).
pub fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines().map(str::trim_end) {
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty > 1 || (line.is_empty() && out.is_empty()) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    let mut out = out.trim_end().to_owned();
    for mark in [":", ";", "!", "?", "»"] {
        out = out.replace(&format!(" {mark}"), &format!("\u{a0}{mark}"));
    }
    out.replace("« ", "«\u{a0}").replace(" °", "\u{a0}°").replace("n° ", "n°\u{a0}")
}

/// One line without control characters, for a header or a name.
pub fn one_line(text: &str, max: usize) -> String {
    let out = typed::one_line(text);
    if out.chars().count() > max { out.chars().take(max).collect() } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_tidied() {
        assert_eq!(tidy("\n\nÀ :  \n\n\n\n« oui » ?\n\n"), "À\u{a0}:\n\n«\u{a0}oui\u{a0}»\u{a0}?");
        assert_eq!(one_line("a\r\nBcc: x@y\tz", 100), "a Bcc: x@y z");
        assert_eq!(one_line(&"é".repeat(300), 10), "é".repeat(10));
    }
}
