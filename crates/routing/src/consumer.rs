//! What casework says: cases opened, closed, reopened.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use parvis_bus::{Event, EventHandler};
use parvis_directory::GeoPoint;
use parvis_kernel::{AgentId, CaseId, Channel, Error, ProcedureCode, Result, TenantId, UnitId};
use parvis_proto::{
    casework::{CaseOpened, CaseSnapshot, CaseStatusChanged, FieldAnswer},
    events::{CASE_OPENED, CASE_STATUS_CHANGED},
    from_proto_time,
};
use parvis_store::Tx;

use crate::{
    domain::{CaseFacts, Cause, Changes, Decided, Desk, placed_by_rules, rules::PastCase},
    repo::{desk, directory, past_case, transfer},
    router::Router,
};

/// Decides for a whole batch in memory, one case after the other, and keeps it with a few statements.
pub struct CaseworkHandler(pub Router);

/// What a consumer of casework's events wants.
pub const KINDS: &[&str] = &[CASE_OPENED, CASE_STATUS_CHANGED];

/// Code of the form's field that says exactly where something is.
const POINT_FIELD: &str = "coordonnees";

struct Heard {
    case_id: CaseId,
    reference: String,
    version: u64,
    closed: bool,
    /// An agent did something.
    acted: bool,
    filed_by: String,
    /// To a competent body.
    transferred: bool,
    facts: CaseFacts,
    traceparent: String,
}

#[async_trait]
impl EventHandler for CaseworkHandler {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        let mut by_tenant: BTreeMap<TenantId, Vec<Heard>> = BTreeMap::new();
        for event in events {
            if let Some(heard) = read(event)? {
                by_tenant.entry(event.tenant.clone()).or_default().push(heard);
            }
        }
        if by_tenant.is_empty() {
            return Ok(());
        }
        let tenants: Vec<_> = by_tenant.keys().cloned().collect();
        let versions = directory::lock(tx, &tenants).await?;
        for (tenant, heard) in by_tenant {
            let version = versions.get(&tenant).copied().unwrap_or(0);
            self.handle_tenant(tx, &tenant, version, heard).await?;
        }
        Ok(())
    }
}

impl CaseworkHandler {
    async fn handle_tenant(&self, tx: &mut Tx, tenant: &TenantId, version: u64, mut heard: Vec<Heard>) -> Result<()> {
        let Self(router) = self;
        let snapshot = router.snapshots.at(tx.conn(), tenant, version).await?;
        if version == 0 {
            tracing::warn!(%tenant, cases = heard.len(), "no directory was imported: the cases wait for one");
        }
        let ids: Vec<_> = heard.iter().map(|heard| heard.case_id).collect();
        let mut units = Some(BTreeSet::new());
        for heard in &mut heard {
            heard.facts.site = AgentId::parse(&heard.filed_by)
                .ok()
                .filter(|_| heard.facts.channel == Some(Channel::Counter))
                .and_then(|agent| snapshot.agent(&agent)?.site.clone());
            if version > 0 && !heard.closed {
                let unit = placed_by_rules(&snapshot, &heard.facts);
                units = units.zip(unit).map(|(mut units, unit)| {
                    units.insert(unit);
                    units
                });
            }
        }
        let keys: BTreeSet<_> = heard.iter().map(|heard| heard.facts.requester_key.as_str()).collect();
        let mut desk = match &units {
            Some(units) => desk::load_for(tx, tenant, snapshot.clone(), &ids, &keys, units).await?,
            None => desk::load(tx, tenant, snapshot.clone(), &ids, &keys).await?,
        };
        let mut freed = false;
        for heard in &heard {
            freed |= apply(&mut desk, heard);
        }
        let changes = desk.into_changes();
        let traces: HashMap<_, _> = heard.iter().map(|heard| (heard.case_id, heard.traceparent.as_str())).collect();
        let trace = |case: CaseId| traces.get(&case).copied().unwrap_or_default().to_owned();
        desk::save(tx, tenant, &snapshot, &changes, trace).await?;
        if router.past.most > 0 {
            past_case::add(tx, tenant, past_cases(&heard, &changes)).await?;
        }
        let transferred = heard.iter().filter(|heard| heard.closed && heard.transferred).map(|heard| heard.case_id);
        let transferred: Vec<_> = transferred.collect();
        transfer::resolve(tx, tenant, &transferred, "confirmed", "", "").await?;
        if freed {
            let (router, tenant) = (router.clone(), tenant.clone());
            tx.after_commit(move || router.wake_freed(tenant));
        }
        Ok(())
    }
}

/// What the rules looked at for the cases that were decided about anew.
fn past_cases(heard: &[Heard], changes: &Changes) -> Vec<(PastCase, u64)> {
    let facts: HashMap<_, _> = heard.iter().map(|heard| (heard.case_id, &heard.facts)).collect();
    let decided = changes.decided.iter().filter(|decided| decided.cause == Cause::Opened);
    let past = |decided: &Decided| {
        let facts = CaseFacts::clone(facts.get(&decided.case_id)?);
        let (case_id, reference, decided_at) = (decided.case_id, decided.reference.clone(), decided.at);
        let loads = decided.trace.placed.loads.clone();
        Some((PastCase { case_id, reference, decided_at, facts, loads }, decided.rule_set))
    };
    decided.filter_map(past).collect()
}

/// `true`: somebody has room again. A case waiting for the citizen still counts: the answer may come any minute.
fn apply(desk: &mut Desk, heard: &Heard) -> bool {
    let Heard { case_id, reference, version, closed, facts, .. } = heard;
    let known = desk.case(*case_id).map(|case| (case.case_version, case.is_open));
    match known {
        None if *closed => desk.note_closed(*case_id, reference.clone(), *version, facts),
        None => desk.open(*case_id, reference.clone(), *version, facts),
        Some((known, _)) if *version <= known => return false,
        Some((_, true)) if *closed => {
            desk.close(*case_id);
            desk.hear(*case_id, *version);
            return true;
        }
        Some((_, false)) if !closed => {
            desk.reopen(*case_id, facts);
            desk.hear(*case_id, *version);
        }
        Some(_) => {
            desk.hear(*case_id, *version);
            if heard.acted {
                desk.acted(*case_id);
            }
        }
    }
    false
}

/// What an event says that matters here; `None` for the echo of our own decisions.
fn read(event: &Event) -> Result<Option<Heard>> {
    let mut acted = false;
    let snapshot = if event.kind == CASE_OPENED {
        event.decode::<CaseOpened>()?.case
    } else {
        let changed = event.decode::<CaseStatusChanged>()?;
        if matches!(changed.kind.as_str(), "assigned" | "queued") {
            return Ok(None);
        }
        acted = changed.actor.starts_with("agent:") && changed.kind != "citizen_message";
        changed.case
    };
    let snapshot = snapshot.ok_or_else(|| Error::internal(format!("{} {} has no case", event.kind, event.id)))?;
    let case_id = snapshot.id.parse().map_err(|_| Error::internal(format!("{} names no case", event.id)))?;
    Ok(Some(Heard {
        case_id,
        reference: snapshot.reference.clone(),
        version: snapshot.version,
        closed: snapshot.state == "closed",
        acted,
        filed_by: snapshot.filed_by.clone(),
        transferred: snapshot.outcome == "transferred_out",
        facts: facts(snapshot, event)?,
        traceparent: event.traceparent.clone(),
    }))
}

/// What is unknown here (a channel of a later version) matches no rule, and stops nothing.
fn facts(case: CaseSnapshot, event: &Event) -> Result<CaseFacts> {
    let procedure = case.procedure.unwrap_or_default();
    let code = ProcedureCode::parse(&procedure.code).ok();
    Ok(CaseFacts {
        channel: case.channel.parse().ok(),
        // A free text's title is its own beginning.
        title: if code.is_some() { procedure.title } else { String::new() },
        procedure: code,
        procedure_unit: UnitId::parse(&procedure.unit).ok(),
        procedure_skill: Some(procedure.skill).filter(|skill| parvis_kernel::ids::is_code(skill)),
        point: point(&case.answers),
        answers: case.answers.into_iter().map(|answer| (answer.field, answer.values)).collect(),
        text: case.text,
        district: case.district,
        address: case.address,
        requester_kind: case.requester_kind.parse().ok(),
        requester_key: case.requester_key,
        language: case.language,
        site: None,
        received_at: from_proto_time(case.received_at.as_ref(), "received_at")?.unwrap_or(event.at),
    })
}

/// Where it happens, by the answer to the field `coordonnees`: `47.218371,-1.553621`.
fn point(answers: &[FieldAnswer]) -> Option<GeoPoint> {
    let answer = answers.iter().find(|answer| answer.field == POINT_FIELD)?;
    answer.values.first()?.parse().ok()
}
