//! Words for addresses: folded, with dashes.

use unicode_normalization::UnicodeNormalization as _;

/// Characters of a slug at most: what a code may hold.
pub const MAX_SLUG: usize = 40;

/// Lower case, no accents, ligatures opened; anything but letters and digits is a space.
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

/// An address made of a title's words, of `max` bytes at most; "page" where the title has none.
pub fn slugify(title: &str, max: usize) -> String {
    let mut slug = String::new();
    for word in fold(title).split_whitespace() {
        let word: String = word.chars().filter(char::is_ascii_alphanumeric).collect();
        if word.is_empty() {
            continue;
        }
        if slug.is_empty() {
            slug = word.chars().take(max).collect();
        } else if slug.len() + word.len() < max {
            slug.push('-');
            slug.push_str(&word);
        } else {
            break;
        }
    }
    if slug.len() < 2 { "page".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_title_becomes_an_address() {
        assert_eq!(slugify("Déchèterie : où et quand ?", MAX_SLUG), "decheterie-ou-et-quand");
        assert_eq!(slugify("Œuvres", MAX_SLUG), "oeuvres");
        assert_eq!(slugify("???", MAX_SLUG), "page");
    }

    proptest! {
        #[test]
        fn whatever_the_title_the_address_is_a_code(title in ".{0,120}") {
            prop_assert!(parvis_kernel::ids::is_code(&slugify(&title, MAX_SLUG)));
        }
    }
}
