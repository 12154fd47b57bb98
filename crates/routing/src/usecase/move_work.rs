//! All the work of somebody, or of a unit, moved at once.

use std::collections::{BTreeMap, BTreeSet};

use parvis_kernel::{
    AgentId, Caller, CaseId, Error, Reason, Refusal, Result, Role, UnitId,
    reason::{Choices, Thing},
    typed::tidy::many_lines,
};
use sha2::{Digest as _, Sha256};

use super::access;
use crate::{
    domain::{Decided, Moving, RoutedCase},
    repo::{agent, desk, directory, waiting},
    router::Router,
};

/// A reason is this long, in characters.
const REASON: std::ops::RangeInclusive<usize> = 3..=500;
/// Cases moved by one action at most.
const MOST: u64 = 2_000;

/// What is asked, as it came.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct MoveWork {
    pub agent: String,
    pub unit: String,
    pub to_unit: String,
    pub reason: String,
    pub preview: bool,
    pub expected_plan: String,
}

/// A case that moves.
#[derive(Clone, Debug)]
pub struct MovedCase {
    /// What was decided.
    pub decided: Decided,
    /// Who had it.
    pub from: Option<AgentId>,
    /// The name of its unit.
    pub unit_name: String,
}

/// What moved, or would.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Each case, in the order of their reception.
    pub moved: Vec<MovedCase>,
    /// Cases that another action must move: there were more than one moves.
    pub remaining: u64,
    /// Tells the same plan again.
    pub digest: String,
}

/// Moves the open cases of an agent, who is set away, to their deputies and colleagues; or those of a unit to another.
/// Each is a decision like another, so that everybody who is told of decisions is told of these.
///
/// # Errors
/// "Conflict" where a plan was expected and is no longer the same.
pub async fn move_work(router: &Router, caller: &Caller, command: &MoveWork) -> Result<Plan> {
    access::supervises(caller)?;
    let reason = many_lines(&command.reason);
    let reason = reason.trim();
    if !command.preview && !REASON.contains(&reason.chars().count()) {
        let reason = Reason::Length { least: *REASON.start() as u64, most: *REASON.end() as u64 };
        return Err(Error::wrong("reason", reason, "must be 3 to 500 characters: say why the work is moved"));
    }
    let moving = moving(command)?;
    let tenant = &caller.tenant;
    let mut tx = router.store.begin().await?;
    let version = directory::lock(&tx, std::slice::from_ref(tenant)).await?.get(tenant).copied().unwrap_or(0);
    let snapshot = router.snapshots.at(tx.conn(), tenant, version).await?;
    let all = caller.is_system() || caller.has(Role::Administrator);
    let (cases, total) = match &moving {
        Moving::Agent(code) => {
            let found = snapshot.agent(code);
            if !all && !found.is_some_and(|agent| access::supervises_agent(caller, agent)) {
                return Err(Error::denied("the work of agents of supervised units may be moved")
                    .refused(Refusal::SupervisorOnly));
            }
            found.ok_or_else(|| Error::no_such(Thing::Agent, "no such agent in the directory"))?;
            let cases = waiting::held_by(tx.conn(), tenant, code, MOST).await?;
            (cases, waiting::count_held_by(tx.conn(), tenant, code).await?)
        }
        Moving::Unit { from, .. } => {
            if !all && !caller.units.contains(from) {
                return Err(Error::denied("the work of supervised units may be moved").refused(Refusal::SupervisorOnly));
            }
            let cases = waiting::of_unit(tx.conn(), tenant, from, MOST).await?;
            (cases, waiting::count_of_unit(tx.conn(), tenant, from).await?)
        }
    };
    let remaining = total.saturating_sub(cases.len() as u64);
    let ids: Vec<CaseId> = cases.iter().map(|case| case.case_id).collect();
    let had: BTreeMap<CaseId, Option<AgentId>> = cases.iter().map(holder).collect();
    let mut desk = desk::load_with(&tx, tenant, snapshot.clone(), cases, &BTreeSet::new()).await?;
    if let Moving::Agent(leaving) = &moving {
        desk.send_away(leaving);
    }
    desk.move_work(&moving, &ids, &caller.actor_key(), reason)?;
    let leaving = match &moving {
        Moving::Agent(leaving) => Some((leaving, desk.workload().state(leaving))),
        Moving::Unit { .. } => None,
    };
    let changes = desk.into_changes();
    let mut digest = Sha256::new();
    for decided in &changes.decided {
        let to = decided.agent.as_ref().map_or("", AgentId::as_str);
        digest.update(format!("{}|{}|{to}\n", decided.case_id, decided.unit));
    }
    let digest = hex::encode(digest.finalize());
    if !command.expected_plan.is_empty() && command.expected_plan != digest {
        return Err(Error::changed_meanwhile(Thing::Unit, "something moved since the preview: look at it again"));
    }
    if command.preview {
        tx.rollback().await?;
    } else {
        let traceparent = parvis_store::outbox::current_traceparent();
        desk::save(&mut tx, tenant, &snapshot, &changes, |_| traceparent.clone()).await?;
        if let Some((leaving, state)) = leaving {
            agent::save_presence(&tx, tenant, leaving, state).await?;
        }
        tx.commit().await?;
        router.wake_freed(tenant.clone());
        tracing::info!(%tenant, moved = changes.decided.len(), remaining, "work moved");
    }
    let moved = changes.decided.into_iter().map(|decided| MovedCase {
        from: had.get(&decided.case_id).cloned().flatten(),
        unit_name: snapshot.unit_name(&decided.unit).to_owned(),
        decided,
    });
    Ok(Plan { moved: moved.collect(), remaining, digest })
}

fn holder(case: &RoutedCase) -> (CaseId, Option<AgentId>) {
    (case.case_id, case.live_agent().cloned())
}

/// An agent; or a unit and where to.
fn moving(command: &MoveWork) -> Result<Moving> {
    let field = |name: &'static str| move |error: Error| error.about(name);
    match (command.agent.as_str(), command.unit.as_str(), command.to_unit.as_str()) {
        (agent, "", "") if !agent.is_empty() => AgentId::parse(agent).map(Moving::Agent).map_err(field("agent")),
        ("", unit, to) if !unit.is_empty() && !to.is_empty() => Ok(Moving::Unit {
            from: UnitId::parse(unit).map_err(field("unit"))?,
            to: UnitId::parse(to).map_err(field("to_unit"))?,
        }),
        ("", unit, "") if !unit.is_empty() => {
            Err(Error::wrong("to_unit", Reason::Required, "is missing: where does the work go?"))
        }
        _ => {
            let reason = Reason::ExactlyOne { of: Choices::new(["agent", "unit"]) };
            Err(Error::wrong("agent", reason, "give either agent, or unit and to_unit"))
        }
    }
}
