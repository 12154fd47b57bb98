//! Which themes a question is likely about, learnt from where the documents are filed.
//!
//! A page of a likely theme comes before one that only shares words with the question. Two things speak for a theme: its
//! words, by a complement naive Bayes over the folders of the documents (sub-themes and dossiers apart, a theme getting
//! the best of its own), and its best page by the other views.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    build::{Analysed, Statistics},
    question::Question,
};

/// Depths of the folders that are learnt: sub-themes, then dossiers.
const DEPTHS: [usize; 2] = [2, 3];
/// Sections of a document that are learnt.
const SECTIONS: usize = 12;
/// How much the texts of a document count: its title, its description, its path with its title, one section.
const TITLE: f32 = 2.0;
const DESCRIPTION: f32 = 1.0;
const PATH: f32 = 1.0;
const SECTION: f32 = 0.3;
/// Added to every count: a word never met in the other folders does not decide alone.
const SMOOTHING: f32 = 0.3;
/// How much words and the best page (from 0 to 1) count for a theme.
const WORDS: f32 = 4.0;
const NEAREST: f32 = 6.0;
/// No theme.
const NONE: u32 = u32::MAX;

/// The themes of the documents.
#[derive(Debug)]
pub(crate) struct Themes {
    count: usize,
    of_document: Vec<u32>,
    depths: Vec<Folders>,
}

/// A complement naive Bayes over the folders of one depth: a folder is likely when the question's words are rare in all
/// the others. Apart from that of the classifier (`classify::bayes::Bayes`), which is made of other features: this one
/// reads what the index has counted already, since it is built again with every change.
#[derive(Debug, Default)]
struct Folders {
    theme: Vec<u32>,
    /// Where the gains of each term begin; one more than terms.
    starts: Vec<u32>,
    folders: Vec<u16>,
    /// By how much a term speaks for a folder, against one that it was never met in.
    gains: Vec<f32>,
    /// Logarithm of what is counted outside each folder.
    outside: Vec<f32>,
}

impl Themes {
    /// Learns from where the documents are filed; `None` where there are not two themes to tell apart.
    pub(crate) fn of(documents: &[Arc<Analysed>], statistics: &Statistics) -> Option<Self> {
        let theme = |document: &Arc<Analysed>| document.source.path.first().cloned();
        let mut names: Vec<String> = documents.iter().filter_map(theme).collect();
        names.sort_unstable();
        names.dedup();
        if names.len() < 2 {
            return None;
        }
        let number = |document| theme(document).and_then(|name| names.binary_search(&name).ok());
        let of_document: Vec<u32> =
            documents.iter().map(|document| number(document).map_or(NONE, |number| number as u32)).collect();
        let depths = DEPTHS.iter().map(|depth| Folders::of(documents, statistics, *depth, &of_document)).collect();
        Some(Self { count: names.len(), of_document, depths })
    }

    /// How likely each theme is, given how well each document (from 0 to 1) answers by the other views.
    pub(crate) fn likely(
        &self,
        question: &Question,
        statistics: &Statistics,
        ranked: impl Iterator<Item = (u32, f32)>,
    ) -> Vec<f32> {
        let mut scores = self.by_words(question, statistics);
        let mut nearest = vec![0.0_f32; self.count];
        for (document, score) in ranked {
            if let Some(theme) = self.theme_of(document) {
                nearest[theme] = nearest[theme].max(score);
            }
        }
        let most = nearest.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        for (score, nearest) in scores.iter_mut().zip(nearest) {
            *score += NEAREST * nearest / most;
        }
        let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        scores.iter_mut().for_each(|score| *score = (*score - most).exp());
        let sum: f32 = scores.iter().sum();
        scores.iter_mut().for_each(|score| *score /= sum);
        scores
    }

    /// The theme of a document, a place in what [`Themes::likely`] gives.
    pub(crate) fn theme_of(&self, document: u32) -> Option<usize> {
        Some(self.of_document[document as usize] as usize).filter(|theme| *theme < self.count)
    }

    /// What the words say for each theme: 0 for the likeliest, less for the others.
    fn by_words(&self, question: &Question, statistics: &Statistics) -> Vec<f32> {
        let telling = |number: u32| statistics.everywhere[number as usize];
        let mut weights: Vec<(u32, f32)> =
            question.terms.iter().map(|term| (term.number, term.weight * telling(term.number))).collect();
        let length = weights.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
        weights.iter_mut().for_each(|(_, weight)| *weight /= length.max(f32::MIN_POSITIVE));
        let mut total = vec![0.0; self.count];
        for depth in &self.depths {
            let mut best = vec![f32::NEG_INFINITY; self.count];
            for (theme, score) in depth.theme.iter().zip(depth.scores(&weights)) {
                best[*theme as usize] = best[*theme as usize].max(score);
            }
            let most = best.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for (total, best) in total.iter_mut().zip(best) {
                *total += WORDS / self.depths.len() as f32 * (best - most);
            }
        }
        total
    }
}

impl Folders {
    fn of(documents: &[Arc<Analysed>], statistics: &Statistics, depth: usize, themes: &[u32]) -> Self {
        let terms = statistics.everywhere.len();
        let mut members: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
        for (at, document) in documents.iter().enumerate().filter(|(at, _)| themes[*at] != NONE) {
            let path = document.source.path.iter().take(depth).map(String::as_str).collect();
            members.entry(path).or_default().push(at);
        }
        let mut folders = Self { starts: vec![0; terms + 1], ..Self::default() };
        let mut totals = vec![0.0_f32; terms];
        let mut inside = Vec::with_capacity(members.len());
        let mut counted: Vec<(u32, u16, f32)> = Vec::new();
        let mut counts = Counts { of_term: vec![0.0; terms], met: Vec::new(), seen: vec![0; terms], texts: 0 };
        // What is beyond the numbers of folders is not learnt.
        for (folder, members) in (0..=u16::MAX).zip(members.values()) {
            for at in members {
                counts.learn(&documents[*at], statistics);
            }
            folders.theme.extend(members.first().map(|at| themes[*at]));
            let mut sum = 0.0;
            for term in counts.met.drain(..) {
                let count = std::mem::take(&mut counts.of_term[term as usize]);
                sum += count;
                totals[term as usize] += count;
                folders.starts[term as usize + 1] += 1;
                counted.push((term, folder, count));
            }
            inside.push(sum);
        }
        counted.sort_unstable_by_key(|(term, folder, _)| (*term, *folder));
        for (term, folder, count) in counted {
            let total = totals[term as usize];
            folders.folders.push(folder);
            folders.gains.push(((total + SMOOTHING) / ((total - count).max(0.0) + SMOOTHING)).ln());
        }
        for term in 0..terms {
            folders.starts[term + 1] += folders.starts[term];
        }
        let known = totals.iter().filter(|total| **total > 0.0).count();
        let all = inside.iter().sum::<f32>() + SMOOTHING * known as f32;
        folders.outside = inside.iter().map(|inside| (all - inside).max(SMOOTHING).ln()).collect();
        folders
    }

    /// The score of every folder: the higher, the likelier.
    fn scores(&self, weights: &[(u32, f32)]) -> Vec<f32> {
        let mass: f32 = weights.iter().map(|(_, weight)| weight).sum();
        let mut scores: Vec<f32> = self.outside.iter().map(|outside| mass * outside).collect();
        for (term, weight) in weights {
            let range = self.starts[*term as usize] as usize..self.starts[*term as usize + 1] as usize;
            for (folder, gain) in self.folders[range.clone()].iter().zip(&self.gains[range]) {
                scores[*folder as usize] += weight * gain;
            }
        }
        scores
    }
}

/// What is counted of one folder.
struct Counts {
    of_term: Vec<f32>,
    met: Vec<u32>,
    /// The last text that each term was met in.
    seen: Vec<u32>,
    texts: u32,
}

impl Counts {
    fn learn(&mut self, document: &Analysed, statistics: &Statistics) {
        let title = || document.title.iter().copied();
        self.add(title(), TITLE, statistics);
        self.add(document.description.iter().chain(&document.keywords).copied(), DESCRIPTION, statistics);
        self.add(document.path.iter().copied().chain(title()), PATH, statistics);
        for section in document.sections.iter().take(SECTIONS) {
            self.add(section.terms(), SECTION, statistics);
        }
    }

    /// Counts a text: each of its terms once, as telling as it is; the squares add up to that of the weight.
    fn add(&mut self, text: impl Iterator<Item = u32>, weight: f32, statistics: &Statistics) {
        self.texts += 1;
        let (seen, texts) = (&mut self.seen, self.texts);
        // In the order of the text: sums are then the same whatever the numbers of the terms.
        let terms: Vec<u32> =
            text.filter(|term| std::mem::replace(&mut seen[*term as usize], texts) != texts).collect();
        let telling = |term: u32| statistics.everywhere[term as usize];
        let length = terms.iter().map(|term| telling(*term).powi(2)).sum::<f32>().sqrt();
        if length <= 0.0 {
            return;
        }
        for term in terms {
            let count = &mut self.of_term[term as usize];
            if *count == 0.0 {
                self.met.push(term);
            }
            *count += weight * telling(term) / length;
        }
    }
}
