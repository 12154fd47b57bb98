//! Gives waiting cases to whoever is free, and decides again those whose agent or unit is gone.

use std::collections::{BTreeSet, HashSet};

use parvis_kernel::{Result, TenantId};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{Cause, Workload, someone_free},
    repo::{agent, case, desk, directory, queue, waiting},
    router::Router,
};

/// Cases decided in one transaction at most.
const BATCH: u64 = 256;

/// One sweep over every authority. Costs a few rows where nobody waits or nobody is free, however many wait.
pub async fn drain_queues(router: &Router, shutdown: &CancellationToken) -> Result<()> {
    let freed = router.take_freed();
    let mut waiting: BTreeSet<String> = queue::tenants_with_waiting(router.store.read()).await?.into_iter().collect();
    waiting.extend(case::tenants_with_stranded(router.store.read()).await?);
    for tenant in waiting {
        let tenant = TenantId::parse(&tenant)?;
        let cause = if freed.contains(&tenant) { Cause::CapacityFreed } else { Cause::Presence };
        while !shutdown.is_cancelled() && worth_it(router, &tenant).await? && drain(router, &tenant, cause).await? {}
    }
    Ok(())
}

/// Whether the tenant's turn is worth taking, by a look that disturbs nobody.
async fn worth_it(router: &Router, tenant: &TenantId) -> Result<bool> {
    let conn = router.store.read();
    let version = directory::current(conn, tenant).await?;
    if version == 0 {
        return Ok(false);
    }
    if !case::stranded(conn, tenant, 1).await?.is_empty() {
        return Ok(true);
    }
    let snapshot = router.snapshots.at(conn, tenant, version).await?;
    let workload = Workload::new(&snapshot, agent::all(conn, tenant).await?, router.store.clock().now());
    let lanes = queue::lanes(conn, tenant).await?;
    Ok(lanes.iter().any(|lane| someone_free(&snapshot, &workload, &lane.unit, &lane.lane)))
}

/// One batch. `false`: nothing was left to do.
async fn drain(router: &Router, tenant: &TenantId, cause: Cause) -> Result<bool> {
    let mut tx = router.store.begin().await?;
    let version = directory::lock(&tx, std::slice::from_ref(tenant)).await?.get(tenant).copied().unwrap_or(0);
    let snapshot = router.snapshots.at(tx.conn(), tenant, version).await?;
    let mut cases = case::stranded(tx.conn(), tenant, BATCH).await?;
    let homeless: Vec<_> = cases.iter().map(|case| case.case_id).collect();
    let workload = Workload::new(&snapshot, agent::all(tx.conn(), tenant).await?, tx.now());
    let mut lanes = queue::lanes(tx.conn(), tenant).await?;
    lanes.retain(|lane| someone_free(&snapshot, &workload, &lane.unit, &lane.lane));
    let of_each = (4 * BATCH / (lanes.len() as u64).max(1)).clamp(4, BATCH);
    let truncated = lanes.iter().filter(|lane| lane.waiting > of_each);
    let truncated: HashSet<_> = truncated.map(|lane| (lane.unit.clone(), lane.lane.clone())).collect();
    let lanes: Vec<_> = lanes.into_iter().map(|lane| (lane.unit, lane.lane)).collect();
    let heads = waiting::heads(tx.conn(), tenant, &lanes, of_each).await?;
    cases.extend(heads.into_iter().filter(|case| !case.is_stranded));
    let mut desk = desk::load_with(&tx, tenant, snapshot.clone(), cases, &BTreeSet::new()).await?;
    for case in homeless {
        desk.rehome(case);
    }
    desk.drain(cause, usize::try_from(BATCH).unwrap_or(usize::MAX), &truncated);
    let changes = desk.into_changes();
    if changes.cases.is_empty() {
        tx.rollback().await?;
        return Ok(false);
    }
    desk::save(&mut tx, tenant, &snapshot, &changes, |_| String::new()).await?;
    tx.commit().await?;
    tracing::debug!(%tenant, decided = changes.decided.len(), "queues drained");
    Ok(true)
}
