//! What a form brought, and what is wrong with it.

/// The text fields of a form, in order.
#[derive(Clone, Debug, Default)]
pub struct Values(pub Vec<(String, String)>);

impl Values {
    /// The first value of a field, trimmed; empty where there is none.
    pub fn first(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// Every value of a field that is not blank.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(key, value)| key == name && !value.trim().is_empty()).map(|(_, v)| v.trim()).collect()
    }

    /// Replaces every value of a field by one.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value.into()));
    }
}

/// A line of the summary at the top of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorLine {
    /// Id of the field; empty: about the whole form.
    pub id: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// What is wrong, by field.
#[derive(Clone, Debug, Default)]
pub struct Errors(Vec<(String, String)>);

impl Errors {
    /// One more; a field keeps its first.
    pub fn add(&mut self, name: &str, text: impl Into<String>) {
        if name.is_empty() || self.of(name).is_empty() {
            self.0.push((name.to_owned(), text.into()));
        }
    }

    /// What is wrong with a field; empty: nothing.
    pub fn of(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, text)| text)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The summary. `known`: the names of the page's fields, in its order; an error about another comes first and has
    /// no link.
    pub fn lines(&self, known: &[&str]) -> Vec<ErrorLine> {
        let rank = |name: &str| known.iter().position(|it| *it == name);
        let mut sorted: Vec<_> = self.0.iter().map(|(name, text)| (rank(name), name, text)).collect();
        sorted.sort_by_key(|(rank, ..)| *rank);
        let id = |rank: Option<usize>, name: &str| rank.map(|_| field_id(name)).unwrap_or_default();
        sorted.into_iter().map(|(rank, name, text)| ErrorLine { id: id(rank, name), text: text.clone() }).collect()
    }
}

/// The id of a field, from its name.
pub fn field_id(name: &str) -> String {
    format!("c-{}", name.replace(['.', '_'], "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_keeps_its_first_error_and_its_link() {
        let mut errors = Errors::default();
        errors.add("a.b", "un");
        errors.add("a.b", "deux");
        errors.add("", "tout");
        errors.add("z", "premier du formulaire");
        let lines = errors.lines(&["z", "a.b"]);
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["tout", "premier du formulaire", "un"]);
        assert!(lines[0].id.is_empty());
        assert_eq!(lines[2].id, "c-a-b");
    }

    #[test]
    fn values_are_trimmed_and_blank_ones_left() {
        let mut values = Values(vec![("a".into(), " x ".into()), ("a".into(), "  ".into()), ("a".into(), "y".into())]);
        assert_eq!(values.first("a"), "x");
        assert_eq!(values.all("a"), ["x", "y"]);
        values.set("a", "z");
        assert_eq!(values.all("a"), ["z"]);
        assert_eq!(values.first("b"), "");
    }
}
