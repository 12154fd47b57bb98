//! Every role's events → lines and facts; what units are called now.

use async_trait::async_trait;
use parvis_bus::{Event, EventHandler};
use parvis_kernel::Result;
use parvis_proto::events::UNITS_DESCRIBED;
use parvis_runtime::Tenants;
use parvis_store::Tx;

use crate::{Watchers, usecase};

/// Keeps what happened to every request.
pub struct TimelineConsumer {
    tenants: Tenants,
    watchers: Watchers,
}

impl TimelineConsumer {
    /// `watchers` are woken after each commit.
    pub fn new(tenants: Tenants, watchers: Watchers) -> Self {
        Self { tenants, watchers }
    }
}

#[async_trait]
impl EventHandler for TimelineConsumer {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        parvis_runtime::units::keep_described(tx, events).await?;
        let happened: Vec<Event> = events.iter().filter(|event| event.kind != UNITS_DESCRIBED).cloned().collect();
        let touched = usecase::record_events(tx, &self.tenants, &happened).await?;
        let watchers = self.watchers.clone();
        tx.after_commit(move || watchers.wake(&touched));
        Ok(())
    }
}
