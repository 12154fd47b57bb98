//! What this role does when others speak.

use async_trait::async_trait;
use parvis_bus::{Event, EventHandler};
use parvis_kernel::Result;
use parvis_proto::events::TRANSFER_PROPOSED;
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

/// When routing speaks: `case_assigned`, `transfer_proposed`.
pub struct OnRouting(pub Casework);

#[async_trait]
impl EventHandler for OnRouting {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        let (proposals, decisions): (Vec<Event>, Vec<Event>) =
            events.iter().cloned().partition(|event| event.kind == TRANSFER_PROPOSED);
        self.0.keep_transfers(tx, &proposals).await?;
        self.0.show_assignments(tx, &decisions).await
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
