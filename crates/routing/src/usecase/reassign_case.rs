//! Hands a case on.

use std::collections::BTreeSet;

use parvis_kernel::{
    AgentId, Caller, CaseId, Error, Reason, Result, Role, TeamId, UnitId,
    reason::{Choices, Thing},
    typed::tidy::many_lines,
};

use super::{
    access,
    list_decisions::{DecisionView, view},
};
use crate::{
    domain::{Order, Target},
    repo::{desk, directory, learning},
    router::Router,
};

/// A reason is this long, in characters.
const REASON: std::ops::RangeInclusive<usize> = 3..=500;

/// What is asked, as it came.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct ReassignCase {
    pub case_id: String,
    pub unit: String,
    pub team: String,
    pub agent: String,
    pub reason: String,
    pub expected_decision: String,
}

/// Hands a case on to a unit, a team or an agent, for a reason.
///
/// # Errors
/// "Conflict" where the decision is no longer the one expected, "failed precondition" where the target may not receive
/// it: not a colleague above capacity either, not even by a supervisor.
pub async fn reassign_case(router: &Router, caller: &Caller, command: &ReassignCase) -> Result<DecisionView> {
    caller.require(&[Role::CaseWorker, Role::Supervisor])?;
    let case_id = command.case_id.parse::<CaseId>().map_err(|error| error.about("case_id"))?;
    let target = target(command)?;
    let reason = many_lines(&command.reason);
    let reason = reason.trim();
    if !REASON.contains(&reason.chars().count()) {
        let reason = Reason::Length { least: *REASON.start() as u64, most: *REASON.end() as u64 };
        return Err(Error::wrong("reason", reason, "must be 3 to 500 characters: say why the case is handed on"));
    }
    let tenant = &caller.tenant;
    let mut tx = router.store.begin().await?;
    let version = directory::lock(&tx, std::slice::from_ref(tenant)).await?.get(tenant).copied().unwrap_or(0);
    let snapshot = router.snapshots.at(tx.conn(), tenant, version).await?;
    let mut desk = desk::load(&tx, tenant, snapshot.clone(), &[case_id], &BTreeSet::new()).await?;
    let case = desk.case(case_id).ok_or_else(|| Error::no_such(Thing::Case, "no such case"))?;
    let to = match &target {
        Target::Agent(agent) => Some(agent),
        Target::Unit(_) | Target::Team(_) => None,
    };
    access::hand_on(caller, case, to)?;
    let before = case.need.as_ref().map(|need| need.unit.clone());
    let live = case.decision.map(|id| id.to_string()).unwrap_or_default();
    if !command.expected_decision.is_empty() && command.expected_decision != live {
        return Err(Error::changed_meanwhile(Thing::Case, "the case was handed on meanwhile: read it again"));
    }
    let (actor, by) = (caller.actor_key(), caller.agent().cloned());
    desk.reassign(&Order { case_id, target, actor, by, reason: reason.to_owned() })?;
    let changes = desk.into_changes();
    let traceparent = parvis_store::outbox::current_traceparent();
    desk::save(&mut tx, tenant, &snapshot, &changes, |_| traceparent.clone()).await?;
    // Sent to another unit: what the classifier learns from.
    let sent_to = changes.decided.last().map(|decided| &decided.unit).filter(|unit| before.as_ref() != Some(*unit));
    if let Some(unit) = sent_to {
        learning::correct(&tx, tenant, case_id, unit).await?;
    }
    tx.commit().await?;
    router.wake_freed(tenant.clone());
    let decided = changes.decided.into_iter().next_back();
    let decided = decided.ok_or_else(|| Error::internal("a reassignment without a decision"))?;
    Ok(view(decided, snapshot.rules(), &snapshot))
}

/// Exactly one of unit, team, agent.
fn target(command: &ReassignCase) -> Result<Target> {
    let field = |name: &'static str| move |error: Error| error.about(name);
    match (command.unit.as_str(), command.team.as_str(), command.agent.as_str()) {
        (unit, "", "") if !unit.is_empty() => UnitId::parse(unit).map(Target::Unit).map_err(field("unit")),
        ("", team, "") if !team.is_empty() => TeamId::parse(team).map(Target::Team).map_err(field("team")),
        ("", "", agent) if !agent.is_empty() => AgentId::parse(agent).map(Target::Agent).map_err(field("agent")),
        _ => {
            let reason = Reason::ExactlyOne { of: Choices::new(["unit", "team", "agent"]) };
            Err(Error::wrong("unit", reason, "give exactly one of unit, team and agent"))
        }
    }
}
