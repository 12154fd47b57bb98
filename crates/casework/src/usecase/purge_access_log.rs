//! Deletes what has had its time.

use jiff::SignedDuration;
use parvis_kernel::Result;
use tokio_util::sync::CancellationToken;

use super::Casework;
use crate::repo::access_log;

/// Lines of one statement: a short pause for those who write.
const LIMIT: u64 = 1000;

impl Casework {
    /// Deletes the readings of every authority that are older than `life`.
    pub async fn purge_access_log(&self, life: SignedDuration, shutdown: &CancellationToken) -> Result<()> {
        let before = self.store.clock().now() - life;
        while !shutdown.is_cancelled() && access_log::purge(self.store.write(), before, LIMIT).await? == LIMIT {}
        Ok(())
    }
}
