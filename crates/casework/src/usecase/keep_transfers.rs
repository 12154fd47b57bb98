//! Routing proposed to send a request on: kept, until an agent confirms it by closing the case.

use std::collections::BTreeMap;

use parvis_bus::Event;
use parvis_kernel::{CaseId, Result, TenantId, Timestamp};
use parvis_proto::{from_proto_time, routing::TransferProposed};
use parvis_store::Tx;

use super::Casework;
use crate::{
    domain::{Author, Kind, Line, wording},
    repo,
};

impl Casework {
    /// Keeps proposals.
    pub async fn keep_transfers(&self, tx: &Tx, events: &[Event]) -> Result<()> {
        let mut by_tenant: BTreeMap<&TenantId, Vec<(CaseId, TransferProposed)>> = BTreeMap::new();
        for event in events {
            let proposal: TransferProposed = event.decode()?;
            by_tenant.entry(&event.tenant).or_default().push((proposal.case_id.parse()?, proposal));
        }
        for (tenant, proposals) in by_tenant {
            let mut first = repo::transfer::put(tx, tenant, &proposals).await?;
            let new = proposals.iter().filter(|(id, _)| first.remove(id));
            let lines: Vec<Line> = new.map(|(id, proposal)| line(*id, proposal, tx.now())).collect();
            repo::history::append(tx, tenant, &lines).await?;
        }
        Ok(())
    }
}

/// For agents; the case itself does not change.
fn line(case_id: CaseId, proposal: &TransferProposed, now: Timestamp) -> Line {
    let at = from_proto_time(proposal.at.as_ref(), "at").ok().flatten().unwrap_or(now);
    let author = Author { key: "system:routing".to_owned(), name: "Parvis".to_owned() };
    Line::beside(case_id, at, Kind::TransferProposed, author, wording::transfer_proposed(&proposal.name))
}
