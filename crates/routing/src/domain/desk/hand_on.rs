//! Cases handed on by somebody.

use parvis_kernel::{AgentId, CaseId, Error, Refusal, Result, TeamId, UnitId, reason::Thing};

use super::{Cause, Desk, Said};
use crate::domain::{
    account::room_of,
    case::{Lane, Need},
    trace::{Candidate, Pick, Trace, Why},
    workload::Working,
};

/// To whom a case is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the contract")]
pub enum Target {
    Unit(UnitId),
    Team(TeamId),
    Agent(AgentId),
}

/// A case handed on by somebody.
#[derive(Clone, Debug)]
pub struct Order {
    /// Which case.
    pub case_id: CaseId,
    /// To whom.
    pub target: Target,
    /// Who says so, as kept in histories.
    pub actor: String,
    /// The agent who says so.
    pub by: Option<AgentId>,
    /// Why.
    pub reason: String,
}

impl Desk {
    /// A case handed on by somebody who may.
    ///
    /// # Errors
    /// "Failed precondition" where the target may not receive it, "not found" where there is no such target.
    pub fn reassign(&mut self, order: &Order) -> Result<()> {
        let case = self.cases.get(&order.case_id).ok_or_else(|| Error::no_such(Thing::Case, "no such case"))?;
        let Some(now) = case.need.clone().filter(|_| case.is_open) else {
            return Err(Error::precondition("the case is not open: reopen it first").refused(Refusal::CaseNotOpen));
        };
        let holder = case.agent.clone();
        let (unit, team) = match &order.target {
            Target::Unit(unit) => (unit.clone(), None),
            Target::Team(team) => {
                let found = self.snapshot.team(team).ok_or_else(|| no_such(Thing::Team, team.as_str()))?;
                (found.unit.clone(), Some(team.clone()))
            }
            Target::Agent(agent) => {
                self.check_target(agent, holder.as_ref(), now.lane.weight)?;
                (self.unit_for(agent, &now.unit)?, now.lane.team.clone().filter(|team| self.in_team(agent, team)))
            }
        };
        if self.snapshot.unit(&unit).is_none() {
            return Err(no_such(Thing::Unit, unit.as_str()));
        }
        let weight = now.lane.weight;
        let kept = if unit == now.unit { now.lane } else { Lane { weight, ..Lane::default() } };
        let need = Need { unit, lane: Lane { team, ..kept }, priority: now.priority, rule: "manual".to_owned() };
        let (agent, trace) = match &order.target {
            Target::Agent(agent) => (Some(agent.clone()), self.named(agent)),
            Target::Unit(_) | Target::Team(_) => {
                let except = holder.as_ref().filter(|holder| order.by.as_ref() == Some(*holder));
                self.choose_for(order.case_id, &need, None, except)
            }
        };
        let said = Said { actor: &order.actor, reason: &order.reason };
        self.settle(order.case_id, need, agent, Cause::Reassigned, trace, said);
        Ok(())
    }

    /// Whether somebody may be given a case by name. Outside their hours they may: it waits for them.
    fn check_target(&self, code: &AgentId, holder: Option<&AgentId>, weight: u32) -> Result<()> {
        let agent = self.snapshot.agent(code).ok_or_else(|| no_such(Thing::Agent, code.as_str()))?;
        let state = self.workload.state(code);
        if holder == Some(code) {
            return Err(
                Error::precondition(format!("{code} handles this case already")).refused(Refusal::HandledAlready)
            );
        }
        if agent.capacity == 0 || agent.units.iter().all(|unit| !self.snapshot.handlers(unit).any(|a| a.code == *code))
        {
            let message = format!("{code} receives no cases: choose somebody else");
            return Err(Error::precondition(message).refused(Refusal::ReceivesNoCases));
        }
        if self.workload.working(&self.snapshot, code) == Working::Absent {
            let until = self.workload.absence(&self.snapshot, code).map(|absence| absence.until);
            let day = until.map(|until| until.to_string()).unwrap_or_default();
            let refusal = until.map_or(Refusal::AgentAway, |until| Refusal::AgentAbsent { until });
            let message = format!("{code} is absent until {day}: choose somebody else, or a unit");
            return Err(Error::precondition(message).refused(refusal));
        }
        if state.away {
            let message = format!("{code} is away: choose somebody else, or set them present");
            return Err(Error::precondition(message).refused(Refusal::AgentAway));
        }
        if !state.has_room(weight, agent.capacity) {
            let (load, capacity) = (state.load, agent.capacity);
            let message =
                format!("{code} has {load} open cases for a capacity of {capacity}: choose somebody else, or a unit");
            return Err(Error::precondition(message).refused(Refusal::AgentFull));
        }
        Ok(())
    }

    /// The case's unit where the agent is in it, else their main one.
    fn unit_for(&self, agent: &AgentId, current: &UnitId) -> Result<UnitId> {
        let units = self.snapshot.agent(agent).map_or(&[][..], |agent| agent.units.as_slice());
        let unit = units.iter().find(|unit| *unit == current).or_else(|| units.first());
        unit.cloned()
            .ok_or_else(|| Error::precondition(format!("{agent} is in no unit")).refused(Refusal::ReceivesNoCases))
    }

    fn in_team(&self, agent: &AgentId, team: &TeamId) -> bool {
        self.snapshot.agent(agent).is_some_and(|agent| agent.teams.contains(team))
    }

    fn named(&self, agent: &AgentId) -> Trace {
        let capacity = self.snapshot.agent(agent).map_or(0, |agent| room_of(agent.capacity));
        let candidate = Candidate(agent.clone(), Why::Kept, self.workload.state(agent).weight, capacity);
        Trace { candidates: vec![candidate], pick: Some(Pick::Named), ..Trace::default() }
    }
}

fn no_such(thing: Thing, code: &str) -> Error {
    let kind = thing.as_str();
    Error::precondition(format!("no {kind} is called « {code} » in the directory: read it again"))
        .refused(Refusal::NotInDirectory { thing })
}
