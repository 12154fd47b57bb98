//! Routing proposed to send a request on: kept, until an agent confirms it by closing the case.

use std::collections::BTreeMap;

use parvis_bus::Event;
use parvis_kernel::{CaseId, Result, TenantId};
use parvis_proto::routing::TransferProposed;
use parvis_store::Tx;

use super::Casework;
use crate::repo;

impl Casework {
    /// Keeps proposals.
    pub async fn keep_transfers(&self, tx: &Tx, events: &[Event]) -> Result<()> {
        let mut by_tenant: BTreeMap<&TenantId, Vec<(CaseId, TransferProposed)>> = BTreeMap::new();
        for event in events {
            let proposal: TransferProposed = event.decode()?;
            by_tenant.entry(&event.tenant).or_default().push((proposal.case_id.parse()?, proposal));
        }
        for (tenant, proposals) in by_tenant {
            repo::transfer::put(tx, tenant, &proposals).await?;
        }
        Ok(())
    }
}
