//! Routing decided: the case shows it, and the citizen is told who has it.

use std::collections::{BTreeMap, HashMap};

use parvis_bus::Event;
use parvis_kernel::{CaseId, Result, TenantId};
use parvis_proto::routing::CaseAssigned;
use parvis_store::Tx;

use super::{Casework, journal::Journal};
use crate::{
    domain::{Case, Decision, Priority, notice::Notices},
    repo,
};

impl Casework {
    /// Shows decisions. One older than what a case shows is left; one about a case that is not here waits for it.
    pub async fn show_assignments(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        let mut by_tenant: BTreeMap<&TenantId, Vec<(CaseAssigned, String)>> = BTreeMap::new();
        for event in events {
            let decision = (event.decode::<CaseAssigned>()?, event.traceparent.clone());
            by_tenant.entry(&event.tenant).or_default().push(decision);
        }
        for (tenant, decisions) in by_tenant {
            self.show(tx, tenant, decisions).await?;
        }
        Ok(())
    }

    /// Shows decisions of one tenant, each with the trace it belongs to.
    pub(super) async fn show(
        &self,
        tx: &mut Tx,
        tenant: &TenantId,
        decisions: Vec<(CaseAssigned, String)>,
    ) -> Result<()> {
        if decisions.is_empty() {
            return Ok(());
        }
        let town = self.towns.get(tenant)?;
        let now = tx.now();
        let mut ids = Vec::with_capacity(decisions.len());
        for (decision, _) in &decisions {
            ids.push(decision.case_id.parse::<CaseId>()?);
        }
        let found = repo::case::lock(tx, tenant, &ids).await?;
        let requests = repo::request::of_cases(tx.conn(), tenant, &ids).await?;
        let mut cases: HashMap<CaseId, Case> = found.into_iter().map(|case| (case.id, case)).collect();
        let mut journal = Journal::new(tenant.clone());
        let mut early = Vec::new();
        for ((message, traceparent), id) in decisions.iter().zip(ids) {
            let (Some(case), Some(request)) = (cases.get_mut(&id), requests.get(&id)) else {
                early.push((id, message));
                continue;
            };
            let Some(shown) = case.show(&decision(message), now, &town.calendar)? else { continue };
            journal.caused_by(traceparent);
            journal.changed(case, request, shown.line);
            let notices = Notices { case, request, town: &town.calendar, authority: &town.contact, now };
            let notice = match (shown.first, &shown.left) {
                (true, _) => notices.acknowledgment(),
                (false, Some(left)) => notices.reassigned(left),
                (false, None) => continue,
            };
            journal.notice(case, &notice);
        }
        repo::case::save(tx, cases.values().filter(|case| case.version != case.base_version)).await?;
        repo::pending::put(tx, tenant, &early).await?;
        journal.write(tx).await
    }
}

fn decision(message: &CaseAssigned) -> Decision {
    Decision {
        sequence: message.sequence,
        unit: message.unit.clone().unwrap_or_default(),
        agent: message.agent.clone(),
        agent_name: message.agent_name.clone(),
        // A word that a later version of routing may say is no reason to lose the assignment.
        priority: message.priority.parse().unwrap_or(Priority::Normal),
        summary: message.summary.clone(),
        reason: message.reason.clone(),
        actor: message.actor.clone(),
    }
}
