//! From the texts of a source to what a model counts.

use std::collections::BTreeMap;

use super::{
    bayes::{Document, parents},
    example::{Head, Part, SourceKind, Texts},
    features::{self, Feature, Word},
    model::HeadModel,
    neighbours::passages,
};
use crate::analysis::{Analyzer, Speller, bounded};

/// Passages of a text that the naive Bayes reads, and bytes of each.
const PASSAGES: usize = 12;
const SHORTEST_PASSAGE: usize = 40;
const PASSAGE_BYTES: usize = 600;

/// No label.
pub(crate) const NONE: u32 = u32::MAX;

/// What the naive Bayes counts in a text.
pub(crate) fn all_features(words: &[Word]) -> Vec<Feature> {
    let mut found = features::terms(words);
    found.extend(features::pairs(words));
    found.extend(features::pieces(words));
    found
}

/// The documents that one source gives to the naive Bayes: titles count most, passages of the full text least.
pub(crate) fn documents_of(analyzer: &Analyzer, texts: &Texts, labels: &[Option<u32>]) -> Vec<Document> {
    let public = texts.source.kind != SourceKind::Correction;
    let mut documents = Vec::new();
    let mut push = |text: &str, weight: f64| {
        let words = features::words(analyzer, None, text);
        let features = all_features(&words).into_iter().map(|feature| feature.hash).collect();
        documents.push(Document { features, weight, public, labels: labels.to_vec() });
    };
    let title = texts.joined(Part::Title);
    for (part, text, weight) in &texts.parts {
        let weight = f64::from(*weight);
        match part {
            Part::Title => push(text, 2.0 * weight),
            Part::Summary => push(text, weight),
            Part::Question => push(text, 0.5 * weight),
            Part::Path => push(&format!("{text} {title}"), weight),
            Part::Body => {
                for passage in passages(text).filter(|passage| passage.len() > SHORTEST_PASSAGE).take(PASSAGES) {
                    push(bounded(passage, PASSAGE_BYTES), 0.3 * weight);
                }
            }
        }
    }
    documents
}

/// The words of public texts as written, and how often each occurs: messages are put right from them.
pub(crate) fn spelling(analyzer: &Analyzer, sources: &[Texts]) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for texts in sources.iter().filter(|texts| texts.source.kind != SourceKind::Correction) {
        for (_, text, _) in &texts.parts {
            for token in analyzer.tokens(text).into_iter().filter(|token| !token.is_number()) {
                // An abbreviation written out is not what stands in the text.
                let typed = text.get(token.offsets).unwrap_or_default().to_lowercase();
                let written = if crate::analysis::fold(&typed) == token.folded { typed } else { token.folded };
                *counts.entry(written).or_default() += 1;
            }
        }
    }
    counts.into_iter().collect()
}

/// A speller of such words.
pub(crate) fn speller_of(spelling: &[(String, u32)]) -> Speller {
    Speller::new(spelling.iter().map(|(word, count)| (word.as_str(), *count)))
}

/// The position of a label among labels in alphabetical order.
pub(crate) fn index_of(labels: &[String], label: Option<&String>) -> Option<u32> {
    labels.binary_search(label?).ok().and_then(|index| u32::try_from(index).ok())
}

/// Tells each head which of its labels the labels of its finer heads belong to.
pub(crate) fn link_finer(heads: &mut BTreeMap<Head, HeadModel>) {
    for head in Head::ALL {
        let Some(of_head) = heads.get(&head) else { continue };
        let mut links = Vec::new();
        for finer in head.finer() {
            let Some(finer_head) = heads.get(finer) else { continue };
            let pairs = finer_head.of_source.iter().zip(&of_head.of_source);
            let known = pairs.filter(|(label, parent)| **label != NONE && **parent != NONE);
            links.push((*finer, parents(known.map(|(label, parent)| (*label, *parent)), finer_head.labels.len())));
        }
        if let Some(of_head) = heads.get_mut(&head) {
            of_head.finer = links;
        }
    }
}

/// Scores as differences from the greatest.
pub(crate) fn relative(mut scores: Vec<f64>) -> Vec<f64> {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    scores.iter_mut().for_each(|score| *score -= greatest);
    scores
}

/// Adds to each label's score, so many times, the best of the values that belong to it. A label that none belongs to gets
/// the least value.
pub(crate) fn add_best(scores: &mut [f64], values: &[f64], belongs: Option<&[u32]>, times: f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let mut best = vec![least; scores.len()];
    for (index, value) in values.iter().enumerate() {
        let label = belongs.map_or(Some(index), |belongs| belongs.get(index).map(|label| *label as usize));
        if let Some(best) = label.and_then(|label| best.get_mut(label)) {
            *best = best.max(*value);
        }
    }
    for (score, best) in scores.iter_mut().zip(best).filter(|(_, best)| best.is_finite()) {
        *score += times * best;
    }
}

/// Probabilities that add up to one: the flatter, the greater the temperature.
pub(crate) fn softmax(scores: &[f64], temperature: f64) -> Vec<f64> {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores.iter().map(|score| ((score - greatest) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}
