//! Rules that hide a later one together: each takes all that it takes but for the values of one thing, and those values
//! add up. One rule takes the web, another the telephone: a third for both is never reached.
//!
//! Sound, not complete: several things that each fall short are not added up.

use std::collections::BTreeSet;

use super::cover::{Space, clause_implies, wider};

/// The one thing of which a rule does not take all that a later one takes, and the values of it that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gap<'a> {
    /// Of a fixed list: which list, and the codes.
    Values(&'static str, BTreeSet<String>),
    /// Of the answers to a field.
    Field(&'a str, &'a BTreeSet<String>),
    /// Of the words in the text: one of these phrases.
    Words(&'a [Vec<String>]),
}

impl Space {
    /// The only thing by which this does not cover `other`; `None` where it does, or lacks more, or lacks something that
    /// no list of values can complete.
    pub(super) fn only_gap<'a>(&'a self, other: &Self) -> Option<Gap<'a>> {
        let mut gaps: Vec<Gap<'a>> = Vec::new();
        let mut lacks = false;
        fn lack<'a, T: Ord>(
            gaps: &mut Vec<Gap<'a>>,
            what: &'static str,
            pair: (Option<&BTreeSet<T>>, Option<&BTreeSet<T>>),
            code: impl Fn(&T) -> String,
        ) {
            let (wide, narrow) = pair;
            if let Some(values) = wide.filter(|_| !wider(wide, narrow)) {
                gaps.push(Gap::Values(what, values.iter().map(code).collect()));
            }
        }
        let text = ToString::to_string;
        lack(&mut gaps, "channel", (self.channels.as_ref(), other.channels.as_ref()), |it| it.as_str().to_owned());
        lack(&mut gaps, "procedure", (self.procedures.as_ref(), other.procedures.as_ref()), |it| it.to_string());
        lack(&mut gaps, "requester", (self.requesters.as_ref(), other.requesters.as_ref()), |it| format!("{it:?}"));
        lack(&mut gaps, "district", (self.districts.as_ref(), other.districts.as_ref()), text);
        lack(&mut gaps, "language", (self.languages.as_ref(), other.languages.as_ref()), text);
        lack(&mut gaps, "day", (self.days.as_ref(), other.days.as_ref()), |it| it.code().to_owned());
        for (code, field) in &self.fields {
            if other.fields.get(code).is_some_and(|other| field.covers(other)) {
                continue;
            }
            match field.values.as_slice() {
                [values] if field.numbers.is_none() && !field.present && !field.absent => {
                    gaps.push(Gap::Field(code, values));
                }
                _ => lacks = true,
            }
        }
        for clause in &self.words {
            if !other.words.iter().any(|narrow| clause_implies(narrow, clause)) {
                gaps.push(Gap::Words(clause));
            }
        }
        lacks |= self.dates.is_some_and(|(a, b)| !other.dates.is_some_and(|(from, until)| a <= from && until <= b))
            || self.hours.iter().any(|(calendar, when)| other.hours.get(calendar) != Some(when))
            || self.loads.iter().any(|(unit, load)| !other.loads.get(unit).is_some_and(|other| load.covers(*other)));
        match (lacks, gaps.pop()) {
            (false, gap) if gaps.is_empty() => gap,
            _ => None,
        }
    }

    /// The numbers of the rules, among those that would each hide this one but for `gap`, that hide it together.
    pub(super) fn hidden_together(&self, nearly: &[(usize, Gap<'_>)]) -> Option<Vec<usize>> {
        nearly.iter().enumerate().find_map(|(at, (_, gap))| {
            let same = || nearly[at..].iter().filter(|(_, other)| other.is_like(gap));
            match gap {
                Gap::Values(what, _) => {
                    let wanted = self.codes(what)?;
                    let values = same().filter_map(|(number, gap)| match gap {
                        Gap::Values(_, values) => Some((*number, values)),
                        _ => None,
                    });
                    add_up(&wanted, values)
                }
                Gap::Field(code, _) => self.fields.get(*code)?.values.iter().find_map(|wanted| {
                    let values = same().filter_map(|(number, gap)| match gap {
                        Gap::Field(_, values) => Some((*number, *values)),
                        _ => None,
                    });
                    add_up(wanted, values)
                }),
                Gap::Words(_) => self.words.iter().find_map(|wanted| {
                    let phrases: BTreeSet<&Vec<String>> = wanted.iter().collect();
                    let taken: Vec<(usize, BTreeSet<&Vec<String>>)> = same()
                        .filter_map(|(number, gap)| match gap {
                            Gap::Words(clause) => Some((*number, clause)),
                            _ => None,
                        })
                        .map(|(number, clause)| {
                            let takes = |phrase: &&&Vec<String>| clause_implies(std::slice::from_ref(**phrase), clause);
                            (number, phrases.iter().filter(takes).copied().collect())
                        })
                        .collect();
                    add_up(&phrases, taken.iter().map(|(number, values)| (*number, values)))
                }),
            }
        })
    }

    /// The values of one thing that this takes; `None`: any.
    fn codes(&self, what: &str) -> Option<BTreeSet<String>> {
        match what {
            "channel" => self.channels.as_ref().map(|any| any.iter().map(|it| it.as_str().to_owned()).collect()),
            "procedure" => self.procedures.as_ref().map(|any| any.iter().map(ToString::to_string).collect()),
            "requester" => self.requesters.as_ref().map(|any| any.iter().map(|it| format!("{it:?}")).collect()),
            "district" => self.districts.clone(),
            "language" => self.languages.clone(),
            "day" => self.days.as_ref().map(|any| any.iter().map(|it| it.code().to_owned()).collect()),
            _ => None,
        }
    }
}

impl Gap<'_> {
    /// Whether both are about the same thing.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Values(a, _), Self::Values(b, _)) => a == b,
            (Self::Field(a, _), Self::Field(b, _)) => a == b,
            (Self::Words(_), Self::Words(_)) => true,
            _ => false,
        }
    }
}

/// The rules, in order, that each take something more of `wanted` until nothing is left.
fn add_up<'a, T: Ord + 'a>(
    wanted: &BTreeSet<T>,
    rules: impl Iterator<Item = (usize, &'a BTreeSet<T>)>,
) -> Option<Vec<usize>> {
    let mut left: BTreeSet<&T> = wanted.iter().collect();
    let mut numbers = Vec::new();
    for (number, values) in rules {
        let before = left.len();
        left.retain(|value| !values.contains(*value));
        if left.len() < before {
            numbers.push(number);
        }
        if left.is_empty() {
            return (numbers.len() > 1).then_some(numbers);
        }
    }
    None
}
