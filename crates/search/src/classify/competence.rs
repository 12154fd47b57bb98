//! The French bodies that a message may be for, besides the town: what they handle and how to reach them.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

/// The code of the town hall among the bodies.
pub const TOWN_HALL: &str = "mairie";

/// A body that decides on some matters.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompetentBody {
    /// Its code: the label of [`super::Head::Competence`].
    pub code: String,
    /// Its French name.
    pub name: String,
    /// What it handles, in French.
    pub handles: String,
    /// A general address on the web.
    pub site: Option<String>,
    /// A national telephone number.
    pub phone: Option<String>,
    /// Codes of the official directory.
    #[serde(default)]
    pub pivots: Vec<String>,
    /// Names under which official articles cite it without such a code.
    #[serde(default)]
    pub contacts: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    body: Vec<CompetentBody>,
}

static BODIES: LazyLock<Vec<CompetentBody>> = LazyLock::new(|| {
    let file: Result<File, _> = toml::from_str(include_str!("../../data/competent_bodies.toml"));
    // The file is part of the program; a test reads it.
    file.map(|file| file.body).unwrap_or_default()
});

static BY_REFERENCE: LazyLock<HashMap<&str, &CompetentBody>> = LazyLock::new(|| {
    let references =
        |body: &'static CompetentBody| body.pivots.iter().chain(&body.contacts).map(move |name| (name.as_str(), body));
    BODIES.iter().flat_map(references).collect()
});

/// Every known body, the town hall first.
pub fn bodies() -> &'static [CompetentBody] {
    &BODIES
}

/// The body of a code.
pub fn body(code: &str) -> Option<&'static CompetentBody> {
    BODIES.iter().find(|body| body.code == code)
}

/// The body that an official article means by a code of the directory, or by a contact's title where it has no code.
/// `None` for places that only inform.
pub fn body_of_contact(pivot: Option<&str>, title: &str) -> Option<&'static CompetentBody> {
    BY_REFERENCE.get(pivot.unwrap_or(title)).or_else(|| BY_REFERENCE.get(title)).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_file_is_read_whole_and_names_nobody_twice() {
        let file: File = toml::from_str(include_str!("../../data/competent_bodies.toml")).expect("valid");
        assert!(file.body.len() >= 30);
        let codes: BTreeSet<&str> = file.body.iter().map(|body| body.code.as_str()).collect();
        assert_eq!(codes.len(), file.body.len());
        let references: Vec<&String> =
            file.body.iter().flat_map(|body| body.pivots.iter().chain(&body.contacts)).collect();
        assert_eq!(references.iter().collect::<BTreeSet<_>>().len(), references.len());
        for body in &file.body {
            assert!(!body.name.is_empty() && body.handles.ends_with('.'), "{}", body.code);
            assert!(body.site.as_ref().is_none_or(|site| site.starts_with("https://")), "{}", body.code);
            assert!(body.code == TOWN_HALL || body.site.is_some() || body.phone.is_some(), "{}", body.code);
        }
    }

    #[test]
    fn contacts_lead_to_bodies() {
        assert_eq!(body_of_contact(Some("caf"), "").map(|body| body.code.as_str()), Some("caf"));
        let by_title = body_of_contact(None, "Défenseur des droits");
        assert_eq!(by_title.map(|body| body.code.as_str()), Some("defenseur_droits"));
        assert_eq!(body_of_contact(Some("notaire"), "Notaire"), None);
        assert_eq!(body(TOWN_HALL), bodies().first());
    }
}
