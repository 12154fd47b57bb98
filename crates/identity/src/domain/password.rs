//! What a password must be: long enough, and none that somebody would try first.
//!
//! One check for all who set one. What would be tried: the commonest passwords of the world and what is made of them by
//! counting on, repeating and walking along a keyboard (zxcvbn, which estimates how many tries it would take), the
//! words of the person and of the town, and those of a town hall.

use std::collections::BTreeSet;

use parvis_kernel::{Error, FieldViolation, Reason, Result, text::fold};
use unicode_normalization::UnicodeNormalization as _;
use zxcvbn::{Score, zxcvbn};

/// Characters at least.
pub const SHORTEST: usize = 12;
/// Characters at most: hashing has a price.
pub const LONGEST: usize = 200;
/// Different characters at least.
const VARIETY: usize = 6;

/// Passwords of demonstrations, which anybody can read.
const PUBLISHED: [&str; 1] = ["bienvenue-a-clairval"];

/// Words that are tried first in a French town hall, and that a list made elsewhere does not have.
const COMMON: [&str; 40] = [
    "mairie",
    "motdepasse",
    "mot",
    "passe",
    "bienvenue",
    "bonjour",
    "bonsoir",
    "soleil",
    "azerty",
    "azertyuiop",
    "qsdfgh",
    "wxcvbn",
    "commune",
    "ville",
    "village",
    "france",
    "paris",
    "marseille",
    "agent",
    "accueil",
    "etatcivil",
    "urbanisme",
    "maire",
    "mairesse",
    "elu",
    "admin",
    "administrateur",
    "printemps",
    "automne",
    "hiver",
    "janvier",
    "fevrier",
    "juillet",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "chocolat",
    "doudou",
    "parvis",
];

/// Whose a password is to be.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// The account's code.
    pub code: &'a str,
    /// The name shown.
    pub name: &'a str,
    /// The e-mail.
    pub email: &'a str,
    /// The authority's slug.
    pub slug: &'a str,
    /// The authority's name.
    pub town: &'a str,
}

/// Refuses a password too short or too long; `field` names it.
pub fn check_length(password: &str, field: &str) -> Result<()> {
    let length = password.chars().count();
    if length < SHORTEST {
        let reason = Reason::TooShort { least: SHORTEST as u64 };
        return Err(Error::wrong(
            field,
            reason,
            format!("at least {SHORTEST} characters are needed, this has {length}"),
        ));
    }
    if length > LONGEST {
        return Err(too_long(field));
    }
    Ok(())
}

/// What `field` is told where it is too long.
pub fn too_long(field: &str) -> Error {
    FieldViolation::too_long(field, LONGEST).into()
}

/// Whether it is a demonstration's.
pub fn is_published(password: &str) -> bool {
    PUBLISHED.contains(&password)
}

/// Refuses a password out of bounds, one of a demonstration, and one that would be guessed for this `owner`.
pub fn check(password: &str, field: &str, owner: Owner<'_>) -> Result<()> {
    check_length(password, field)?;
    if is_published(password) || is_guessable(password, owner) {
        let message =
            "would be guessed: take a sentence of several words, without the names of the person and the town";
        return Err(Error::wrong(field, Reason::GuessablePassword, message));
    }
    Ok(())
}

/// Letters of a password's own, beside the words of its owner.
const FEW_LETTERS: usize = 6;

fn is_guessable(password: &str, owner: Owner<'_>) -> bool {
    let plain = fold(&normalized(password));
    if plain.chars().collect::<BTreeSet<_>>().len() < VARIETY {
        return true;
    }
    let mut words: BTreeSet<String> = COMMON.iter().map(|word| (*word).to_owned()).collect();
    for text in [owner.code, owner.name, owner.email, owner.slug, owner.town] {
        let text = fold(text);
        words.extend(text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 2).map(str::to_owned));
        words.insert(text.chars().filter(|c| c.is_alphanumeric()).collect());
        words.insert(text);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    if is_made_of(&plain, &words) {
        return true;
    }
    zxcvbn(&plain, &words).score() < Score::Three
}

/// Whether little is left once the person's and the town's words are taken out: a year and a sign are no secret.
fn is_made_of(plain: &str, words: &[&str]) -> bool {
    let mut longest_first = words.to_vec();
    longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = plain.to_owned();
    for word in longest_first {
        rest = rest.replace(word, " ");
    }
    rest != plain && rest.chars().filter(|c| c.is_alphabetic()).count() < FEW_LETTERS
}

/// The same characters in one form, whatever keyboard made the accents.
pub fn normalized(password: &str) -> String {
    password.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIRE: Owner<'_> = Owner {
        code: "claire-martin",
        name: "Claire Martin",
        email: "claire.martin@clairval.example",
        slug: "clairval",
        town: "Clairval-sur-Loire",
    };

    #[test]
    fn length_counts_characters() {
        assert!(check_length("éééééééééééé", "p").is_ok());
        assert!(check_length("éééééééééé", "p").is_err());
        assert!(check_length(&"x".repeat(200), "p").is_ok());
        assert!(check_length(&"x".repeat(201), "p").is_err());
    }

    #[test]
    fn what_would_be_tried_first_is_refused() {
        for password in [
            "claire-martin",
            "ClaireMartin1",
            "Claire.Martin2026",
            "claire.martin@clairval.example",
            "clairval-sur-loire",
            "Clairval2026!",
            "clairvalclairval",
            "mairieclairval",
            "MotDePasse2026",
            "motdepasse123",
            "aaaaaaaaaaaa",
            "abababababab",
            "123456789012",
            "azertyuiop12",
            "azertyuiopqsdf",
            "qwertyuiop12",
            "password1234",
            "P@ssw0rd1234",
            "iloveyou1234",
            "bienvenue-a-clairval",
            "Bienvenue2026!",
        ] {
            let error = check(password, "new_password", CLAIRE).expect_err(password);
            assert_eq!(error.violations()[0].reason, Some(Reason::GuessablePassword), "{password}");
            assert!(!error.to_string().contains(password));
        }
    }

    #[test]
    fn a_sentence_is_taken() {
        for password in [
            "une phrase assez longue",
            "la nouvelle phrase",
            "une été à la mer du Nord",
            "vK7#qz!mT2pL",
            "cheval pile agrafe",
        ] {
            check(password, "p", CLAIRE).expect(password);
        }
        let long: String = ('a'..='z').chain('0'..='9').cycle().step_by(7).take(LONGEST).collect();
        check(&long, "p", CLAIRE).expect("long ones are looked at in bounded time");
    }

    #[test]
    fn accents_have_one_form() {
        assert_eq!(normalized("e\u{301}te\u{301}"), normalized("\u{e9}t\u{e9}"));
    }
}
