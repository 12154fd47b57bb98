//! Notification told somebody (the citizen, the body that a request was sent on to), or could not: the history says so.
//! The case itself does not change.

use parvis_bus::Event;
use parvis_kernel::Result;
use parvis_proto::{from_proto_time, notification::NotificationOutcome};
use parvis_store::Tx;

use super::Casework;
use crate::{
    domain::{Author, Kind, Line, wording},
    repo,
};

impl Casework {
    /// Appends a line for each outcome, without reading the cases: a line changes none.
    pub async fn record_notices(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        for batch in events.chunk_by(|one, other| one.tenant == other.tenant) {
            let mut lines = Vec::with_capacity(batch.len());
            for event in batch {
                let outcome: NotificationOutcome = event.decode()?;
                let failed = outcome.state == "failed";
                // Routing says who was told of a case that waits; only that they could not be is news.
                if outcome.kind == "escalation" && !failed {
                    continue;
                }
                lines.push(Line::beside(
                    outcome.case_id.parse()?,
                    from_proto_time(outcome.at.as_ref(), "at")?.unwrap_or(event.at),
                    if failed { Kind::NoticeFailed } else { Kind::NoticeSent },
                    Author { key: "system:notification".to_owned(), name: "Parvis".to_owned() },
                    wording::notice_outcome(&outcome.kind, &outcome.mode, &outcome.state),
                ));
            }
            repo::history::append(tx, &batch[0].tenant, &lines).await?;
        }
        Ok(())
    }
}
