//! A rough key of how a French word sounds: words that are heard alike share it.

/// The key of a folded word: `sertificat`, `certificat` and `certificats` have the same.
///
/// It is meant to gather candidates for a correction, not to judge them: it errs on the side of merging.
pub fn phonetic_key(folded: &str) -> String {
    let letters: Vec<char> = folded.chars().collect();
    let mut key = String::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        let (sound, taken) = sound_at(&letters, at);
        for character in sound.chars() {
            if !key.ends_with(character) {
                key.push(character);
            }
        }
        at += taken;
    }
    // Endings that are written and not heard.
    while key.len() > 2 && key.ends_with(['e', 's', 't', 'd', 'p']) {
        key.pop();
    }
    key
}

/// The sound that begins at a letter, and how many letters write it.
fn sound_at(letters: &[char], at: usize) -> (&'static str, usize) {
    let rest = &letters[at..];
    let starts = |pattern: &str| pattern.chars().enumerate().all(|(index, letter)| rest.get(index) == Some(&letter));
    let soft = matches!(rest.get(1), Some('e' | 'i' | 'y'));
    for (pattern, sound) in [("eau", "o"), ("ain", "1"), ("ein", "1"), ("sch", "x")] {
        if starts(pattern) {
            return (sound, pattern.len());
        }
    }
    if starts("tion") {
        return ("si", 2);
    }
    // A nasal vowel loses its nose before another vowel or a doubled consonant.
    let nasal = !matches!(rest.get(2), Some('a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'm' | 'n' | 'h'));
    if nasal {
        for (pattern, sound) in [
            ("an", "2"),
            ("en", "2"),
            ("am", "2"),
            ("em", "2"),
            ("in", "1"),
            ("im", "1"),
            ("yn", "1"),
            ("ym", "1"),
            ("on", "3"),
            ("om", "3"),
            ("un", "1"),
        ] {
            if starts(pattern) {
                return (sound, pattern.len());
            }
        }
    }
    for (pattern, sound) in [
        ("au", "o"),
        ("ai", "e"),
        ("ei", "e"),
        ("ph", "f"),
        ("qu", "k"),
        ("ch", "x"),
        ("ck", "k"),
        ("gn", "n"),
        ("gu", "g"),
        ("oe", "e"),
        ("eu", "e"),
        ("ou", "u"),
        ("ez", "e"),
        ("er", "e"),
        ("th", "t"),
    ] {
        // "er" sounds as "é" at the end of a word only.
        let holds = !matches!(pattern, "er" | "ez") || rest.len() == 2;
        if holds && starts(pattern) {
            return (sound, pattern.len());
        }
    }
    let sound = match rest[0] {
        'c' if soft => "s",
        'c' | 'k' | 'q' => "k",
        'g' if soft => "j",
        's' | 'z' => "s",
        'h' => "",
        'y' | 'i' => "i",
        'w' | 'v' => "v",
        'x' => "ks",
        'a' => "a",
        'b' => "b",
        'd' => "d",
        'e' => "e",
        'f' => "f",
        'g' => "g",
        'j' => "j",
        'l' => "l",
        'm' => "m",
        'n' => "n",
        'o' => "o",
        'p' => "p",
        'r' => "r",
        't' => "t",
        'u' => "u",
        '0' => "0",
        '1' => "i1",
        '2' => "i2",
        '3' => "i3",
        '4' => "i4",
        '5' => "i5",
        '6' => "i6",
        '7' => "i7",
        '8' => "i8",
        '9' => "i9",
        _ => "",
    };
    (sound, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_heard_alike_share_a_key() {
        for (one, other) in [
            ("certificat", "sertificats"),
            ("telephone", "telefone"),
            ("cotisation", "cautisassion"),
            ("passeport", "paseport"),
            ("demenager", "demenagez"),
            ("attestation", "atestation"),
        ] {
            assert_eq!(phonetic_key(one), phonetic_key(other), "{one} and {other}");
        }
    }

    #[test]
    fn words_heard_apart_do_not() {
        assert_ne!(phonetic_key("mariage"), phonetic_key("mairie"));
        assert_ne!(phonetic_key("permis"), phonetic_key("promis"));
    }
}
