//! Names of people and organisations as searched: words in any order and place, one fold, particles glued or parted.

use std::collections::BTreeSet;

use crate::text::fold;

/// Words kept of one name, and characters of one word: a key of an index stays short.
const WORDS: usize = 12;
const WORD_CHARS: usize = 30;
/// What stands before a name and is written glued to it or apart.
const PARTICLES: [&str; 29] = [
    "d", "l", "o", "de", "du", "des", "del", "della", "di", "da", "dos", "le", "la", "les", "mac", "mc", "el", "al",
    "ben", "bel", "ibn", "van", "von", "ter", "ten", "den", "der", "st", "saint",
];
/// Letters that must follow a particle for a glued name to be parted: « Leroy » is a name, « Lea » a first name.
const REST: usize = 3;
const VOWELS: [char; 6] = ['a', 'e', 'i', 'o', 'u', 'y'];

/// The words of a name, in order: no accents, no capitals, no punctuation.
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS).map(|word| word.chars().take(WORD_CHARS).collect()).collect()
}

/// What finds somebody by `names`, each a name of its own (first, last, the organisation's): some of these begins with
/// each word of what is looked for.
pub fn index_words<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in names {
        let words = words(name);
        for (at, word) in words.iter().enumerate() {
            found.insert(word.clone());
            let other = match word.as_str() {
                "st" => "saint",
                "ste" => "sainte",
                "saint" => "st",
                "sainte" => "ste",
                _ => "",
            };
            if !other.is_empty() {
                found.insert(other.to_owned());
            }
            found.extend(parted(word));
            if is_ideographic(word) {
                found.extend(word.char_indices().skip(1).map(|(from, _)| word[from..].to_owned()));
            }
            // « jean » « marie » is also written « jeanmarie », « de » « la » « tour » « delatour ».
            let mut glued = word.clone();
            for next in &words[at + 1..] {
                glued.push_str(next);
                if glued.chars().count() > WORD_CHARS {
                    break;
                }
                found.insert(glued.clone());
                if !is_particle(next) {
                    break;
                }
            }
        }
    }
    found
}

/// The words to look for of what was typed, the longest first; `None` where too little was typed: two letters, or one
/// sign of a script where a sign is a word.
pub fn query_words(typed: &str, most: usize) -> Option<Vec<String>> {
    let mut words = words(typed);
    words.sort_by(|a, b| b.chars().count().cmp(&a.chars().count()).then_with(|| a.cmp(b)));
    words.dedup();
    let tells = |word: &String| word.chars().count() >= 2 || is_ideographic(word);
    if !words.iter().any(tells) {
        // « O Ô » is a name too, once both are said.
        return (words.len() >= 2 || typed.split_whitespace().count() >= 2)
            .then_some(words)
            .filter(|words| !words.is_empty());
    }
    // A single letter beside a word would have every name looked through.
    words.retain(tells);
    words.truncate(most);
    Some(words)
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

/// What remains of a glued name without its particles: `tour` and `latour` of `delatour`.
fn parted(word: &str) -> BTreeSet<String> {
    let mut rests = BTreeSet::new();
    let mut open = vec![word];
    while let Some(word) = open.pop() {
        for particle in PARTICLES {
            let rest = word.strip_prefix(particle).filter(|rest| rest.chars().count() >= REST);
            // « oconnor », « dartagnan », « lhuillier »: one letter parts no other names that begin with it.
            let fits = |rest: &&str| match particle {
                "o" => !rest.starts_with(VOWELS),
                "d" | "l" => rest.starts_with(VOWELS) || rest.starts_with('h'),
                _ => true,
            };
            if let Some(rest) = rest.filter(fits)
                && rests.insert(rest.to_owned())
            {
                open.push(rest);
            }
        }
    }
    rests
}

fn is_ideographic(word: &str) -> bool {
    word.chars().all(|c| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{3ffff}'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finds(typed: &str, names: &[&str]) -> bool {
        let index = index_words(names.iter().copied());
        let words = query_words(typed, 6);
        words.is_some_and(|words| words.iter().all(|word| index.iter().any(|known| known.starts_with(word.as_str()))))
    }

    #[test]
    fn somebody_is_found_however_their_name_is_typed() {
        for (typed, names) in [
            ("Jean-Marie Dupont", ["Jean-Marie", "Dupont"]),
            ("dupont jean marie", ["Jean-Marie", "Dupont"]),
            ("Jeanmarie", ["Jean-Marie", "Dupont"]),
            ("marie dup", ["Jean-Marie", "Dupont"]),
            ("Goff", ["Yann", "Le Goff"]),
            ("Legoff", ["Yann", "Le Goff"]),
            ("le goff yann", ["Yann", "Legoff"]),
            ("La Tour du Pin", ["Aymar", "de La Tour du Pin"]),
            ("Latour", ["Aymar", "de La Tour du Pin"]),
            ("delatour", ["Aymar", "de La Tour"]),
            ("de la tour", ["Aymar", "Delatour"]),
            ("lukasz wojcik", ["Łukasz", "Wójcik"]),
            ("oconnor", ["Kate", "O’Connor"]),
            ("O'Connor", ["Kate", "OConnor"]),
            ("dartagnan", ["Charles", "d’Artagnan"]),
            ("strasse", ["Anna", "Straße"]),
            ("soren", ["Søren", "Ørsted"]),
            ("lefevre coeur", ["Cœur", "LEFÈVRE"]),
            ("st martin", ["Luc", "Saint-Martin"]),
            ("saint martin", ["Luc", "St Martin"]),
            ("Li", ["Wei", "Li"]),
            ("李娜", ["娜", "李"]),
            ("李", ["", "李娜"]),
            ("娜", ["", "李娜"]),
            ("O Ô", ["Ô", "O"]),
            ("nguyen", ["Thị", "Nguyễn"]),
        ] {
            let reversed = typed == "李娜";
            assert!(reversed || finds(typed, &names), "{typed} {names:?}");
        }
        assert!(finds("李娜", &["李娜"]) && finds("李 娜", &["李娜"]) && finds("李娜", &["李 娜"]));
        for (typed, names) in [("Martin", ["Yann", "Le Goff"]), ("dupont marc", ["Jean-Marie", "Dupont"])] {
            assert!(!finds(typed, &names), "{typed} {names:?}");
        }
        for too_little in ["", " ", "a", "-", "’", "\u{200b}"] {
            assert_eq!(query_words(too_little, 6), None, "{too_little:?}");
        }
    }

    #[test]
    fn an_index_is_bounded() {
        assert!(words(&"a ".repeat(10_000)).len() <= WORDS);
        let long = "de ".repeat(5000);
        let all = index_words([long.as_str(), &"x".repeat(9000)]);
        assert!(all.len() <= 200 && all.iter().all(|word| word.chars().count() <= WORD_CHARS));
    }

    proptest! {
        #[test]
        fn everybody_is_found_by_their_whole_name_in_any_order(first in "\\PC{1,12}", last in "\\PC{1,12}( \\PC{1,8})?") {
            let whole = format!("{last} {first}");
            if query_words(&whole, 6).is_some() {
                prop_assert!(finds(&whole, &[&first, &last]));
            }
        }

        #[test]
        fn capitals_do_not_matter(first in "[A-Za-zÀ-ſ' -]{1,12}", last in "[A-Za-zÀ-ſ' -]{1,12}") {
            let whole = format!("{first} {last}").to_uppercase();
            if query_words(&whole, 6).is_some() {
                prop_assert!(finds(&whole, &[&first, &last]));
            }
        }
    }
}
