//! An agent refused to send a request on: nobody confirms it any more.

use parvis_bus::Event;
use parvis_kernel::{CaseId, Result};
use parvis_proto::{from_proto_time, routing::TransferRefused};
use parvis_store::Tx;

use super::Casework;
use crate::{
    domain::{Author, Kind, Line, wording},
    repo,
};

impl Casework {
    /// Marks proposals as refused, each once.
    pub async fn refuse_transfers(&self, tx: &Tx, events: &[Event]) -> Result<()> {
        for batch in events.chunk_by(|one, other| one.tenant == other.tenant) {
            let tenant = &batch[0].tenant;
            let mut lines = batch.iter().map(line).collect::<Result<Vec<Line>>>()?;
            let ids: Vec<CaseId> = lines.iter().map(|line| line.case_id).collect();
            let mut refused = repo::transfer::refuse(tx, tenant, &ids).await?;
            lines.retain(|line| refused.remove(&line.case_id));
            repo::history::append(tx, tenant, &lines).await?;
        }
        Ok(())
    }
}

/// For agents; the case itself does not change.
fn line(event: &Event) -> Result<Line> {
    let refusal: TransferRefused = event.decode()?;
    let at = from_proto_time(refusal.at.as_ref(), "at")?.unwrap_or(event.at);
    let detail = wording::transfer_refused(&refusal.name, &refusal.reason);
    let author = Author { key: refusal.actor, name: refusal.actor_name };
    Ok(Line::beside(refusal.case_id.parse()?, at, Kind::TransferRefused, author, detail))
}
