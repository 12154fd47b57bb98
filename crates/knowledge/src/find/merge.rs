//! Answers of several indexes as one list.
//!
//! An index scores its documents against the best of them: a poor best one looks as good as a right one. So what a
//! document scores is multiplied by the share of the question that it speaks of, each word weighing as it is rare.

use std::collections::HashMap;

use parvis_search::{Index, analysis::fold};

use super::{Document, DocumentKind, Finder, Found};

/// How much the authority's own words come before the national ones, all else equal.
const OWN: f32 = 1.3;
/// Below this, a document does not answer.
const FLOOR: f32 = 0.22;
/// Words of a question that weigh: the rarest. In a longer text the rest is circumstances.
const WEIGHED: usize = 8;

/// What an index found.
pub struct List<'a> {
    documents: &'a [Document],
    finder: &'a Finder,
    found: Vec<Found>,
}

impl<'a> List<'a> {
    /// Of these documents.
    pub fn new(documents: &'a [Document], finder: &'a Finder, found: Vec<Found>) -> Self {
        Self { documents, finder, found }
    }
}

/// A document that may answer.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Which.
    pub document: &'a Document,
    /// The passage that answers best.
    pub passage: &'a str,
    /// Where and why.
    pub found: Found,
    /// To be compared with those of the other indexes.
    pub score: f32,
}

/// The best of all, best first.
pub fn best<'a>(question: &str, lists: [List<'a>; 2], limit: usize) -> Vec<Candidate<'a>> {
    let indexes = [lists[0].finder.index(), lists[1].finder.index()];
    let weights = Weights::of(question, indexes);
    let mut all: Vec<Candidate<'a>> = Vec::new();
    for (at, list) in lists.into_iter().enumerate() {
        let other = indexes[1 - at];
        for mut found in list.found {
            // What a small index takes for a slip may be a word that the other one knows: "divorce" is not "service".
            let corrected = std::mem::take(&mut found.corrected);
            found.words.retain(|word| !corrected.contains(word) || !other.speller().knows(&fold(word)));
            let Some(document) = list.documents.get(found.document) else { continue };
            let own = if document.kind == DocumentKind::Fiche { 1.0 } else { OWN };
            let score = found.score * weights.share(&found) * own;
            let passage = found.passage.map_or("", |passage| list.finder.passage(found.document, passage));
            all.push(Candidate { document, passage, found, score });
        }
    }
    all.retain(|candidate| candidate.score >= FLOOR);
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.document.slug.cmp(&b.document.slug)));
    all.truncate(limit);
    all
}

/// What each word of a question weighs.
struct Weights {
    of_word: HashMap<String, f32>,
    total: f32,
}

impl Weights {
    /// The larger index knows better how rare a word is.
    fn of(question: &str, indexes: [&Index; 2]) -> Self {
        let reference = if indexes[0].len() >= indexes[1].len() { indexes[0] } else { indexes[1] };
        let mut of_word: HashMap<String, f32> = HashMap::new();
        let mut known = HashMap::new();
        for token in reference.analyzer().tokens(question) {
            if token.stop {
                continue;
            }
            let typed = question.get(token.offsets.clone()).unwrap_or_default().to_owned();
            // In an index of a few documents rarity says little: no word weighs nothing.
            let weight = 1.0 + reference.inverse_document_frequency(&token.term);
            known.insert(typed.clone(), indexes.iter().any(|index| index.speller().knows(&token.folded)));
            let kept = of_word.entry(typed).or_default();
            *kept = kept.max(weight);
        }
        if of_word.len() > WEIGHED {
            // In a long text, words that are nowhere are names and slips.
            of_word.retain(|typed, _| known.get(typed).copied().unwrap_or(false));
        }
        let mut weights: Vec<f32> = of_word.values().copied().collect();
        weights.sort_by(|a, b| b.total_cmp(a));
        weights.truncate(WEIGHED);
        Self { total: weights.iter().sum(), of_word }
    }

    /// The share of the question that a document speaks of, 0 to 1. What led there by another word counts half: a
    /// synonym of several words may have been met by one of them.
    fn share(&self, found: &Found) -> f32 {
        if self.total <= 0.0 {
            return 0.0;
        }
        let weight = |word: &String| {
            let weight = self.of_word.get(word).copied().unwrap_or(0.0);
            if found.indirect.contains(word) { weight / 2.0 } else { weight }
        };
        let matched: f32 = found.words.iter().map(weight).sum();
        (matched / self.total).min(1.0)
    }
}
