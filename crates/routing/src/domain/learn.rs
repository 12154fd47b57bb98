//! What the classifier learns from, and what it says, in routing's words. Pure: the same directory, rules, procedures
//! and corrections give the same model.

use std::collections::{BTreeMap, BTreeSet};

use parvis_kernel::{CaseId, Timestamp, UnitId};
use parvis_search::classify::{
    Correction as Held, Example, Head, Model, Part, Source, SourceKind, compare, competence,
};

use super::{
    guess::{Guess, Guesser},
    rules::{Catalogue, Condition, RuleSet},
    snapshot::Snapshot,
};

/// A message that agents sent to another unit than the router did.
#[derive(Clone, Debug)]
pub struct Correction {
    /// Its case.
    pub case_id: CaseId,
    /// When: the last time, where agents did so several times.
    pub at: Timestamp,
    /// Where agents sent it.
    pub unit: UnitId,
    /// What it says.
    pub text: String,
}

impl Correction {
    /// Whether it only measures: one in five, always the same ones, never learnt from.
    fn is_held_out(&self) -> bool {
        self.case_id.0.as_bytes().iter().map(|byte| u32::from(*byte)).sum::<u32>() % 5 == 0
    }
}

/// What a candidate and the model in service were right about, of the corrections neither learnt from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// How many there were.
    pub corrections: u32,
    /// The candidate was right.
    pub candidate: u32,
    /// The model in service was.
    pub in_service: u32,
}

/// Everything there is to learn from: procedures, rules, competent bodies, and the corrections that do not measure.
pub fn examples(snapshot: &Snapshot, catalogue: &Catalogue, corrections: &[Correction]) -> Vec<Example> {
    let mut all = Vec::new();
    let known = |unit: &str| UnitId::parse(unit).ok().filter(|unit| snapshot.unit(unit).is_some());
    for procedure in &catalogue.procedures {
        let mut labels = ours(known(&procedure.unit).as_ref());
        labels.insert(Head::Procedure, procedure.code.clone());
        let source = Source { kind: SourceKind::Procedure, id: procedure.code.clone() };
        let keywords = procedure.keywords.join(". ");
        let told = format!("{}. {} {keywords}", procedure.title, procedure.summary);
        // A word that one text alone has teaches nothing: a town's few texts are each said twice.
        for (part, text) in [(Part::Title, &procedure.title), (Part::Summary, &told), (Part::Question, &keywords)] {
            all.extend(example(&source, part, text, &labels));
        }
    }
    all.extend(of_rules(snapshot.rules(), |unit| snapshot.unit(unit).is_some()));
    for unit in &snapshot.directory.units {
        let source = Source { kind: SourceKind::Procedure, id: format!("unit:{}", unit.code) };
        all.extend(example(&source, Part::Title, &unit.name, &ours(Some(&unit.code))));
        all.extend(example(&source, Part::Summary, &unit.name, &ours(Some(&unit.code))));
    }
    for body in competence::bodies().iter().filter(|body| body.code != competence::TOWN_HALL) {
        let source = Source { kind: SourceKind::Article, id: format!("body:{}", body.code) };
        let labels = BTreeMap::from([(Head::Competence, body.code.clone())]);
        all.extend(example(&source, Part::Title, &body.name, &labels));
        all.extend(example(&source, Part::Summary, &format!("{}. {}", body.name, body.handles), &labels));
        all.extend(example(&source, Part::Question, &body.handles, &labels));
    }
    for correction in corrections.iter().filter(|correction| !correction.is_held_out()) {
        if snapshot.unit(&correction.unit).is_some() {
            let source = Source { kind: SourceKind::Correction, id: correction.case_id.to_string() };
            all.extend(example(&source, Part::Summary, &correction.text, &ours(Some(&correction.unit))));
        }
    }
    all
}

fn of_rules(set: &RuleSet, known: impl Fn(&UnitId) -> bool) -> Vec<Example> {
    let mut all = Vec::new();
    for rule in &set.rules {
        let Some(unit) = rule.then.unit.as_ref().filter(|unit| known(unit)) else { continue };
        let words = rule.when.iter().filter_map(|condition| match condition {
            Condition::Words(any) => Some(any.join(". ")),
            _ => None,
        });
        let words = words.collect::<Vec<_>>().join(". ");
        let source = Source { kind: SourceKind::Procedure, id: format!("rule:{}", rule.code) };
        let labels = ours(Some(unit));
        all.extend(example(&source, Part::Title, &rule.name, &labels));
        all.extend(example(&source, Part::Summary, &format!("{}. {words}", rule.name), &labels));
        all.extend(example(&source, Part::Question, &words, &labels));
    }
    all
}

fn ours(unit: Option<&UnitId>) -> BTreeMap<Head, String> {
    let mut labels = BTreeMap::from([(Head::Competence, competence::TOWN_HALL.to_owned())]);
    labels.extend(unit.map(|unit| (Head::Unit, unit.to_string())));
    labels
}

fn example(source: &Source, part: Part, text: &str, labels: &BTreeMap<Head, String>) -> Option<Example> {
    (!text.trim().is_empty()).then(|| Example {
        source: source.clone(),
        part,
        text: text.to_owned(),
        labels: labels.clone(),
        weight: 1.0,
    })
}

/// Compares a candidate with the model in service on the corrections that only measure. `true`: it is at least as often
/// right.
pub fn at_least_as_good(in_service: &Model, candidate: &Model, corrections: &[Correction]) -> (bool, Measured) {
    let held: Vec<Held> = corrections
        .iter()
        .filter(|correction| correction.is_held_out())
        .map(|correction| Held {
            text: correction.text.clone(),
            labels: BTreeMap::from([(Head::Unit, correction.unit.to_string())]),
        })
        .collect();
    let comparison = compare(in_service, candidate, &held);
    let score = comparison.heads.get(&Head::Unit).copied().unwrap_or_default();
    let measured =
        Measured { corrections: score.corrections, candidate: score.candidate, in_service: score.in_service };
    (comparison.promoted, measured)
}

/// A trained model, asked as a router asks.
#[derive(Debug)]
pub struct LearntGuesser {
    /// The model.
    pub model: std::sync::Arc<Model>,
    /// Its number here.
    pub number: u64,
    /// The units there are.
    pub units: BTreeSet<UnitId>,
}

/// Words shown with a guess.
const WORDS: usize = 4;

impl Guesser for LearntGuesser {
    fn version(&self) -> u64 {
        self.number
    }

    /// Units and other bodies together: the probability that it is for the town, shared out among its units, and that
    /// it is for each other body.
    fn guess(&self, title: &str, text: &str) -> Vec<Guess> {
        let message = if title.is_empty() { text.to_owned() } else { format!("{title}\n{text}") };
        let prediction = self.model.predict(&message);
        let guesses = |head| prediction.guesses.get(&head).map(Vec::as_slice).unwrap_or_default();
        let words = |head: Head, at: usize| {
            let of_guesses = prediction.words.get(&head).map(Vec::as_slice);
            let words = of_guesses.and_then(|of_guesses| of_guesses.get(at)).map(Vec::as_slice);
            words.unwrap_or_default().iter().take(WORDS).map(|weight| weight.word.clone()).collect::<Vec<_>>()
        };
        let bodies = guesses(Head::Competence);
        let town = bodies.iter().find(|guess| guess.label == competence::TOWN_HALL);
        let town = town.map_or(1.0, |guess| guess.probability);
        let mut all: Vec<(f32, Guess)> = Vec::new();
        for (at, guess) in guesses(Head::Unit).iter().enumerate() {
            let Some(unit) = UnitId::parse(&guess.label).ok().filter(|unit| self.units.contains(unit)) else {
                continue;
            };
            let probability = guess.probability * town;
            let (competence, words) = (String::new(), words(Head::Unit, at));
            all.push((probability, Guess { unit: Some(unit), competence, percent: percent(probability), words }));
        }
        for (at, guess) in bodies.iter().enumerate().filter(|(_, guess)| guess.label != competence::TOWN_HALL) {
            let (competence, words) = (guess.label.clone(), words(Head::Competence, at));
            let percent = percent(guess.probability);
            all.push((guess.probability, Guess { unit: None, competence, percent, words }));
        }
        // Stable: those of the same probability stay in the model's order.
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.into_iter().map(|(_, guess)| guess).filter(|guess| guess.percent > 0).take(10).collect()
    }
}

fn percent(probability: f32) -> u8 {
    // From 0 to 100: always a u8. Rounded down, so that a threshold is not passed by a hair.
    (probability.clamp(0.0, 1.0) * 100.0).floor() as u8
}
