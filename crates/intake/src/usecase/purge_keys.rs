//! Forgets idempotency keys past their time: nobody retries after three months.

use jiff::SignedDuration;
use parvis_kernel::Result;
use tokio_util::sync::CancellationToken;

use super::Intake;
use crate::repo;

/// How long a key is remembered.
pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Rows deleted by one statement.
const CHUNK: u64 = 500;

impl Intake {
    /// Forgets them by small lots, so that nobody waits. Returns how many.
    pub async fn purge_keys(&self, shutdown: &CancellationToken) -> Result<u64> {
        let before = self.clock.now() - KEPT;
        let mut purged = 0;
        while !shutdown.is_cancelled() {
            let lot = repo::idempotency::purge(&self.store, before, CHUNK).await?
                + repo::instant_answer::purge(&self.store, before, CHUNK).await?;
            if lot == 0 {
                break;
            }
            purged += lot;
        }
        Ok(purged)
    }
}
