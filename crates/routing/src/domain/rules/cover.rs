//! What a rule's conditions take together, to compare rules: which takes all that another takes, which can never hold.
//!
//! Sound, not complete: [`Space::covers`] says yes only where it is certain, so that no rule is called unreachable that
//! some request could reach.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use parvis_directory::RequesterKind;
use parvis_kernel::{Channel, ProcedureCode, UnitId};

use super::{
    model::{Condition, Day, FieldTest, Limit},
    read::number,
};
use crate::domain::words::Words;

/// The requests that a rule's conditions let through.
#[derive(Debug, Default)]
pub(super) struct Space {
    pub(super) channels: Option<BTreeSet<Channel>>,
    pub(super) procedures: Option<BTreeSet<ProcedureCode>>,
    pub(super) requesters: Option<BTreeSet<RequesterKind>>,
    pub(super) districts: Option<BTreeSet<String>>,
    pub(super) languages: Option<BTreeSet<String>>,
    pub(super) days: Option<BTreeSet<Day>>,
    pub(super) dates: Option<(Date, Date)>,
    pub(super) hours: BTreeMap<Option<String>, BTreeSet<bool>>,
    pub(super) fields: BTreeMap<String, Field>,
    pub(super) loads: BTreeMap<UnitId, Interval>,
    /// Each clause: one of its phrases is in the text.
    pub(super) words: Vec<Vec<Vec<String>>>,
}

/// What is asked of one answer.
#[derive(Debug, Default)]
pub(super) struct Field {
    /// Each clause: one of its values is an answer.
    pub(super) values: Vec<BTreeSet<String>>,
    pub(super) numbers: Option<Interval>,
    pub(super) present: bool,
    pub(super) absent: bool,
}

/// Numbers between two bounds; each `true` where the bound itself is outside.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    low: (f64, bool),
    high: (f64, bool),
}

impl Interval {
    const ALL: Self = Self { low: (f64::NEG_INFINITY, true), high: (f64::INFINITY, true) };

    fn within(mut self, limit: Limit) -> Self {
        match limit {
            Limit::Less(at) if at <= self.high.0 => self.high = (at, true),
            Limit::AtMost(at) if at < self.high.0 => self.high = (at, false),
            Limit::More(at) if at >= self.low.0 => self.low = (at, true),
            Limit::AtLeast(at) if at > self.low.0 => self.low = (at, false),
            _ => {}
        }
        self
    }

    fn is_empty(self) -> bool {
        self.low.0 > self.high.0 || (self.low.0 == self.high.0 && (self.low.1 || self.high.1))
    }

    pub(super) fn covers(self, other: Self) -> bool {
        let low = self.low.0 < other.low.0 || (self.low.0 == other.low.0 && (!self.low.1 || other.low.1));
        let high = self.high.0 > other.high.0 || (self.high.0 == other.high.0 && (!self.high.1 || other.high.1));
        low && high
    }

    fn holds(self, value: f64) -> bool {
        self.covers(Self { low: (value, false), high: (value, false) })
    }

    fn meets(self, other: Self) -> bool {
        let low = if self.covers(Self { high: self.high, ..other }) { other.low } else { self.low };
        let high = if self.covers(Self { low: self.low, ..other }) { other.high } else { self.high };
        !Self { low, high }.is_empty()
    }
}

/// Whether `wide` takes all of `narrow`; `None`: everything.
pub(super) fn wider<T: Ord>(wide: Option<&BTreeSet<T>>, narrow: Option<&BTreeSet<T>>) -> bool {
    wide.is_none_or(|wide| narrow.is_some_and(|narrow| narrow.is_subset(wide)))
}

fn narrow<T: Ord + Clone>(into: &mut Option<BTreeSet<T>>, by: &BTreeSet<T>) {
    *into = Some(match into.take() {
        Some(known) => known.intersection(by).cloned().collect(),
        None => by.clone(),
    });
}

impl Space {
    /// What `conditions` let through together.
    pub(super) fn of(conditions: &[Condition]) -> Self {
        let mut space = Self::default();
        for condition in conditions {
            match condition {
                Condition::Channel(any) => narrow(&mut space.channels, any),
                Condition::Procedure(any) => narrow(&mut space.procedures, any),
                Condition::Requester(any) => narrow(&mut space.requesters, any),
                Condition::District(any) => narrow(&mut space.districts, any),
                Condition::Language(any) => narrow(&mut space.languages, any),
                Condition::Day(any) => narrow(&mut space.days, any),
                Condition::Dates { from, until } => {
                    let (a, b) = space.dates.unwrap_or((*from, *until));
                    space.dates = Some((a.max(*from), b.min(*until)));
                }
                Condition::Hours { calendar, inside } => {
                    space.hours.entry(calendar.clone()).or_default().insert(*inside);
                }
                Condition::Field { field, test } => {
                    let field = space.fields.entry(field.clone()).or_default();
                    match test {
                        FieldTest::OneOf(any) => field.values.push(any.clone()),
                        FieldTest::Number(limit) => {
                            field.numbers = Some(field.numbers.unwrap_or(Interval::ALL).within(*limit));
                        }
                        FieldTest::Present => field.present = true,
                        FieldTest::Absent => field.absent = true,
                    }
                }
                Condition::Load { unit, limit } => {
                    let load = space.loads.entry(unit.clone()).or_insert(Interval::ALL);
                    *load = load.within(*limit);
                }
                Condition::Words(any) => space.words.push(any.iter().map(|phrase| plain(phrase)).collect()),
            }
        }
        space
    }

    /// Why no request gets through, if none does: what is contradictory, and whether that is so even for a field with
    /// several answers.
    pub(super) fn contradiction(&self) -> Option<(String, bool)> {
        fn none<T>(any: Option<&BTreeSet<T>>) -> bool {
            any.is_some_and(BTreeSet::is_empty)
        }
        let named = [
            (none(self.channels.as_ref()), "canal"),
            (none(self.procedures.as_ref()), "démarche"),
            (none(self.requesters.as_ref()), "demandeur"),
            (none(self.districts.as_ref()), "quartier"),
            (none(self.languages.as_ref()), "langue"),
            (none(self.days.as_ref()), "jour"),
            (self.dates.is_some_and(|(from, until)| from > until), "période"),
            (self.hours.values().any(|both| both.len() > 1), "horaires"),
            (self.loads.values().any(|load| load.is_empty()), "charge"),
        ];
        if let Some((_, what)) = named.iter().find(|(empty, _)| *empty) {
            return Some(((*what).to_owned(), true));
        }
        let dates = self.dates.zip(self.days.as_ref());
        if dates.is_some_and(|((from, until), days)| never_on(from, until, days)) {
            return Some(("période et jour".to_owned(), true));
        }
        self.fields.iter().find_map(|(code, field)| {
            let answered = field.present || field.numbers.is_some() || !field.values.is_empty();
            if (field.absent && answered) || field.numbers.is_some_and(Interval::is_empty) {
                return Some((format!("champ « {code} »"), true));
            }
            let meeting = field.values.iter().cloned().reduce(|a, b| a.intersection(&b).cloned().collect());
            let within = |value: &String| {
                field.numbers.is_none_or(|numbers| number(value).is_some_and(|value| numbers.holds(value)))
            };
            meeting.is_some_and(|values| !values.iter().any(within)).then(|| (format!("champ « {code} »"), false))
        })
    }

    /// Whether every request that `other` lets through, this one does too.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let nothing = other.contradiction().is_some_and(|(_, certain)| certain);
        let wider_words = |wide: &Vec<Vec<String>>| other.words.iter().any(|narrow| clause_implies(narrow, wide));
        nothing
            || wider(self.channels.as_ref(), other.channels.as_ref())
                && wider(self.procedures.as_ref(), other.procedures.as_ref())
                && wider(self.requesters.as_ref(), other.requesters.as_ref())
                && wider(self.districts.as_ref(), other.districts.as_ref())
                && wider(self.languages.as_ref(), other.languages.as_ref())
                && wider(self.days.as_ref(), other.days.as_ref())
                && self.dates.is_none_or(|(a, b)| other.dates.is_some_and(|(from, until)| a <= from && until <= b))
                && self.hours.iter().all(|(calendar, when)| other.hours.get(calendar) == Some(when))
                && self.loads.iter().all(|(unit, load)| other.loads.get(unit).is_some_and(|other| load.covers(*other)))
                && self
                    .fields
                    .iter()
                    .all(|(code, field)| other.fields.get(code).is_some_and(|other| field.covers(other)))
                && self.words.iter().all(wider_words)
    }

    /// Whether both surely take some requests together because they ask alike: they share a subject, and what they ask
    /// of each shared one can hold at once.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let mut shared = 0;
        let mut apart = false;
        let mut compare = |both: Option<bool>| match both {
            Some(true) => shared += 1,
            Some(false) => apart = true,
            None => {}
        };
        fn meet<T: Ord>(a: Option<&BTreeSet<T>>, b: Option<&BTreeSet<T>>) -> Option<bool> {
            Some(!a?.is_disjoint(b?))
        }
        compare(meet(self.procedures.as_ref(), other.procedures.as_ref()));
        for (code, field) in &self.fields {
            compare(other.fields.get(code).map(|other| field.meets(other)));
        }
        if !self.words.is_empty() && !other.words.is_empty() {
            let alike = |a: &Vec<String>, b: &Vec<String>| implies(a, b) || implies(b, a);
            let meets = self.words.iter().flatten().any(|a| other.words.iter().flatten().any(|b| alike(a, b)));
            compare(Some(meets));
        }
        // These alone say nothing: most rules share a channel.
        let may = |both: Option<bool>| both != Some(false);
        let hours = self.hours.iter().all(|(calendar, when)| other.hours.get(calendar).is_none_or(|o| o == when));
        let possible = may(meet(self.channels.as_ref(), other.channels.as_ref()))
            && may(meet(self.requesters.as_ref(), other.requesters.as_ref()))
            && may(meet(self.districts.as_ref(), other.districts.as_ref()))
            && may(meet(self.languages.as_ref(), other.languages.as_ref()))
            && may(meet(self.days.as_ref(), other.days.as_ref()))
            && self.dates.zip(other.dates).is_none_or(|((a, b), (c, d))| a <= d && c <= b)
            && self.loads.iter().all(|(unit, load)| other.loads.get(unit).is_none_or(|other| load.meets(*other)))
            && hours;
        possible && !apart && shared > 0
    }
}

impl Field {
    pub(super) fn covers(&self, other: &Self) -> bool {
        let answered = other.present || other.numbers.is_some() || !other.values.is_empty();
        let number_ok = self.numbers.is_none_or(|numbers| {
            other.numbers.is_some_and(|other| numbers.covers(other))
                || other
                    .values
                    .iter()
                    .any(|any| any.iter().all(|value| number(value).is_some_and(|value| numbers.holds(value))))
        });
        (!self.present || answered)
            && (!self.absent || other.absent)
            && self.values.iter().all(|wide| other.values.iter().any(|narrow| narrow.is_subset(wide)))
            && number_ok
    }

    fn meets(&self, other: &Self) -> bool {
        let answered = |field: &Self| field.present || field.numbers.is_some() || !field.values.is_empty();
        let numbers = self.numbers.zip(other.numbers).is_none_or(|(a, b)| a.meets(b));
        let values = self.values.iter().all(|a| other.values.iter().all(|b| !a.is_disjoint(b)));
        let apart = (self.absent && answered(other)) || (other.absent && answered(self));
        !apart && numbers && values
    }
}

/// Whether a text with one of `narrow` surely has one of `wide`.
pub(super) fn clause_implies(narrow: &[Vec<String>], wide: &[Vec<String>]) -> bool {
    narrow.iter().all(|phrase| wide.iter().any(|part| implies(phrase, part)))
}

/// Whether a text with `phrase` surely has `part`: « carte grise » has « carte ».
fn implies(phrase: &[String], part: &[String]) -> bool {
    !part.is_empty() && phrase.windows(part.len()).any(|window| window == part)
}

fn plain(phrase: &str) -> Vec<String> {
    Words::of(phrase).iter().map(str::to_owned).collect()
}

fn never_on(from: Date, until: Date, days: &BTreeSet<Day>) -> bool {
    let mut day = from;
    // A week has them all.
    for _ in 0..7 {
        if days.contains(&Day::of(day.weekday())) {
            return false;
        }
        match day.tomorrow() {
            Ok(next) if next <= until => day = next,
            _ => break,
        }
    }
    true
}
