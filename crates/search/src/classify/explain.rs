//! Which words of a message decided.

use std::collections::BTreeMap;

use super::{
    Model,
    features::{self, Typed, Word},
    model::{BAYES, HeadModel, NEAREST, Weight},
};

/// Words that are given.
const WORDS: usize = 5;

/// A feature names two words, or one twice: what it says is shared between them.
const SHARE_OF_WORD: f64 = 0.5;

impl Model {
    /// The words that spoke most for a label against another, in both views of the message. It comes near what the scores
    /// add up, and costs less: the nearest text of a label stands for its nearest few, and the head's own naive Bayes for
    /// those of its finer heads.
    pub(super) fn words_that_weighed(
        &self,
        of_head: &HeadModel,
        message: &str,
        typed: &[Typed],
        (weights, nearness): (&[(u32, f64)], &[f32]),
        (first, second): (usize, usize),
    ) -> Vec<Weight> {
        let words: Vec<&Word> = typed.iter().map(|typed| &typed.word).collect();
        let nearest = |label: usize| {
            let of_label = of_head.of_source.iter().zip(nearness).enumerate();
            let of_label = of_label.filter(|(_, (of_source, near))| **of_source as usize == label && **near > 0.0);
            of_label.max_by(|a, b| a.1.1.total_cmp(b.1.1)).map_or(usize::MAX, |(source, _)| source)
        };
        let favours = self.neighbours.favours(&words, nearest(first), nearest(second));
        let mut spoke: Vec<f64> = favours.into_iter().map(|favour| NEAREST * f64::from(favour)).collect();
        for feature in features::all_with_words(&words) {
            let index = self.vocabulary.hashes.binary_search(&feature.hash).ok().and_then(|i| u32::try_from(i).ok());
            let Some(index) = index else { continue };
            let known = weights.binary_search_by_key(&index, |(feature, _)| *feature).ok();
            let weight = known.and_then(|known| weights.get(known)).map_or(0.0, |(_, weight)| *weight);
            for (label, gain) in of_head.bayes.gains(index) {
                let sign = f64::from(u8::from(label as usize == first)) - f64::from(u8::from(label as usize == second));
                for word in feature.words {
                    if let Some(spoke) = spoke.get_mut(word) {
                        *spoke += SHARE_OF_WORD * BAYES * weight * gain * sign;
                    }
                }
            }
        }
        heaviest(message, typed, &spoke)
    }
}

/// The words as typed that weigh most, each once.
fn heaviest(message: &str, typed: &[Typed], weights: &[f64]) -> Vec<Weight> {
    let mut by_word: BTreeMap<&str, f64> = BTreeMap::new();
    for (typed, weight) in typed.iter().zip(weights) {
        if let Some(word) = message.get(typed.offsets.clone()) {
            let greatest = by_word.entry(word).or_default();
            *greatest = greatest.max(*weight);
        }
    }
    let positive = by_word.into_iter().filter(|(_, weight)| *weight > 0.0);
    let mut found: Vec<Weight> =
        positive.map(|(word, weight)| Weight { word: word.to_owned(), weight: weight as f32 }).collect();
    found.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.word.cmp(&b.word)));
    found.truncate(WORDS);
    found
}
