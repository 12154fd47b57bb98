//! How well questions are answered: the files of real fiches and questions, and the usual figures.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::document::{Document, Section};

/// Facet of a document made from a fiche: whom it is for.
pub const AUDIENCE: &str = "audience";
/// Facet of a document made from a fiche: its kind.
pub const KIND: &str = "kind";

/// Why a file of fiches or questions could not be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} is not the JSON that was expected: {cause}")]
pub struct UnreadableLine {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    #[source]
    pub cause: serde_json::Error,
}

/// A fiche of service-public.fr as one line of `fiches.jsonl`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Fiche {
    /// Its number, as `F1234`.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its theme.
    pub theme: Option<String>,
    /// Its sub-theme.
    pub sub_theme: Option<String>,
    /// Its dossier.
    pub dossier: Option<String>,
    /// Its kind, as `Fiche Question-réponse`.
    pub kind: Option<String>,
    /// `particuliers`, `professionnels` or `associations`.
    pub audience: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Its text; headings are lines beginning with `###`.
    pub plain_text: Option<String>,
    /// Whether the town hall is the place to go.
    pub mairie: bool,
    /// The bodies to turn to.
    pub where_to_go: Vec<WhereToGo>,
    /// Questions near to it, each with the fiche that answers it.
    pub related_questions: Vec<RelatedQuestion>,
}

/// A body to turn to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct WhereToGo {
    /// Its name.
    pub title: Option<String>,
    /// Its kind in the directory of public bodies, as `mairie`.
    pub pivot: Option<String>,
}

/// A question that another fiche answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RelatedQuestion {
    /// The fiche that answers.
    pub id: String,
    /// The question.
    pub q: String,
}

impl Fiche {
    /// The fiche as a document to index.
    pub fn document(&self) -> Document {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut facets = BTreeMap::new();
        for (name, value) in [(AUDIENCE, &self.audience), (KIND, &self.kind)] {
            if let Some(value) = value {
                facets.insert(name.to_owned(), BTreeSet::from([value.clone()]));
            }
        }
        Document {
            id: self.id.clone(),
            title: text(&self.title),
            description: text(&self.description),
            path: [&self.theme, &self.sub_theme, &self.dossier].into_iter().flatten().cloned().collect(),
            sections: Section::from_headed_text(self.plain_text.as_deref().unwrap_or_default()),
            keywords: Vec::new(),
            facets,
            prior: prior(self.kind.as_deref().unwrap_or_default(), self.audience.as_deref().unwrap_or_default()),
        }
    }
}

/// The documents of fiches. The same fiche may be published for several audiences under one id: the first one is kept.
pub fn documents(fiches: &[Fiche]) -> impl Iterator<Item = Document> {
    let mut seen = BTreeSet::new();
    fiches.iter().filter(move |fiche| seen.insert(fiche.id.as_str())).map(Fiche::document)
}

/// The prior of a fiche of service-public.fr, of its kind and audience: one that covers a subject is sent to people more
/// often than one that settles a single question, and one for companies seldom.
pub fn prior(kind: &str, audience: &str) -> f32 {
    if kind.starts_with("Fiche d'information") && audience != "professionnels" { 1.0 } else { 0.0 }
}

/// A question really asked, and the fiches that the answering agent sent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct AskedQuestion {
    /// Its number.
    pub id: String,
    /// What was written.
    pub text: String,
    /// The fiches sent.
    pub gold_fiches: Vec<String>,
    /// Their themes.
    pub themes: Vec<String>,
    /// Codes or titles of whom to ask.
    pub where_to_go: Vec<String>,
}

/// Reads a file of one JSON object a line.
pub fn read_lines<T: for<'a> Deserialize<'a>>(text: &str) -> Result<Vec<T>, UnreadableLine> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| serde_json::from_str(line).map_err(|cause| UnreadableLine { line: number + 1, cause }))
        .collect()
}

/// The figures of an evaluation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Questions that some fiche of the file answers.
    pub n: usize,
    /// Share of them whose first answer is a right one.
    #[serde(rename = "gold@1")]
    pub gold_at_1: f64,
    /// Share with a right one among the first three.
    #[serde(rename = "gold@3")]
    pub gold_at_3: f64,
    /// Share with a right one among the first five.
    #[serde(rename = "gold@5")]
    pub gold_at_5: f64,
    /// Mean of one over the rank of the first right one, 0 beyond the tenth.
    #[serde(rename = "mrr@10")]
    pub mrr_at_10: f64,
    /// Share whose first answer has a right theme.
    #[serde(rename = "theme@1")]
    pub theme_at_1: f64,
}

/// Adds up the answers to questions.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    themes: BTreeMap<String, Option<String>>,
    n: usize,
    at_1: usize,
    at_3: usize,
    at_5: usize,
    reciprocal_ranks: f64,
    theme_at_1: usize,
}

impl Evaluation {
    /// An evaluation over these fiches.
    pub fn over(fiches: &[Fiche]) -> Self {
        let mut themes = BTreeMap::new();
        for fiche in fiches {
            themes.entry(fiche.id.clone()).or_insert_with(|| fiche.theme.clone());
        }
        Self { themes, ..Self::default() }
    }

    /// Whether one of the fiches is a right answer to a question.
    pub fn is_answerable(&self, question: &AskedQuestion) -> bool {
        question.gold_fiches.iter().any(|id| self.themes.contains_key(id))
    }

    /// Counts the ids found for a question, best first. A question that no fiche answers is not counted.
    pub fn add(&mut self, question: &AskedQuestion, found: &[impl AsRef<str>]) {
        self.add_with_theme(question, found, None);
    }

    /// The same where the theme is told by other means than the first fiche found.
    pub fn add_with_theme(&mut self, question: &AskedQuestion, found: &[impl AsRef<str>], theme: Option<&str>) {
        if !self.is_answerable(question) {
            return;
        }
        self.n += 1;
        let right = |id: &str| question.gold_fiches.iter().any(|gold| gold == id);
        if let Some(rank) = found.iter().take(10).position(|id| right(id.as_ref())) {
            self.at_1 += usize::from(rank < 1);
            self.at_3 += usize::from(rank < 3);
            self.at_5 += usize::from(rank < 5);
            self.reciprocal_ranks += 1.0 / (rank + 1) as f64;
        }
        let theme = theme.or_else(|| self.theme_of(found.first()?.as_ref()));
        self.theme_at_1 += usize::from(theme.is_some_and(|theme| self.is_right_theme(question, theme)));
    }

    /// Whether a theme is one of the question's: those it carries, or those of its fiches where it carries none.
    pub fn is_right_theme(&self, question: &AskedQuestion, theme: &str) -> bool {
        if !question.themes.is_empty() {
            return question.themes.iter().any(|one| one == theme);
        }
        question.gold_fiches.iter().filter_map(|id| self.theme_of(id)).any(|one| one == theme)
    }

    /// The theme of a fiche.
    fn theme_of(&self, id: &str) -> Option<&str> {
        self.themes.get(id)?.as_deref()
    }

    /// The figures so far, rounded to four decimals.
    pub fn figures(&self) -> Figures {
        let n = self.n.max(1) as f64;
        let share = |count: f64| (count / n * 10_000.0).round() / 10_000.0;
        Figures {
            n: self.n,
            gold_at_1: share(self.at_1 as f64),
            gold_at_3: share(self.at_3 as f64),
            gold_at_5: share(self.at_5 as f64),
            mrr_at_10: share(self.reciprocal_ranks),
            theme_at_1: share(self.theme_at_1 as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fiches() -> Vec<Fiche> {
        read_lines(
            r#"{"id":"F1","title":"Un","theme":"Papiers","kind":"Fiche d'information"}
               {"id":"F2","title":"Deux","theme":"Famille","kind":"Fiche Question-réponse"}
               {"id":"F3","title":"Trois","theme":null}"#,
        )
        .unwrap_or_default()
    }

    fn question(gold: &[&str]) -> AskedQuestion {
        AskedQuestion { gold_fiches: gold.iter().map(|id| (*id).to_owned()).collect(), ..AskedQuestion::default() }
    }

    #[test]
    fn figures_count_answerable_questions_only() {
        let mut evaluation = Evaluation::over(&fiches());
        evaluation.add(&question(&["F1"]), &["F1", "F2"]);
        evaluation.add(&question(&["F2"]), &["F1", "F2"]);
        evaluation.add(&question(&["F99"]), &["F1"]);
        evaluation.add(&question(&[]), &["F1"]);
        let figures = evaluation.figures();
        assert_eq!(figures.n, 2);
        assert_eq!((figures.gold_at_1, figures.gold_at_3, figures.mrr_at_10), (0.5, 1.0, 0.75));
        assert_eq!(figures.theme_at_1, 0.5);
    }

    #[test]
    fn a_line_that_is_no_json_is_named() {
        let read: Result<Vec<Fiche>, _> = read_lines("{\"id\":\"F1\"}\n\n{oops");
        assert_eq!(read.err().map(|error| error.line), Some(3));
    }

    #[test]
    fn no_question_gives_zeros() {
        assert_eq!(Evaluation::over(&[]).figures(), Figures::default());
    }
}
