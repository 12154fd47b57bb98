//! Which agent of the unit: the eligible one who knows the person, else who speaks the language, else the longest idle.

use std::cmp::Ordering;

use parvis_directory::Agent;
use parvis_kernel::{AgentId, UnitId};

use super::{
    case::Lane,
    snapshot::{Snapshot, Working, Workload},
    trace::{Candidate, Pick, Why},
};

/// The agent, or nobody: the unit's queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Who.
    pub agent: Option<AgentId>,
    /// Why.
    pub pick: Option<Pick>,
    /// Everybody looked at.
    pub candidates: Vec<Candidate>,
    /// The requester speaks a language that none of those eligible speaks.
    pub language_missing: bool,
}

/// Whom to prefer, when eligible.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preference<'a> {
    /// Somebody, and why.
    pub known: Option<(&'a AgentId, Pick)>,
    /// The requester's language; empty: French.
    pub language: &'a str,
    /// Who handed the case on: not them again.
    pub except: Option<&'a AgentId>,
}

/// Chooses among the agents of `unit`. Ties end with the code, so the answer never depends on an order of arrival.
pub fn choose(
    snapshot: &Snapshot,
    workload: &Workload,
    unit: &UnitId,
    lane: &Lane,
    preference: Preference<'_>,
) -> Choice {
    let mut candidates = Vec::new();
    let mut eligible: Vec<&Agent> = Vec::new();
    for agent in snapshot.handlers(unit) {
        let why = if preference.except == Some(&agent.code) {
            Why::HandedItOn
        } else {
            obstacle(snapshot, workload, agent, lane).unwrap_or(Why::LessIdle)
        };
        if why.is_eligible() {
            eligible.push(agent);
        }
        candidates.push(Candidate(agent.code.clone(), why, workload.state(&agent.code).load, agent.capacity));
    }
    let wanted = Some(preference.language).filter(|language| !language.is_empty() && primary(language) != "fr");
    let speaks = |agent: &Agent| wanted.is_some_and(|wanted| speaks(agent, wanted));
    let known = preference.known.filter(|(known, _)| eligible.iter().any(|agent| agent.code == **known));
    let chosen = match known {
        Some((agent, pick)) => Some((agent.clone(), pick)),
        None => eligible
            .iter()
            .min_by(|a, b| speaks(b).cmp(&speaks(a)).then_with(|| by_idleness(workload, a, b)))
            .map(|agent| (agent.code.clone(), if speaks(agent) { Pick::Speaks } else { Pick::LongestIdle })),
    };
    let language_missing = wanted.is_some() && !eligible.is_empty() && !eligible.iter().any(|agent| speaks(agent));
    let (agent, pick) = chosen.unzip();
    if let Some(Candidate(_, why, ..)) = candidates.iter_mut().find(|candidate| Some(&candidate.0) == agent.as_ref()) {
        *why = Why::Kept;
    }
    Choice { agent, pick, candidates, language_missing }
}

/// What keeps `agent` from a case that needs `lane`, were it of their unit.
pub fn obstacle(snapshot: &Snapshot, workload: &Workload, agent: &Agent, lane: &Lane) -> Option<Why> {
    let state = workload.state(&agent.code);
    if agent.capacity == 0 {
        return Some(Why::ReceivesNone);
    }
    if lane.team.as_ref().is_some_and(|team| !agent.teams.contains(team)) {
        return Some(Why::NotInTeam);
    }
    if lane.skill.as_ref().is_some_and(|skill| !agent.skills.contains_key(skill)) {
        return Some(Why::NoSkill);
    }
    if lane.language.as_ref().is_some_and(|language| !speaks(agent, language)) {
        return Some(Why::NoLanguage);
    }
    match workload.working(snapshot, &agent.code) {
        Working::Absent => return Some(Why::Absent),
        Working::OutsideHours => return Some(Why::OutsideHours),
        Working::Yes => {}
    }
    if state.away {
        return Some(Why::Away);
    }
    (state.load >= agent.capacity).then_some(Why::Full)
}

/// Whether somebody of `unit` could take a case that needs `lane` now.
pub fn someone_free(snapshot: &Snapshot, workload: &Workload, unit: &UnitId, lane: &Lane) -> bool {
    snapshot.handlers(unit).any(|agent| obstacle(snapshot, workload, agent, lane).is_none())
}

/// Longest without a new case first, then the least loaded for their capacity, then by code.
fn by_idleness(workload: &Workload, a: &Agent, b: &Agent) -> Ordering {
    let (of_a, of_b) = (workload.state(&a.code), workload.state(&b.code));
    let share_a = u64::from(of_a.load) * u64::from(b.capacity);
    let share_b = u64::from(of_b.load) * u64::from(a.capacity);
    (of_a.last_assigned_at.cmp(&of_b.last_assigned_at)).then(share_a.cmp(&share_b)).then_with(|| a.code.cmp(&b.code))
}

/// `pt` is spoken by whoever speaks `pt-BR`, and the other way round.
fn speaks(agent: &Agent, language: &str) -> bool {
    agent.languages.iter().any(|spoken| primary(spoken) == primary(language))
}

fn primary(language: &str) -> &str {
    language.split(['-', '_']).next().unwrap_or(language)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::SignedDuration;

    use super::*;
    use crate::domain::{AgentState, town};

    fn unit(code: &str) -> UnitId {
        UnitId::parse(code).unwrap()
    }

    fn state(load: u32, last_assigned_at: i64) -> AgentState {
        AgentState { away: false, load, last_assigned_at }
    }

    #[test]
    fn the_longest_idle_then_the_least_loaded_then_the_code() {
        let snapshot = town::snapshot_of(town::directory());
        let who = |states: [(&str, AgentState); 2]| {
            let states = states.into_iter().map(|(code, state)| (town::agent(code), state)).collect();
            let workload = Workload::new(&snapshot, states, town::monday());
            choose(&snapshot, &workload, &unit("voirie"), &Lane::default(), Preference::default()).agent.unwrap()
        };
        assert_eq!(who([("alice-roy", state(0, 20)), ("bruno-petit", state(2, 10))]).as_str(), "bruno-petit");
        assert_eq!(who([("alice-roy", state(1, 10)), ("bruno-petit", state(1, 10))]).as_str(), "bruno-petit");
        assert_eq!(who([("alice-roy", state(0, 0)), ("bruno-petit", state(0, 0))]).as_str(), "alice-roy");
        assert_eq!(who([("alice-roy", state(0, 20)), ("bruno-petit", state(3, 10))]).as_str(), "alice-roy");
    }

    #[test]
    fn who_knows_the_person_comes_first_but_only_if_eligible() {
        let snapshot = town::snapshot_of(town::directory());
        let bruno = town::agent("bruno-petit");
        let preference = Preference { known: Some((&bruno, Pick::SamePerson)), ..Preference::default() };
        let idle = town::idle(&snapshot, town::monday());
        let choice = choose(&snapshot, &idle, &unit("voirie"), &Lane::default(), preference);
        assert_eq!((choice.agent, choice.pick), (Some(bruno.clone()), Some(Pick::SamePerson)));
        let away = BTreeMap::from([(bruno.clone(), AgentState { away: true, ..AgentState::default() })]);
        let workload = Workload::new(&snapshot, away, town::monday());
        let choice = choose(&snapshot, &workload, &unit("voirie"), &Lane::default(), preference);
        assert_eq!(choice.agent, Some(town::agent("alice-roy")));
        assert!(choice.candidates.iter().any(|c| c.0 == bruno && c.1 == Why::Away));
    }

    #[test]
    fn the_language_is_preferred_not_required() {
        let snapshot = town::snapshot_of(town::directory());
        let idle = town::idle(&snapshot, town::monday());
        let ask = |language, unit_code: &str| {
            let preference = Preference { language, ..Preference::default() };
            choose(&snapshot, &idle, &unit(unit_code), &Lane::default(), preference)
        };
        assert_eq!(ask("pt", "accueil").pick, Some(Pick::Speaks));
        let choice = ask("de", "voirie");
        assert!(choice.agent.is_some() && choice.language_missing);
        assert!(!ask("fr", "voirie").language_missing);
        let lane = Lane { language: Some("de".to_owned()), ..Lane::default() };
        assert_eq!(choose(&snapshot, &idle, &unit("voirie"), &lane, Preference::default()).agent, None);
    }

    #[test]
    fn nobody_absent_or_at_lunch_receives() {
        let snapshot = town::snapshot_of(town::directory());
        let at = |hours| {
            let idle = town::idle(&snapshot, town::monday() + SignedDuration::from_hours(hours));
            choose(&snapshot, &idle, &unit("proprete"), &Lane::default(), Preference::default())
        };
        assert!(at(0).agent.is_some());
        assert_eq!(at(3).candidates[0].1, Why::OutsideHours);
        // Monday 21 December, when Bruno is absent, and Friday 25, a holiday.
        assert_eq!(at(35 * 24).candidates[0].1, Why::Absent);
        assert_eq!(at(39 * 24).candidates[0].1, Why::OutsideHours);
    }
}
