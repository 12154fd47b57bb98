//! From documents to sequences of terms, their statistics and the inverted index.

use std::{collections::HashMap, sync::Arc};

use crate::{
    analysis::{Analyzer, Speller, bounded, words},
    document::{Document, MAXIMUM_DOCUMENT_BYTES},
};

/// BM25: how soon the repetition of a term stops counting.
pub(crate) const SATURATION: f32 = 1.2;
/// BM25: how much a long text is held against it.
pub(crate) const LENGTH_NORM: f32 = 0.75;

/// Weight of a term of the title in the first stage; the body has 1.
const TITLE_WEIGHT: f32 = 3.0;
/// The same for the description.
const DESCRIPTION_WEIGHT: f32 = 2.0;

/// A document and the terms of its parts.
#[derive(Debug)]
pub(crate) struct Analysed {
    pub(crate) source: Document,
    pub(crate) title: Vec<u32>,
    pub(crate) description: Vec<u32>,
    pub(crate) path: Vec<u32>,
    pub(crate) keywords: Vec<u32>,
    pub(crate) sections: Vec<AnalysedSection>,
    /// Words as written and how often, for the speller.
    words: Vec<(Arc<str>, u32)>,
}

#[derive(Debug)]
pub(crate) struct AnalysedSection {
    pub(crate) heading: Vec<u32>,
    pub(crate) text: Vec<u32>,
}

impl Analysed {
    /// Title, description and keywords: what says in a few words what the document is about.
    pub(crate) fn summary(&self) -> impl Iterator<Item = u32> {
        self.title.iter().chain(&self.description).chain(&self.keywords).copied()
    }

    /// All that stands in the sections.
    pub(crate) fn body(&self) -> impl Iterator<Item = u32> {
        self.sections.iter().flat_map(AnalysedSection::terms)
    }

    fn weighted(&self) -> impl Iterator<Item = (u32, f32)> {
        let with = |weight: f32| move |term: &u32| (*term, weight);
        self.title
            .iter()
            .map(with(TITLE_WEIGHT))
            .chain(self.description.iter().map(with(DESCRIPTION_WEIGHT)))
            .chain(self.keywords.iter().map(with(DESCRIPTION_WEIGHT)))
            .chain(self.path.iter().map(with(1.0)))
            .chain(self.body().map(|term| (term, 1.0)))
    }
}

impl AnalysedSection {
    pub(crate) fn terms(&self) -> impl Iterator<Item = u32> {
        self.heading.iter().chain(&self.text).copied()
    }
}

/// Analyses documents one after the other; remembers the terms of the words it met.
pub(crate) struct Analysis<'a> {
    analyzer: &'a Analyzer,
    numbers: &'a mut HashMap<String, u32>,
    known: HashMap<Arc<str>, KnownWord>,
    counts: HashMap<Arc<str>, u32>,
}

struct KnownWord {
    written: Arc<str>,
    terms: Vec<u32>,
    /// Whether the speller may propose it.
    spelt: bool,
}

impl<'a> Analysis<'a> {
    pub(crate) fn new(analyzer: &'a Analyzer, numbers: &'a mut HashMap<String, u32>) -> Self {
        Self { analyzer, numbers, known: HashMap::new(), counts: HashMap::new() }
    }

    pub(crate) fn document(&mut self, source: Document) -> Analysed {
        let mut left = MAXIMUM_DOCUMENT_BYTES;
        let title = self.terms(&source.title, &mut left);
        let description = self.terms(&source.description, &mut left);
        let path = self.terms(&source.path.join(" \n "), &mut left);
        let keywords = self.terms(&source.keywords.join(" \n "), &mut left);
        let mut sections = Vec::with_capacity(source.sections.len());
        for section in &source.sections {
            let heading = self.terms(&section.heading, &mut left);
            sections.push(AnalysedSection { heading, text: self.terms(&section.text, &mut left) });
        }
        let counts = std::mem::take(&mut self.counts);
        Analysed { source, title, description, path, keywords, sections, words: counts.into_iter().collect() }
    }

    fn terms(&mut self, text: &str, left: &mut usize) -> Vec<u32> {
        let text = bounded(text, *left);
        *left -= text.len();
        let mut terms = Vec::new();
        for offsets in words(text) {
            let word = text[offsets].to_lowercase();
            if !self.known.contains_key(word.as_str()) {
                let known = self.known_word(&word);
                self.known.insert(Arc::clone(&known.written), known);
            }
            if let Some(known) = self.known.get(word.as_str()) {
                terms.extend_from_slice(&known.terms);
                if known.spelt {
                    *self.counts.entry(Arc::clone(&known.written)).or_default() += 1;
                }
            }
        }
        terms
    }

    fn known_word(&mut self, word: &str) -> KnownWord {
        let tokens = self.analyzer.tokens(word);
        let spelt = tokens.iter().all(|token| token.folded.len() > 2 && !token.is_number());
        let mut terms = Vec::with_capacity(1);
        for token in tokens.into_iter().filter(|token| !token.stop) {
            let next = self.numbers.len() as u32;
            terms.push(*self.numbers.entry(token.term).or_insert(next));
        }
        KnownWord { written: Arc::from(word), terms, spelt }
    }
}

/// How telling each term is in each view of the documents, and how long the views are on average.
#[derive(Debug)]
pub(crate) struct Statistics {
    pub(crate) everywhere: Vec<f32>,
    pub(crate) summary: View,
    pub(crate) body: View,
    pub(crate) path: View,
    pub(crate) passage: View,
    weighted_length: f32,
}

/// Statistics of one view.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) inverse_frequencies: Vec<f32>,
    pub(crate) average_length: f32,
}

/// Counts in how many texts each term stands.
struct Counter {
    frequencies: Vec<u32>,
    last_seen: Vec<u32>,
    texts: u32,
    length: u64,
}

impl Counter {
    fn new(terms: usize) -> Self {
        Self { frequencies: vec![0; terms], last_seen: vec![0; terms], texts: 0, length: 0 }
    }

    fn add(&mut self, text: impl Iterator<Item = u32>) {
        self.texts += 1;
        for term in text {
            self.length += 1;
            let seen = &mut self.last_seen[term as usize];
            if *seen != self.texts {
                *seen = self.texts;
                self.frequencies[term as usize] += 1;
            }
        }
    }

    fn view(self) -> View {
        let texts = self.texts as f32;
        View {
            inverse_frequencies: self
                .frequencies
                .iter()
                .map(|frequency| inverse_frequency(texts, *frequency as f32))
                .collect(),
            average_length: (self.length as f32 / texts.max(1.0)).max(1.0),
        }
    }
}

/// The logarithm of how few of so many texts have a term.
pub(crate) fn inverse_frequency(texts: f32, having: f32) -> f32 {
    (1.0 + (texts - having + 0.5) / (having + 0.5)).ln()
}

impl Statistics {
    pub(crate) fn of(documents: &[Arc<Analysed>], terms: usize) -> Self {
        let counter = || Counter::new(terms);
        let (mut everywhere, mut summary, mut body, mut path, mut passage) =
            (counter(), counter(), counter(), counter(), counter());
        let mut weighted = 0.0_f64;
        for document in documents {
            everywhere.add(document.weighted().map(|(term, _)| term));
            summary.add(document.summary());
            body.add(document.body());
            path.add(document.path.iter().copied());
            for section in &document.sections {
                passage.add(document.title.iter().copied().chain(section.terms()));
            }
            weighted += document.weighted().map(|(_, weight)| f64::from(weight)).sum::<f64>();
        }
        Self {
            everywhere: everywhere.view().inverse_frequencies,
            summary: summary.view(),
            body: body.view(),
            path: path.view(),
            passage: passage.view(),
            weighted_length: (weighted / documents.len().max(1) as f64).max(1.0) as f32,
        }
    }
}

/// For each term the documents that have it, with what it adds to their score in the first stage.
#[derive(Debug)]
pub(crate) struct Postings {
    starts: Vec<u32>,
    documents: Vec<u32>,
    scores: Vec<f32>,
}

impl Postings {
    pub(crate) fn of(documents: &[Arc<Analysed>], statistics: &Statistics) -> Self {
        let terms = statistics.everywhere.len();
        let mut by_document: Vec<Vec<(u32, f32)>> = Vec::with_capacity(documents.len());
        let mut starts = vec![0_u32; terms + 1];
        let mut frequencies = vec![0.0_f32; terms];
        for document in documents {
            let mut distinct: Vec<u32> = Vec::new();
            let mut length = 0.0;
            for (term, weight) in document.weighted() {
                if frequencies[term as usize] == 0.0 {
                    distinct.push(term);
                }
                frequencies[term as usize] += weight;
                length += weight;
            }
            distinct.sort_unstable();
            let scored = distinct.into_iter().map(|term| {
                let frequency = std::mem::take(&mut frequencies[term as usize]);
                starts[term as usize + 1] += 1;
                let telling = statistics.everywhere[term as usize];
                (term, telling * saturated(frequency, length, statistics.weighted_length))
            });
            by_document.push(scored.collect());
        }
        for term in 0..terms {
            starts[term + 1] += starts[term];
        }
        let total = starts.last().copied().unwrap_or_default() as usize;
        let mut postings = Self { documents: vec![0; total], scores: vec![0.0; total], starts };
        let mut next = postings.starts.clone();
        for (number, scored) in by_document.into_iter().enumerate() {
            for (term, score) in scored {
                let at = next[term as usize] as usize;
                postings.documents[at] = number as u32;
                postings.scores[at] = score;
                next[term as usize] += 1;
            }
        }
        postings
    }

    /// The documents that have a term, in their order, and what it adds to their score.
    pub(crate) fn of_term(&self, term: u32) -> impl Iterator<Item = (u32, f32)> {
        let range = self.starts[term as usize] as usize..self.starts[term as usize + 1] as usize;
        self.documents[range.clone()].iter().copied().zip(self.scores[range].iter().copied())
    }
}

/// BM25's share of a term that occurs so often in a text of this length.
pub(crate) fn saturated(frequency: f32, length: f32, average_length: f32) -> f32 {
    let norm = SATURATION * (1.0 - LENGTH_NORM + LENGTH_NORM * length / average_length);
    frequency * (SATURATION + 1.0) / (frequency + norm)
}

/// The vocabulary of the documents.
pub(crate) fn speller(documents: &[Arc<Analysed>]) -> Speller {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for document in documents {
        for (word, count) in &document.words {
            *counts.entry(word).or_default() += count;
        }
    }
    Speller::new(counts)
}
