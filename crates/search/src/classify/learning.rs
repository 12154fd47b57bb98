//! Small sums that training and predicting share.

use std::collections::{BTreeMap, BTreeSet};

use super::{bayes::parents, corpus::Kept, example::Head, model::HeadModel};
use crate::analysis::Speller;

/// No label.
pub(crate) const NONE: u32 = u32::MAX;

/// A speller of words as written, with how often each occurs.
pub(crate) fn speller_of(spelling: &[(String, u32)]) -> Speller {
    Speller::new(spelling.iter().map(|(word, count)| (word.as_str(), *count)))
}

/// The labels of a head among sources, in alphabetical order.
pub(crate) fn labels_of(kept: &[Kept<'_>], head: Head) -> Vec<String> {
    let found: BTreeSet<&String> = kept.iter().filter_map(|one| one.source.labels.get(&head)).collect();
    found.into_iter().cloned().collect()
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

/// Values that are averaged at most.
const FEW: usize = 5;

/// Adds to each label's score, so many times, the mean of the greatest few of the values that belong to it. A label that
/// fewer belong to gets the mean of those it has.
pub(crate) fn add_mean_of_best(scores: &mut [f64], values: &[f64], belongs: &[u32], times: f64) {
    let mut best = vec![Vec::with_capacity(FEW + 1); scores.len()];
    for (value, label) in values.iter().zip(belongs) {
        let Some(best) = best.get_mut(*label as usize) else { continue };
        let place = best.partition_point(|known| known >= value);
        if place < FEW {
            best.insert(place, *value);
            best.truncate(FEW);
        }
    }
    for (score, best) in scores.iter_mut().zip(best).filter(|(_, best)| !best.is_empty()) {
        *score += times * best.iter().sum::<f64>() / best.len() as f64;
    }
}

/// Probabilities that add up to one: the flatter, the greater the temperature.
pub(crate) fn softmax(scores: &[f64], temperature: f64) -> Vec<f64> {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores.iter().map(|score| ((score - greatest) / temperature).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_with_few_values_is_not_held_back() {
        let mut scores = [0.0; 3];
        let values = [0.9, 0.1, 0.8, 0.8, 0.8, 0.8, 0.8, 0.3, 0.5];
        add_mean_of_best(&mut scores, &values, &[0, 1, 1, 1, 1, 1, 1, NONE, 1], 10.0);
        assert!((scores[0] - 9.0).abs() < 1e-9 && (scores[1] - 8.0).abs() < 1e-9, "{scores:?}");
        assert_eq!(scores[2], 0.0);
    }
}
