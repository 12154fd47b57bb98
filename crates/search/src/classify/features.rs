//! From a text to the hashed features that models count.

use std::ops::Range;

use crate::analysis::{Analyzer, Speller};

/// One word of a text that says something of its subject.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub offsets: Range<usize>,
    pub folded: String,
    pub term: String,
}

/// A feature and the words of the text that it was made of (the same twice for one word).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Feature {
    pub hash: u64,
    pub words: [usize; 2],
}

/// Letters of a piece of a word.
const PIECE: usize = 4;

/// The words of a text; those that the speller does not know are put right.
pub(crate) fn words(analyzer: &Analyzer, speller: Option<&Speller>, text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    for token in analyzer.tokens(text) {
        if token.stop || token.folded.len() < 2 {
            continue;
        }
        let unknown = speller.filter(|speller| !token.is_number() && !speller.knows(&token.folded));
        let Some(correction) = unknown.and_then(|speller| speller.correct(&token.folded)) else {
            words.push(Word { offsets: token.offsets, folded: token.folded, term: token.term });
            continue;
        };
        for folded in correction.folded.into_iter().filter(|folded| !analyzer.is_stop_word(folded)) {
            words.push(Word { offsets: token.offsets.clone(), term: analyzer.stem(&folded), folded });
        }
    }
    words
}

/// The terms of words.
pub(crate) fn terms(words: &[Word]) -> Vec<Feature> {
    let term = |(index, word): (usize, &Word)| Feature { hash: hash(b't', &word.term, ""), words: [index; 2] };
    words.iter().enumerate().map(term).collect()
}

/// The pairs of neighbouring terms.
pub(crate) fn pairs(words: &[Word]) -> Vec<Feature> {
    let pair = |(index, pair): (usize, &[Word])| match pair {
        [first, second] => Some(Feature { hash: hash(b'p', &first.term, &second.term), words: [index, index + 1] }),
        _ => None,
    };
    words.windows(2).enumerate().filter_map(pair).collect()
}

/// The pieces of four letters of words, their edges marked: what a misspelt word still shares with the right one.
pub(crate) fn pieces(words: &[Word]) -> Vec<Feature> {
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let letters: Vec<char> = std::iter::once('^').chain(word.folded.chars()).chain(std::iter::once('$')).collect();
        let mut push = |piece: &[char]| {
            let piece: String = piece.iter().collect();
            found.push(Feature { hash: hash(b'c', &piece, ""), words: [index; 2] });
        };
        if letters.len() <= PIECE {
            push(&letters);
        } else {
            letters.windows(PIECE).for_each(&mut push);
        }
    }
    found
}

/// FNV-1a, 64 bits: fixed for ever, since models keep hashes.
pub(crate) fn hash(kind: u8, first: &str, second: &str) -> u64 {
    let bytes = std::iter::once(kind).chain(first.bytes()).chain(std::iter::once(b' ')).chain(second.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
