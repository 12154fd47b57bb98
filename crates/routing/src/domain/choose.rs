//! Which agent: the eligible one who knows the person, else their deputy, else who speaks the language, else who was
//! given the least work for their hours.

use parvis_directory::Agent;
use parvis_kernel::{AgentId, SiteId, UnitId};

use super::{
    account::{about, effective, room_of},
    case::Lane,
    snapshot::{Snapshot, Standing},
    trace::{Candidate, Pick, Why},
    workload::{Working, Workload},
};

/// Agents kept in an explanation at most; the one chosen always is.
const MOST_KEPT: usize = 60;
/// Deputies of deputies looked at at most; the import refuses rounds, and this does not depend on it.
const MOST_DEPUTIES: usize = 50;

/// The agent, or nobody: the unit's queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Who.
    pub agent: Option<AgentId>,
    /// Why.
    pub pick: Option<Pick>,
    /// Everybody looked at, the first sixty.
    pub candidates: Vec<Candidate>,
    /// The requester speaks a language that none of those eligible speaks.
    pub language_missing: bool,
}

/// Whom to prefer, when eligible.
#[derive(Clone, Copy, Debug, Default)]
pub struct Preference<'a> {
    /// Somebody, and why. Where they are absent or away, who stands in for them.
    pub known: Option<(&'a AgentId, Pick)>,
    /// The requester's language; empty: French.
    pub language: &'a str,
    /// Where the person came.
    pub site: Option<&'a SiteId>,
    /// Who handed the case on: not them again.
    pub except: Option<&'a AgentId>,
    /// Who was offered it and did not take it.
    pub declined: &'a [AgentId],
}

/// Chooses among those asked for a case of `unit`. The nearest come first; then who speaks the language; then, of those
/// given about as much work an hour, the most skilled and who is where the person came; then who was given the least.
/// Ties end with the code, so the answer never depends on an order of arrival.
pub fn choose(
    snapshot: &Snapshot,
    workload: &Workload,
    unit: &UnitId,
    lane: &Lane,
    preference: Preference<'_>,
) -> Choice {
    let mut candidates = Vec::new();
    let mut eligible: Vec<(&Agent, Standing, usize)> = Vec::new();
    for (agent, standing) in snapshot.asked(unit, lane.reach) {
        let why = if preference.except == Some(&agent.code) {
            Why::HandedItOn
        } else if preference.declined.contains(&agent.code) {
            Why::Declined
        } else {
            obstacle_as(snapshot, workload, agent, lane, standing).unwrap_or(Why::LessIdle)
        };
        if why.is_eligible() {
            eligible.push((agent, standing, candidates.len()));
        }
        candidates.push(candidate(workload, agent, why));
    }
    let wanted = Some(preference.language).filter(|language| !language.is_empty() && primary(language) != "fr");
    let speaks = |agent: &Agent| wanted.is_some_and(|wanted| speaks(agent, wanted));
    let language_missing =
        wanted.is_some() && !eligible.is_empty() && !eligible.iter().any(|(agent, ..)| speaks(agent));
    let known = preference.known.and_then(|(known, pick)| {
        if let Some((agent, _, at)) = eligible.iter().find(|(agent, ..)| agent.code == *known) {
            return Some((agent.code.clone(), pick, *at));
        }
        let deputy = deputy(snapshot, workload, known, lane, preference)?;
        let at = candidates.iter().position(|kept| kept.0 == deputy.code);
        let at = at.unwrap_or_else(|| {
            candidates.push(candidate(workload, deputy, Why::LessIdle));
            candidates.len() - 1
        });
        Some((deputy.code.clone(), Pick::Deputy, at))
    });
    let chosen = known.or_else(|| {
        let best = eligible.iter().min_by_key(|(agent, standing, _)| {
            let state = workload.state(&agent.code);
            let rate = workload.account(snapshot, &agent.code).rate_with(effective(lane.weight, agent.capacity));
            let level = lane.skill.as_ref().and_then(|skill| agent.skills.get(skill)).copied().unwrap_or(0);
            let elsewhere = preference.site.is_some() && agent.site.as_ref() != preference.site;
            let share = u64::from(state.weight) * 1_000 / u64::from(room_of(agent.capacity)).max(1);
            let nearest = (*standing, !speaks(agent), about(rate), std::cmp::Reverse(level), elsewhere);
            (nearest, rate, share, state.last_assigned_at, &agent.code)
        });
        best.map(|(agent, _, at)| (agent.code.clone(), if speaks(agent) { Pick::Speaks } else { Pick::FairShare }, *at))
    });
    let mut choice = Choice { language_missing, ..Choice::default() };
    if let Some((agent, pick, at)) = chosen {
        (choice.agent, choice.pick) = (Some(agent), Some(pick));
        candidates[at].1 = Why::Kept;
        if at >= MOST_KEPT {
            candidates.swap(MOST_KEPT - 1, at);
        }
    }
    candidates.truncate(MOST_KEPT);
    choice.candidates = candidates;
    choice
}

fn candidate(workload: &Workload, agent: &Agent, why: Why) -> Candidate {
    Candidate(agent.code.clone(), why, workload.state(&agent.code).weight, room_of(agent.capacity))
}

/// Who stands in for `known`, who is absent or away: their first deputy who can, else a deputy's, and so on. A team is
/// not asked of them, nor a unit.
fn deputy<'a>(
    snapshot: &'a Snapshot,
    workload: &Workload,
    known: &AgentId,
    lane: &Lane,
    preference: Preference<'_>,
) -> Option<&'a Agent> {
    let agent = snapshot.agent(known)?;
    let absent = workload.working(snapshot, known) == Working::Absent || workload.state(known).away;
    if !absent || agent.deputies.is_empty() {
        return None;
    }
    let lane = Lane { team: None, ..lane.clone() };
    let mut asked: Vec<&AgentId> = agent.deputies.iter().collect();
    let mut at = 0;
    while let Some(code) = asked.get(at).copied().filter(|_| at < MOST_DEPUTIES) {
        at += 1;
        let Some(deputy) = snapshot.agent(code) else { continue };
        let refused = preference.except == Some(code) || preference.declined.contains(code);
        if !refused && snapshot.handles_cases(code) && obstacle(snapshot, workload, deputy, &lane).is_none() {
            return Some(deputy);
        }
        for next in &deputy.deputies {
            if next != known && !asked.contains(&next) {
                asked.push(next);
            }
        }
    }
    None
}

/// What keeps `agent` from a case that needs `lane`, were it of their unit.
pub fn obstacle(snapshot: &Snapshot, workload: &Workload, agent: &Agent, lane: &Lane) -> Option<Why> {
    obstacle_as(snapshot, workload, agent, lane, Standing::Own)
}

/// The same; a supervisor asked as such needs no skill.
fn obstacle_as(
    snapshot: &Snapshot,
    workload: &Workload,
    agent: &Agent,
    lane: &Lane,
    standing: Standing,
) -> Option<Why> {
    let state = workload.state(&agent.code);
    if agent.capacity == 0 {
        return Some(Why::ReceivesNone);
    }
    if standing != Standing::Chief
        && let Some(why) = lacks(agent, lane)
    {
        return Some(why);
    }
    match workload.working(snapshot, &agent.code) {
        Working::Absent => return Some(Why::Absent),
        Working::OutsideHours => return Some(Why::OutsideHours),
        Working::Yes => {}
    }
    if state.away {
        return Some(Why::Away);
    }
    (!state.has_room(lane.weight, agent.capacity)).then_some(Why::Full)
}

/// What the lane asks that the agent has not.
fn lacks(agent: &Agent, lane: &Lane) -> Option<Why> {
    if lane.team.as_ref().is_some_and(|team| !agent.teams.contains(team)) {
        return Some(Why::NotInTeam);
    }
    if let Some(skill) = &lane.skill {
        match agent.skills.get(skill) {
            None => return Some(Why::NoSkill),
            Some(level) if *level < lane.level => return Some(Why::LowLevel),
            Some(_) => {}
        }
    }
    lane.language.as_ref().is_some_and(|language| !speaks(agent, language)).then_some(Why::NoLanguage)
}

/// Whether somebody asked for a case of `unit` that needs `lane` could take it now.
pub fn someone_free(snapshot: &Snapshot, workload: &Workload, unit: &UnitId, lane: &Lane) -> bool {
    let mut asked = snapshot.asked(unit, lane.reach);
    asked.any(|(agent, standing)| obstacle_as(snapshot, workload, agent, lane, standing).is_none())
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
    use crate::domain::{Account, AgentState, Reach, town};

    fn unit(code: &str) -> UnitId {
        UnitId::parse(code).unwrap()
    }

    /// Somebody given `work` cases in `hours`.
    fn given(work: u64, hours: u64, load: u32, last_assigned_at: i64) -> AgentState {
        let counted_until = town::monday().as_microsecond();
        let account = Account { work: work * 100_000, available: hours * 3_600_000, counted_until };
        AgentState { away: false, load, weight: load * 100, last_assigned_at, account }
    }

    #[test]
    fn the_least_work_an_hour_then_the_least_loaded_then_the_longest_idle_then_the_code() {
        let snapshot = town::snapshot_of(town::directory());
        let who = |states: [(&str, AgentState); 2]| {
            let states = states.into_iter().map(|(code, state)| (town::agent(code), state)).collect();
            let workload = Workload::new(&snapshot, states, town::monday());
            choose(&snapshot, &workload, &unit("voirie"), &Lane::default(), Preference::default()).agent.unwrap()
        };
        let both = |alice, bruno| who([("alice-roy", alice), ("bruno-petit", bruno)]).to_string();
        // Half the work, but in a quarter of the hours.
        assert_eq!(both(given(4, 40, 0, 0), given(2, 10, 0, 0)), "alice-roy");
        assert_eq!(both(given(4, 40, 0, 0), given(2, 30, 0, 0)), "bruno-petit");
        assert_eq!(both(given(2, 20, 1, 10), given(2, 20, 1, 20)), "bruno-petit");
        assert_eq!(both(given(2, 20, 0, 20), given(2, 20, 0, 10)), "bruno-petit");
        assert_eq!(both(given(2, 20, 0, 0), given(2, 20, 0, 0)), "alice-roy");
    }

    #[test]
    fn the_level_must_be_met_and_then_only_breaks_ties() {
        let snapshot = town::snapshot_of(town::directory());
        let who = |level, bruno: AgentState| {
            let states =
                BTreeMap::from([(town::agent("bruno-petit"), bruno), (town::agent("alice-roy"), given(4, 40, 0, 9))]);
            let workload = Workload::new(&snapshot, states, town::monday());
            let lane = Lane { skill: Some("voirie".to_owned()), level, ..Lane::default() };
            choose(&snapshot, &workload, &unit("voirie"), &lane, Preference::default())
        };
        // Alice has the skill at 3, Bruno at 1.
        assert_eq!(who(0, given(4, 40, 0, 0)).agent, Some(town::agent("alice-roy")));
        assert_eq!(who(0, given(3, 40, 0, 0)).agent, Some(town::agent("bruno-petit")));
        let choice = who(2, given(0, 40, 0, 0));
        assert_eq!(choice.agent, Some(town::agent("alice-roy")));
        assert!(choice.candidates.iter().any(|kept| kept.1 == Why::LowLevel));
        assert_eq!(who(4, given(0, 40, 0, 0)).agent, None);
    }

    #[test]
    fn a_heavy_case_needs_room_and_an_idle_agent_always_has_it() {
        let snapshot = town::snapshot_of(town::directory());
        let with = |load, weight| {
            let states = BTreeMap::from([(town::agent("chloe-blanc"), given(0, 0, load, 0))]);
            let workload = Workload::new(&snapshot, states, town::monday());
            let lane = Lane { weight, ..Lane::default() };
            choose(&snapshot, &workload, &unit("accueil"), &lane, Preference::default()).agent.is_some()
        };
        assert!(with(3, 200) && !with(4, 150) && with(4, 50) && !with(5, 1));
        assert!(with(0, 1_000) && !with(1, 1_000));
    }

    #[test]
    fn who_stands_in_takes_over_along_the_chain() {
        let mut directory = town::directory();
        let mut name = |of: &str, deputy: &str| {
            let agent = directory.agents.iter_mut().find(|agent| agent.code == town::agent(of)).unwrap();
            agent.deputies.push(town::agent(deputy));
        };
        name("alice-roy", "bruno-petit");
        name("bruno-petit", "chloe-blanc");
        let snapshot = town::snapshot_of(directory);
        let alice = town::agent("alice-roy");
        let ask = |away: &[&str]| {
            let states =
                away.iter().map(|code| (town::agent(code), AgentState { away: true, ..AgentState::default() }));
            let workload = Workload::new(&snapshot, states.collect(), town::monday());
            let preference = Preference { known: Some((&alice, Pick::SamePerson)), ..Preference::default() };
            let choice = choose(&snapshot, &workload, &unit("voirie"), &Lane::default(), preference);
            (choice.agent.map(|agent| agent.to_string()).unwrap_or_default(), choice.pick)
        };
        assert_eq!(ask(&[]), ("alice-roy".to_owned(), Some(Pick::SamePerson)));
        assert_eq!(ask(&["alice-roy"]), ("bruno-petit".to_owned(), Some(Pick::Deputy)));
        // Chloé is of another unit.
        assert_eq!(ask(&["alice-roy", "bruno-petit"]), ("chloe-blanc".to_owned(), Some(Pick::Deputy)));
        assert_eq!(ask(&["alice-roy", "bruno-petit", "chloe-blanc"]), (String::new(), None));
    }

    #[test]
    fn a_wider_reach_asks_neighbours_then_supervisors() {
        let snapshot = town::snapshot_of(town::directory());
        let ask = |reach, skill: Option<&str>| {
            let lane = Lane { reach, skill: skill.map(str::to_owned), weight: 100, ..Lane::default() };
            let idle = town::idle(&snapshot, town::monday());
            let preference = Preference { except: Some(&town::agent("bruno-petit")), ..Preference::default() };
            let choice = choose(&snapshot, &idle, &unit("proprete"), &lane, preference);
            (choice.agent.map(|agent| agent.to_string()), choice.candidates.len())
        };
        // Alice is of the unit above; Bruno handles and supervises.
        assert_eq!(ask(Reach::Unit, None), (None, 1));
        assert_eq!(ask(Reach::Neighbours, None), (Some("alice-roy".to_owned()), 2));
        assert_eq!(ask(Reach::Neighbours, Some("nobody-has-it")), (None, 2));
        let lane = Lane { reach: Reach::Supervisors, skill: Some("nobody-has-it".to_owned()), ..Lane::default() };
        let idle = town::idle(&snapshot, town::monday());
        let choice = choose(&snapshot, &idle, &unit("proprete"), &lane, Preference::default());
        assert_eq!(choice.agent, Some(town::agent("bruno-petit")));
        assert!(someone_free(&snapshot, &idle, &unit("proprete"), &lane));
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
