//! The second stage: a few hundred documents looked at closely.

use super::{
    Index,
    build::{Analysed, Statistics, View, saturated},
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
    /// How likely its theme is, 0 to 1; `None` where documents are not filed under themes.
    pub theme: Option<f32>,
}

impl Features {
    /// The sum that ranks, 0 to about 1.
    pub fn score(&self) -> f32 {
        let views = [
            self.summary,
            self.body,
            self.passage,
            self.path,
            self.everywhere,
            self.pairs,
            self.title_covered,
            self.prior,
        ];
        let mut total: f32 = WEIGHTS.iter().sum();
        let mut sum: f32 = views.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
        if let Some(likely) = self.theme {
            total += THEME_WEIGHT;
            sum += THEME_WEIGHT * likely;
        }
        sum / total
    }
}

/// Weights of the views, round on purpose: fitted ones were no better on questions left out (ADR 9).
const WEIGHTS: [f32; 8] = [1.5, 1.0, 2.0, 0.75, 1.0, 1.0, 1.0, 0.6];
/// The same for the theme.
const THEME_WEIGHT: f32 = 0.9;

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
    /// The place of each term in `occurrences`, from 1; 0 for a term that is not asked.
    of_term: Vec<u16>,
    occurrences: Vec<f32>,
    sought: Vec<Sought>,
}

/// What adds to a text's score.
struct Sought {
    /// Says how telling it is.
    term: u32,
    weight: f32,
    ways: Vec<Way>,
}

/// One way to say what is sought.
struct Way {
    /// The places of its terms, each with its share of what they tell together.
    terms: Vec<(u16, f32)>,
    /// What one occurrence counts.
    amount: f32,
}

impl Way {
    /// How much of it a text says. A part counts less than its share: "affaires familiales" is not yet a judge.
    fn said(&self, occurrences: &[f32]) -> f32 {
        let present = self.terms.iter().filter(|(place, _)| occurrences[*place as usize - 1] > 0.0);
        present.map(|(_, share)| share).sum::<f32>().powi(2)
    }

    /// How often a text says it.
    fn frequency(&self, occurrences: &[f32]) -> f32 {
        if let [(place, _)] = self.terms.as_slice() {
            return self.amount * occurrences[*place as usize - 1];
        }
        let present = self.terms.iter().map(|(place, _)| occurrences[*place as usize - 1]).filter(|count| *count > 0.0);
        let least = present.fold(f32::INFINITY, f32::min);
        if least.is_finite() { self.amount * self.said(occurrences) * least } else { 0.0 }
    }
}

impl Sought {
    /// How often a text says it, in one way or another.
    fn frequency(&self, occurrences: &[f32]) -> f32 {
        self.ways.iter().map(|way| way.frequency(occurrences)).sum()
    }
}

impl Places {
    fn new(question: &Question, statistics: &Statistics) -> Self {
        let of_term = vec![0; statistics.everywhere.len()];
        let mut places = Self { of_term, occurrences: Vec::new(), sought: Vec::new() };
        for term in &question.terms {
            let way = places.way(&[term.number], 1.0, statistics);
            places.sought.push(Sought { term: term.number, weight: term.weight, ways: vec![way] });
        }
        for synonym in &question.synonyms {
            let said = synonym.says.and_then(|said| places.sought.iter().position(|sought| sought.term == said));
            match said {
                Some(sought) => {
                    let way = places.way(&synonym.numbers, synonym.weight, statistics);
                    places.sought[sought].ways.push(way);
                }
                None => {
                    let weight = synonym.weight / (synonym.numbers.len() as f32).sqrt();
                    for term in &synonym.numbers {
                        let way = places.way(&synonym.numbers, 1.0, statistics);
                        places.sought.push(Sought { term: *term, weight, ways: vec![way] });
                    }
                }
            }
        }
        places
    }

    fn way(&mut self, terms: &[u32], amount: f32, statistics: &Statistics) -> Way {
        let telling = |term: u32| statistics.everywhere[term as usize];
        let whole: f32 = terms.iter().map(|term| telling(*term)).sum();
        let terms = terms.iter().map(|term| (self.of(*term), telling(*term) / whole)).collect();
        Way { terms, amount }
    }

    /// The place of a term, a new one if it has none.
    fn of(&mut self, term: u32) -> u16 {
        let place = &mut self.of_term[term as usize];
        if *place == 0 {
            self.occurrences.push(0.0);
            *place = self.occurrences.len() as u16;
        }
        *place
    }

    /// Counts the occurrences in a text; its length, or `None` where it has none of the terms.
    fn count(&mut self, text: impl Iterator<Item = u32>) -> Option<f32> {
        self.occurrences.fill(0.0);
        let mut length = 0.0;
        let mut any = false;
        for term in text {
            length += 1.0;
            let place = self.of_term[term as usize];
            if place > 0 {
                self.occurrences[place as usize - 1] += 1.0;
                any = true;
            }
        }
        any.then_some(length)
    }

    /// BM25 of the question's terms in one text.
    fn score(&mut self, view: &View, text: impl Iterator<Item = u32>) -> f32 {
        let Some(length) = self.count(text) else { return 0.0 };
        self.sought
            .iter()
            .map(|sought| (sought, sought.frequency(&self.occurrences)))
            .filter(|(_, frequency)| *frequency > 0.0)
            .map(|(sought, frequency)| {
                let telling = view.inverse_frequencies[sought.term as usize];
                sought.weight * telling * saturated(frequency, length, view.average_length)
            })
            .sum()
    }
}

impl Index {
    /// The candidates, best first.
    pub(crate) fn ranked(&self, question: &Question, candidates: &[Candidate]) -> Vec<Ranked> {
        let mut places = Places::new(question, &self.statistics);
        let mut ranked: Vec<Ranked> = candidates.iter().map(|candidate| self.views(&mut places, *candidate)).collect();
        let pairs = self.pair_scores(question, candidates);
        for (one, score) in ranked.iter_mut().zip(pairs) {
            one.features.pairs = score;
        }
        scale(&mut ranked);
        self.theme_view(question, &mut ranked);
        ranked.sort_by(|one, other| {
            other.features.score().total_cmp(&one.features.score()).then(one.document.cmp(&other.document))
        });
        ranked
    }

    /// Tells of each how likely its theme is.
    fn theme_view(&self, question: &Question, ranked: &mut [Ranked]) {
        let Some(themes) = &self.themes else { return };
        let scored = ranked.iter().map(|one| (one.document, one.features.score()));
        let likely = themes.likely(question, &self.statistics, scored);
        for one in ranked {
            one.features.theme = Some(themes.theme_of(one.document).map_or(0.0, |theme| likely[theme]));
        }
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
            theme: None,
        };
        Ranked { document: candidate.document, features, best_section }
    }

    /// How much of a title the question says, each of its terms as telling as it is.
    fn title_covered(&self, places: &mut Places, document: &Analysed) -> f32 {
        let mut title = document.title.clone();
        title.sort_unstable();
        title.dedup();
        let whole: f32 = title.iter().map(|term| self.statistics.everywhere[*term as usize]).sum();
        if places.count(title.iter().copied()).is_none() {
            return 0.0;
        }
        let mut said = vec![0.0_f32; places.occurrences.len()];
        for sought in &places.sought {
            for way in &sought.ways {
                let weight = sought.weight * way.amount * way.said(&places.occurrences);
                for (place, _) in &way.terms {
                    let most = &mut said[*place as usize - 1];
                    *most = most.max(weight);
                }
            }
        }
        let covered = title.iter().filter_map(|term| {
            let place = places.of_term[*term as usize];
            (place > 0).then(|| self.statistics.everywhere[*term as usize] * said[place as usize - 1])
        });
        covered.sum::<f32>() / whole.max(1.0)
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
