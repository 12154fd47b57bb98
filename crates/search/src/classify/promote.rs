//! Whether a new model takes the place of the one in service.

use std::collections::BTreeMap;

use super::{Head, Model};

/// A message and the labels that an agent gave it, kept out of the training of both models.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// The message.
    pub text: String,
    /// Its labels.
    pub labels: BTreeMap<Head, String>,
}

/// How often two models were right on one head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Corrections that have this head.
    pub corrections: u32,
    /// Of which the model in service was right.
    pub in_service: u32,
    /// Of which the candidate was right.
    pub candidate: u32,
}

/// What comparing two models gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// By head.
    pub heads: BTreeMap<Head, Score>,
    /// Whether the candidate should take service: on no head was it less often right. Without a correction to compare on
    /// nothing speaks against it.
    pub promoted: bool,
}

/// Compares a candidate with the model in service on corrections that neither was trained on.
pub fn compare(in_service: &Model, candidate: &Model, held_out: &[Correction]) -> Comparison {
    let mut heads: BTreeMap<Head, Score> = BTreeMap::new();
    for correction in held_out {
        let (old, new) = (in_service.predict(&correction.text), candidate.predict(&correction.text));
        for (head, label) in &correction.labels {
            let first = |guesses: &BTreeMap<Head, Vec<super::Guess>>| {
                u32::from(
                    guesses.get(head).and_then(|guesses| guesses.first()).is_some_and(|guess| guess.label == *label),
                )
            };
            let score = heads.entry(*head).or_default();
            score.corrections += 1;
            score.in_service += first(&old.guesses);
            score.candidate += first(&new.guesses);
        }
    }
    let promoted = heads.values().all(|score| score.candidate >= score.in_service);
    Comparison { heads, promoted }
}
