//! From a French text as people write it to terms that can be compared.
//!
//! A text is cut into words; elided articles (`l'`, `d'`, `qu'`) come off; accents and case are folded *before* the
//! Snowball stemmer, so that a question typed without accents gives the very terms of one typed with them. Words of
//! grammar and politeness are told apart, common abbreviations are written out, misspelt words are put right from the
//! vocabulary of the indexed texts ([`Speller`]).

mod distance;
mod fold;
mod lists;
mod phonetic;
mod spelling;

use std::{collections::HashMap, ops::Range};

use rust_stemmers::{Algorithm, Stemmer};

pub(crate) use self::lists::lines;
pub use self::{
    fold::{bounded, fold},
    phonetic::phonetic_key,
    spelling::{Correction, Speller},
};

/// Bytes of a question that are read; the rest is left out.
pub const MAXIMUM_QUESTION_BYTES: usize = 16 * 1024;

/// Letters of the longest word that is kept: longer ones are no words.
const MAXIMUM_WORD_BYTES: usize = 64;

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where the word stands, in bytes of the text analysed.
    pub offsets: Range<usize>,
    /// The word in lower case without accents.
    pub folded: String,
    /// The term: what is indexed and compared.
    pub term: String,
    /// Whether the word says nothing of the subject (grammar, politeness).
    pub stop: bool,
}

impl Token {
    /// Whether the word is made of digits only.
    pub fn is_number(&self) -> bool {
        self.folded.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// Cuts texts into terms. Cheap to share, costly to make: make one.
pub struct Analyzer {
    stemmer: Stemmer,
    stop_words: &'static std::collections::HashSet<String>,
    abbreviations: &'static HashMap<String, Vec<String>>,
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Analyzer").finish_non_exhaustive()
    }
}

impl Default for Analyzer {
    fn default() -> Self {
        Self::new()
    }
}

impl Analyzer {
    /// An analyser of French.
    pub fn new() -> Self {
        Self {
            stemmer: Stemmer::create(Algorithm::French),
            stop_words: lists::stop_words(),
            abbreviations: lists::abbreviations(),
        }
    }

    /// The words of a text in their order, words of grammar included. Abbreviations are written out: all the words of
    /// one then have its offsets.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        for offsets in words(text) {
            let folded = self.without_apostrophe(&text[offsets.clone()]);
            if folded.is_empty() || folded.len() > MAXIMUM_WORD_BYTES {
                continue;
            }
            match self.abbreviations.get(&folded) {
                Some(written_out) => {
                    tokens.extend(written_out.iter().map(|word| self.token(word.clone(), offsets.clone())))
                }
                None => tokens.push(self.token(folded, offsets)),
            }
        }
        tokens
    }

    /// The terms of a text in their order, without the words of grammar and politeness.
    pub fn terms(&self, text: &str) -> Vec<String> {
        self.tokens(text).into_iter().filter(|token| !token.stop).map(|token| token.term).collect()
    }

    /// The term of one folded word.
    pub fn stem(&self, folded: &str) -> String {
        // Without its accents "étrangers" would lose its mark of plural only, "étranger" its ending too.
        let singular = match folded.strip_suffix(['s', 'x']) {
            Some(singular) if folded.len() > 3 && !singular.ends_with('s') => singular,
            _ => folded,
        };
        self.stemmer.stem(singular).into_owned()
    }

    /// Whether a folded word says nothing of the subject.
    pub fn is_stop_word(&self, folded: &str) -> bool {
        self.stop_words.contains(folded)
    }

    fn token(&self, folded: String, offsets: Range<usize>) -> Token {
        let term = self.stem(&folded);
        // A lone letter is what is left of an elision or a typing slip; categories such as "permis B" are kept by the
        // word before them.
        let stop = self.stop_words.contains(&folded);
        Token { offsets, folded, term, stop }
    }

    fn without_apostrophe(&self, word: &str) -> String {
        let mut folded = fold(word);
        folded.retain(|character| !fold::is_apostrophe(character));
        folded
    }
}

/// Where the words of a text stand: runs of letters and digits. An apostrophe ends a word after an elided one (`l'acte`,
/// `qu'il`) and belongs to it elsewhere (`prud'hommes`, `aujourd'hui`).
pub(crate) fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut characters = text.char_indices().peekable();
    while let Some((position, character)) = characters.next() {
        if character.is_alphanumeric() || unicode_normalization::char::is_combining_mark(character) {
            start.get_or_insert(position);
            continue;
        }
        let Some(begun) = start else { continue };
        let inside = fold::is_apostrophe(character)
            && characters.peek().is_some_and(|(_, next)| next.is_alphabetic())
            && !is_elided(&text[begun..position]);
        if !inside {
            found.push(begun..position);
            start = None;
        }
    }
    if let Some(begun) = start {
        found.push(begun..text.len());
    }
    found
}

/// Whether what stands before an apostrophe is a word that lost its vowel.
fn is_elided(before: &str) -> bool {
    let folded = fold(before);
    folded.len() == 1 || folded.ends_with("qu") || matches!(folded.as_str(), "presqu" | "entr")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        Analyzer::new().terms(text)
    }

    #[test]
    fn accents_do_not_change_the_terms() {
        assert_eq!(
            terms("Déclarer la naissance d'un élève à l’état civil"),
            terms("declarer la naissance d un eleve a l etat civil")
        );
    }

    #[test]
    fn elided_words_come_off_and_others_stay_whole() {
        let analyzer = Analyzer::new();
        let folded: Vec<String> = analyzer
            .tokens("L'acte qu’elle jusqu'alors prud'hommes aujourd’hui")
            .into_iter()
            .map(|token| token.folded)
            .collect();
        assert_eq!(folded, ["l", "acte", "qu", "elle", "jusqu", "alors", "prudhommes", "aujourdhui"]);
    }

    #[test]
    fn offsets_point_at_the_word_as_typed() {
        let text = "Où voter à l'étranger ?";
        let tokens = Analyzer::new().tokens(text);
        let last = tokens.last().map(|token| &text[token.offsets.clone()]);
        assert_eq!(last, Some("étranger"));
    }

    #[test]
    fn politeness_says_nothing() {
        assert!(terms("Bonjour Madame, merci d'avance, bien cordialement").is_empty());
    }

    #[test]
    fn abbreviations_are_written_out() {
        assert_eq!(terms("rdv pr la cni svp"), terms("rendez-vous pour la carte nationale d'identité"));
    }

    #[test]
    fn singular_and_plural_meet() {
        assert_eq!(terms("permis de conduire étrangers"), terms("permis de conduire étranger"));
    }

    #[test]
    fn odd_input_gives_no_terms() {
        assert!(terms("").is_empty());
        assert!(terms("AND OR NOT + - \" ( ) ~ * ' ’ ::").len() <= 3);
        assert!(terms("''' ’’’ \u{301}\u{301}").is_empty());
        assert!(terms(&"x".repeat(10_000)).is_empty());
    }
}
