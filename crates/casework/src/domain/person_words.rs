//! What finds a case by the person who asks.

use std::collections::BTreeSet;

use parvis_kernel::typed::{email, name, organisation::Number, phone};
use parvis_proto::common::Requester;

/// Words of a name looked for at most.
const MOST_WORDS: usize = 6;

/// The version of [`index_words`]: raised with each change of it, so that the words of older cases are made anew.
pub const VERSION: i64 = 1;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// An address, a telephone number or an organisation's number, whole.
    Exactly(String),
    /// Words of names, of which each must begin one of the person's.
    Names(Vec<String>),
}

impl Wanted {
    /// Reads what was typed; `None` where it says too little.
    pub fn read(typed: &str) -> Option<Self> {
        let exact = if typed.contains('@') || typed.contains('＠') {
            email::key(typed).map(|key| of_email(&key))
        } else {
            let number = Number::read(typed).map(|number| of_organisation(&number));
            number.or_else(|| phone::key(typed).map(|key| of_phone(&key)))
        };
        exact.map(Self::Exactly).or_else(|| name::query_words(typed, MOST_WORDS).map(Self::Names))
    }
}

/// The words of a case: of the names of the person and of the organization they write for, and their contact points.
/// A mark that no name has begins those of the others.
pub fn index_words(requester: &Requester) -> BTreeSet<String> {
    let names = [&requester.first_name, &requester.last_name, &requester.organization_name];
    let mut words = name::index_words(names.into_iter().map(String::as_str));
    words.extend(email::key(&requester.email).map(|key| of_email(&key)));
    words.extend(phone::key(&requester.phone).map(|key| of_phone(&key)));
    words.extend(Number::read(&requester.siret).map(|number| of_organisation(&number)));
    words
}

fn of_email(key: &str) -> String {
    format!("@{key}")
}

fn of_phone(e164: &str) -> String {
    e164.to_owned()
}

fn of_organisation(number: &Number) -> String {
    format!("#{}", number.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_says_what_is_wanted() {
        let exactly = |text: &str| Some(Wanted::Exactly(text.to_owned()));
        assert_eq!(Wanted::read("Zoe@Exemple.FR "), exactly("@zoe@exemple.fr"));
        assert_eq!(Wanted::read("mailto:zoe@exemple.fr"), exactly("@zoe@exemple.fr"));
        assert_eq!(Wanted::read("0692 71 00 02"), exactly("+262692710002"));
        assert_eq!(Wanted::read("W751212517"), exactly("#W751212517"));
        assert_eq!(Wanted::read("732 829 320 00074"), exactly("#73282932000074"));
        assert_eq!(Wanted::read("Li"), Some(Wanted::Names(vec!["li".to_owned()])));
        assert_eq!(Wanted::read("x"), None);
        let who = Requester {
            first_name: "Łukasz".into(),
            last_name: "Wójcik".into(),
            organization_name: "Club de Voile".into(),
            email: "L.Wojcik@exemple.fr".into(),
            phone: "06 12 34 56 78 poste 3".into(),
            siret: "W751212517".into(),
            ..Requester::default()
        };
        let words = index_words(&who);
        for word in ["lukasz", "wojcik", "club", "voile", "@l.wojcik@exemple.fr", "+33612345678", "#W751212517"] {
            assert!(words.contains(word), "{word} {words:?}");
        }
    }
}
