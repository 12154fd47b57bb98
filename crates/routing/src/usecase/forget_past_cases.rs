//! What is kept of past cases has a term.

use jiff::SignedDuration;
use parvis_kernel::Result;
use tokio_util::sync::CancellationToken;

use crate::{
    repo::{learning, past_case},
    router::Router,
};

/// Forgets what is older than the settings say, and what is beyond their number; corrections after `correction_days`.
pub async fn forget_past_cases(router: &Router, correction_days: u32, shutdown: &CancellationToken) -> Result<()> {
    for tenant in router.tenants.all() {
        if shutdown.is_cancelled() {
            return Ok(());
        }
        let tx = router.store.begin().await?;
        let ago = |days: u32| {
            let days = SignedDuration::from_hours(24 * i64::from(days));
            tx.now().checked_sub(days).unwrap_or(jiff::Timestamp::MIN)
        };
        let forgotten = past_case::forget(&tx, &tenant.slug, ago(router.past.days), router.past.most).await?;
        learning::forget(&tx, &tenant.slug, ago(correction_days)).await?;
        tx.commit().await?;
        if forgotten > 0 {
            tracing::debug!(tenant = %tenant.slug, forgotten, "past cases forgotten");
        }
    }
    Ok(())
}
