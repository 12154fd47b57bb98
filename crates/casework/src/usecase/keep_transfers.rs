//! Routing proposed to send a request on: kept, until an agent confirms it by closing the case.

use parvis_bus::Event;
use parvis_kernel::{CaseId, Result};
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
        for batch in events.chunk_by(|one, other| one.tenant == other.tenant) {
            let tenant = &batch[0].tenant;
            let mut proposals: Vec<(CaseId, TransferProposed)> = Vec::with_capacity(batch.len());
            let mut lines = Vec::with_capacity(batch.len());
            for event in batch {
                let proposal: TransferProposed = event.decode()?;
                let id = proposal.case_id.parse()?;
                lines.push(line(id, &proposal, event)?);
                proposals.push((id, proposal));
            }
            let mut first = repo::transfer::put(tx, tenant, &proposals).await?;
            lines.retain(|line| first.remove(&line.case_id));
            repo::history::append(tx, tenant, &lines).await?;
        }
        Ok(())
    }
}

/// For agents; the case itself does not change.
fn line(case_id: CaseId, proposal: &TransferProposed, event: &Event) -> Result<Line> {
    let at = from_proto_time(proposal.at.as_ref(), "at")?.unwrap_or(event.at);
    let author = Author { key: "system:routing".to_owned(), name: "Parvis".to_owned() };
    Ok(Line::beside(case_id, at, Kind::TransferProposed, author, wording::transfer_proposed(&proposal.name)))
}
