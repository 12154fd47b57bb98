//! What is indexed: a page of information, whoever wrote it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A page to be found: an official fiche or an article of the town.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Document {
    /// Names the document in its index; a document added with the id of another one replaces it.
    pub id: String,
    /// Its title, often shaped as a question.
    pub title: String,
    /// One or two sentences saying what it is about.
    pub description: String,
    /// Where it is filed, the most general first: theme, sub-theme, dossier.
    pub path: Vec<String>,
    /// Its text, in order.
    pub sections: Vec<Section>,
    /// Words that people use for its subject and that its text lacks.
    pub keywords: Vec<String>,
    /// Values to filter by, as audience or language: the names are the caller's.
    pub facets: BTreeMap<String, BTreeSet<String>>,
    /// How likely it is the answer before anything is asked, 0 to 1: higher for a page that covers a subject than for one
    /// that settles a single point.
    pub prior: f32,
}

/// A part of a document under its heading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Section {
    /// The heading, empty for what stands before the first one.
    pub heading: String,
    /// The text beneath.
    pub text: String,
}

/// Bytes of a document that are indexed, sections beyond are left out.
pub const MAXIMUM_DOCUMENT_BYTES: usize = 1024 * 1024;

impl Section {
    /// Cuts a text whose headings are lines beginning with `#` into its sections.
    pub fn from_headed_text(text: &str) -> Vec<Self> {
        let mut sections: Vec<Self> = Vec::new();
        let mut current = Self::default();
        for line in text.lines() {
            match line.trim_start().strip_prefix('#') {
                Some(heading) => {
                    sections.push(std::mem::take(&mut current));
                    current.heading = heading.trim_start_matches('#').trim().to_owned();
                }
                None => {
                    if !current.text.is_empty() {
                        current.text.push('\n');
                    }
                    current.text.push_str(line);
                }
            }
        }
        sections.push(current);
        sections.retain(|section| !section.heading.is_empty() || !section.text.trim().is_empty());
        sections
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headed_text_is_cut_at_its_headings() {
        let sections = Section::from_headed_text("Avant.\n\n### Coût\nGratuit.\nSauf exception.\n## Délai\n");
        let headings: Vec<&str> = sections.iter().map(|section| section.heading.as_str()).collect();
        assert_eq!(headings, ["", "Coût", "Délai"]);
        assert_eq!(sections[1].text, "Gratuit.\nSauf exception.");
    }

    #[test]
    fn an_empty_text_has_no_section() {
        assert!(Section::from_headed_text(" \n\n").is_empty());
    }
}
