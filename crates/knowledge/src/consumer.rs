//! What casework says: cases that ended.

use async_trait::async_trait;
use parvis_bus::{Event, EventHandler};
use parvis_kernel::Result;
use parvis_runtime::Tenants;
use parvis_store::Tx;

use crate::usecase::record_closed_cases::record_closed_cases;

/// Counts how cases end, to learn what is missing.
pub struct OnCasework(pub Tenants);

#[async_trait]
impl EventHandler for OnCasework {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        record_closed_cases(tx, &self.0, events).await
    }
}
