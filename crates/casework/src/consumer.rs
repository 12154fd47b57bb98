//! What this role does when others speak.

use async_trait::async_trait;
use parvis_bus::{Event, EventHandler};
use parvis_kernel::Result;
use parvis_proto::events::{CASE_ASSIGNED, TRANSFER_PROPOSED, TRANSFER_REFUSED};
use parvis_store::Tx;

use crate::usecase::Casework;

/// When intake speaks: `request_received`.
pub struct OnIntake(pub Casework);

#[async_trait]
impl EventHandler for OnIntake {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        self.0.open_cases(tx, events).await
    }
}

/// When routing speaks: `case_assigned`, `transfer_proposed`, `transfer_refused`, `units_described`.
pub struct OnRouting(pub Casework);

#[async_trait]
impl EventHandler for OnRouting {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        let of_kind = |kind: &str| events.iter().filter(|event| event.kind == kind).cloned().collect::<Vec<Event>>();
        parvis_runtime::units::keep_described(tx, events).await?;
        self.0.keep_transfers(tx, &of_kind(TRANSFER_PROPOSED)).await?;
        self.0.refuse_transfers(tx, &of_kind(TRANSFER_REFUSED)).await?;
        self.0.show_assignments(tx, &of_kind(CASE_ASSIGNED)).await
    }
}

/// When notification speaks: `notification_delivered`, `notification_failed`.
pub struct OnNotification(pub Casework);

#[async_trait]
impl EventHandler for OnNotification {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        self.0.record_notices(tx, events).await
    }
}
