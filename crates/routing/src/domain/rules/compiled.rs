//! A rule set ready for decisions: words of every rule are looked for at once, and rules that cannot hold are passed
//! without looking at their conditions.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use parvis_directory::DirectoryFile;
use parvis_kernel::UnitId;
use serde::{Deserialize, Serialize};

use super::{
    model::{Condition, Day, FieldTest, Rule, RuleSet, Then},
    read::{number, primary},
};
use crate::domain::{
    case::CaseFacts,
    snapshot::Snapshot,
    trace::RuleOutcome,
    words::{Phrases, Words},
};

/// Why a rule could not be told to hold or not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Fault {
    /// The answer to this field is not a number.
    #[serde(rename = "n")]
    NotANumber(String),
    /// This unit is not in the directory.
    #[serde(rename = "u")]
    NoUnit(String),
    /// This team is not in the directory, or not in the rule's unit.
    #[serde(rename = "t")]
    NoTeam(String),
    /// This calendar is not in the directory.
    #[serde(rename = "c")]
    NoCalendar(String),
    /// This body is not in the set.
    #[serde(rename = "b")]
    NoBody(String),
}

impl Fault {
    /// For metrics and stores: no word of a citizen in it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NotANumber(_) => "not_a_number",
            Self::NoUnit(_) => "no_unit",
            Self::NoTeam(_) => "no_team",
            Self::NoCalendar(_) => "no_calendar",
            Self::NoBody(_) => "no_body",
        }
    }

    /// In French, for the reader.
    pub fn tell(&self) -> String {
        match self {
            Self::NotANumber(field) => format!("La réponse au champ « {field} » n’est pas un nombre."),
            Self::NoUnit(unit) => format!("Le service « {unit} » n’est plus dans l’annuaire."),
            Self::NoTeam(team) => format!("L’équipe « {team} » n’est plus dans ce service."),
            Self::NoCalendar(calendar) => format!("Le calendrier « {calendar} » n’est plus dans l’annuaire."),
            Self::NoBody(body) => format!("L’organisme « {body} » n’est pas dans ce jeu de règles."),
        }
    }
}

/// A rule set ready for decisions. Never changes.
#[derive(Debug)]
pub struct Compiled {
    /// What it says.
    pub set: RuleSet,
    phrases: Phrases,
    /// The words conditions of each rule, numbered through the set.
    slots: Vec<Range<usize>>,
    /// What is broken whatever the request.
    broken: Vec<Option<Fault>>,
    by_procedure: HashMap<String, Vec<usize>>,
    names: Vec<bool>,
}

impl Compiled {
    /// Indexes `set` for `directory`.
    pub fn new(set: RuleSet, directory: &DirectoryFile) -> Self {
        let mut clauses: Vec<&[String]> = Vec::new();
        let mut slots = Vec::with_capacity(set.rules.len());
        let mut by_procedure: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, rule) in set.rules.iter().enumerate() {
            let start = clauses.len();
            let mut named = false;
            for condition in &rule.when {
                match condition {
                    Condition::Words(any) => clauses.push(any),
                    Condition::Procedure(any) if !named => {
                        named = true;
                        for code in any {
                            by_procedure.entry(code.to_string()).or_default().push(at);
                        }
                    }
                    _ => {}
                }
            }
            slots.push(start..clauses.len());
        }
        let phrases = Phrases::new(clauses);
        let broken = set.rules.iter().map(|rule| broken(rule, &set, directory)).collect();
        let names = set.rules.iter().map(Rule::names_procedures).collect();
        Self { phrases, slots, broken, by_procedure, names, set }
    }

    /// The rules, in order, without the default one.
    pub fn rules(&self) -> &[Rule] {
        &self.set.rules
    }
}

/// What of a rule names the dead.
fn broken(rule: &Rule, set: &RuleSet, directory: &DirectoryFile) -> Option<Fault> {
    let unit_there = |unit: &UnitId| directory.unit(unit).is_some();
    let then = &rule.then;
    if let Some(unit) = then.unit.as_ref().filter(|unit| !unit_there(unit)) {
        return Some(Fault::NoUnit(unit.to_string()));
    }
    if let Some(team) = &then.team
        && !directory.teams.iter().any(|known| known.code == *team && Some(&known.unit) == then.unit.as_ref())
    {
        return Some(Fault::NoTeam(team.to_string()));
    }
    if let Some(body) = then.transfer.as_ref().filter(|body| !set.bodies.iter().any(|known| known.code == **body)) {
        return Some(Fault::NoBody(body.clone()));
    }
    rule.when.iter().find_map(|condition| match condition {
        Condition::Hours { calendar: Some(calendar), .. }
            if !directory.calendars.iter().any(|known| known.code == *calendar) =>
        {
            Some(Fault::NoCalendar(calendar.clone()))
        }
        Condition::Load { unit, .. } if !unit_there(unit) => Some(Fault::NoUnit(unit.to_string())),
        _ => None,
    })
}

/// A phrase of a rule found in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// Which rule, from 0.
    #[serde(rename = "r")]
    pub rule: usize,
    /// Which of its words conditions.
    #[serde(rename = "c")]
    pub clause: usize,
    /// Which phrase of that.
    #[serde(rename = "w")]
    pub phrase: usize,
}

/// One request read against a rule set.
pub struct Reading<'a> {
    rules: &'a Compiled,
    snapshot: &'a Snapshot,
    facts: &'a CaseFacts,
    district: Option<&'a str>,
    load: &'a dyn Fn(&UnitId) -> Option<u32>,
    found: HashMap<usize, usize>,
    /// One outcome a rule.
    pub outcomes: Vec<RuleOutcome>,
    /// The phrases found of the rules that were kept.
    pub hits: Vec<Hit>,
    /// The rules that could not be told, and why.
    pub faults: Vec<(usize, Fault)>,
    /// The loads that were looked at.
    pub loads: BTreeMap<UnitId, u32>,
    /// What the rules said so far.
    pub then: Then,
    /// The rule that named the unit.
    pub placed_by: Option<usize>,
    /// A rule that proposed a transfer.
    pub transfer_by: Option<usize>,
    /// Whether a place is known: rules that name another are no longer read.
    pub placed: bool,
    stopped: bool,
}

impl<'a> Reading<'a> {
    /// Begins. `load`: percent of what the agents of a unit may have in hand; `None`: unknown.
    pub fn new(
        rules: &'a Compiled,
        snapshot: &'a Snapshot,
        facts: &'a CaseFacts,
        load: &'a dyn Fn(&UnitId) -> Option<u32>,
    ) -> Self {
        let text = Words::of(&facts.text);
        let mut found = HashMap::new();
        for words in [&text, &Words::of(&facts.title)] {
            for hit in rules.phrases.find(words) {
                found.entry(hit.owner).or_insert(hit.rank);
            }
        }
        let district = snapshot.district_of(facts);
        Self {
            rules,
            snapshot,
            facts,
            district,
            load,
            found,
            outcomes: vec![RuleOutcome::NotTried; rules.set.rules.len()],
            hits: Vec::new(),
            faults: Vec::new(),
            loads: BTreeMap::new(),
            then: Then::default(),
            placed_by: None,
            transfer_by: None,
            placed: false,
            stopped: false,
        }
    }

    /// Reads the rules that name the procedure. `false`: one of them stopped.
    pub fn naming_the_procedure(&mut self) -> bool {
        for at in self.of_the_procedure() {
            self.try_rule(*at);
            if self.stopped {
                return false;
            }
        }
        true
    }

    /// The rules that may name the procedure, by their place.
    fn of_the_procedure(&self) -> &'a [usize] {
        let rules = self.rules;
        let code = self.facts.procedure.as_ref().map(|code| code.as_str());
        code.and_then(|code| rules.by_procedure.get(code)).map_or(&[], Vec::as_slice)
    }

    /// Reads the others.
    pub fn others(&mut self) {
        let rules = self.rules;
        let named = self.of_the_procedure();
        for at in 0..rules.set.rules.len() {
            if self.stopped {
                return;
            }
            if rules.names[at] {
                // One that names this procedure was left because another had named the unit before it.
                if self.outcomes[at] == RuleOutcome::NotTried && !named.contains(&at) {
                    self.outcomes[at] = RuleOutcome::Procedure;
                }
                continue;
            }
            self.try_rule(at);
        }
    }

    fn try_rule(&mut self, at: usize) {
        let rules = self.rules;
        let Some(rule) = rules.set.rules.get(at) else { return };
        if self.placed && rule.then.unit.is_some() {
            return;
        }
        let slots = rules.slots[at].clone();
        // The commonest miss, told without looking at the rest.
        if slots.clone().any(|slot| !self.found.contains_key(&slot)) {
            self.outcomes[at] = RuleOutcome::Words;
            return;
        }
        let mut fault = None;
        for condition in &rule.when {
            match self.holds(condition) {
                Ok(None) => {}
                Ok(Some(miss)) => {
                    self.outcomes[at] = miss;
                    return;
                }
                Err(found) => fault = fault.or(Some(found)),
            }
        }
        if let Some(fault) = fault.or_else(|| rules.broken[at].clone()) {
            self.outcomes[at] = RuleOutcome::Failed;
            self.faults.push((at, fault));
            return;
        }
        self.outcomes[at] = RuleOutcome::Kept;
        let hits = slots.clone().filter_map(|slot| {
            self.found.get(&slot).map(|phrase| Hit { rule: at, clause: slot - slots.start, phrase: *phrase })
        });
        self.hits.extend(hits);
        self.apply(at, &rule.then);
    }

    fn apply(&mut self, at: usize, says: &Then) {
        let then = &mut self.then;
        if says.unit.is_some() {
            then.unit.clone_from(&says.unit);
            then.team.clone_from(&says.team);
            self.placed_by = Some(at);
            self.placed = true;
        } else {
            // What the rule that names the unit asks of the agent comes first: it is read from there.
            if then.skill.is_none() {
                (then.skill, then.level) = (says.skill.clone(), says.level);
            }
            then.language = then.language.take().or_else(|| says.language.clone());
        }
        then.priority = then.priority.or(says.priority);
        for flag in &says.flags {
            if !then.flags.contains(flag) {
                then.flags.push(flag.clone());
            }
        }
        if then.transfer.is_none() && says.transfer.is_some() {
            then.transfer.clone_from(&says.transfer);
            self.transfer_by = Some(at);
        }
        self.stopped |= says.stop;
    }

    /// `Ok(None)`: it holds.
    fn holds(&mut self, condition: &Condition) -> Result<Option<RuleOutcome>, Fault> {
        fn any<T: Ord>(any: &std::collections::BTreeSet<T>, given: Option<&T>) -> bool {
            given.is_some_and(|given| any.contains(given))
        }
        let facts = self.facts;
        let (holds, miss) = match condition {
            Condition::Channel(of) => (any(of, facts.channel.as_ref()), RuleOutcome::Channel),
            Condition::Procedure(of) => (any(of, facts.procedure.as_ref()), RuleOutcome::Procedure),
            Condition::Requester(of) => (any(of, facts.requester_kind.as_ref()), RuleOutcome::Requester),
            // Found all at once before.
            Condition::Words(_) => (true, RuleOutcome::Words),
            Condition::District(of) => (self.district.is_some_and(|given| of.contains(given)), RuleOutcome::District),
            Condition::Language(of) => {
                let spoken = if facts.language.is_empty() { "fr" } else { primary(&facts.language) };
                (of.contains(spoken), RuleOutcome::Language)
            }
            Condition::Hours { calendar, inside } => {
                let open = self.snapshot.is_open(calendar.as_deref(), facts.received_at);
                let missing = || Fault::NoCalendar(calendar.clone().unwrap_or_default());
                (open.ok_or_else(missing)? == *inside, RuleOutcome::Time)
            }
            Condition::Day(of) => {
                let day = Day::of(self.snapshot.day_of(facts.received_at).weekday());
                (of.contains(&day), RuleOutcome::Time)
            }
            Condition::Dates { from, until } => {
                let day = self.snapshot.day_of(facts.received_at);
                (*from <= day && day <= *until, RuleOutcome::Time)
            }
            Condition::Load { unit, limit } => {
                let percent = (self.load)(unit).ok_or_else(|| Fault::NoUnit(unit.to_string()))?;
                self.loads.insert(unit.clone(), percent);
                (limit.holds(f64::from(percent)), RuleOutcome::Load)
            }
            Condition::Field { field, test } => (self.field_holds(field, test)?, RuleOutcome::Field),
        };
        Ok((!holds).then_some(miss))
    }

    fn field_holds(&self, field: &str, test: &FieldTest) -> Result<bool, Fault> {
        let answers = self.facts.answers.get(field).map_or(&[][..], Vec::as_slice);
        Ok(match test {
            FieldTest::Present => !answers.is_empty(),
            FieldTest::Absent => answers.is_empty(),
            FieldTest::OneOf(any) => answers.iter().any(|answer| any.contains(answer)),
            FieldTest::Number(limit) => {
                let mut holds = false;
                for answer in answers {
                    holds |= limit.holds(number(answer).ok_or_else(|| Fault::NotANumber(field.to_owned()))?);
                }
                holds
            }
        })
    }
}
