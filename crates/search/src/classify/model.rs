//! A trained model and what it says of a message.

use std::collections::BTreeMap;

use super::{
    bayes::{Bayes, Columns, Vocabulary},
    calibrate,
    codec::check_sum,
    corpus::{Corpus, Kept},
    example::{Example, Head, by_source},
    features,
    learning::{NONE, add_best, add_mean_of_best, index_of, labels_of, link_finer, relative, softmax, speller_of},
    neighbours::Neighbours,
};
use crate::analysis::{Analyzer, MAXIMUM_QUESTION_BYTES, Speller, bounded};

/// How much the two views count before calibration: the naive Bayes scores of a head, and the nearest text of a label
/// (from 0 to 1).
pub(super) const BAYES: f64 = 4.0;
pub(super) const NEAREST: f64 = 13.0;

/// Beside the heads that are finer than it, a head's own naive Bayes counts so much.
const BAYES_BESIDE_FINER: f64 = 1.0;

/// Of what the nearest texts count, the share of the mean of a label's nearest few; the rest is its very nearest.
const SEVERAL: f64 = 0.6;

/// A label and how likely it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    /// The label.
    pub label: String,
    /// Calibrated: of the guesses of 0.9, nine in ten are right.
    pub probability: f32,
}

/// A word of the message and how much it spoke for one of the three best guesses against another.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// The word as it was typed.
    pub word: String,
    /// Greater is more; only positive ones are given.
    pub weight: f32,
}

/// Guesses among which an agent chooses.
const BEST: usize = 3;

/// What a model says of a message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prediction {
    /// Every label of each head, the likeliest first; the probabilities of a head add up to one.
    pub guesses: BTreeMap<Head, Vec<Guess>>,
    /// By head and for each of its three best guesses, the words that spoke most for it: for the first against the
    /// second, for the others against the first.
    pub words: BTreeMap<Head, Vec<Vec<Weight>>>,
}

/// A trained classifier.
#[derive(Debug)]
pub struct Model {
    pub(super) analyzer: Analyzer,
    pub(super) speller: Speller,
    pub(super) spelling: Vec<(String, u32)>,
    pub(super) vocabulary: Vocabulary,
    pub(super) neighbours: Neighbours,
    pub(super) heads: BTreeMap<Head, HeadModel>,
    pub(super) version: u64,
}

/// What is known of one head.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct HeadModel {
    pub labels: Vec<String>,
    pub bayes: Bayes,
    /// The label of each source.
    pub of_source: Vec<u32>,
    /// Finer heads, with the label of this head that each of their labels belongs to.
    pub finer: Vec<(Head, Vec<u32>)>,
    pub temperature: f32,
    pub threshold: f32,
}

impl Model {
    /// Learns from examples, in whatever order they come.
    pub fn train(examples: &[Example]) -> Self {
        let texts = by_source(examples);
        let corpus = Corpus::new(&Analyzer::new(), &texts);
        // The two halves of the work know nothing of each other.
        let (measured, mut model) = std::thread::scope(|scope| {
            let measuring = scope.spawn(|| calibrate::measure(&texts, &corpus));
            let model = Self::uncalibrated(&corpus, &corpus.whole());
            (measuring.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), model)
        });
        for (head, (temperature, threshold)) in measured {
            if let Some(of_head) = model.heads.get_mut(&head) {
                (of_head.temperature, of_head.threshold) = (temperature, threshold);
            }
        }
        model.version = check_sum(&model.to_bytes());
        model
    }

    /// A model whose probabilities are not measured yet.
    pub(crate) fn uncalibrated(corpus: &Corpus, kept: &[Kept<'_>]) -> Self {
        let labels: Vec<(Head, Vec<String>)> =
            Head::ALL.into_iter().map(|head| (head, labels_of(kept, head))).filter(|(_, l)| l.len() > 1).collect();
        let mut documents = Vec::new();
        for one in kept {
            let of_source: Vec<Option<u32>> =
                labels.iter().map(|(head, labels)| index_of(labels, one.source.labels.get(head))).collect();
            documents.extend(corpus.documents_of(*one, &of_source));
        }
        let vocabulary = Vocabulary::new(&documents);
        let weighed: Vec<Vec<(u32, f64)>> = documents.iter().map(|d| vocabulary.weigh(&d.features)).collect();
        let columns = Columns::new(&weighed, vocabulary.hashes.len());
        let weights: Vec<f64> = documents.iter().map(|document| document.weight).collect();
        let mut heads = BTreeMap::new();
        for (position, (head, names)) in labels.iter().enumerate() {
            let of_document: Vec<Option<u32>> =
                documents.iter().map(|document| document.labels.get(position).copied().flatten()).collect();
            let bayes = Bayes::train(&columns, &weights, &of_document, names.len());
            let label = |one: &Kept<'_>| index_of(names, one.source.labels.get(head)).unwrap_or(NONE);
            let of_source = kept.iter().map(label).collect();
            heads.insert(
                *head,
                HeadModel {
                    labels: names.clone(),
                    bayes,
                    of_source,
                    finer: Vec::new(),
                    temperature: 1.0,
                    threshold: 1.0,
                },
            );
        }
        link_finer(&mut heads);
        Self {
            analyzer: Analyzer::new(),
            speller: speller_of(&corpus.spelling),
            spelling: corpus.spelling.clone(),
            neighbours: Neighbours::new(corpus, kept),
            vocabulary,
            heads,
            version: 0,
        }
    }

    /// What identifies the model: equal for equal models, and only for them.
    pub fn version(&self) -> String {
        format!("{:016x}", self.version)
    }

    /// The heads that the model knows more than one label of.
    pub fn heads(&self) -> impl Iterator<Item = Head> + '_ {
        self.heads.keys().copied()
    }

    /// The threshold proposed for a head: the least certainty at which messages made from texts that the measuring model
    /// had not seen were right often enough ([`calibrate::PRECISION_WANTED`]). 1 for a head that is not known.
    pub fn default_threshold(&self, head: Head) -> f32 {
        self.heads.get(&head).map_or(1.0, |of_head| of_head.threshold)
    }

    /// What the model says of a message. Of a longer text than 16 kB only the beginning is read.
    pub fn predict(&self, message: &str) -> Prediction {
        let message = bounded(message, MAXIMUM_QUESTION_BYTES);
        let read = features::read_message(&self.analyzer, &self.speller, message);
        let nearness = self.neighbours.scores(&read);
        let weights = self.vocabulary.weigh(&features::all(&read.words()));
        let mut prediction = Prediction::default();
        for (head, of_head) in &self.heads {
            let scores = self.scores(of_head, &weights, &nearness);
            let probabilities = softmax(&scores, f64::from(of_head.temperature));
            let mut order: Vec<usize> = (0..probabilities.len()).collect();
            order.sort_by(|a, b| {
                let of = |index: &usize| probabilities.get(*index).copied().unwrap_or(0.0);
                of(b).total_cmp(&of(a)).then(a.cmp(b))
            });
            let against = |at: usize| if at == 0 { order.get(1) } else { order.first() };
            let words = order.iter().take(BEST).enumerate().map(|(at, label)| {
                let views = (weights.as_slice(), nearness.as_slice());
                let weighed = |other| self.words_that_weighed(of_head, message, &read.typed, views, (*label, other));
                against(at).map(|other| weighed(*other)).unwrap_or_default()
            });
            prediction.words.insert(*head, words.collect());
            let guess = |index: &usize| {
                Some(Guess {
                    label: of_head.labels.get(*index)?.clone(),
                    probability: *probabilities.get(*index)? as f32,
                })
            };
            prediction.guesses.insert(*head, order.iter().filter_map(guess).collect());
        }
        prediction
    }

    /// The scores of the labels of every head for messages, before calibration.
    pub(crate) fn raw_scores_of<'a>(&self, messages: impl Iterator<Item = &'a str>) -> Vec<BTreeMap<Head, Vec<f64>>> {
        let scores = |message: &str| {
            let read = features::read_message(&self.analyzer, &self.speller, message);
            let weights = self.vocabulary.weigh(&features::all(&read.words()));
            let nearness = self.neighbours.scores(&read);
            self.heads.iter().map(|(head, of_head)| (*head, self.scores(of_head, &weights, &nearness))).collect()
        };
        messages.map(scores).collect()
    }

    /// The position of a label within its head.
    pub(crate) fn label_index(&self, head: Head, label: &str) -> Option<usize> {
        self.heads.get(&head)?.labels.binary_search_by(|known| known.as_str().cmp(label)).ok()
    }

    fn scores(&self, of_head: &HeadModel, weights: &[(u32, f64)], nearness: &[f32]) -> Vec<f64> {
        let mut scores = vec![0.0; of_head.labels.len()];
        let finer: Vec<(&HeadModel, &[u32])> = of_head
            .finer
            .iter()
            .filter_map(|(head, parents)| Some((self.heads.get(head)?, parents.as_slice())))
            .collect();
        let own = if finer.is_empty() { BAYES } else { BAYES_BESIDE_FINER };
        add_best(&mut scores, &relative(of_head.bayes.scores(weights)), None, own);
        for (finer_head, parents) in &finer {
            let share = BAYES / finer.len() as f64;
            add_best(&mut scores, &relative(finer_head.bayes.scores(weights)), Some(parents), share);
        }
        let nearness: Vec<f64> = nearness.iter().map(|near| f64::from(*near)).collect();
        add_best(&mut scores, &nearness, Some(&of_head.of_source), NEAREST * (1.0 - SEVERAL));
        add_mean_of_best(&mut scores, &nearness, &of_head.of_source, NEAREST * SEVERAL);
        scores
    }
}
