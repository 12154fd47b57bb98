//! Text as searched, compared and shown.

use parvis_kernel::text::folded_words;
use parvis_proto::{
    common::{Answer, Requester},
    intake::SubmittedRequest,
};

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
        "" => folded_words(&format!("{} {}", requester.last_name, requester.first_name)),
        organization => folded_words(organization),
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
        let Some(line) = answer_line(answer) else { continue };
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&line);
    }
    all
}

/// A question and its answer, as people read it; `None` where nothing was answered.
pub fn answer_line(answer: &Answer) -> Option<String> {
    let shown = if answer.display.is_empty() { &answer.values } else { &answer.display };
    (!shown.is_empty()).then(|| format!("{} : {}", answer.label, shown.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_cut_between_words() {
        assert_eq!(first_words("Un  trou\n dans la rue", 40), "Un trou dans la rue");
        assert_eq!(first_words("Bonjour, il y a un trou énorme devant chez moi", 24), "Bonjour, il y a un trou…");
        assert_eq!(first_words(&"é".repeat(50), 10).chars().count(), 10);
    }
}
