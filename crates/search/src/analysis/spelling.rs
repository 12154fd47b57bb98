//! Misspelt words put right from the words that the texts themselves use.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    distance::{SLIP, slips},
    fold::fold,
    phonetic::phonetic_key,
};

/// Shorter words are too close to too many others to be put right.
const SHORTEST_CORRECTED: usize = 4;

/// Where there are many words, a rarer one is as likely a slip itself.
const FEWEST_OCCURRENCES: u32 = 3;

/// A vocabulary from this size on has many words.
const MANY_WORDS: usize = 2_000;

/// Words are looked up in full only among this many candidates.
const MAXIMUM_CANDIDATES: usize = 4_000;

/// What a word was most likely meant to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The folded words: several when words were written as one (`lacte`, `microentreprise`).
    pub folded: Vec<String>,
    /// The same as they are usually written, with accents.
    pub display: String,
}

/// A vocabulary with its frequencies, and an index of near spellings.
#[derive(Debug, Default)]
pub struct Speller {
    words: Vec<Word>,
    by_folded: HashMap<String, u32>,
    near: HashMap<u64, Vec<u32>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Word {
    folded: String,
    display: String,
    count: u32,
}

impl Speller {
    /// A speller that knows these words (as written, with accents) and how often each occurs. Words that differ only by
    /// accents or case are one: the most frequent writing is shown.
    pub fn new<'a>(words: impl IntoIterator<Item = (&'a str, u32)>) -> Self {
        let mut gathered: BTreeMap<String, (u32, String, u32)> = BTreeMap::new();
        for (written, count) in words {
            let folded = fold(written);
            if folded.is_empty() || folded.chars().any(|letter| !letter.is_alphabetic()) {
                continue;
            }
            let entry = gathered.entry(folded).or_default();
            entry.0 = entry.0.saturating_add(count);
            let lower = written.to_lowercase();
            // The order of arrival must not show.
            if (count, std::cmp::Reverse(&lower)) > (entry.2, std::cmp::Reverse(&entry.1)) {
                (entry.1, entry.2) = (lower, count);
            }
        }
        let words = gathered.into_iter().map(|(folded, (count, display, _))| Word { folded, display, count }).collect();
        Self::from_words(words)
    }

    fn from_words(words: Vec<Word>) -> Self {
        let mut speller =
            Self { by_folded: HashMap::with_capacity(words.len()), near: HashMap::new(), words: Vec::new() };
        let fewest = if words.len() < MANY_WORDS { 1 } else { FEWEST_OCCURRENCES };
        for (index, word) in words.iter().enumerate() {
            let index = index as u32;
            speller.by_folded.insert(word.folded.clone(), index);
            if word.folded.len() < SHORTEST_CORRECTED || word.count < fewest {
                continue;
            }
            for hash in neighbourhood(&word.folded) {
                speller.near.entry(hash).or_default().push(index);
            }
        }
        speller.words = words;
        speller
    }

    /// Words known.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether no word is known.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a folded word is known.
    pub fn knows(&self, folded: &str) -> bool {
        self.by_folded.contains_key(folded)
    }

    /// How often a folded word occurs.
    pub fn count(&self, folded: &str) -> u32 {
        self.by_folded.get(folded).and_then(|index| self.words.get(*index as usize)).map_or(0, |word| word.count)
    }

    /// The usual writing of a folded word, with its accents.
    pub fn display<'a>(&'a self, folded: &'a str) -> &'a str {
        self.by_folded
            .get(folded)
            .and_then(|index| self.words.get(*index as usize))
            .map_or(folded, |word| word.display.as_str())
    }

    /// What an unknown folded word was most likely meant to be: an article stuck to a word, a near or like-sounding word,
    /// two words written as one. `None` when it is known, too short, or nothing is near.
    pub fn correct(&self, folded: &str) -> Option<Correction> {
        let usable = folded.len() >= SHORTEST_CORRECTED && folded.len() <= 40 && !self.knows(folded);
        if !usable || folded.chars().any(|letter| !letter.is_alphabetic()) {
            return None;
        }
        if let Some(rest) = self.without_glued_article(folded) {
            return Some(self.correction(vec![rest]));
        }
        let near = self.nearest(folded);
        let slight = near.as_ref().is_some_and(|(_, cost)| *cost <= SLIP);
        if !slight && let Some(parts) = self.two_words(folded) {
            return Some(self.correction(parts));
        }
        near.map(|(index, _)| self.correction(vec![self.words[index as usize].folded.clone()]))
    }

    fn correction(&self, folded: Vec<String>) -> Correction {
        let display = folded.iter().map(|word| self.display(word)).collect::<Vec<_>>().join(" ");
        Correction { folded, display }
    }

    /// `lacte` → `acte`, `quil` → `il`: what follows an elided word stuck to it.
    fn without_glued_article(&self, folded: &str) -> Option<String> {
        let rest =
            folded.strip_prefix("qu").or_else(|| folded.strip_prefix(['l', 'd', 'j', 'n', 's', 'c', 'm', 't']))?;
        let vowel = rest.starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'h']);
        (vowel && rest.len() >= SHORTEST_CORRECTED && self.count(rest) > 1).then(|| rest.to_owned())
    }

    fn two_words(&self, folded: &str) -> Option<Vec<String>> {
        (4..folded.len().saturating_sub(3))
            .filter(|at| folded.is_char_boundary(*at))
            .filter_map(|at| {
                let (first, second) = folded.split_at(at);
                let rarest = self.count(first).min(self.count(second));
                (rarest > 2).then(|| (rarest, vec![first.to_owned(), second.to_owned()]))
            })
            .max_by_key(|(rarest, _)| *rarest)
            .map(|(_, parts)| parts)
    }

    /// The best near word and its cost.
    fn nearest(&self, folded: &str) -> Option<(u32, u32)> {
        let letters: Vec<char> = folded.chars().collect();
        let limit = match letters.len() {
            0..=8 => SLIP,
            9..=11 => SLIP + SLIP / 2,
            _ => 2 * SLIP,
        };
        let mut candidates: Vec<u32> = neighbourhood(folded)
            .into_iter()
            .filter_map(|hash| self.near.get(&hash))
            .flatten()
            .copied()
            .take(MAXIMUM_CANDIDATES)
            .collect();
        candidates.sort_unstable();
        candidates.dedup();
        let key = phonetic_key(folded);
        candidates
            .into_iter()
            .filter_map(|index| {
                let word = self.words.get(index as usize)?;
                let other: Vec<char> = word.folded.chars().collect();
                let heard_alike = phonetic_key(&word.folded) == key;
                // Heard alike may be written further apart.
                let cost = slips(&letters, &other, if heard_alike { limit + SLIP } else { limit })?;
                let cost = if heard_alike { cost / 2 } else { cost };
                (cost <= limit).then_some((index, cost, word.count))
            })
            // One slip nearer is worth about four times the frequency.
            .min_by_key(|(index, cost, count)| {
                let rarity = (20_u32).saturating_sub(count.ilog2());
                (cost * 2 + rarity * 2, *cost, *index)
            })
            .map(|(index, cost, _)| (index, cost))
    }
}

/// Hashes of a word's spellings with one letter left out, and of its sound with one left out: two words that share one
/// are near.
fn neighbourhood(folded: &str) -> Vec<u64> {
    let key = phonetic_key(folded);
    let mut hashes = Vec::with_capacity(folded.len() + key.len() + 2);
    let mut add = |word: &str, kind: u8| {
        hashes.push(hash(word.chars(), kind));
        for skipped in 0..word.chars().count() {
            let without = word.chars().enumerate().filter(move |(at, _)| *at != skipped).map(|(_, letter)| letter);
            hashes.push(hash(without, kind));
        }
    };
    add(folded, 1);
    if key.len() >= 3 {
        add(&key, 2);
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// FNV-1a over the letters: the same on every machine.
fn hash(letters: impl Iterator<Item = char>, kind: u8) -> u64 {
    letters.fold(0xcbf2_9ce4_8422_2325 ^ u64::from(kind), |hash, letter| {
        (hash ^ u64::from(u32::from(letter))).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speller() -> Speller {
        Speller::new([
            ("passeport", 50),
            ("certificat", 80),
            ("immatriculation", 60),
            ("acte", 70),
            ("naissance", 60),
            ("permis", 90),
            ("entreprise", 30),
            ("micro", 10),
            ("véhicule", 40),
            ("vehicule", 1),
            ("cession", 20),
            ("session", 5),
            ("déménagement", 20),
        ])
    }

    fn corrected(word: &str) -> Option<String> {
        speller().correct(word).map(|correction| correction.display)
    }

    #[test]
    fn slips_are_put_right() {
        for (typed, meant) in [
            ("paseport", "passeport"),
            ("passport", "passeport"),
            ("sertificat", "certificat"),
            ("imatriculassion", "immatriculation"),
            ("naisance", "naissance"),
            ("permit", "permis"),
            ("veicule", "véhicule"),
            ("demenagment", "déménagement"),
        ] {
            assert_eq!(corrected(typed).as_deref(), Some(meant), "{typed}");
        }
    }

    #[test]
    fn words_stuck_together_come_apart() {
        assert_eq!(corrected("lacte").as_deref(), Some("acte"));
        assert_eq!(corrected("dimmatriculation").as_deref(), Some("immatriculation"));
        assert_eq!(corrected("microentreprise").as_deref(), Some("micro entreprise"));
    }

    #[test]
    fn known_short_and_far_words_are_left_alone() {
        for word in ["passeport", "cni", "xylophone", "75011", ""] {
            assert_eq!(corrected(word), None, "{word}");
        }
    }

    #[test]
    fn the_order_of_the_words_does_not_matter() {
        let words = [("cession", 5), ("session", 5), ("Véhicule", 4), ("vehicule", 4)];
        let mut reversed = words;
        reversed.reverse();
        let (one, other) = (Speller::new(words), Speller::new(reversed));
        for typed in ["cesion", "sesion", "veicule"] {
            assert_eq!(one.correct(typed), other.correct(typed));
        }
    }
}
