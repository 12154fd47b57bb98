//! A fiche as one line of JSON: title, theme and text already read.

use serde::Deserialize;

use super::{Fiche, Link, Public, is_fiche_file};
use crate::domain::markdown::escape;

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    theme: Option<String>,
    #[serde(default)]
    sub_theme: Option<String>,
    #[serde(default)]
    dossier: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    audience: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    updated: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    plain_text: Option<String>,
    #[serde(default)]
    where_to_go: Vec<Place>,
    #[serde(default)]
    related_questions: Vec<Question>,
}

#[derive(Deserialize)]
struct Place {
    #[serde(default)]
    title: Option<String>,
}

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    q: Option<String>,
}

/// Reads one line.
///
/// # Errors
/// The fiche's name where it has one, and what is wrong.
pub fn from_line(line: &str) -> Result<Fiche, (String, String)> {
    let line: Line =
        serde_json::from_str(line).map_err(|error| (String::new(), format!("is not its JSON: {error}")))?;
    let name = line.id.clone();
    let wrong = |why: &str| (name.clone(), why.to_owned());
    if !is_fiche_file(&line.id) {
        return Err(wrong("its id is not a fiche's (F and digits)"));
    }
    if line.title.trim().is_empty() {
        return Err(wrong("has no title"));
    }
    let theme = line.theme.filter(|theme| !theme.trim().is_empty()).ok_or_else(|| wrong("has no theme"))?;
    let public = line.audience.as_deref().and_then(Public::of_word).unwrap_or(Public::Particuliers);
    let body = body(&line.plain_text.unwrap_or_default());
    if body.is_empty() {
        return Err(wrong("has no text"));
    }
    let related = line.related_questions.into_iter().filter_map(|question| {
        let id = question.id.filter(|id| is_fiche_file(id))?;
        Some(Link { title: question.q?, href: format!("fiche:{id}") })
    });
    let mut bodies: Vec<String> = line.where_to_go.into_iter().filter_map(|place| place.title).collect();
    bodies.sort();
    bodies.dedup();
    Ok(Fiche {
        url: line.url.unwrap_or_else(|| public.site(&line.id)),
        id: line.id,
        public,
        title: line.title.trim().to_owned(),
        description: line.description.unwrap_or_default(),
        theme,
        sub_theme: line.sub_theme.unwrap_or_default(),
        dossier: line.dossier.unwrap_or_default(),
        kind: line.kind.unwrap_or_default(),
        updated: line.updated.unwrap_or_default(),
        body,
        related: related.collect(),
        online: Vec::new(),
        bodies,
    })
}

/// Headings and list marks are kept, anything else is shown as it is.
fn body(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for line in text.lines() {
        let line = line.trim();
        let marks = line.chars().take_while(|c| *c == '#').count();
        if (1..=6).contains(&marks) && line[marks..].starts_with(' ') {
            let words = escape(line[marks..].trim());
            out.push_str(&format!("\n{} {words}\n\n", "#".repeat(marks)));
        } else if let Some(item) = line.strip_prefix("- ") {
            out.push_str(&format!("- {}\n", escape(item)));
        } else if !line.is_empty() {
            out.push_str(&format!("\n{}\n\n", escape(line)));
        }
    }
    out.trim().to_owned()
}
