//! Does what time asks: offers come back, cases that wait go up their ladder, agents are reminded.

use std::collections::BTreeSet;

use parvis_kernel::{Result, TenantId};
use tokio_util::sync::CancellationToken;

use crate::{
    repo::{desk, directory, waiting},
    router::Router,
};

/// Cases looked at in one transaction at most.
const BATCH: u64 = 256;

/// Every timer that is over, of every authority. Timers are rows: they survive whatever is stopped, and whoever comes
/// second in their turn finds them done.
pub async fn fire_timers(router: &Router, shutdown: &CancellationToken) -> Result<()> {
    let now = router.store.clock().now();
    for tenant in router.tenants.all() {
        while !shutdown.is_cancelled()
            && !waiting::due(router.store.read(), &tenant.slug, now, 1).await?.is_empty()
            && fire(router, &tenant.slug).await?
        {}
    }
    Ok(())
}

/// One batch. `false`: nothing was left to do.
async fn fire(router: &Router, tenant: &TenantId) -> Result<bool> {
    let mut tx = router.store.begin().await?;
    let version = directory::lock(&tx, std::slice::from_ref(tenant)).await?.get(tenant).copied().unwrap_or(0);
    let snapshot = router.snapshots.at(tx.conn(), tenant, version).await?;
    let due = waiting::due(tx.conn(), tenant, tx.now(), BATCH).await?;
    if due.is_empty() {
        tx.rollback().await?;
        return Ok(false);
    }
    let ids: Vec<_> = due.iter().map(|case| case.case_id).collect();
    let mut desk = desk::load_with(&tx, tenant, snapshot.clone(), due, &BTreeSet::new()).await?;
    for id in &ids {
        desk.fire(*id);
    }
    let changes = desk.into_changes();
    desk::save(&mut tx, tenant, &snapshot, &changes, |_| String::new()).await?;
    tx.commit().await?;
    tracing::debug!(%tenant, looked_at = ids.len(), escalated = changes.escalated.len(), "timers fired");
    Ok(true)
}
