//! A desk from what is kept, and back with its events.

use std::{collections::BTreeSet, sync::Arc};

use parvis_directory::Agent;
use parvis_kernel::{AgentId, CaseId, Result, TenantId, UnitId};
use parvis_proto::{
    common::UnitContact,
    events::{CASE_ASSIGNED, CASE_ESCALATED, TRANSFER_PROPOSED},
    routing::{CaseAssigned, CaseEscalated, ToldAgent, TransferProposed},
    to_proto_time,
};
use parvis_store::{NewEvent, Tx};
use prost::Message as _;

use super::{agent, case, decision, queue, rule_fault, transfer};
use crate::domain::{Changes, Decided, Desk, Escalated, EscalationStep, Known, Proposal, RoutedCase, Snapshot};

/// A desk with the cases `ids` and whoever knows the persons named by `keys`. The caller holds the tenant's lock.
pub async fn load(
    tx: &Tx,
    tenant: &TenantId,
    snapshot: Arc<Snapshot>,
    ids: &[CaseId],
    keys: &BTreeSet<&str>,
) -> Result<Desk> {
    let cases = case::find_many(tx.conn(), tenant, ids).await?;
    load_with(tx, tenant, snapshot, cases, keys).await
}

/// The same, with cases already read.
pub async fn load_with(
    tx: &Tx,
    tenant: &TenantId,
    snapshot: Arc<Snapshot>,
    cases: Vec<RoutedCase>,
    keys: &BTreeSet<&str>,
) -> Result<Desk> {
    let mut keys = keys.clone();
    keys.extend(cases.iter().map(|case| case.requester_key.as_str()));
    let known = case::known(tx.conn(), tenant, &keys).await?;
    let states = agent::all(tx.conn(), tenant).await?;
    Ok(Desk::new(snapshot, tx.now(), states, cases, known))
}

/// More agents than this are not asked for one by one.
const MOST_ASKED: usize = 400;

/// A desk that knows only the agents whom cases of `units`, and the cases `ids`, may concern: the others receive
/// nothing from it. With thousands of agents, most decisions concern a dozen.
pub async fn load_for(
    tx: &Tx,
    tenant: &TenantId,
    snapshot: Arc<Snapshot>,
    ids: &[CaseId],
    keys: &BTreeSet<&str>,
    units: &BTreeSet<UnitId>,
) -> Result<Desk> {
    let cases = case::find_many(tx.conn(), tenant, ids).await?;
    let mut keys = keys.clone();
    keys.extend(cases.iter().map(|case| case.requester_key.as_str()));
    let known = case::known(tx.conn(), tenant, &keys).await?;
    let agents = concerned(&snapshot, &cases, &known, units);
    let now = tx.now();
    if agents.len() > MOST_ASKED {
        return Ok(Desk::new(snapshot, now, agent::all(tx.conn(), tenant).await?, cases, known));
    }
    let states = agent::some(tx.conn(), tenant, &agents).await?;
    Ok(Desk::knowing(snapshot, now, agents, states, cases, known))
}

fn concerned(snapshot: &Snapshot, cases: &[RoutedCase], known: &Known, units: &BTreeSet<UnitId>) -> BTreeSet<AgentId> {
    let usual = units.iter().flat_map(|unit| snapshot.handlers(unit)).map(|agent| agent.code.clone());
    let mut agents: BTreeSet<AgentId> = usual.collect();
    for case in cases {
        if let Some(need) = &case.need {
            agents.extend(snapshot.asked(&need.unit, need.lane.reach).map(|(agent, _)| agent.code.clone()));
        }
        agents.extend(case.agent.iter().chain(case.offer.iter().map(|offer| &offer.agent)).cloned());
    }
    agents.extend(known.agents().cloned());
    // Who stands in for any of them, and so on.
    let mut next: Vec<AgentId> = agents.iter().cloned().collect();
    while let Some(code) = next.pop() {
        for deputy in snapshot.agent(&code).map_or(&[][..], |agent| &agent.deputies) {
            if agents.insert(deputy.clone()) {
                next.push(deputy.clone());
            }
        }
    }
    agents
}

/// Keeps what changed and says it; counts it once it is committed. `traceparent` gives the trace of what caused a
/// decision about a case.
pub async fn save(
    tx: &mut Tx,
    tenant: &TenantId,
    snapshot: &Snapshot,
    changes: &Changes,
    traceparent: impl Fn(CaseId) -> String,
) -> Result<()> {
    case::save(tx, tenant, &changes.cases).await?;
    decision::add(tx, tenant, &changes.decided).await?;
    agent::save_loads(tx, tenant, &changes.agents).await?;
    queue::add(tx, tenant, &changes.lanes).await?;
    rule_fault::count(tx, tenant, snapshot, &changes.decided).await?;
    for (decided, proposal) in transfer::add(tx, tenant, &changes.decided).await? {
        let by = if proposal.by == "classifier" { "classifier" } else { "rule" };
        tx.after_commit(move || {
            metrics::counter!("parvis_routing_transfers_proposed_total", "by" => by).increment(1);
        });
        tx.append(NewEvent {
            tenant: tenant.clone(),
            kind: TRANSFER_PROPOSED,
            partition: decided.case_id.partition(),
            subject: decided.case_id.to_string(),
            payload: proposed(decided, proposal).encode_to_vec(),
            traceparent: traceparent(decided.case_id),
        });
    }
    for decided in &changes.decided {
        let (cause, to) = (decided.cause.as_str(), if decided.agent.is_some() { "agent" } else { "queue" });
        tx.after_commit(move || {
            metrics::counter!("parvis_routing_decisions_total", "cause" => cause, "to" => to).increment(1);
        });
        tx.append(NewEvent {
            tenant: tenant.clone(),
            kind: CASE_ASSIGNED,
            partition: decided.case_id.partition(),
            subject: decided.case_id.to_string(),
            payload: assigned(decided, snapshot).encode_to_vec(),
            traceparent: traceparent(decided.case_id),
        });
    }
    for escalated in &changes.escalated {
        let step = escalated.step.as_str();
        tx.after_commit(move || metrics::counter!("parvis_routing_escalations_total", "step" => step).increment(1));
        tx.append(NewEvent {
            tenant: tenant.clone(),
            kind: CASE_ESCALATED,
            partition: escalated.case_id.partition(),
            subject: escalated.case_id.to_string(),
            payload: told(escalated, snapshot).encode_to_vec(),
            traceparent: traceparent(escalated.case_id),
        });
    }
    Ok(())
}

fn proposed(decided: &Decided, proposal: &Proposal) -> TransferProposed {
    TransferProposed {
        case_id: decided.case_id.to_string(),
        reference: decided.reference.clone(),
        at: Some(to_proto_time(decided.at)),
        body: proposal.body.clone(),
        name: proposal.name.clone(),
        contact: proposal.contact.clone(),
        proposed_by: proposal.by.clone(),
        email: proposal.email.clone(),
        postal_address: proposal.postal_address.clone(),
    }
}

fn told(escalated: &Escalated, snapshot: &Snapshot) -> CaseEscalated {
    let to = escalated.to.as_ref().and_then(|code| snapshot.agent(code));
    let text = |code: &Option<AgentId>| code.as_ref().map(ToString::to_string).unwrap_or_default();
    CaseEscalated {
        case_id: escalated.case_id.to_string(),
        reference: escalated.reference.clone(),
        at: Some(to_proto_time(escalated.at)),
        step: escalated.step.as_str().to_owned(),
        unit: Some(contact(&escalated.unit, snapshot)),
        agent: text(&escalated.agent),
        to: text(&escalated.to),
        to_name: to.map(|agent| agent.full_name()).unwrap_or_default(),
        to_email: to.map(|agent| agent.email.clone()).unwrap_or_default(),
        priority: escalated.priority.as_str().to_owned(),
        summary: escalated.summary.clone(),
        told: supervisors(escalated, snapshot),
    }
}

/// Whom a step is for, beside the agent who has the case: nobody is told of what they have in hand themselves.
fn supervisors(escalated: &Escalated, snapshot: &Snapshot) -> Vec<ToldAgent> {
    let for_them = match escalated.step {
        EscalationStep::Escalated => escalated.to.is_some(),
        EscalationStep::OpenedToSupervisors => true,
        _ => false,
    };
    if !for_them {
        return Vec::new();
    }
    let chiefs = snapshot.chiefs_beside(&escalated.unit, escalated.to.as_ref());
    let others = chiefs.filter(|chief| Some(&chief.code) != escalated.agent.as_ref());
    let told = |chief: &Agent| ToldAgent {
        agent: chief.code.to_string(),
        name: chief.full_name(),
        email: chief.email.clone(),
    };
    others.map(told).collect()
}

fn contact(code: &UnitId, snapshot: &Snapshot) -> UnitContact {
    let unit = snapshot.unit(code);
    let site = unit.and_then(|unit| unit.site.as_ref());
    let site = site.and_then(|site| snapshot.directory.sites.iter().find(|known| known.code == *site));
    let own_or = |own: Option<&String>, of_site: Option<&String>| {
        own.filter(|own| !own.is_empty()).or(of_site).cloned().unwrap_or_default()
    };
    UnitContact {
        code: code.to_string(),
        name: snapshot.unit_name(code).to_owned(),
        email: unit.map(|unit| unit.email.clone()).unwrap_or_default(),
        phone: own_or(unit.map(|unit| &unit.phone), site.map(|site| &site.phone)),
        postal_address: own_or(unit.map(|unit| &unit.address), site.map(|site| &site.address)),
    }
}

fn assigned(decided: &Decided, snapshot: &Snapshot) -> CaseAssigned {
    let agent = decided.agent.as_ref();
    CaseAssigned {
        case_id: decided.case_id.to_string(),
        decision_id: decided.id.to_string(),
        sequence: decided.sequence,
        at: Some(to_proto_time(decided.at)),
        cause: decided.cause.as_str().to_owned(),
        unit: Some(contact(&decided.unit, snapshot)),
        team: decided.team.as_ref().map(ToString::to_string).unwrap_or_default(),
        agent: agent.map(ToString::to_string).unwrap_or_default(),
        agent_name: decided.agent_name.clone(),
        agent_email: agent.and_then(|code| snapshot.agent(code)).map(|agent| agent.email.clone()).unwrap_or_default(),
        priority: decided.priority.as_str().to_owned(),
        summary: decided.summary.clone(),
        actor: decided.actor.clone(),
        reason: decided.reason.clone(),
        reference: decided.reference.clone(),
    }
}
