//! A desk from what is kept, and back with its events.

use std::{collections::BTreeSet, sync::Arc};

use parvis_kernel::{CaseId, Result, TenantId};
use parvis_proto::{common::UnitContact, events::CASE_ASSIGNED, routing::CaseAssigned, to_proto_time};
use parvis_store::{NewEvent, Tx};
use prost::Message as _;

use super::{agent, case, decision, queue, rule_fault, transfer};
use crate::domain::{Changes, Decided, Desk, RoutedCase, Snapshot};

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

/// Keeps what changed and says it. `traceparent` gives the trace of what caused a decision about a case.
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
    transfer::add(tx, tenant, &changes.decided).await?;
    for decided in &changes.decided {
        let to = if decided.agent.is_some() { "agent" } else { "queue" };
        metrics::counter!("parvis_routing_decisions_total", "cause" => decided.cause.as_str(), "to" => to).increment(1);
        tx.append(NewEvent {
            tenant: tenant.clone(),
            kind: CASE_ASSIGNED,
            partition: decided.case_id.partition(),
            subject: decided.case_id.to_string(),
            payload: assigned(decided, snapshot).encode_to_vec(),
            traceparent: traceparent(decided.case_id),
        });
    }
    Ok(())
}

fn assigned(decided: &Decided, snapshot: &Snapshot) -> CaseAssigned {
    let unit = snapshot.unit(&decided.unit);
    let site = unit.and_then(|unit| unit.site.as_ref());
    let site = site.and_then(|site| snapshot.directory.sites.iter().find(|known| known.code == *site));
    let own_or = |own: Option<&String>, of_site: Option<&String>| {
        own.filter(|own| !own.is_empty()).or(of_site).cloned().unwrap_or_default()
    };
    let contact = UnitContact {
        code: decided.unit.to_string(),
        name: snapshot.unit_name(&decided.unit).to_owned(),
        email: unit.map(|unit| unit.email.clone()).unwrap_or_default(),
        phone: own_or(unit.map(|unit| &unit.phone), site.map(|site| &site.phone)),
        postal_address: own_or(unit.map(|unit| &unit.address), site.map(|site| &site.address)),
    };
    let agent = decided.agent.as_ref();
    CaseAssigned {
        case_id: decided.case_id.to_string(),
        decision_id: decided.id.to_string(),
        sequence: decided.sequence,
        at: Some(to_proto_time(decided.at)),
        cause: decided.cause.as_str().to_owned(),
        unit: Some(contact),
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
