//! Agents, with their presence and load.

use parvis_directory::Agent;
use parvis_kernel::{Caller, Result, Role, UnitId};

use super::access;
use crate::{
    domain::{Lane, Snapshot, Working, Workload, obstacle},
    repo::agent,
    router::Router,
};

/// An agent as shown.
#[derive(Clone, Debug)]
pub struct AgentView {
    /// From the directory.
    pub agent: Agent,
    /// Open cases now.
    pub load: u32,
    /// What they weigh, with what is offered, in hundredths of a case.
    pub weight: u32,
    /// Said to be away.
    pub away: bool,
    /// By calendar, public holidays and absences.
    pub working_now: bool,
    /// Present, working, below capacity.
    pub may_receive: bool,
}

/// The agents of `unit`, or of every unit that the caller sees; an administrator sees all.
pub async fn list_agents(router: &Router, caller: &Caller, unit: Option<&UnitId>) -> Result<Vec<AgentView>> {
    access::signed_in(caller)?;
    let all = caller.is_system() || caller.has(Role::Administrator);
    let seen = |code: &UnitId| (all || caller.units.contains(code)) && unit.is_none_or(|unit| unit == code);
    let snapshot = router.snapshots.current(&router.store, &caller.tenant).await?;
    let states = agent::all(router.store.read(), &caller.tenant).await?;
    let workload = Workload::new(&snapshot, states, router.store.clock().now());
    let agents = snapshot.directory.agents.iter();
    let agents = agents.filter(|agent| agent.units.iter().any(seen) || (all && unit.is_none()));
    Ok(agents.map(|agent| view(&snapshot, &workload, agent)).collect())
}

pub(super) fn view(snapshot: &Snapshot, workload: &Workload, agent: &Agent) -> AgentView {
    let state = workload.state(&agent.code);
    let handles = agent.units.iter().any(|unit| snapshot.handlers(unit).any(|known| known.code == agent.code));
    AgentView {
        agent: agent.clone(),
        load: state.load,
        weight: state.weight,
        away: state.away,
        working_now: workload.working(snapshot, &agent.code) == Working::Yes,
        may_receive: handles && obstacle(snapshot, workload, agent, &Lane::default()).is_none(),
    }
}
