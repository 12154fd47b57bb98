//! What identity hears: requests received, whose authors it recognises.

use async_trait::async_trait;
use parvis_bus::{Event, EventHandler};
use parvis_kernel::Result;
use parvis_store::Tx;

use crate::usecase;

/// Recognises who writes.
pub struct RequestReader;

#[async_trait]
impl EventHandler for RequestReader {
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        usecase::link_citizens(tx, events).await
    }
}
