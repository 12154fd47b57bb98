//! Complement naive Bayes (Rennie and others, 2003): a label is likely when its words are rare in the texts of all the
//! *other* labels, which holds up when some labels have far more texts than others.
//!
//! The index has one of its own for where its documents are filed (`index::themes::Folders`): that one counts the terms that
//! the index has numbered, and nothing else. This one has hashes, of pairs and pieces of words too, for several heads at
//! once, weighs its texts, and forgets what too few corrections contain: what they share is a formula of one line.

use std::collections::BTreeMap;

use super::{codec::Writer, neighbours::CORRECTIONS_TO_REMEMBER};

/// Added to every count: a word never seen with the other labels does not decide alone.
const SMOOTHING: f64 = 0.3;

/// A text in fewer documents than this is no feature: it cannot be shared.
const MINIMUM_DOCUMENTS: usize = 2;

/// One text to learn: its features, its weight, and its label by head (`None` where unknown).
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub features: Vec<u64>,
    pub weight: f64,
    /// Whether anybody may read the text that it comes from.
    pub public: bool,
    pub labels: Vec<Option<u32>>,
}

/// Features known, in ascending order, with how much each says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Vocabulary {
    pub hashes: Vec<u64>,
    pub rarity: Vec<f32>,
}

/// Weights of one head.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Bayes {
    /// Where the gains of each feature begin in `labels` and `gains`; one more than features.
    starts: Vec<u32>,
    labels: Vec<u32>,
    /// By how much a feature speaks for a label, against one that it was never seen with.
    gains: Vec<f32>,
    /// Logarithm of the sum of what is counted outside each label.
    outside: Vec<f32>,
}

/// Which documents have each feature, and with what weight.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    starts: Vec<usize>,
    entries: Vec<(u32, f32)>,
}

impl Columns {
    /// Turns documents, each with its weighed features, into features with their documents, in the documents' order.
    pub fn new(documents: &[Vec<(u32, f64)>], features: usize) -> Self {
        let mut starts = vec![0_usize; features + 1];
        for (feature, _) in documents.iter().flatten() {
            if let Some(start) = starts.get_mut(*feature as usize + 1) {
                *start += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut entries = vec![(0, 0.0); sum];
        for (document, weighed) in documents.iter().enumerate() {
            for (feature, value) in weighed {
                let Some(place) = next.get_mut(*feature as usize) else { continue };
                if let Some(entry) = entries.get_mut(*place) {
                    *entry = (u32::try_from(document).unwrap_or(u32::MAX), *value as f32);
                }
                *place += 1;
            }
        }
        Self { starts, entries }
    }

    fn features(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn of(&self, feature: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let start = self.starts.get(feature).copied().unwrap_or(0);
        let end = self.starts.get(feature + 1).copied().unwrap_or(0);
        let entries = self.entries.get(start..end).unwrap_or_default();
        entries.iter().map(|(document, value)| (*document as usize, f64::from(*value)))
    }
}

impl Vocabulary {
    /// The features of enough documents.
    pub fn new(documents: &[Document]) -> Self {
        let mut all: Vec<(u64, bool)> = Vec::new();
        for document in documents {
            let mut features = document.features.clone();
            features.sort_unstable();
            features.dedup();
            all.extend(features.into_iter().map(|hash| (hash, document.public)));
        }
        all.sort_unstable();
        let (mut hashes, mut rarity) = (Vec::new(), Vec::new());
        for same in all.chunk_by(|a, b| a.0 == b.0) {
            let count = u32::try_from(same.len()).unwrap_or(u32::MAX);
            let public = same.iter().any(|(_, public)| *public);
            let enough = if public { MINIMUM_DOCUMENTS } else { CORRECTIONS_TO_REMEMBER };
            if let (Some(&(hash, _)), true) = (same.first(), same.len() >= enough) {
                hashes.push(hash);
                rarity.push((((1.0 + documents.len() as f64) / (1.0 + f64::from(count))).ln() + 1.0) as f32);
            }
        }
        Self { hashes, rarity }
    }

    /// The known features of a text, each once, with a weight; the squares of the weights add up to one.
    pub fn weigh(&self, features: &[u64]) -> Vec<(u32, f64)> {
        let mut sorted = features.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        let mut known: Vec<(u32, f64)> = sorted
            .iter()
            .filter_map(|hash| self.hashes.binary_search(hash).ok())
            .filter_map(|index| Some((u32::try_from(index).ok()?, f64::from(*self.rarity.get(index)?))))
            .collect();
        let length = known.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        if length > 0.0 {
            known.iter_mut().for_each(|(_, weight)| *weight /= length);
        }
        known
    }
}

impl Bayes {
    /// Counts documents for one head: its label of each, and the weight of each.
    pub fn train(columns: &Columns, weights: &[f64], of_document: &[Option<u32>], labels: usize) -> Self {
        let features = columns.features();
        let mut totals = Vec::with_capacity(features);
        let mut inside = vec![0.0_f64; labels];
        let mut counts: Vec<(u32, f64)> = Vec::new();
        let mut bayes = Self { starts: vec![0], ..Self::default() };
        let mut of_feature: Vec<(u32, f64)> = Vec::new();
        for feature in 0..features {
            of_feature.clear();
            for (document, value) in columns.of(feature) {
                let weight = weights.get(document).copied().unwrap_or(0.0);
                let label = of_document.get(document).copied().flatten();
                of_feature.extend(label.map(|label| (label, value * weight)));
            }
            // Stable: counts are added in the order of the documents, so the sums never differ by a bit.
            of_feature.sort_by_key(|(label, _)| *label);
            let mut total = 0.0;
            for same in of_feature.chunk_by(|a, b| a.0 == b.0) {
                let Some(&(label, _)) = same.first() else { continue };
                let count: f64 = same.iter().map(|entry| entry.1).sum();
                total += count;
                if let Some(sum) = inside.get_mut(label as usize) {
                    *sum += count;
                }
                bayes.labels.push(label);
                counts.push((u32::try_from(feature).unwrap_or(u32::MAX), count));
            }
            totals.push(total);
            bayes.starts.push(u32::try_from(counts.len()).unwrap_or(u32::MAX));
        }
        let gain = |(feature, count): &(u32, f64)| {
            let total = totals.get(*feature as usize).copied().unwrap_or(0.0);
            ((total + SMOOTHING) / ((total - count).max(0.0) + SMOOTHING)).ln() as f32
        };
        bayes.gains = counts.iter().map(gain).collect();
        let all: f64 = totals.iter().sum::<f64>() + SMOOTHING * features as f64;
        bayes.outside = inside.iter().map(|inside| (all - inside).max(SMOOTHING).ln() as f32).collect();
        bayes
    }

    /// The score of every label for a text: the higher, the likelier. Zero for all where nothing is known of the text.
    pub fn scores(&self, weights: &[(u32, f64)]) -> Vec<f64> {
        let mass: f64 = weights.iter().map(|(_, weight)| weight).sum();
        let mut scores: Vec<f64> = self.outside.iter().map(|outside| mass * f64::from(*outside)).collect();
        for (feature, weight) in weights {
            for (label, gain) in self.gains(*feature) {
                if let Some(score) = scores.get_mut(label as usize) {
                    *score += weight * gain;
                }
            }
        }
        scores
    }

    /// By how much a feature speaks for each label that it was seen with, against one that it was never seen with.
    pub fn gains(&self, feature: u32) -> impl Iterator<Item = (u32, f64)> + '_ {
        let feature = feature as usize;
        let start = self.starts.get(feature).copied().unwrap_or(0) as usize;
        let end = self.starts.get(feature + 1).copied().unwrap_or(0) as usize;
        let labels = self.labels.get(start..end).unwrap_or_default();
        let gains = self.gains.get(start..end).unwrap_or_default();
        labels.iter().zip(gains).map(|(label, gain)| (*label, f64::from(*gain)))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.numbers(&self.starts);
        writer.numbers(&self.labels);
        writer.floats(&self.gains);
        writer.floats(&self.outside);
    }
}

impl Vocabulary {
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.hashes(&self.hashes);
        writer.floats(&self.rarity);
    }
}

/// For each finer label, the label of the broader head that most of its sources have.
pub(crate) fn parents(pairs: impl Iterator<Item = (u32, u32)>, finer: usize) -> Vec<u32> {
    let mut counts: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    for pair in pairs {
        *counts.entry(pair).or_default() += 1;
    }
    let mut best = vec![(0_u32, u32::MAX); finer];
    for ((label, parent), count) in counts {
        if let Some(entry) = best.get_mut(label as usize)
            && count > entry.0
        {
            *entry = (count, parent);
        }
    }
    best.into_iter().map(|(_, parent)| parent).collect()
}
