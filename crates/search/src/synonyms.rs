//! Words that people use for one another, from `data/synonyms.txt`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use crate::analysis::{Analyzer, lines};

/// Terms of the longest member of a group.
pub(crate) const LONGEST_MEMBER: usize = 5;

static SYNONYMS: LazyLock<Synonyms> = LazyLock::new(|| Synonyms::read(include_str!("../data/synonyms.txt")));

/// For a word or phrase, given by its terms, the others of its groups.
#[derive(Debug, Default)]
pub(crate) struct Synonyms {
    others: BTreeMap<Vec<String>, BTreeSet<Member>>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Member {
    pub(crate) terms: Vec<String>,
    /// As it is written in the list.
    pub(crate) display: &'static str,
}

impl Synonyms {
    /// The list that comes with Parvis.
    pub(crate) fn french() -> &'static Self {
        &SYNONYMS
    }

    fn read(list: &'static str) -> Self {
        let analyzer = Analyzer::new();
        let mut synonyms = Self::default();
        for line in lines(list) {
            let members = |list: &'static str| -> Vec<Member> {
                list.split(',')
                    .map(|member| Member { terms: analyzer.terms(member), display: member.trim() })
                    .filter(|member| !member.terms.is_empty())
                    .collect()
            };
            let (from, to) = match line.split_once('>') {
                Some((kinds, genus)) => (members(kinds), members(genus)),
                None => (members(line), members(line)),
            };
            for one in &from {
                let others = to.iter().filter(|other| other.terms != one.terms).cloned();
                synonyms.others.entry(one.terms.clone()).or_default().extend(others);
            }
        }
        synonyms
    }

    /// What else is said for these terms in this order.
    pub(crate) fn of(&self, terms: &[String]) -> impl Iterator<Item = &Member> {
        self.others.get(terms).into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(text: &str) -> Vec<String> {
        let terms = Analyzer::new().terms(text);
        Synonyms::french().of(&terms).map(|other| other.terms.join(" ")).collect()
    }

    #[test]
    fn everyday_and_legal_words_lead_to_each_other() {
        let legal = Analyzer::new().terms("certificat d'immatriculation").join(" ");
        let everyday = Analyzer::new().terms("carte grise").join(" ");
        assert!(others("carte grise").contains(&legal));
        assert!(others("certificat d'immatriculation").contains(&everyday));
    }

    #[test]
    fn a_kind_leads_to_what_it_belongs_to_and_not_back() {
        let stem = |word: &str| Analyzer::new().terms(word).join(" ");
        assert!(others("caravane").contains(&stem("véhicule")));
        assert!(!others("véhicule").contains(&stem("caravane")));
    }

    #[test]
    fn no_word_is_its_own_synonym_and_members_are_short() {
        for (one, others) in &Synonyms::french().others {
            assert!(others.iter().all(|other| other.terms != *one), "{one:?}");
            assert!(one.len() <= LONGEST_MEMBER, "{one:?}");
        }
    }
}
