//! Searching.

use super::{
    Index,
    explain::{MatchedWord, Suggestion},
    question::Question,
    rank::{Candidate, Features},
};

/// Documents that the first stage keeps for the second.
const CANDIDATES: usize = 300;

/// Which documents may be found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Each facet named must have one of its values.
    pub facets: Vec<(String, Vec<String>)>,
}

impl Filter {
    /// A filter that wants one of these values of a facet.
    pub fn facet(name: impl Into<String>, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::default().and(name, values)
    }

    /// The same with a further facet.
    #[must_use]
    pub fn and(mut self, name: impl Into<String>, values: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.facets.push((name.into(), values.into_iter().map(Into::into).collect()));
        self
    }

    fn lets_through(&self, document: &crate::document::Document) -> bool {
        self.facets.iter().all(|(name, wanted)| {
            document.facets.get(name).is_some_and(|values| wanted.iter().any(|value| values.contains(value)))
        })
    }
}

/// What a search gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// The documents, best first.
    pub hits: Vec<Hit>,
    /// Words of the question that no document has and what they were taken for: "vouliez-vous dire".
    pub suggestions: Vec<Suggestion>,
}

/// A document found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The document's id.
    pub id: String,
    /// How well it answers, 0 to about 1. Comparable among the hits of one question only.
    pub score: f32,
    /// What the score is made of.
    pub features: Features,
    /// The section that answers best, a place in [`crate::document::Document::sections`].
    pub best_section: Option<usize>,
    /// The words of the question that led to it, the most telling first.
    pub words: Vec<MatchedWord>,
}

impl Index {
    /// The documents that answer a question best, at most `limit` of them and never more than three hundred. A question
    /// without a telling word finds nothing. Only the beginning of a very long question is read.
    pub fn search(&self, question: &str, filter: &Filter, limit: usize) -> Found {
        let asked = self.question(question);
        let candidates = self.candidates(&asked, filter);
        let hits = self
            .ranked(&asked, &candidates)
            .into_iter()
            .take(limit)
            .map(|ranked| {
                let document = &self.documents[ranked.document as usize];
                Hit {
                    id: document.source.id.clone(),
                    score: ranked.features.score(),
                    features: ranked.features,
                    best_section: ranked.best_section,
                    words: self.matched_words(question, &asked, document, ranked.best_section),
                }
            })
            .collect();
        Found { hits, suggestions: asked.suggestions }
    }

    /// The best documents by the first stage.
    fn candidates(&self, question: &Question, filter: &Filter) -> Vec<Candidate> {
        let mut scores = vec![0.0_f32; self.documents.len()];
        for term in &question.terms {
            for (document, score) in self.postings.of_term(term.number) {
                scores[document as usize] += term.weight * score;
            }
        }
        for synonym in &question.synonyms {
            for (document, score) in self.having_all(&synonym.numbers) {
                scores[document as usize] += synonym.weight * score;
            }
        }
        let mut candidates: Vec<Candidate> = scores
            .into_iter()
            .enumerate()
            .filter(|(document, score)| *score > 0.0 && filter.lets_through(&self.documents[*document].source))
            .map(|(document, score)| Candidate { document: document as u32, score })
            .collect();
        let order = |one: &Candidate, other: &Candidate| {
            other.score.total_cmp(&one.score).then(one.document.cmp(&other.document))
        };
        if candidates.len() > CANDIDATES {
            candidates.select_nth_unstable_by(CANDIDATES, order);
            candidates.truncate(CANDIDATES);
        }
        candidates.sort_by(order);
        candidates
    }

    /// The documents that have every one of some terms, and what these add to their score.
    fn having_all(&self, terms: &[u32]) -> Vec<(u32, f32)> {
        let Some((first, others)) = terms.split_first() else { return Vec::new() };
        let share = 1.0 / (terms.len() as f32).sqrt();
        let mut having: Vec<(u32, f32)> = self.postings.of_term(*first).collect();
        for other in others {
            let mut of_other = self.postings.of_term(*other).peekable();
            having.retain_mut(|(document, score)| {
                while of_other.next_if(|(before, _)| before < document).is_some() {}
                let Some((_, more)) = of_other.peek().filter(|(same, _)| same == document) else { return false };
                *score += more;
                true
            });
        }
        having.iter_mut().for_each(|(_, score)| *score *= share);
        having
    }
}
