//! Placeholders of response templates: `{{reference}}`, `{{agent}}`…

use std::collections::{BTreeMap, BTreeSet};

use parvis_kernel::Reason;

/// What may be filled: name in a template, what it is.
pub const KNOWN: [(&str, &str); 10] = [
    ("reference", "référence de la demande"),
    ("date", "date du jour"),
    ("objet", "objet de la demande"),
    ("usager", "nom de l'usager"),
    ("agent", "nom de l'agent"),
    ("service", "nom du service"),
    ("telephone", "téléphone de la mairie"),
    ("courriel", "courriel de la mairie"),
    ("adresse", "adresse de la mairie"),
    ("collectivite", "nom de la collectivité"),
];

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, (Reason, String)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        pieces.push(Piece::Text(&rest[..start]));
        let inside = &rest[start + 2..];
        let Some(end) = inside.find("}}") else {
            let shown = parvis_kernel::text::excerpt(&rest[start..], 30);
            let why = format!("« {shown} » is opened and never closed: write {{{{name}}}}");
            return Err((Reason::UnclosedPlaceholder, why));
        };
        pieces.push(Piece::Placeholder(inside[..end].trim()));
        rest = &inside[end + 2..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// Checks that every placeholder is known and closed.
///
/// # Errors
/// Why, and one sentence that names the placeholder.
pub fn check(text: &str) -> Result<(), (Reason, String)> {
    for piece in pieces(text)? {
        if let Piece::Placeholder(name) = piece
            && !KNOWN.iter().any(|(known, _)| *known == name)
        {
            let known = KNOWN.map(|(known, _)| known).join(", ");
            let shown = parvis_kernel::text::excerpt(name, 30);
            let why = format!("« {{{{{shown}}}}} » is not a placeholder; known: {known}");
            return Err((Reason::UnknownPlaceholder { name: shown.as_str().into() }, why));
        }
    }
    Ok(())
}

/// Fills `text`. Gives it with the placeholders that have no value, which stay visible as `[…]` for the agent to fill.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> (String, Vec<String>) {
    let Ok(pieces) = pieces(text) else { return (text.to_owned(), Vec::new()) };
    let mut filled = String::with_capacity(text.len());
    let mut missing = BTreeSet::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Placeholder(name) => match values.get(name).map(|value| value.trim()).filter(|it| !it.is_empty()) {
                Some(value) => filled.push_str(value),
                None => {
                    let label = KNOWN.iter().find(|(known, _)| *known == name).map_or(name, |(_, label)| label);
                    filled.push('[');
                    filled.push_str(label);
                    filled.push(']');
                    missing.insert(name.to_owned());
                }
            },
        }
    }
    (filled, missing.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_template_is_checked_and_filled() {
        let text = "Bonjour, votre demande {{ reference }} est suivie par {{agent}}.";
        check(text).unwrap();
        let values = BTreeMap::from([("reference".to_owned(), "412-873-952-K".to_owned())]);
        let (filled, missing) = fill(text, &values);
        assert_eq!(filled, "Bonjour, votre demande 412-873-952-K est suivie par [nom de l'agent].");
        assert_eq!(missing, ["agent"]);
        assert!(check("{{nom_du_chien}}").unwrap_err().1.contains("nom_du_chien"));
        assert!(check("Bonjour {{agent").unwrap_err().1.contains("never closed"));
    }

    proptest! {
        #[test]
        fn a_value_is_never_read_as_a_template(value in ".{0,40}") {
            let values = BTreeMap::from([("agent".to_owned(), value.clone())]);
            let (filled, _) = fill("{{agent}}", &values);
            let shown = if value.trim().is_empty() { "[nom de l'agent]" } else { value.trim() };
            prop_assert_eq!(filled, shown);
        }
    }
}
