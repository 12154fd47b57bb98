//! What is taken for an e-mail address, at every door and in every file.

/// Whether `text` has the shape of an e-mail address that a message can be sent to.
pub fn is_email(text: &str) -> bool {
    if text.len() > 254
        || text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')'))
    {
        return false;
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_is_fine = !local.is_empty()
        && local.len() <= 64
        && !local.contains('@')
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..");
    let labels: Vec<&str> = domain.split('.').collect();
    local_is_fine
        && labels.len() >= 2
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
        && labels.last().is_some_and(|last| last.chars().count() >= 2 && !last.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_word_with_a_domain() {
        for right in ["demandes@caf.example", "a.b+c@sous-domaine.mairie.fr", "zoé@école.fr", "o'brien@example.org"] {
            assert!(is_email(right), "{right}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for wrong in [
            "",
            "3230",
            "caf@",
            "@caf.example",
            "a@b@c.example",
            "a b@caf.example",
            "caf@local",
            "caf@.example",
            "caf@example.",
            ".caf@caf.example",
            "c..af@caf.example",
            "caf@-caf.example",
            "caf@192.168.0.1",
            "Nom <caf@caf.example>",
            "a@caf.example, b@caf.example",
            "a@caf.example\r\nBcc: b@caf.example",
            &long,
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }
}
