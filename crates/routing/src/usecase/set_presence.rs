//! Present or away.

use std::collections::BTreeSet;

use parvis_kernel::{AgentId, Caller, Error, FieldViolation, Reason, Refusal, Result, Role, reason::Thing};

use super::{
    access,
    list_agents::{AgentView, view},
};
use crate::{
    domain::Workload,
    repo::{agent, directory},
    router::Router,
};

/// Sets `agent` (`None`: the caller) present or away. Presence makes waiting cases move at once; away leaves the cases
/// in hand where they are.
pub async fn set_presence(
    router: &Router,
    caller: &Caller,
    agent: Option<&AgentId>,
    presence: &str,
) -> Result<AgentView> {
    let roles = [Role::FrontDesk, Role::CaseWorker, Role::Supervisor, Role::Administrator, Role::ElectedOfficial];
    caller.require(&roles)?;
    let code = agent.or(caller.agent()).cloned();
    let code = code.ok_or_else(|| Error::wrong("agent", Reason::Required, "is missing: whose presence?"))?;
    let away = match presence {
        "present" => false,
        "away" => true,
        other => return Err(FieldViolation::not_one_of("presence", other, &["present", "away"]).into()),
    };
    let snapshot = router.snapshots.current(&router.store, &caller.tenant).await?;
    let known = snapshot.agent(&code);
    if caller.agent() != Some(&code) && !known.is_some_and(|agent| access::supervises_agent(caller, agent)) {
        let message = "one's own presence may be set, or that of an agent of a supervised unit";
        return Err(Error::denied(message).refused(Refusal::SupervisorOnly));
    }
    let known = known.ok_or_else(|| Error::no_such(Thing::Agent, "no such agent in the directory"))?;
    let tx = router.store.begin().await?;
    // In turn with decisions: nobody is given a case after they are away.
    directory::lock(&tx, std::slice::from_ref(&caller.tenant)).await?;
    let states = agent::some(tx.conn(), &caller.tenant, &BTreeSet::from([code.clone()])).await?;
    let mut workload = Workload::new(&snapshot, states, tx.now());
    workload.update(&snapshot, &code, |state| state.away = away);
    agent::save_presence(&tx, &caller.tenant, &code, workload.state(&code)).await?;
    tx.commit().await?;
    if !away {
        router.wake();
    }
    Ok(view(&snapshot, &workload, known))
}
