//! Why a document was found.

use std::{collections::HashSet, ops::Range};

use super::{
    Index,
    build::Analysed,
    question::{Origin, Question},
};

/// Words told for one hit.
const MAXIMUM_WORDS: usize = 8;

/// A word of the question that no document has, and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// Where it stands in the question, in bytes.
    pub offsets: Range<usize>,
    /// As typed.
    pub typed: String,
    /// As it is usually written.
    pub meant: String,
}

/// A word of the question that led to a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchedWord {
    /// As typed.
    pub typed: String,
    /// What the document says for it where that is another word: a synonym or the spelling put right.
    pub found_as: Option<String>,
    /// Whether it stands in the title, description or keywords.
    pub in_summary: bool,
    /// Whether it stands in the section that answers best.
    pub in_best_section: bool,
}

impl Index {
    pub(crate) fn matched_words(
        &self,
        text: &str,
        question: &Question,
        document: &Analysed,
        best_section: Option<usize>,
    ) -> Vec<MatchedWord> {
        let summary: HashSet<u32> = document.summary().collect();
        let body: HashSet<u32> = document.body().chain(document.path.iter().copied()).collect();
        let section: HashSet<u32> = best_section
            .and_then(|number| document.sections.get(number))
            .map(|section| section.terms().collect())
            .unwrap_or_default();
        let mut telling: Vec<(f32, Range<usize>, MatchedWord)> = Vec::new();
        for term in &question.terms {
            let (in_summary, in_best_section) = (summary.contains(&term.number), section.contains(&term.number));
            if !in_summary && !body.contains(&term.number) {
                continue;
            }
            let Some(typed) = text.get(term.typed.clone()) else { continue };
            let found_as = match term.origin {
                Origin::Typed => None,
                Origin::Corrected => question
                    .suggestions
                    .iter()
                    .find(|suggestion| suggestion.offsets == term.typed)
                    .map(|suggestion| suggestion.meant.clone()),
            };
            let weight = term.weight * self.statistics.everywhere[term.number as usize];
            let word = MatchedWord { typed: typed.to_owned(), found_as, in_summary, in_best_section };
            telling.push((weight, term.typed.clone(), word));
        }
        for synonym in &question.synonyms {
            let all_in = |terms: &HashSet<u32>| synonym.numbers.iter().all(|number| terms.contains(number));
            let in_summary = all_in(&summary);
            if !in_summary && !synonym.numbers.iter().all(|number| summary.contains(number) || body.contains(number)) {
                continue;
            }
            let Some(typed) = text.get(synonym.typed.clone()) else { continue };
            let own: f32 = synonym.numbers.iter().map(|number| self.statistics.everywhere[*number as usize]).sum();
            let weight = synonym.weight * own / (synonym.numbers.len() as f32).sqrt();
            let word = MatchedWord {
                typed: typed.to_owned(),
                found_as: Some(synonym.display.to_owned()),
                in_summary,
                in_best_section: all_in(&section),
            };
            telling.push((weight, synonym.typed.clone(), word));
        }
        telling.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.start.cmp(&other.1.start)));
        let mut seen = HashSet::new();
        telling
            .into_iter()
            .filter(|(_, typed, _)| seen.insert(typed.clone()))
            .take(MAXIMUM_WORDS)
            .map(|(_, _, word)| word)
            .collect()
    }
}
