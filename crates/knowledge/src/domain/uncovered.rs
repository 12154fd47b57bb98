//! What is often handled and no article of the authority explains: what to write next.

use std::collections::BTreeMap;

/// Fewer closed cases than this say nothing, and might tell of somebody.
pub const FEWEST: u64 = 5;

/// Cases of one procedure that ended in one way.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Its code; empty: free texts.
    pub procedure: String,
    /// Its theme.
    pub theme: String,
    /// How they ended.
    pub outcome: String,
    /// How many.
    pub number: u64,
}

/// What the authority says itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// A published article, for those who ask, is about it.
    pub article: bool,
    /// A response template is.
    pub template: bool,
}

/// A subject to write about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncovered {
    /// Its procedure; empty: the theme.
    pub procedure: String,
    /// Its theme.
    pub theme: String,
    /// Cases closed.
    pub closed: u64,
    /// How they ended, those of at least [`FEWEST`], most first.
    pub outcomes: Vec<(String, u64)>,
    /// A response template is about it.
    pub has_template: bool,
}

/// The subjects with most closed cases and no article, `most` at most. A procedure with few cases counts for its theme,
/// where no article is about that at all; one that changed theme is one procedure, of the theme of most of its cases.
/// Free texts are about anything: they count for nothing here.
pub fn uncovered(
    endings: &[Ending],
    procedure: impl Fn(&str) -> Said,
    theme: impl Fn(&str) -> Said,
    most: usize,
) -> Vec<Uncovered> {
    let mut procedures: BTreeMap<&str, Handled<'_>> = BTreeMap::new();
    for ending in endings.iter().filter(|ending| !ending.procedure.is_empty()) {
        let handled = procedures.entry(&ending.procedure).or_default();
        *handled.outcomes.entry(&ending.outcome).or_default() += ending.number;
        *handled.themes.entry(&ending.theme).or_default() += ending.number;
    }
    let mut themes: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    let mut found = Vec::new();
    for (code, handled) in procedures {
        let said = procedure(code);
        if said.article {
            continue;
        }
        let (of_theme, outcomes) = (handled.theme(), handled.outcomes);
        if outcomes.values().sum::<u64>() >= FEWEST {
            found.push(subject(code, of_theme, &outcomes, said));
            continue;
        }
        let sums = themes.entry(of_theme).or_default();
        for (outcome, number) in outcomes {
            *sums.entry(outcome).or_default() += number;
        }
    }
    for (code, outcomes) in themes.into_iter().filter(|(code, _)| !code.is_empty()) {
        let said = theme(code);
        if !said.article && outcomes.values().sum::<u64>() >= FEWEST {
            found.push(subject("", code, &outcomes, said));
        }
    }
    found.sort_by(|a, b| (b.closed, &a.procedure, &a.theme).cmp(&(a.closed, &b.procedure, &b.theme)));
    found.truncate(most);
    found
}

/// The cases of one procedure, by how they ended and by the theme it then had.
#[derive(Default)]
struct Handled<'a> {
    outcomes: BTreeMap<&'a str, u64>,
    themes: BTreeMap<&'a str, u64>,
}

impl<'a> Handled<'a> {
    /// That of most cases; of as many, the first by its code.
    fn theme(&self) -> &'a str {
        self.themes.iter().rev().max_by_key(|(_, number)| **number).map_or("", |(theme, _)| theme)
    }
}

fn subject(procedure: &str, theme: &str, outcomes: &BTreeMap<&str, u64>, said: Said) -> Uncovered {
    let mut shown: Vec<_> = outcomes.iter().filter(|(_, number)| **number >= FEWEST).collect();
    shown.sort_by(|a, b| (b.1, a.0).cmp(&(a.1, b.0)));
    Uncovered {
        procedure: procedure.to_owned(),
        theme: theme.to_owned(),
        closed: outcomes.values().sum(),
        outcomes: shown.into_iter().map(|(outcome, number)| ((*outcome).to_owned(), *number)).collect(),
        has_template: said.template,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(procedure: &str, theme: &str, outcome: &str, number: u64) -> Ending {
        Ending { procedure: procedure.into(), theme: theme.into(), outcome: outcome.into(), number }
    }

    #[test]
    fn only_what_is_frequent_and_unexplained_is_listed() {
        let endings = [
            ending("nid-de-poule", "voirie", "answered", 9),
            ending("nid-de-poule", "voirie", "transferred_out", 4),
            ending("encombrants", "dechets", "answered", 50),
            ending("permis", "urbanisme", "granted", 20),
            ending("rare", "sport", "answered", 3),
            ending("rare-aussi", "sport", "answered", 2),
            ending("seul", "culture", "answered", 2),
            ending("", "", "answered", 70),
        ];
        let procedure = |code: &str| match code {
            "encombrants" => Said { article: true, template: true },
            "permis" => Said { article: false, template: true },
            _ => Said::default(),
        };
        let listed = uncovered(&endings, procedure, |_| Said::default(), 10);
        let told: Vec<_> =
            listed.iter().map(|it| (it.procedure.as_str(), it.theme.as_str(), it.closed, it.has_template)).collect();
        assert_eq!(
            told,
            [("permis", "urbanisme", 20, true), ("nid-de-poule", "voirie", 13, false), ("", "sport", 5, false)]
        );
        assert_eq!(listed[1].outcomes, [("answered".to_owned(), 9)], "four transfers are too few to be told");
        // The theme has an article: its rare procedures are explained well enough.
        let listed = uncovered(&endings, procedure, |_| Said { article: true, template: false }, 10);
        assert!(listed.iter().all(|it| !it.procedure.is_empty()));
        assert_eq!(uncovered(&endings, procedure, |_| Said::default(), 1).len(), 1);
    }

    #[test]
    fn a_procedure_that_changed_theme_is_one() {
        let endings = [
            ending("broyage", "dechets", "answered", 3),
            ending("broyage", "nature", "answered", 2),
            ending("broyage", "nature", "granted", 2),
            ending("tonte", "dechets", "answered", 2),
            ending("tonte", "nature", "answered", 1),
            ending("tonte", "nature", "granted", 1),
            ending("elagage", "dechets", "answered", 3),
        ];
        let listed = uncovered(&endings, |_| Said::default(), |_| Said::default(), 10);
        let told: Vec<_> = listed.iter().map(|it| (it.procedure.as_str(), it.theme.as_str(), it.closed)).collect();
        assert_eq!(told, [("", "dechets", 7), ("broyage", "nature", 7)]);
        assert_eq!(listed[1].outcomes, [("answered".to_owned(), 5)]);
    }
}
