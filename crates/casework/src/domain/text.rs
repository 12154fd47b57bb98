//! Text as searched, compared and shown.

use parvis_proto::{common::Requester, intake::SubmittedRequest};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Lower case, no accents, one space where there was anything but letters and digits: what is compared.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        if !c.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && !folded.is_empty() {
            folded.push(' ');
        }
        gap = false;
        match c {
            'œ' | 'Œ' => folded.push_str("oe"),
            'æ' | 'Æ' => folded.push_str("ae"),
            other => folded.extend(other.to_lowercase()),
        }
    }
    folded
}

/// The name shown: the organization's, else first then last name.
pub fn display_name(requester: &Requester) -> String {
    let person = [requester.first_name.trim(), requester.last_name.trim()].join(" ").trim().to_owned();
    match requester.organization_name.trim() {
        "" => person,
        organization => organization.to_owned(),
    }
}

/// The name searched by its beginning: the organization's, else last then first name.
pub fn search_name(requester: &Requester) -> String {
    match requester.organization_name.trim() {
        "" => fold(&format!("{} {}", requester.last_name, requester.first_name)),
        organization => fold(organization),
    }
}

/// The first words of `text`, at most `max` characters, cut between two words where it can be.
pub fn first_words(text: &str, max: usize) -> String {
    let clean = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if clean.chars().count() <= max {
        return clean;
    }
    let cut: String = clean.chars().take(max).collect();
    let whole = match cut.rsplit_once(' ') {
        Some((whole, _)) if whole.chars().count() > max / 2 => whole.to_owned(),
        _ => cut.chars().take(max - 1).collect(),
    };
    format!("{}…", whole.trim_end_matches([',', ';', ':', '.']))
}

/// Text and answers in one, for the rules' words.
pub fn all_words(request: &SubmittedRequest) -> String {
    let mut all = request.text.clone();
    for answer in &request.answers {
        let shown = if answer.display.is_empty() { &answer.values } else { &answer.display };
        if shown.is_empty() {
            continue;
        }
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&answer.label);
        all.push_str(" : ");
        all.push_str(&shown.join(", "));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_however_they_are_typed() {
        assert_eq!(fold("  LEFÈVRE-Œuvré,  Zoé "), "lefevre oeuvre zoe");
        assert_eq!(fold("D’Artagnan"), fold("d'artagnan"));
        assert_eq!(fold("№ ½"), "no 1 2");
    }

    #[test]
    fn a_title_is_cut_between_words() {
        assert_eq!(first_words("Un  trou\n dans la rue", 40), "Un trou dans la rue");
        assert_eq!(first_words("Bonjour, il y a un trou énorme devant chez moi", 24), "Bonjour, il y a un trou…");
        assert_eq!(first_words(&"é".repeat(50), 10).chars().count(), 10);
    }
}
