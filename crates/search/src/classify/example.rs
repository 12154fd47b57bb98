//! What a model learns from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One question asked of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Head {
    /// The broad theme (housing, transport…).
    Theme,
    /// A part of a theme; helps to find the theme.
    SubTheme,
    /// A family of articles within a part; helps to find the theme.
    Topic,
    /// The unit of the town that handles such messages.
    Unit,
    /// The procedure that the message is about.
    Procedure,
    /// Who is competent: the town or another body.
    Competence,
}

impl Head {
    /// Every head.
    pub const ALL: [Head; 6] =
        [Head::Theme, Head::SubTheme, Head::Topic, Head::Unit, Head::Procedure, Head::Competence];

    /// Heads whose labels each belong to one label of this one: classifying finely, then adding up, is more often right
    /// than classifying broadly.
    pub(crate) fn finer(self) -> &'static [Head] {
        match self {
            Head::Theme => &[Head::SubTheme, Head::Topic],
            _ => &[],
        }
    }
}

/// Where an example comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// An article of the knowledge base: public.
    Article,
    /// A procedure of the town: public.
    Procedure,
    /// A message that an agent classified: personal data.
    Correction,
}

/// One article, procedure or corrected message; all its examples share it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// Its identifier, unique within its kind.
    pub id: String,
}

/// What the text of an example is to its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Its title.
    Title,
    /// Its summary, or a whole message.
    Summary,
    /// Where it stands in its library: the names of the headings above it.
    Path,
    /// A question that it answers, worded by another text.
    Question,
    /// Its full text; an empty line parts its passages.
    Body,
}

/// One labelled text.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// Its source.
    pub source: Source,
    /// What the text is to its source.
    pub part: Part,
    /// The text.
    pub text: String,
    /// Its labels; a head that is unknown is left out.
    pub labels: BTreeMap<Head, String>,
    /// How much it counts: 1 is usual, 0 is nothing. Not finite or negative counts as 0.
    pub weight: f32,
}

/// Bytes of one example that are read.
pub const MAXIMUM_EXAMPLE_BYTES: usize = 64 * 1024;

/// All the texts of one source, in one order whatever the order of the examples.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Texts {
    pub source: Source,
    pub labels: BTreeMap<Head, String>,
    pub parts: Vec<(Part, String, f32)>,
}

impl Texts {
    /// The texts of one part, joined.
    pub fn joined(&self, wanted: Part) -> String {
        let texts: Vec<&str> =
            self.parts.iter().filter(|(part, ..)| *part == wanted).map(|(_, text, _)| text.as_str()).collect();
        texts.join("\n\n")
    }
}

/// Examples by source. The labels of a source are those of its examples; where they disagree the greater weight wins,
/// then the first in alphabetical order.
pub(crate) fn by_source(examples: &[Example]) -> Vec<Texts> {
    let mut sources: BTreeMap<&Source, Vec<&Example>> = BTreeMap::new();
    for example in examples {
        if example.weight.is_finite() && example.weight > 0.0 {
            sources.entry(&example.source).or_default().push(example);
        }
    }
    sources.into_iter().map(|(source, examples)| texts_of(source, examples)).collect()
}

fn texts_of(source: &Source, mut examples: Vec<&Example>) -> Texts {
    examples.sort_by(|a, b| {
        (a.part, &a.text, &a.labels).cmp(&(b.part, &b.text, &b.labels)).then(a.weight.total_cmp(&b.weight))
    });
    let mut labels = BTreeMap::new();
    for head in Head::ALL {
        let mut weights: BTreeMap<&str, f64> = BTreeMap::new();
        for example in &examples {
            if let Some(label) = example.labels.get(&head) {
                *weights.entry(label).or_default() += f64::from(example.weight);
            }
        }
        // The first of the heaviest: `max_by` would keep the last.
        let best = weights.iter().rev().max_by(|a, b| a.1.total_cmp(b.1));
        if let Some((label, _)) = best {
            labels.insert(head, (*label).to_owned());
        }
    }
    let parts = examples
        .iter()
        .map(|example| {
            (example.part, crate::analysis::bounded(&example.text, MAXIMUM_EXAMPLE_BYTES).to_owned(), example.weight)
        })
        .collect();
    Texts { source: source.clone(), labels, parts }
}
