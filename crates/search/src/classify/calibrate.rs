//! How sure a model may say that it is: measured on messages made from texts that it had not seen.
//!
//! One source in five is set aside. From its title (of a correction, from its message) a message is made as people write
//! them; half of the sources are hidden from the measuring model whole (nothing known answers the message), the
//! other half lose the text the message is made of (an answer is known, in other words). What real messages give lies
//! between. Then a temperature makes the probabilities honest, and the threshold is the least certainty at which so many
//! messages were right as is wanted.

use std::collections::BTreeMap;

use super::{
    Model,
    corpus::{Corpus, Kept},
    degrade::degrade,
    example::{Head, Part, SourceKind, Texts},
    features::hash,
    learning::softmax,
};

/// Of the messages that are classified at the default threshold, how many must be right.
pub const PRECISION_WANTED: f64 = 0.92;

/// Made messages are easier than real ones, which wander and leave out: as much more is asked of them.
const MARGIN: f64 = 0.025;

/// Standard deviations below the mean beyond which one draw in twenty falls.
const ONE_IN_TWENTY: f64 = 1.645;

/// One source in so many is set aside.
const ONE_SOURCE_IN: u64 = 5;

/// With fewer messages than this nothing is measured: the temperature stays, and nothing is certain enough.
const FEWEST_MESSAGES: usize = 50;

/// Temperatures tried, each greater than the one before by this factor.
const TEMPERATURES: usize = 60;
const FIRST_TEMPERATURE: f64 = 0.2;
const FACTOR: f64 = 1.08;

/// A message and the labels that it should get.
struct Made<'a> {
    message: String,
    labels: &'a BTreeMap<Head, String>,
}

/// The temperature and the default threshold of every head that can be measured.
pub(crate) fn measure(sources: &[Texts], corpus: &Corpus) -> BTreeMap<Head, (f32, f32)> {
    let (kept, made) = set_aside(sources, corpus);
    let mut measured = BTreeMap::new();
    if made.len() < FEWEST_MESSAGES {
        return measured;
    }
    let model = Model::uncalibrated(corpus, &kept);
    let heads: Vec<Head> = model.heads().collect();
    let scores = model.raw_scores_of(made.iter().map(|made| made.message.as_str()));
    for head in heads {
        let of_head: Vec<(&[f64], usize)> = made
            .iter()
            .zip(&scores)
            .filter_map(|(made, scores)| {
                Some((scores.get(&head)?.as_slice(), model.label_index(head, made.labels.get(&head)?)?))
            })
            .collect();
        if of_head.len() >= FEWEST_MESSAGES {
            let temperature = temperature(&of_head);
            measured.insert(head, (temperature as f32, threshold(&of_head, temperature) as f32));
        }
    }
    measured
}

/// What the measuring model may learn from, and the messages. A corpus holds its sources in the order of their texts.
fn set_aside<'a>(sources: &'a [Texts], corpus: &'a Corpus) -> (Vec<Kept<'a>>, Vec<Made<'a>>) {
    let (mut kept, mut made) = (Vec::new(), Vec::new());
    for (texts, source) in sources.iter().zip(&corpus.sources) {
        let drawn = hash(b'a', &texts.source.id);
        let hidden = match texts.source.kind {
            SourceKind::Correction => Part::Summary,
            SourceKind::Article | SourceKind::Procedure => Part::Title,
        };
        let text = texts.joined(hidden);
        if !drawn.is_multiple_of(ONE_SOURCE_IN) || text.trim().is_empty() {
            kept.push(Kept { source, without: None });
            continue;
        }
        made.push(Made { message: degrade(&text), labels: &texts.labels });
        let whole = (drawn / ONE_SOURCE_IN).is_multiple_of(2);
        if !whole {
            kept.push(Kept { source, without: Some(hidden) });
        }
    }
    (kept, made)
}

/// The temperature under which the right labels were the least surprising.
fn temperature(messages: &[(&[f64], usize)]) -> f64 {
    let surprise = |temperature: f64| -> f64 {
        messages
            .iter()
            .map(|(scores, right)| -softmax(scores, temperature).get(*right).copied().unwrap_or(0.0).max(1e-9).ln())
            .sum()
    };
    let tried = (0..TEMPERATURES).map(|step| FIRST_TEMPERATURE * FACTOR.powi(i32::try_from(step).unwrap_or(0)));
    tried
        .map(|temperature| (temperature, surprise(temperature)))
        .min_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(1.0, |t| t.0)
}

/// The least certainty such that of the messages at or above it enough were right, and not by luck.
fn threshold(messages: &[(&[f64], usize)], temperature: f64) -> f64 {
    let mut certainties: Vec<(f64, bool)> = messages
        .iter()
        .filter_map(|(scores, right)| {
            let probabilities = softmax(scores, temperature);
            let (best, certainty) = probabilities.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1))?;
            Some((certainty, best == *right))
        })
        .collect();
    certainties.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let (mut right, mut lowest) = (0_u32, 1.0);
    for (count, (certainty, is_right)) in certainties.iter().enumerate() {
        right += u32::from(*is_right);
        // Those as sure as this one come along.
        let last = certainties.get(count + 1).is_none_or(|next| next.0 < *certainty);
        if last && at_least(f64::from(right), (count + 1) as f64) >= PRECISION_WANTED + MARGIN {
            lowest = *certainty;
        }
    }
    lowest
}

/// The share of right ones that is likely (19 to 1) not to be passed below, so many of so many being right: Wilson's
/// bound.
fn at_least(right: f64, of: f64) -> f64 {
    let (share, square) = (right / of, ONE_IN_TWENTY * ONE_IN_TWENTY);
    let spread = ONE_IN_TWENTY * (share * (1.0 - share) / of + square / (4.0 * of * of)).sqrt();
    (share + square / (2.0 * of) - spread) / (1.0 + square / of)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages of two labels, the right one being the first: how sure the model is of it, against the other.
    fn threshold_of(sure: &[(f64, usize)]) -> f64 {
        let scores: Vec<[f64; 2]> =
            sure.iter().flat_map(|(score, count)| std::iter::repeat_n([*score, 0.0], *count)).collect();
        let messages: Vec<(&[f64], usize)> = scores.iter().map(|scores| (scores.as_slice(), 0)).collect();
        threshold(&messages, 1.0)
    }

    #[test]
    fn a_few_right_ones_prove_nothing() {
        assert_eq!(threshold_of(&[(3.0, 40)]), 1.0);
        assert!(threshold_of(&[(3.0, 400)]) < 0.96);
    }

    #[test]
    fn the_threshold_is_above_where_too_many_are_wrong() {
        let threshold = threshold_of(&[(3.0, 400), (1.0, 20), (-0.5, 100)]);
        assert!((0.70..0.74).contains(&threshold), "{threshold}");
    }

    #[test]
    fn the_bound_comes_nearer_with_more_messages() {
        assert!(at_least(19.0, 20.0) < at_least(190.0, 200.0));
        assert!(at_least(190.0, 200.0) < 0.95 && at_least(1900.0, 2000.0) > 0.94);
        assert!(at_least(0.0, 10.0).abs() < 1e-9);
    }
}
