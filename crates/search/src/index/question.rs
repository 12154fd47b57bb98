//! From a question as typed to weighted terms.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Range,
};

use super::{Index, build::inverse_frequency, explain::Suggestion};
use crate::{
    analysis::{MAXIMUM_QUESTION_BYTES, bounded},
    synonyms::{LONGEST_MEMBER, Synonyms},
};

/// Distinct terms of a question that are searched; of a longer one the most telling.
const MAXIMUM_TERMS: usize = 64;
/// Weight of a synonym of a word, the word having 1.
const SYNONYM_WEIGHT: f32 = 0.3;
/// The same for a synonym of several words that stand together: those are seldom ambiguous.
const PHRASE_SYNONYM_WEIGHT: f32 = 0.7;
/// Weight of a word put right.
const CORRECTED_WEIGHT: f32 = 0.8;

/// What a question asks, ready to be compared with documents.
#[derive(Debug, Default)]
pub(crate) struct Question {
    pub(crate) terms: Vec<QuestionTerm>,
    /// What else is said for them.
    pub(crate) synonyms: Vec<Synonym>,
    /// Terms that follow each other in the question.
    pub(crate) pairs: Vec<(u32, u32)>,
    pub(crate) suggestions: Vec<Suggestion>,
}

/// A term to look for.
#[derive(Debug, Clone)]
pub(crate) struct QuestionTerm {
    pub(crate) number: u32,
    pub(crate) weight: f32,
    /// The word of the question it comes from.
    pub(crate) typed: Range<usize>,
    pub(crate) origin: Origin,
}

/// Another way to say a word or a phrase of the question: a text says it only with all its terms.
#[derive(Debug, Clone)]
pub(crate) struct Synonym {
    pub(crate) numbers: Vec<u32>,
    /// What one occurrence counts, where one of what was typed counts 1.
    pub(crate) weight: f32,
    /// The one term typed that it says again: their occurrences are counted together.
    pub(crate) says: Option<u32>,
    /// The word or words of the question that it says again.
    pub(crate) typed: Range<usize>,
    /// As it is usually written.
    pub(crate) display: &'static str,
}

/// How a term comes from the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Typed,
    Corrected,
}

/// A word of the question that says something, its spelling put right.
struct Word {
    term: String,
    offsets: Range<usize>,
    corrected: bool,
}

impl Index {
    pub(crate) fn question(&self, text: &str) -> Question {
        let text = bounded(text, MAXIMUM_QUESTION_BYTES);
        let (words, suggestions) = self.words(text);
        let mut terms: Vec<QuestionTerm> = Vec::new();
        let mut positions: HashMap<u32, usize> = HashMap::new();
        for word in &words {
            let Some(number) = self.number(&word.term) else { continue };
            let weight = if word.corrected { CORRECTED_WEIGHT } else { 1.0 };
            if let Some(at) = positions.get(&number) {
                terms[*at].weight = terms[*at].weight.max(weight);
                continue;
            }
            positions.insert(number, terms.len());
            let origin = if word.corrected { Origin::Corrected } else { Origin::Typed };
            terms.push(QuestionTerm { number, weight, typed: word.offsets.clone(), origin });
        }
        if terms.len() > MAXIMUM_TERMS {
            let telling = |term: &QuestionTerm| self.statistics.everywhere[term.number as usize];
            terms.sort_by(|one, other| {
                telling(other).total_cmp(&telling(one)).then(one.typed.start.cmp(&other.typed.start))
            });
            terms.truncate(MAXIMUM_TERMS);
            terms.sort_by_key(|term| term.typed.start);
        }
        let kept: BTreeSet<u32> = terms.iter().map(|term| term.number).collect();
        let synonyms = self.synonyms(&words, &kept);
        Question { pairs: self.pairs(&words, &kept), terms, synonyms, suggestions }
    }

    /// The number of a term that some document has.
    fn number(&self, term: &str) -> Option<u32> {
        self.numbers.get(term).copied().filter(|number| self.postings.of_term(*number).next().is_some())
    }

    fn words(&self, text: &str) -> (Vec<Word>, Vec<Suggestion>) {
        let mut words = Vec::new();
        let mut suggestions: Vec<Suggestion> = Vec::new();
        let all_capitals = !text.chars().any(char::is_lowercase);
        for token in self.analyzer.tokens(text) {
            if token.stop {
                continue;
            }
            let typed = &text[token.offsets.clone()];
            let abbreviation = typed.chars().count() <= 6 && typed.chars().all(char::is_uppercase) && !all_capitals;
            let correction = match self.number(&token.term) {
                None if !abbreviation => self.speller.correct(&token.folded),
                _ => None,
            };
            let Some(correction) = correction else {
                words.push(Word { term: token.term, offsets: token.offsets, corrected: false });
                continue;
            };
            for folded in &correction.folded {
                if !self.analyzer.is_stop_word(folded) {
                    let term = self.analyzer.stem(folded);
                    words.push(Word { term, offsets: token.offsets.clone(), corrected: true });
                }
            }
            let typed = typed.to_owned();
            suggestions.push(Suggestion { offsets: token.offsets, typed, meant: correction.display });
        }
        (words, suggestions)
    }

    fn pairs(&self, words: &[Word], kept: &BTreeSet<u32>) -> Vec<(u32, u32)> {
        let pairs: BTreeSet<(u32, u32)> = words
            .windows(2)
            .filter_map(|pair| Some((self.number(&pair[0].term)?, self.number(&pair[1].term)?)))
            .filter(|(one, other)| kept.contains(one) && kept.contains(other))
            .collect();
        pairs.into_iter().collect()
    }

    /// What else is said for the words and phrases of the question. A synonym never tells more than what it stands for,
    /// nor more than its own words do.
    fn synonyms(&self, words: &[Word], kept: &BTreeSet<u32>) -> Vec<Synonym> {
        let all: Vec<String> = words.iter().map(|word| word.term.clone()).collect();
        // In the order of their words: the numbers hang on the order in which documents came.
        let mut found: BTreeMap<&[String], Synonym> = BTreeMap::new();
        for start in 0..all.len() {
            for length in 1..=LONGEST_MEMBER.min(all.len() - start) {
                let phrase = &all[start..start + length];
                // A word that no document has is as telling as can be; its synonyms are its only chance.
                let known = phrase.iter().filter_map(|term| self.number(term));
                let left_out = known.clone().any(|number| !kept.contains(&number));
                if left_out {
                    continue;
                }
                let mut telling: f32 = known.map(|number| self.statistics.everywhere[number as usize]).sum();
                if telling == 0.0 {
                    telling = inverse_frequency(self.len() as f32, 0.0) / 2.0;
                }
                telling /= (length as f32).sqrt();
                let weight = if length == 1 { SYNONYM_WEIGHT } else { PHRASE_SYNONYM_WEIGHT };
                let says = if length == 1 { self.number(&phrase[0]) } else { None };
                let typed = words[start].offsets.start..words[start + length - 1].offsets.end;
                for member in Synonyms::french().of(phrase) {
                    let numbers: Option<Vec<u32>> = member.terms.iter().map(|term| self.number(term)).collect();
                    let Some(numbers) = numbers else { continue };
                    if numbers.iter().all(|number| kept.contains(number)) {
                        continue;
                    }
                    let own: f32 = numbers.iter().map(|number| self.statistics.everywhere[*number as usize]).sum();
                    let own = (own / (numbers.len() as f32).sqrt()).max(0.1);
                    let mut weight = weight * (telling / own).min(1.0);
                    if says.is_some() {
                        // It will be counted as what it stands for.
                        weight *= (own / telling).min(1.0);
                    }
                    if found.get(member.terms.as_slice()).is_none_or(|before| before.weight < weight) {
                        let synonym = Synonym { numbers, weight, says, typed: typed.clone(), display: member.display };
                        found.insert(&member.terms, synonym);
                    }
                }
            }
        }
        found.into_values().collect()
    }
}
