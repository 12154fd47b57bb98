//! Clean sentences made to look like what people type: no accents, slips of the keyboard, politeness around.

use super::features::hash;
use crate::analysis::fold;

const OPENINGS: [&str; 6] =
    ["Bonjour, ", "bonjour madame, monsieur, ", "Je vous écris au sujet suivant : ", "bjr ", "Bonsoir. ", ""];
const ENDINGS: [&str; 5] = ["", " merci", " Merci d'avance pour votre aide.", " Cordialement", " svp"];

/// One word of so many letters or more in this many is misspelt.
const SHORTEST_MISSPELT: usize = 5;
const ONE_WORD_IN: u64 = 12;

/// Numbers that look drawn at random and depend on the seed only (splitmix64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u64) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % bound.max(1)).unwrap_or(0)
    }
}

/// The same text always gives the same message.
pub(crate) fn degrade(text: &str) -> String {
    let mut draws = Draws(hash(b'd', text));
    let text = if draws.below(2) == 0 { fold(text) } else { text.to_owned() };
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| if draws.below(ONE_WORD_IN) == 0 { misspell(word, &mut draws) } else { word.to_owned() })
        .collect();
    let opening = OPENINGS.get(draws.below(OPENINGS.len() as u64)).copied().unwrap_or_default();
    let ending = ENDINGS.get(draws.below(ENDINGS.len() as u64)).copied().unwrap_or_default();
    format!("{opening}{}{ending}", words.join(" "))
}

/// A letter lost, doubled, or swapped with the next.
fn misspell(word: &str, draws: &mut Draws) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() < SHORTEST_MISSPELT {
        return word.to_owned();
    }
    let at = 1 + draws.below(letters.len() as u64 - 2);
    match draws.below(3) {
        0 => {
            letters.remove(at);
        }
        1 => letters.insert(at, letters.get(at).copied().unwrap_or('e')),
        _ => letters.swap(at, at + 1),
    }
    letters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_spoilt_the_same_way_every_time() {
        let clean = "Comment renouveler une carte de stationnement pour personne handicapée ?";
        assert_eq!(degrade(clean), degrade(clean));
    }

    #[test]
    fn short_and_empty_texts_survive() {
        for text in ["", "a", "été", "?!"] {
            let _ = degrade(text);
        }
    }
}
