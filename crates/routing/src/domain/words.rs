//! Words and phrases found in a text: whole words, without accents or case.

use std::{collections::HashMap, ops::Range};

use parvis_kernel::{text::fold, typed::street};

/// A text cut in plain words.
#[derive(Debug, Default)]
pub struct Words {
    folded: String,
    ranges: Vec<Range<usize>>,
}

impl Words {
    /// Cuts `text` at whatever is neither letter nor digit; « L’État » gives `l` and `etat`.
    pub fn of(text: &str) -> Self {
        let folded = fold(text);
        let mut ranges = Vec::new();
        let mut start = None;
        for (at, c) in folded.char_indices() {
            if c.is_alphanumeric() {
                start.get_or_insert(at);
            } else if let Some(start) = start.take() {
                ranges.push(start..at);
            }
        }
        ranges.extend(start.map(|start| start..folded.len()));
        Self { folded, ranges }
    }

    /// Cuts `text` as streets are compared: abbreviations written out, small words left out.
    pub fn of_streets(text: &str) -> Self {
        Self::of(&street::words(text).join(" "))
    }

    fn get(&self, at: usize) -> Option<&str> {
        self.folded.get(self.ranges.get(at)?.clone())
    }

    /// Its words, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ranges.len()).filter_map(|at| self.get(at))
    }
}

/// Many phrases looked for at once, each belonging to somebody.
#[derive(Debug, Default)]
pub struct Phrases {
    by_first_word: HashMap<String, Vec<Phrase>>,
}

#[derive(Debug)]
struct Phrase {
    rest: Vec<String>,
    owner: usize,
    rank: usize,
}

/// A phrase found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Whose phrase.
    pub owner: usize,
    /// Which of the owner's phrases.
    pub rank: usize,
    /// How many words.
    pub length: usize,
    /// At which word of the text.
    pub at: usize,
}

impl Phrases {
    /// The phrases of each owner, in order.
    pub fn new<'a>(owners: impl IntoIterator<Item = &'a [String]>) -> Self {
        Self::cut_by(Words::of, owners)
    }

    /// The streets of each owner: to be looked for in [`Words::of_streets`].
    pub fn of_streets<'a>(owners: impl IntoIterator<Item = &'a [String]>) -> Self {
        Self::cut_by(Words::of_streets, owners)
    }

    fn cut_by<'a>(cut: impl Fn(&str) -> Words, owners: impl IntoIterator<Item = &'a [String]>) -> Self {
        let mut by_first_word: HashMap<String, Vec<Phrase>> = HashMap::new();
        for (owner, phrases) in owners.into_iter().enumerate() {
            for (rank, phrase) in phrases.iter().enumerate() {
                let words = cut(phrase);
                let mut words = words.iter().map(str::to_owned);
                let Some(first) = words.next() else { continue };
                by_first_word.entry(first).or_default().push(Phrase { rest: words.collect(), owner, rank });
            }
        }
        Self { by_first_word }
    }

    /// Every phrase in `text`, in the order of the text.
    pub fn find<'a>(&'a self, text: &'a Words) -> impl Iterator<Item = Hit> + 'a {
        text.iter().enumerate().flat_map(move |(at, word)| {
            let starting = self.by_first_word.get(word).map_or(&[][..], Vec::as_slice);
            let whole = starting.iter().filter(move |phrase| {
                phrase.rest.iter().enumerate().all(|(n, word)| text.get(at + 1 + n) == Some(word.as_str()))
            });
            whole.map(move |phrase| Hit { owner: phrase.owner, rank: phrase.rank, length: phrase.rest.len() + 1, at })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(phrases: &[&str], text: &str) -> Vec<usize> {
        let phrases: Vec<String> = phrases.iter().map(|phrase| (*phrase).to_owned()).collect();
        Phrases::new([phrases.as_slice()]).find(&Words::of(text)).map(|hit| hit.rank).collect()
    }

    #[test]
    fn accents_case_and_punctuation_do_not_matter() {
        assert_eq!(found(&["carte d'électeur", "cœur"], "Ma CARTE D’ELECTEUR, au coeur de la ville"), [0, 1]);
        assert_eq!(found(&["sans abri"], "un sans-abri"), [0]);
        assert_eq!(found(&["e\u{301}tat civil"], "l'État civil"), [0]);
    }

    #[test]
    fn only_whole_words_count() {
        assert_eq!(found(&["rue du Port"], "12 rue du Portail"), [0; 0]);
        assert_eq!(found(&["rat"], "administration"), [0; 0]);
        assert_eq!(found(&["rat"], "un rat !"), [0]);
        assert_eq!(found(&["bruit de nuit"], "bruit de"), [0; 0]);
        assert_eq!(found(&["", "…"], "rien"), [0; 0]);
    }
}
