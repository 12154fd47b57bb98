//! Words against documents: BM25 over the whole document and over its best passage, kept in memory.

use std::collections::{BTreeSet, HashMap};

use super::document::Document;
use crate::domain::slug::fold;

/// How much more a word counts in a title, among keywords, in a summary, than in the text.
const WEIGHTS: [f32; 4] = [4.0, 3.0, 2.0, 1.0];
const K1: f32 = 1.2;
const B: f32 = 0.6;
/// How much the best passage counts beside the whole document.
const PASSAGE: f32 = 0.6;
/// Words of a question that are looked for at most: the rarest ones.
const MAX_WORDS: usize = 40;

/// Words that say nothing of what is asked.
const EMPTY: &str = "a ai aie alors apres as au aucun aussi autre aux avant avec avez avoir avons bonjour bonsoir c ca car ce ceci cela celle ces cet cette chez ci comme comment cordialement d dans de des deja depuis donc dois doit du elle elles en encore es est et etais etait etant ete etes etre eu eux fait faire faut g il ils j jai je jusqu l la le les leur leurs lors lui m ma madame mais me meme merci mes mon monsieur n ne ni nos notre nous on ont or ou par parce pas peu peut peux plus pour pourquoi pourriez pouvez puis puisque qu quand que quel quelle quelles quels qui quoi s sa salutations sans se sera ses si sois soit son sont sous souhaite souhaiterais suis sur svp t ta te tes toi ton tous tout toute toutes tres tu un une va vais vers veux voir vont vos votre voudrais vous y";

/// A document that may answer.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which one, in the order they were given.
    pub document: usize,
    /// Its best passage.
    pub section: Option<usize>,
    /// The question's words that it holds, as they were written.
    pub words: Vec<String>,
    /// From 0 to 1 or so: the share of what the question weighs that it answers.
    pub score: f32,
}

/// An index.
#[derive(Debug, Default)]
pub struct Finder {
    /// For each stem: documents with its weight there, and sections with its count.
    documents: HashMap<String, Vec<(u32, f32)>>,
    sections: HashMap<String, Vec<(u32, f32)>>,
    document_lengths: Vec<f32>,
    section_lengths: Vec<f32>,
    /// Document of each section, and its rank there.
    section_of: Vec<(u32, u32)>,
}

impl Finder {
    /// Reads the documents.
    pub fn build(documents: &[Document]) -> Self {
        let mut finder = Self::default();
        for (at, document) in documents.iter().enumerate() {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            let mut weights: HashMap<String, f32> = HashMap::new();
            let mut length = 0.0;
            let keywords = document.keywords.join(" ");
            let mut read = |text: &str, weight: f32| {
                for (_, stem) in words(text) {
                    *weights.entry(stem).or_default() += weight;
                    length += weight;
                }
            };
            read(&document.title, WEIGHTS[0]);
            read(&keywords, WEIGHTS[1]);
            read(&document.summary, WEIGHTS[2]);
            for section in &document.sections {
                read(&section.path.join(" "), WEIGHTS[3]);
                read(&section.text, WEIGHTS[3]);
            }
            for (stem, weight) in weights {
                finder.documents.entry(stem).or_default().push((at, weight));
            }
            finder.document_lengths.push(length);
            for (rank, section) in document.sections.iter().enumerate() {
                let id = u32::try_from(finder.section_of.len()).unwrap_or(u32::MAX);
                let mut counts: HashMap<String, f32> = HashMap::new();
                let mut length = 0.0;
                for (text, weight) in [(section.path.join(" "), 2.0), (section.text.clone(), 1.0)] {
                    for (_, stem) in words(&text) {
                        *counts.entry(stem).or_default() += weight;
                        length += weight;
                    }
                }
                for (stem, weight) in counts {
                    finder.sections.entry(stem).or_default().push((id, weight));
                }
                finder.section_lengths.push(length);
                finder.section_of.push((at, u32::try_from(rank).unwrap_or(u32::MAX)));
            }
        }
        finder
    }

    /// The documents that answer best, among those that `accepts` takes.
    pub fn find(&self, question: &str, limit: usize, accepts: &dyn Fn(usize) -> bool) -> Vec<Found> {
        let asked = self.asked(question);
        let ideal: f32 = asked.iter().map(|(_, _, rarity)| rarity * (K1 + 1.0)).sum();
        if ideal <= 0.0 {
            return Vec::new();
        }
        let mut scores: HashMap<u32, f32> = HashMap::new();
        let mut passages: HashMap<u32, (f32, u32)> = HashMap::new();
        let mean = mean(&self.document_lengths);
        for (_, stem, rarity) in &asked {
            for (document, weight) in self.documents.get(stem).into_iter().flatten() {
                let length = self.document_lengths[*document as usize];
                *scores.entry(*document).or_default() += rarity * saturate(*weight, length, mean);
            }
        }
        scores.retain(|document, _| accepts(*document as usize));
        self.score_passages(&asked, &mut passages);
        let mut found: Vec<Found> = scores
            .into_iter()
            .map(|(document, score)| {
                let passage = passages.get(&document);
                let score = (score + PASSAGE * passage.map_or(0.0, |(score, _)| *score)) / (ideal * (1.0 + PASSAGE));
                let section = passage.map(|(_, section)| self.section_of[*section as usize].1 as usize);
                Found { document: document as usize, section, words: Vec::new(), score }
            })
            .collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.document.cmp(&b.document)));
        found.truncate(limit);
        for one in &mut found {
            one.words = self.words_in(&asked, one.document);
        }
        found
    }

    fn score_passages(&self, asked: &[(String, String, f32)], best: &mut HashMap<u32, (f32, u32)>) {
        let mean = mean(&self.section_lengths);
        let mut scores: HashMap<u32, f32> = HashMap::new();
        for (_, stem, rarity) in asked {
            for (section, weight) in self.sections.get(stem).into_iter().flatten() {
                let length = self.section_lengths[*section as usize];
                *scores.entry(*section).or_default() += rarity * saturate(*weight, length, mean);
            }
        }
        for (section, score) in scores {
            let document = self.section_of[section as usize].0;
            let kept = best.entry(document).or_insert((score, section));
            if score > kept.0 || (score.total_cmp(&kept.0).is_eq() && section < kept.1) {
                *kept = (score, section);
            }
        }
    }

    /// The question's words as written, their stems and how rare each is; the rarest where there are many.
    fn asked(&self, question: &str) -> Vec<(String, String, f32)> {
        let total = self.document_lengths.len() as f32;
        let mut seen = BTreeSet::new();
        let mut asked: Vec<_> = words(question)
            .filter(|(_, stem)| seen.insert(stem.clone()))
            .map(|(word, stem)| {
                let having = self.documents.get(&stem).map_or(0.0, |found| found.len() as f32);
                let rarity = (1.0 + (total - having + 0.5) / (having + 0.5)).ln();
                (word, stem, rarity)
            })
            .collect();
        asked.sort_by(|a, b| b.2.total_cmp(&a.2));
        // In a long text, words that are nowhere are names and slips: they must not hide what is known.
        let known = asked.iter().filter(|(_, stem, _)| self.documents.contains_key(stem)).count();
        if asked.len() > 8 && known > 0 {
            asked.retain(|(_, stem, _)| self.documents.contains_key(stem));
        }
        asked.truncate(MAX_WORDS);
        asked
    }

    fn words_in(&self, asked: &[(String, String, f32)], document: usize) -> Vec<String> {
        let document = u32::try_from(document).unwrap_or(u32::MAX);
        asked
            .iter()
            .filter(|(_, stem, _)| {
                self.documents.get(stem).is_some_and(|found| found.binary_search_by_key(&document, |it| it.0).is_ok())
            })
            .map(|(word, ..)| word.clone())
            .take(6)
            .collect()
    }
}

fn saturate(weight: f32, length: f32, mean: f32) -> f32 {
    weight * (K1 + 1.0) / (weight + K1 * (1.0 - B + B * length / mean.max(1.0)))
}

fn mean(lengths: &[f32]) -> f32 {
    if lengths.is_empty() { 1.0 } else { lengths.iter().sum::<f32>() / lengths.len() as f32 }
}

/// Words that say something, as written and as a stem.
fn words(text: &str) -> impl Iterator<Item = (String, String)> {
    static EMPTY_WORDS: std::sync::LazyLock<std::collections::HashSet<&str>> =
        std::sync::LazyLock::new(|| EMPTY.split(' ').collect());
    let written: Vec<(String, String)> = text
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| (word.to_owned(), fold(word).trim().to_owned()))
        .filter(|(_, folded)| folded.len() > 1 && !EMPTY_WORDS.contains(folded.as_str()))
        .map(|(word, folded)| (word, stem(&folded)))
        .collect();
    written.into_iter()
}

/// A word without its most common endings.
fn stem(word: &str) -> String {
    let mut stem = word;
    for ending in ["ements", "ement", "ations", "ation", "ions", "ion", "euses", "euse", "eurs", "eur", "ees", "ee", "er", "ez", "aux", "al", "es", "s", "x", "e"] {
        if let Some(cut) = stem.strip_suffix(ending)
            && cut.len() >= 4
        {
            stem = cut;
            break;
        }
    }
    stem.to_owned()
}
