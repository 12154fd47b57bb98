//! From a text to the hashed features that models count.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use crate::{
    analysis::{Analyzer, Speller},
    synonyms::{LONGEST_MEMBER, Synonyms},
};

/// Letters of a piece of a word.
const PIECE: usize = 4;

/// How much the synonym of a word counts, and of a phrase, the words typed having 1.
const SYNONYM_OF_WORD: f32 = 0.4;
const SYNONYM_OF_PHRASE: f32 = 0.7;

/// What models see of one word that says something of its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// The hash of its term.
    pub term: u64,
    /// The hashes of its pieces of four letters, its edges marked: what a misspelt word still shares with the right one.
    pub pieces: Vec<u64>,
}

/// A word of a message and where it stands there.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub offsets: Range<usize>,
    pub word: Word,
}

/// A message as models see it.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// Its words in their order.
    pub typed: Vec<Typed>,
    /// Hashes of terms that mean the same as some of its words, and how much each counts.
    pub synonyms: Vec<(u64, f32)>,
}

impl Message {
    /// Its words.
    pub fn words(&self) -> Vec<&Word> {
        self.typed.iter().map(|typed| &typed.word).collect()
    }
}

/// A feature and the words of the text that it was made of (the same twice for one word).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Feature {
    pub hash: u64,
    pub words: [usize; 2],
}

/// Words met, each analysed once.
#[derive(Debug, Default)]
pub(crate) struct Lexicon {
    by_folded: HashMap<String, u32>,
    words: Vec<Word>,
}

impl Lexicon {
    /// The number of a word.
    pub fn intern(&mut self, folded: &str, term: &str) -> u32 {
        if let Some(&known) = self.by_folded.get(folded) {
            return known;
        }
        let number = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.by_folded.insert(folded.to_owned(), number);
        self.words.push(word(folded, term));
        number
    }

    /// The words of numbers.
    pub fn words<'a>(&self, numbers: impl IntoIterator<Item = &'a u32>) -> Vec<&Word> {
        numbers.into_iter().filter_map(|number| self.words.get(*number as usize)).collect()
    }
}

/// The words of a message; those that the speller does not know are put right.
pub(crate) fn read_message(analyzer: &Analyzer, speller: &Speller, text: &str) -> Message {
    let mut typed = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for token in analyzer.tokens(text).into_iter().filter(|token| !token.stop && token.folded.len() > 1) {
        let known = token.is_number() || speller.knows(&token.folded);
        match speller.correct(&token.folded).filter(|_| !known) {
            None => {
                typed.push(Typed { offsets: token.offsets, word: word(&token.folded, &token.term) });
                said.push(token.term);
            }
            Some(correction) => {
                for folded in correction.folded.iter().filter(|folded| !analyzer.is_stop_word(folded)) {
                    let term = analyzer.stem(folded);
                    typed.push(Typed { offsets: token.offsets.clone(), word: word(folded, &term) });
                    said.push(term);
                }
            }
        }
    }
    Message { typed, synonyms: synonyms(&said) }
}

/// What else is said for the words and phrases of a message. A phrase is seldom ambiguous, so its synonyms count more.
fn synonyms(said: &[String]) -> Vec<(u64, f32)> {
    let mut found: BTreeMap<u64, f32> = BTreeMap::new();
    for start in 0..said.len() {
        for length in 1..=LONGEST_MEMBER {
            let Some(phrase) = said.get(start..start + length) else { break };
            let weight = if length == 1 { SYNONYM_OF_WORD } else { SYNONYM_OF_PHRASE };
            for member in Synonyms::french().of(phrase) {
                let share = weight / (member.terms.len() as f32).sqrt();
                for term in member.terms.iter().filter(|term| !said.contains(term)) {
                    let known = found.entry(hash(b't', term)).or_default();
                    *known = known.max(share);
                }
            }
        }
    }
    found.into_iter().collect()
}

/// The terms of words.
pub(crate) fn terms(words: &[&Word]) -> Vec<u64> {
    words.iter().map(|word| word.term).collect()
}

/// The pairs of neighbouring terms.
pub(crate) fn pairs(words: &[&Word]) -> Vec<u64> {
    words.iter().zip(words.iter().skip(1)).map(|(first, second)| pair(first, second)).collect()
}

/// The pieces of words.
pub(crate) fn pieces(words: &[&Word]) -> Vec<u64> {
    words.iter().flat_map(|word| word.pieces.iter().copied()).collect()
}

/// Terms, pairs and pieces: what the naive Bayes counts.
pub(crate) fn all(words: &[&Word]) -> Vec<u64> {
    [terms(words), pairs(words), pieces(words)].concat()
}

/// The same with the words that each was made of.
pub(crate) fn all_with_words(words: &[&Word]) -> Vec<Feature> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        found.push(Feature { hash: word.term, words: [index; 2] });
        found.extend(word.pieces.iter().map(|hash| Feature { hash: *hash, words: [index; 2] }));
        if let Some(next) = words.get(index + 1) {
            found.push(Feature { hash: pair(word, next), words: [index, index + 1] });
        }
    }
    found
}

fn word(folded: &str, term: &str) -> Word {
    let letters: Vec<char> = std::iter::once('^').chain(folded.chars()).chain(std::iter::once('$')).collect();
    let piece = |letters: &[char]| hash(b'c', &letters.iter().collect::<String>());
    let pieces =
        if letters.len() <= PIECE { vec![piece(&letters)] } else { letters.windows(PIECE).map(piece).collect() };
    Word { term: hash(b't', term), pieces }
}

fn pair(first: &Word, second: &Word) -> u64 {
    (first.term.rotate_left(17) ^ second.term).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// FNV-1a, 64 bits: fixed for ever, since models keep hashes.
pub(crate) fn hash(kind: u8, text: &str) -> u64 {
    let bytes = std::iter::once(kind).chain(text.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
