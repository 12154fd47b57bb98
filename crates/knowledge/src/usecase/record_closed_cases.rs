//! Cases ended: how, and about which procedure, to learn what is missing. Nothing that anybody wrote is kept.

use std::collections::BTreeMap;

use parvis_bus::Event;
use parvis_kernel::{CaseId, Error, Result, TenantId, ids::is_code};
use parvis_proto::{casework::CaseStatusChanged, from_proto_time};
use parvis_runtime::Tenants;
use parvis_store::Tx;

use super::days_since_1970;
use crate::repo::closed_case::{self, ClosedCase};

/// Keeps the latest end of each case of a batch, or that it was opened again.
pub async fn record_closed_cases(tx: &Tx, tenants: &Tenants, events: &[Event]) -> Result<()> {
    let mut latest: BTreeMap<(TenantId, CaseId), ClosedCase> = BTreeMap::new();
    for event in events {
        let Some(case) = read(event, tenants)? else { continue };
        let key = (case.tenant.clone(), case.case_id);
        if latest.get(&key).is_none_or(|known| known.version < case.version) {
            latest.insert(key, case);
        }
    }
    let cases: Vec<ClosedCase> = latest.into_values().collect();
    closed_case::keep(tx.conn(), &cases).await
}

/// `None`: it neither ended nor was opened again.
fn read(event: &Event, tenants: &Tenants) -> Result<Option<ClosedCase>> {
    let changed: CaseStatusChanged = event.decode()?;
    let ended = changed.kind == "closed";
    if !ended && changed.kind != "reopened" {
        return Ok(None);
    }
    let case = changed.case.ok_or_else(|| Error::internal(format!("{} {} has no case", event.kind, event.id)))?;
    let at = from_proto_time(changed.at.as_ref(), "at")?.unwrap_or(event.at);
    let procedure = case.procedure.unwrap_or_default();
    let code = |text: String| if is_code(&text) { text } else { String::new() };
    Ok(Some(ClosedCase {
        tenant: event.tenant.clone(),
        case_id: case.id.parse()?,
        version: case.version,
        day: days_since_1970(at.to_zoned(tenants.zone_of(&event.tenant)).date()),
        procedure: code(procedure.code),
        theme: code(procedure.theme),
        outcome: if ended { case.outcome } else { String::new() },
    }))
}
