//! Addresses of articles.

use parvis_kernel::text::folded_words;

/// Characters of a slug at most: what a code may hold.
pub const MAX_SLUG: usize = 40;

/// An address made of a title's words, of `max` bytes at most; "page" where the title has none.
pub fn slugify(title: &str, max: usize) -> String {
    let mut slug = String::new();
    for word in folded_words(title).split(' ') {
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
