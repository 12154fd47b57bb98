//! The texts that a model learns from, each analysed once however often it is used.

use std::collections::{BTreeMap, HashMap};

use super::{
    bayes::Document,
    example::{Head, Part, Source, SourceKind, Texts},
    features::{self, Lexicon, Word},
};
use crate::analysis::{Analyzer, fold};

/// Passages of a text that the naive Bayes reads, and bytes of each.
const PASSAGES: usize = 12;
const SHORTEST_PASSAGE: usize = 40;
const PASSAGE_BYTES: usize = 600;

/// Sources, analysed.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub sources: Vec<Analysed>,
    lexicon: Lexicon,
    /// The words of public texts as written and how often each occurs: messages are put right from them.
    pub spelling: Vec<(String, u32)>,
}

/// One source, analysed.
#[derive(Debug, Clone)]
pub(crate) struct Analysed {
    pub source: Source,
    pub labels: BTreeMap<Head, String>,
    parts: Vec<AnalysedPart>,
}

#[derive(Debug, Clone)]
struct AnalysedPart {
    part: Part,
    weight: f32,
    passages: Vec<Passage>,
}

#[derive(Debug, Clone)]
struct Passage {
    bytes: usize,
    words: Vec<u32>,
    /// Words that begin within the first [`PASSAGE_BYTES`].
    first_words: usize,
}

/// A source of a corpus of which a model may learn, but for one part and the questions that others word.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept<'a> {
    pub source: &'a Analysed,
    pub without: Option<Part>,
}

impl Corpus {
    /// Analyses sources.
    pub fn new(analyzer: &Analyzer, sources: &[Texts]) -> Self {
        let mut lexicon = Lexicon::default();
        let mut written: HashMap<String, u32> = HashMap::new();
        let analysed = sources
            .iter()
            .map(|texts| {
                let public = texts.source.kind != SourceKind::Correction;
                let mut parts = Vec::with_capacity(texts.parts.len());
                for (part, text, weight) in &texts.parts {
                    let cut: Vec<&str> = match part {
                        Part::Body => passages(text).collect(),
                        _ => vec![text],
                    };
                    let counts = public.then_some(&mut written);
                    let passages = analyse(analyzer, &mut lexicon, counts, &cut);
                    parts.push(AnalysedPart { part: *part, weight: *weight, passages });
                }
                Analysed { source: texts.source.clone(), labels: texts.labels.clone(), parts }
            })
            .collect();
        let mut spelling: Vec<(String, u32)> = written.into_iter().collect();
        spelling.sort_unstable();
        Self { sources: analysed, lexicon, spelling }
    }

    /// Every source, whole.
    pub fn whole(&self) -> Vec<Kept<'_>> {
        self.sources.iter().map(|source| Kept { source, without: None }).collect()
    }

    /// The words of a part of a source.
    pub fn words_of(&self, kept: Kept<'_>, part: Part) -> Vec<&Word> {
        let passages = kept.parts().filter(|of_part| of_part.part == part).flat_map(|of_part| &of_part.passages);
        self.lexicon.words(passages.flat_map(|passage| &passage.words))
    }

    /// The passages of the full text of a source.
    pub fn body_of(&self, kept: Kept<'_>) -> Vec<Vec<&Word>> {
        let passages = kept.parts().filter(|of_part| of_part.part == Part::Body).flat_map(|of_part| &of_part.passages);
        passages.map(|passage| self.lexicon.words(&passage.words)).collect()
    }

    /// The documents that a source gives to the naive Bayes: titles count most, passages of the full text least.
    pub fn documents_of(&self, kept: Kept<'_>, labels: &[Option<u32>]) -> Vec<Document> {
        let public = kept.source.source.kind != SourceKind::Correction;
        let title = self.words_of(kept, Part::Title);
        let mut documents = Vec::new();
        for of_part in kept.parts() {
            let weight = f64::from(of_part.weight);
            let mut push = |words: &[&Word], weight: f64| {
                documents.push(Document { features: features::all(words), weight, public, labels: labels.to_vec() });
            };
            let share = match of_part.part {
                Part::Body => {
                    let long = of_part.passages.iter().filter(|passage| passage.bytes > SHORTEST_PASSAGE);
                    for passage in long.take(PASSAGES) {
                        push(&self.lexicon.words(passage.words.iter().take(passage.first_words)), 0.3 * weight);
                    }
                    continue;
                }
                Part::Title => 2.0,
                Part::Summary | Part::Path => 1.0,
                Part::Question => 0.5,
            };
            for passage in &of_part.passages {
                let mut words = self.lexicon.words(&passage.words);
                if of_part.part == Part::Path {
                    words.extend(&title);
                }
                push(&words, share * weight);
            }
        }
        documents
    }
}

impl<'a> Kept<'a> {
    fn parts(self) -> impl Iterator<Item = &'a AnalysedPart> {
        let left_out = move |part: Part| self.without.is_some_and(|without| part == without || part == Part::Question);
        self.source.parts.iter().filter(move |of_part| !left_out(of_part.part))
    }
}

/// The passages of a text: what empty lines part.
fn passages(body: &str) -> impl Iterator<Item = &str> {
    body.split("\n\n").map(str::trim).filter(|passage| !passage.is_empty())
}

fn analyse(
    analyzer: &Analyzer,
    lexicon: &mut Lexicon,
    mut written: Option<&mut HashMap<String, u32>>,
    passages: &[&str],
) -> Vec<Passage> {
    let mut analysed = Vec::with_capacity(passages.len());
    for text in passages {
        let mut passage = Passage { bytes: text.len(), words: Vec::new(), first_words: 0 };
        for token in analyzer.tokens(text) {
            if let Some(written) = written.as_deref_mut().filter(|_| !token.is_number()) {
                count_written(written, text.get(token.offsets.clone()).unwrap_or_default(), &token.folded);
            }
            if !token.stop && token.folded.len() > 1 {
                passage.words.push(lexicon.intern(&token.folded, &token.term));
                if token.offsets.start < PASSAGE_BYTES {
                    passage.first_words = passage.words.len();
                }
            }
        }
        analysed.push(passage);
    }
    analysed
}

/// Counts a word as it is written; of an abbreviation written out, what it stands for.
fn count_written(written: &mut HashMap<String, u32>, typed: &str, folded: &str) {
    let typed = typed.to_lowercase();
    let word = if typed == folded || fold(&typed) == folded { typed.as_str() } else { folded };
    match written.get_mut(word) {
        Some(count) => *count += 1,
        None => {
            written.insert(word.to_owned(), 1);
        }
    }
}
