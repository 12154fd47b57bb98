//! The second stage: a few hundred documents looked at closely.

use super::{
    Index,
    build::{Analysed, View, saturated},
    question::Question,
};

/// How a document answers a question, view by view. Those of words are shares of the best document's for this question,
/// so 0 to 1.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Features {
    /// Title, description and keywords together.
    pub summary: f32,
    /// All sections together.
    pub body: f32,
    /// The best single section, the title before it.
    pub passage: f32,
    /// Theme, sub-theme and dossier.
    pub path: f32,
    /// All fields together, the title counting three times and the description twice.
    pub everywhere: f32,
    /// Words that follow each other in the question and in the document.
    pub pairs: f32,
    /// How much of the title the question says, 0 to 1.
    pub title_covered: f32,
    /// The document's own prior.
    pub prior: f32,
}

impl Features {
    /// The eight values in the order of the fields.
    pub fn as_array(&self) -> [f32; 8] {
        [self.summary, self.body, self.passage, self.path, self.everywhere, self.pairs, self.title_covered, self.prior]
    }

    /// The sum that ranks, 0 to about 1.
    pub fn score(&self) -> f32 {
        let total: f32 = WEIGHTS.iter().sum();
        self.as_array().iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum::<f32>() / total
    }
}

/// Weights of the views, round on purpose: fitted ones were no better on questions left out (ADR 9).
const WEIGHTS: [f32; 8] = [1.5, 1.0, 2.0, 0.75, 1.0, 1.0, 1.0, 0.6];

/// A candidate of the first stage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// Its place among the documents.
    pub(crate) document: u32,
    /// Its score in the first stage.
    pub(crate) score: f32,
}

/// A candidate looked at closely.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ranked {
    pub(crate) document: u32,
    pub(crate) features: Features,
    pub(crate) best_section: Option<usize>,
}

/// Where the occurrences of each term are counted.
struct Places {
    /// The place of each term in `terms`, from 1; 0 for a term that is not asked.
    of_term: Vec<u16>,
    /// For each term of the question the count it adds to, and how much.
    terms: Vec<(usize, f32)>,
    /// For each count the term that says how telling it is, and its weight.
    counted: Vec<(u32, f32)>,
    counts: Vec<f32>,
}

impl Places {
    fn new(question: &Question, terms: usize) -> Self {
        let mut places = Self { of_term: vec![0; terms], terms: Vec::new(), counted: Vec::new(), counts: Vec::new() };
        for (place, term) in question.terms.iter().enumerate() {
            places.of_term[term.number as usize] = place as u16 + 1;
            let same = term.says.and_then(|said| places.counted.iter().position(|(number, _)| *number == said));
            match same {
                Some(count) => places.terms.push((count, term.weight)),
                None => {
                    places.terms.push((places.counted.len(), 1.0));
                    places.counted.push((term.number, term.weight));
                }
            }
        }
        places.counts = vec![0.0; places.counted.len()];
        places
    }

    /// How much the term at a place, from 1, is asked for.
    fn weight(&self, place: u16) -> f32 {
        let (count, amount) = self.terms[place as usize - 1];
        self.counted[count].1 * amount
    }

    /// BM25 of the question's terms in one text.
    fn score(&mut self, view: &View, text: impl Iterator<Item = u32>) -> f32 {
        self.counts.fill(0.0);
        let mut length = 0.0;
        let mut any = false;
        for term in text {
            length += 1.0;
            let place = self.of_term[term as usize];
            if place > 0 {
                let (count, amount) = self.terms[place as usize - 1];
                self.counts[count] += amount;
                any = true;
            }
        }
        if !any {
            return 0.0;
        }
        self.counts
            .iter()
            .zip(&self.counted)
            .filter(|(count, _)| **count > 0.0)
            .map(|(count, (term, weight))| {
                weight * view.inverse_frequencies[*term as usize] * saturated(*count, length, view.average_length)
            })
            .sum()
    }
}

impl Index {
    /// The candidates, best first.
    pub(crate) fn ranked(&self, question: &Question, candidates: &[Candidate]) -> Vec<Ranked> {
        let mut places = Places::new(question, self.statistics.everywhere.len());
        let mut ranked: Vec<Ranked> = candidates.iter().map(|candidate| self.views(&mut places, *candidate)).collect();
        let pairs = self.pair_scores(question, candidates);
        for (one, score) in ranked.iter_mut().zip(pairs) {
            one.features.pairs = score;
        }
        scale(&mut ranked);
        ranked.sort_by(|one, other| {
            other.features.score().total_cmp(&one.features.score()).then(one.document.cmp(&other.document))
        });
        ranked
    }

    fn views(&self, places: &mut Places, candidate: Candidate) -> Ranked {
        let document: &Analysed = &self.documents[candidate.document as usize];
        let statistics = &self.statistics;
        let mut passage = 0.0;
        let mut best_section = None;
        for (number, section) in document.sections.iter().enumerate() {
            let text = document.title.iter().copied().chain(section.terms());
            let score = places.score(&statistics.passage, text);
            if score > passage {
                passage = score;
                best_section = Some(number);
            }
        }
        if document.sections.is_empty() {
            passage = places.score(&statistics.passage, document.summary());
        }
        let features = Features {
            summary: places.score(&statistics.summary, document.summary()),
            body: places.score(&statistics.body, document.body()),
            passage,
            path: places.score(&statistics.path, document.path.iter().copied()),
            everywhere: candidate.score,
            pairs: 0.0,
            title_covered: self.title_covered(places, document),
            prior: document.source.prior.clamp(0.0, 1.0),
        };
        Ranked { document: candidate.document, features, best_section }
    }

    fn title_covered(&self, places: &Places, document: &Analysed) -> f32 {
        let mut title = document.title.clone();
        title.sort_unstable();
        title.dedup();
        let (mut covered, mut whole) = (0.0, 0.0);
        for term in title {
            let telling = self.statistics.everywhere[term as usize];
            whole += telling;
            let place = places.of_term[term as usize];
            if place > 0 {
                covered += telling * places.weight(place);
            }
        }
        covered / whole.max(1.0)
    }

    /// BM25 of the question's pairs of words in each candidate. How many documents have a pair is counted among the
    /// candidates: nearly all that have both its words are there.
    fn pair_scores(&self, question: &Question, candidates: &[Candidate]) -> Vec<f32> {
        if question.pairs.is_empty() {
            return vec![0.0; candidates.len()];
        }
        let width = question.pairs.len();
        let mut first = vec![false; self.statistics.everywhere.len()];
        for (one, _) in &question.pairs {
            first[*one as usize] = true;
        }
        let mut counts = vec![0.0_f32; width * candidates.len()];
        let mut lengths = Vec::with_capacity(candidates.len());
        for (row, candidate) in candidates.iter().enumerate() {
            let document: &Analysed = &self.documents[candidate.document as usize];
            let row = &mut counts[row * width..(row + 1) * width];
            let mut length = 0;
            let mut count = |text: &[u32]| {
                length += text.len().saturating_sub(1);
                for pair in text.windows(2) {
                    if first[pair[0] as usize]
                        && let Ok(at) = question.pairs.binary_search(&(pair[0], pair[1]))
                    {
                        row[at] += 1.0;
                    }
                }
            };
            count(&document.title);
            count(&document.description);
            for section in &document.sections {
                count(&section.heading);
                count(&section.text);
            }
            lengths.push(length as f32);
        }
        let telling: Vec<f32> = (0..width)
            .map(|pair| {
                let having = counts.iter().skip(pair).step_by(width).filter(|count| **count > 0.0).count();
                super::build::inverse_frequency(self.len() as f32, having as f32)
            })
            .collect();
        let average = self.statistics.body.average_length;
        counts
            .chunks(width)
            .zip(lengths)
            .map(|(row, length)| {
                let score = |(count, telling): (&f32, &f32)| telling * saturated(*count, length, average);
                row.iter().zip(&telling).filter(|(count, _)| **count > 0.0).map(score).sum()
            })
            .collect()
    }
}

/// Makes each view of words a share of its greatest value.
fn scale(ranked: &mut [Ranked]) {
    let views: [fn(&mut Features) -> &mut f32; 6] = [
        |features| &mut features.summary,
        |features| &mut features.body,
        |features| &mut features.passage,
        |features| &mut features.path,
        |features| &mut features.everywhere,
        |features| &mut features.pairs,
    ];
    for view in views {
        let greatest = ranked.iter_mut().map(|one| *view(&mut one.features)).fold(0.0_f32, f32::max);
        if greatest > 0.0 {
            for one in ranked.iter_mut() {
                *view(&mut one.features) /= greatest;
            }
        }
    }
}
