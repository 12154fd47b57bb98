//! One policy for characters that nobody sees or that no keyboard has.
//!
//! Composed letters (NFC). A soft line break of a word processor (U+000B), a page break, a line or paragraph separator
//! end a line. U+0080 to U+009F are what Windows-1252 has there: a text read in the wrong encoding. Other controls, zero
//! width and directional characters, tags, fillers and noncharacters go: they glue words, turn a name round or make an
//! empty one look full. Joiners stay inside scripts and emoji that need them.

use unicode_normalization::UnicodeNormalization as _;

/// On how many lines a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// One: whatever parts words is one space.
    One,
    /// Several, each ended by a line feed.
    Many,
}

/// What Windows-1252 has at 0x80 to 0x9F; a space where it has nothing.
const WINDOWS_1252: &str = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";
/// Rounds until nothing changes: composing may bring together what a removal parted.
const ROUNDS: usize = 4;

/// `text` tidied, without blanks at its ends; empty where nothing can be read.
pub fn tidy(text: &str, lines: Lines) -> String {
    let mut tidied = once(text, lines);
    for _ in 0..ROUNDS {
        let again = once(&tidied, lines);
        if again == tidied {
            break;
        }
        tidied = again;
    }
    tidied
}

/// The same on one line.
pub fn one_line(text: &str) -> String {
    tidy(text, Lines::One)
}

/// The same on several lines.
pub fn many_lines(text: &str) -> String {
    tidy(text, Lines::Many)
}

/// `text` tidied; `None` where it has more than `most` characters. A line end counts as one however it was sent, and
/// what is taken away does not count.
pub fn bounded(text: &str, most: usize, lines: Lines) -> Option<String> {
    // Bytes first: tidying a flood is work.
    if text.len() > most.saturating_mul(8).saturating_add(64) {
        return None;
    }
    let tidied = tidy(text, lines);
    let fits = tidied.chars().count() <= most || length(text) <= most;
    fits.then_some(tidied)
}

/// Characters as typed: a line end counts as one.
pub fn length(text: &str) -> usize {
    text.chars().count() - text.matches("\r\n").count()
}

/// Whether nothing of `text` can be read.
pub fn is_blank(text: &str) -> bool {
    !text.chars().any(is_ordinary) && one_line(text).is_empty()
}

fn is_ordinary(c: char) -> bool {
    c.is_ascii_graphic() || (c.is_alphanumeric() && !is_invisible(c))
}

fn once(text: &str, lines: Lines) -> String {
    let plain = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control());
    let read: Vec<char> = if plain { text.chars().collect() } else { readable(text) };
    let mut out = String::with_capacity(text.len());
    for (at, &c) in read.iter().enumerate() {
        match c {
            '\u{200c}' | '\u{200d}' => {
                let joins = |c: Option<char>| c.is_some_and(needs_joiners);
                if joins(out.chars().next_back()) && joins(read.get(at + 1).copied()) {
                    out.push(c);
                }
            }
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
                if out.chars().next_back().is_some_and(|before| !before.is_whitespace() && !is_selector(before)) {
                    out.push(c);
                }
            }
            '\n' | '\t' | '\u{a0}' | '\u{202f}' if lines == Lines::Many => out.push(c),
            c if c.is_whitespace() => {
                if lines == Lines::Many || !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.trim().to_owned()
}

/// Composed, without what is not kept anywhere.
fn readable(text: &str) -> Vec<char> {
    let ends = text.replace("\r\n", "\n");
    let mapped = ends.chars().filter_map(kept).collect::<String>();
    mapped.nfc().collect()
}

fn kept(c: char) -> Option<char> {
    match c {
        '\t' | '\n' => Some(c),
        '\r' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\u{80}'..='\u{9f}' => {
            let at = c as usize - 0x80;
            WINDOWS_1252.chars().nth(at).filter(|c| *c != ' ')
        }
        c if c.is_control() || is_invisible(c) => None,
        c => Some(c),
    }
}

/// What nobody sees and no script needs.
fn is_invisible(c: char) -> bool {
    let noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || (c as u32 & 0xfffe) == 0xfffe;
    noncharacter
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'
                | '\u{1160}'
                | '\u{17b4}'
                | '\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e00ff}'
                | '\u{e01f0}'..='\u{e0fff}'
        )
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Arabic, Indic, emoji and their like: never Latin, Greek or Cyrillic, nor a space.
fn needs_joiners(c: char) -> bool {
    c >= '\u{600}' && !c.is_whitespace() && !matches!(c, '\u{1e00}'..='\u{1fff}' | '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_word_processor_and_a_wrong_encoding_leave_is_put_right() {
        assert_eq!(many_lines("Bonjour,\u{b}merci\u{c}.\r\nFin\rici\u{2028}là"), "Bonjour,\nmerci\n.\nFin\nici\nlà");
        assert_eq!(one_line("Bonjour,\u{b}merci\r\n!"), "Bonjour, merci !");
        assert_eq!(one_line("l\u{92}\u{e9}cole co\u{fb}te 3 \u{80}\u{85}"), "l’école coûte 3 €…");
        assert_eq!(one_line("\u{81}\u{8d}\u{8f}\u{90}\u{9d}a\u{9f}"), "aŸ");
        assert_eq!(one_line("a\0\u{7}b\u{7f}\tc"), "ab c");
    }

    #[test]
    fn what_nobody_sees_is_nothing() {
        for blank in [
            "",
            " \n ",
            "\u{200b}",
            "\u{feff}\u{2060}",
            "\u{a0}\u{3000}",
            "\u{202e}",
            "\u{ad}",
            "\u{fe0f}",
            "\u{200d}",
            "\u{3164}",
            "\u{2800}",
            "\u{e0041}",
            "\u{0}",
        ] {
            assert_eq!(one_line(blank), "", "{blank:?}");
            assert_eq!(many_lines(blank), "", "{blank:?}");
            assert!(is_blank(blank), "{blank:?}");
        }
        assert!(!is_blank("李") && !is_blank("❤") && !is_blank("-"));
        assert_eq!(one_line("Mar\u{202e}tin\u{202c} Du\u{200b}pont\u{ad}"), "Martin Dupont");
        assert_eq!(one_line("Zoe\u{301}"), "Zoé");
        assert_eq!(one_line("Zoe\u{200b}\u{301}"), "Zoé");
    }

    #[test]
    fn spaces_and_joiners_stay_where_they_mean_something() {
        assert_eq!(many_lines("Pourquoi\u{a0}? 3\u{202f}000"), "Pourquoi\u{a0}? 3\u{202f}000");
        assert_eq!(one_line("Jean  \u{a0} Paul\u{2009}\u{3000}X"), "Jean Paul X");
        assert_eq!(many_lines("a  \n\n b \t"), "a  \n\n b", "two spaces end a line of Markdown");
        let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{2764}\u{fe0f}";
        assert_eq!(one_line(family), family);
        let persian = "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}";
        assert_eq!(one_line(persian), persian);
        assert_eq!(one_line("a\u{200d}b \u{200d}c"), "ab c");
    }

    #[test]
    fn a_line_end_counts_one_however_it_is_sent() {
        let typed = format!("{}{}", "a\r\n".repeat(22), "b".repeat(956));
        assert_eq!(length(&typed), 1000);
        assert_eq!(bounded(&typed, 1000, Lines::Many).map(|text| text.chars().count()), Some(1000));
        assert_eq!(bounded(&format!("{typed}c"), 1000, Lines::Many), None);
        assert!(bounded(&"e\u{301}".repeat(10), 10, Lines::One).is_some(), "a letter typed in two counts one");
        assert!(bounded(&"é".repeat(11), 10, Lines::One).is_none());
        assert!(bounded(&"\u{200b}".repeat(100_000), 10, Lines::One).is_none());
    }

    proptest! {
        #[test]
        fn tidying_twice_changes_nothing(text in any::<String>(), odd in "[\\x00-\\x20\u{80}-\u{a0}\u{200b}-\u{2064}e\u{301}\u{fe0f}\u{600}-\u{610}\u{1100}-\u{1170}]{0,20}") {
            for lines in [Lines::One, Lines::Many] {
                for text in [&text, &odd] {
                    let once = tidy(text, lines);
                    prop_assert_eq!(&tidy(&once, lines), &once);
                    let control = |c: char| c.is_control() && !(lines == Lines::Many && matches!(c, '\n' | '\t'));
                    prop_assert!(!once.chars().any(control));
                    prop_assert!(bounded(&once, once.chars().count(), lines).is_some());
                }
            }
        }
    }
}
