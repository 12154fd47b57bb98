//! Which unit: rules naming the procedure, then the procedure's own unit, then the other rules, then the default unit.

use parvis_directory::{Priority, Rule};
use parvis_kernel::UnitId;

use super::{
    case::{CaseFacts, Lane, Need},
    snapshot::Snapshot,
    trace::RuleOutcome,
    words::Words,
};

/// Where a case belongs, and what was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Where.
    pub need: Need,
    /// One outcome a rule, up to the last tried.
    pub rules: Vec<RuleOutcome>,
    /// Which word of the rule that won was in the text.
    pub word: Option<usize>,
}

/// Finds the unit. The time of a rule is that of the request's reception, so being late changes nothing.
pub fn place(snapshot: &Snapshot, facts: &CaseFacts) -> Placement {
    let mut tried = Tried::new(snapshot, facts);
    let names_it = |rule: &Rule| facts.procedure.as_ref().is_some_and(|code| rule.procedures.contains(code));
    if let Some(at) = tried.first(names_it) {
        return tried.by_rule(at);
    }
    if let Some(unit) = facts.procedure_unit.as_ref().filter(|unit| snapshot.unit(unit).is_some()) {
        let lane = Lane { skill: facts.procedure_skill.clone(), ..Lane::default() };
        return tried.end(unit.clone(), lane, Priority::Normal, "procedure");
    }
    if let Some(at) = tried.first(|rule| !names_it(rule)) {
        return tried.by_rule(at);
    }
    let unit = snapshot.directory.default_unit.clone();
    let lane = tried.procedure_lane(&unit);
    tried.end(unit, lane, Priority::Normal, "default")
}

struct Tried<'a> {
    snapshot: &'a Snapshot,
    facts: &'a CaseFacts,
    words: std::collections::HashMap<usize, usize>,
    district: Option<&'a str>,
    outcomes: Vec<RuleOutcome>,
}

impl<'a> Tried<'a> {
    fn new(snapshot: &'a Snapshot, facts: &'a CaseFacts) -> Self {
        let text = Words::of(&facts.text);
        let mut words = snapshot.words_in(&text);
        for (rule, word) in snapshot.words_in(&Words::of(&facts.title)) {
            words.entry(rule).or_insert(word);
        }
        let known = snapshot.directory.districts.iter().any(|district| district.code == facts.district);
        let district = if known {
            Some(facts.district.as_str())
        } else {
            snapshot.district_in(&Words::of(&facts.address)).or_else(|| snapshot.district_in(&text))
        };
        Self { snapshot, facts, words, district, outcomes: vec![RuleOutcome::NotTried; snapshot.rules().len()] }
    }

    fn first(&mut self, wanted: impl Fn(&Rule) -> bool) -> Option<usize> {
        for (at, rule) in self.snapshot.rules().iter().enumerate().filter(|(_, rule)| wanted(rule)) {
            let outcome = self.outcome(at, rule);
            self.outcomes[at] = outcome;
            if outcome == RuleOutcome::Kept {
                return Some(at);
            }
        }
        None
    }

    /// The first condition that does not hold.
    fn outcome(&self, at: usize, rule: &Rule) -> RuleOutcome {
        fn misses<T: PartialEq>(wanted: &[T], given: Option<&T>) -> bool {
            !wanted.is_empty() && !given.is_some_and(|given| wanted.contains(given))
        }
        let facts = self.facts;
        if misses(&rule.procedures, facts.procedure.as_ref()) {
            RuleOutcome::Procedure
        } else if misses(&rule.channels, facts.channel.as_ref()) {
            RuleOutcome::Channel
        } else if misses(&rule.requesters, facts.requester_kind.as_ref()) {
            RuleOutcome::Requester
        } else if !rule.words.is_empty() && !self.words.contains_key(&at) {
            RuleOutcome::Words
        } else if !rule.districts.is_empty()
            && !self.district.is_some_and(|given| rule.districts.iter().any(|district| district == given))
        {
            RuleOutcome::District
        } else if rule.time.is_some_and(|time| time != self.snapshot.time_of(facts.received_at)) {
            RuleOutcome::Time
        } else {
            RuleOutcome::Kept
        }
    }

    /// The procedure's skill, where the unit has it: else nobody would ever take the case.
    fn procedure_lane(&self, unit: &UnitId) -> Lane {
        let skill = self.facts.procedure_skill.clone().filter(|skill| self.snapshot.has_skill(unit, skill));
        Lane { skill, ..Lane::default() }
    }

    fn by_rule(self, at: usize) -> Placement {
        let rule = &self.snapshot.rules()[at];
        let skill = rule.skill.clone().or_else(|| self.procedure_lane(&rule.unit).skill);
        let (team, language) = (rule.team.clone(), rule.language.clone());
        let lane = Lane { team, skill, language, level: rule.level, ..Lane::default() };
        let word = self.words.get(&at).copied();
        let (unit, priority) = (rule.unit.clone(), rule.priority.unwrap_or(Priority::Normal));
        Placement { word, ..self.end(unit, lane, priority, &rule.code) }
    }

    fn end(self, unit: UnitId, lane: Lane, priority: Priority, rule: &str) -> Placement {
        Placement { need: Need { unit, lane, priority, rule: rule.to_owned() }, rules: self.outcomes, word: None }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use parvis_kernel::Channel;

    use super::*;
    use crate::domain::town;

    fn placed(facts: &CaseFacts) -> (String, String) {
        let need = place(&town::snapshot_of(town::directory()), facts).need;
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
        let given = CaseFacts { district: "centre".to_owned(), ..town::facts("") };
        assert_eq!(placed(&given), is("voirie", "centre"));
    }

    #[test]
    fn the_skill_of_the_procedure_follows_only_where_somebody_has_it() {
        let mut facts = town::facts("dépôt sauvage");
        facts.procedure_skill = Some("etat-civil".to_owned());
        let placement = place(&town::snapshot_of(town::directory()), &facts);
        assert_eq!(placement.need.lane.skill.as_deref(), Some("proprete"));
        facts.text = String::new();
        assert_eq!(place(&town::snapshot_of(town::directory()), &facts).need.lane.skill, None);
        assert_eq!(placement.need.priority, Priority::High);
        assert_eq!(placement.rules, [RuleOutcome::Procedure, RuleOutcome::Kept, RuleOutcome::NotTried]);
    }
}
