//! Which unit: rules naming the procedure, then the procedure's own unit, then the other rules, then what the classifier
//! is sure enough of, then the default unit.

use std::collections::BTreeMap;

use parvis_directory::Priority;
use parvis_kernel::UnitId;
use parvis_search::classify::competence;
use serde::{Deserialize, Serialize};

use super::{
    case::{CaseFacts, Lane, Need},
    guess::Guess,
    rules::{Compiled, Condition, Fault, Hit, Reading, Rule, Then},
    snapshot::Snapshot,
    trace::{Placed, RuleOutcome},
};

/// Where a case belongs, and what was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Where.
    pub need: Need,
    /// One outcome a rule, up to the last tried.
    pub rules: Vec<RuleOutcome>,
    /// The phrases of the kept rules that were in the text.
    pub hits: Vec<Hit>,
    /// The rules that could not be told, from 0, and why. The case went on by the next.
    pub faults: Vec<(usize, Fault)>,
    /// What agents see of it.
    pub flags: Vec<String>,
    /// To whom it is proposed to transfer it.
    pub transfer: Option<Proposal>,
    /// The loads that were looked at, in percent.
    pub loads: BTreeMap<UnitId, u32>,
    /// What the classifier guessed where no rule named a unit, best first.
    pub guesses: Vec<Guess>,
    /// The version of the classifier that was asked; 0: none.
    pub model: u64,
}

impl Placement {
    /// What is kept of it beside the outcomes.
    pub fn placed(&self) -> Placed {
        Placed {
            hits: self.hits.clone(),
            faults: self.faults.clone(),
            flags: self.flags.clone(),
            transfer: self.transfer.clone(),
            loads: self.loads.clone(),
            guesses: self.guesses.clone(),
            model: self.model,
        }
    }
}

/// A transfer to a competent body, that an agent confirms or refuses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Proposal {
    /// The body's code.
    #[serde(rename = "c")]
    pub body: String,
    /// Its name then.
    #[serde(rename = "n")]
    pub name: String,
    /// How to reach it then, ready to be read.
    #[serde(rename = "r")]
    pub contact: String,
    /// The rule that proposed it; `classifier` for a guess.
    #[serde(rename = "b")]
    pub by: String,
    /// Where a request can be sent on to it; may be empty.
    #[serde(rename = "e", skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Where a letter reaches it; may be empty.
    #[serde(rename = "a", skip_serializing_if = "String::is_empty")]
    pub postal_address: String,
}

/// Finds the unit by the rules in force. The time of a rule is that of the request's reception, so being late changes
/// nothing. `load`: what the agents of a unit have in hand, in percent; `None`: no such unit.
pub fn place(snapshot: &Snapshot, facts: &CaseFacts, load: &dyn Fn(&UnitId) -> Option<u32>) -> Placement {
    place_by(snapshot, &snapshot.rules, facts, load)
}

/// The same by any rules.
pub fn place_by(
    snapshot: &Snapshot,
    rules: &Compiled,
    facts: &CaseFacts,
    load: &dyn Fn(&UnitId) -> Option<u32>,
) -> Placement {
    let mut reading = Reading::new(rules, snapshot, facts, load);
    let own = facts.procedure_unit.as_ref().filter(|unit| snapshot.unit(unit).is_some());
    if reading.naming_the_procedure() {
        reading.placed |= own.is_some();
        reading.others();
    }
    let (mut guesses, mut model) = (Vec::new(), 0);
    let by_rule = reading.placed_by.and_then(|at| rules.rules().get(at));
    let mut guessed_transfer = None;
    let (unit, lane, rule) = if let Some(rule) = by_rule {
        let unit = reading.then.unit.clone().unwrap_or_else(|| default_unit(snapshot, rules));
        let lane = lane_of(&rule.then, snapshot, &reading, facts, &unit);
        (unit, lane, rule.code.clone())
    } else if let Some(unit) = own {
        let (skill, language) = (facts.procedure_skill.clone(), reading.then.language.clone());
        (unit.clone(), Lane { skill, language, ..Lane::default() }, "procedure".to_owned())
    } else {
        if reading.then.transfer.is_none() {
            (guesses, model) = snapshot.guess(facts);
        }
        let sure =
            guesses.first().filter(|best| rules.set.guess_percent > 0 && best.percent >= rules.set.guess_percent);
        guessed_transfer = sure.and_then(|best| proposal(rules, &best.competence, "classifier"));
        let unit = sure.and_then(|best| best.unit.clone()).filter(|unit| snapshot.unit(unit).is_some());
        match unit {
            Some(unit) => {
                let lane = lane_of(&Then::default(), snapshot, &reading, facts, &unit);
                (unit, lane, "classifier".to_owned())
            }
            None => {
                let unit = default_unit(snapshot, rules);
                let says = &rules.set.default;
                let mut lane = lane_of(says, snapshot, &reading, facts, &unit);
                lane.team = lane.team.filter(|team| snapshot.team(team).is_some_and(|team| team.unit == unit));
                reading.then.priority = reading.then.priority.or(says.priority);
                let unsure = guesses.iter().any(|guess| guess.unit.is_some()) && guessed_transfer.is_none();
                (unit, lane, if unsure { "triage" } else { "default" }.to_owned())
            }
        }
    };
    let by = reading.transfer_by.and_then(|at| rules.rules().get(at)).map_or("default", |rule| &rule.code);
    let said = reading.then.transfer.as_ref().and_then(|body| proposal(rules, body, by));
    let priority = reading.then.priority.unwrap_or(Priority::Normal);
    Placement {
        need: Need { unit, lane, priority, rule },
        rules: reading.outcomes,
        hits: reading.hits,
        faults: reading.faults,
        flags: reading.then.flags,
        transfer: said.or(guessed_transfer),
        loads: reading.loads,
        guesses,
        model,
    }
}

/// The unit that the rules or the procedure name, where neither a load nor a guess is needed to tell.
pub fn placed_by_rules(snapshot: &Snapshot, facts: &CaseFacts) -> Option<UnitId> {
    let asks_a_load = |rule: &Rule| rule.when.iter().any(|condition| matches!(condition, Condition::Load { .. }));
    if snapshot.rules.rules().iter().any(asks_a_load) {
        return None;
    }
    let mut reading = Reading::new(&snapshot.rules, snapshot, facts, &|_| None);
    let own = facts.procedure_unit.as_ref().filter(|unit| snapshot.unit(unit).is_some());
    if reading.naming_the_procedure() {
        reading.placed |= own.is_some();
        reading.others();
    }
    match reading.placed_by {
        Some(_) => Some(reading.then.unit.clone().unwrap_or_else(|| default_unit(snapshot, &snapshot.rules))),
        None => own.cloned(),
    }
}

/// Where a request goes that nothing places: the default rule's unit while it is in the directory, else the directory's.
fn default_unit(snapshot: &Snapshot, rules: &Compiled) -> UnitId {
    let said = rules.set.default.unit.as_ref().filter(|unit| snapshot.unit(unit).is_some());
    said.unwrap_or(&snapshot.directory.default_unit).clone()
}

/// What the agent must have: what the rule that names the unit says, else what other rules do. A level is that of the
/// skill it was said with.
fn lane_of(says: &Then, snapshot: &Snapshot, reading: &Reading<'_>, facts: &CaseFacts, unit: &UnitId) -> Lane {
    let (skill, level) = match &says.skill {
        Some(skill) => (Some(skill), says.level),
        None => skill_for(snapshot, reading, facts, unit),
    };
    let language = says.language.clone().or_else(|| reading.then.language.clone());
    Lane { team: says.team.clone(), skill: skill.cloned(), language, level: level.unwrap_or(0), ..Lane::default() }
}

/// The skill that another rule or the procedure asks for, where the unit has it: else nobody would ever take the case.
fn skill_for<'a>(
    snapshot: &Snapshot,
    reading: &'a Reading<'_>,
    facts: &'a CaseFacts,
    unit: &UnitId,
) -> (Option<&'a String>, Option<u8>) {
    let asked = [(&reading.then.skill, reading.then.level), (&facts.procedure_skill, None)];
    let mut asked = asked.into_iter().filter_map(|(skill, level)| Some((skill.as_ref()?, level)));
    let found = asked.find(|(skill, _)| snapshot.has_skill(unit, skill));
    found.map_or((None, None), |(skill, level)| (Some(skill), level))
}

fn proposal(rules: &Compiled, body: &str, by: &str) -> Option<Proposal> {
    let Some(body) = rules.set.bodies.iter().find(|known| known.code == body) else { return national(body, by) };
    let contact = [&body.address, &body.phone, &body.email, &body.website];
    let contact: Vec<&str> = contact.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    Some(Proposal {
        body: body.code.clone(),
        name: body.name.clone(),
        contact: contact.join(", "),
        by: by.to_owned(),
        email: body.email.clone(),
        postal_address: body.address.clone(),
    })
}

/// A body that the authority did not describe itself, by its national address.
fn national(code: &str, by: &str) -> Option<Proposal> {
    let body = competence::body(code)?;
    let contact: Vec<&str> = [&body.phone, &body.site].into_iter().filter_map(|text| text.as_deref()).collect();
    Some(Proposal {
        body: code.to_owned(),
        name: body.name.clone(),
        contact: contact.join(", "),
        by: by.to_owned(),
        ..Proposal::default()
    })
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use parvis_kernel::Channel;

    use super::*;
    use crate::domain::town;

    fn all_idle(_: &UnitId) -> Option<u32> {
        Some(0)
    }

    fn placed(facts: &CaseFacts) -> (String, String) {
        let need = place(&town::snapshot_of(town::directory()), facts, &all_idle).need;
        (need.unit.to_string(), need.rule)
    }

    fn is(unit: &str, rule: &str) -> (String, String) {
        (unit.to_owned(), rule.to_owned())
    }

    #[test]
    fn a_rule_naming_the_procedure_comes_before_the_procedure_itself() {
        let mut facts = town::facts("un MATELAS");
        assert_eq!(placed(&facts), is("proprete", "matelas"));
        facts.procedure = town::procedure("signaler-bruit");
        facts.procedure_unit = UnitId::parse("voirie").ok();
        assert_eq!(placed(&facts), is("voirie", "procedure"));
        facts.received_at = town::monday() + SignedDuration::from_hours(12);
        assert_eq!(placed(&facts), is("proprete", "bruit"));
        facts.procedure_unit = UnitId::parse("supprime").ok();
        facts.received_at = town::monday();
        assert_eq!(placed(&facts), is("proprete", "matelas"));
    }

    #[test]
    fn a_district_is_given_or_found_in_the_address_or_the_text() {
        let mut facts = town::facts("un trou dans la rue du Port");
        assert_eq!(placed(&facts), is("voirie", "centre"));
        facts.channel = Some(Channel::Phone);
        assert_eq!(placed(&facts), is("accueil", "default"));
        let mut facts = town::facts("un trou");
        assert_eq!(placed(&facts), is("accueil", "default"));
        facts.address = "12 RUE DU PORT".to_owned();
        assert_eq!(placed(&facts), is("voirie", "centre"));
        for typed in ["12 r. du Port", "3, rue Port", "bis rue du port 49999 Clairval"] {
            facts.address = typed.to_owned();
            assert_eq!(placed(&facts), is("voirie", "centre"), "{typed}");
        }
        facts.address = "12 quai du Port".to_owned();
        assert_eq!(placed(&facts), is("accueil", "default"));
        let given = CaseFacts { district: "centre".to_owned(), ..town::facts("") };
        assert_eq!(placed(&given), is("voirie", "centre"));
    }

    #[test]
    fn the_skill_of_the_procedure_follows_only_where_somebody_has_it() {
        let mut facts = town::facts("dépôt sauvage");
        facts.procedure_skill = Some("etat-civil".to_owned());
        let placement = place(&town::snapshot_of(town::directory()), &facts, &all_idle);
        assert_eq!(placement.need.lane.skill.as_deref(), Some("proprete"));
        facts.text = String::new();
        assert_eq!(place(&town::snapshot_of(town::directory()), &facts, &all_idle).need.lane.skill, None);
        assert_eq!(placement.need.priority, Priority::High);
        assert_eq!(placement.rules, [RuleOutcome::Procedure, RuleOutcome::Kept, RuleOutcome::NotTried]);
    }
}
