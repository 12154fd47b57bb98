//! Gives waiting cases to whoever is free, and decides again those whose agent or unit is gone.

use std::collections::BTreeSet;

use parvis_directory::Priority;
use parvis_kernel::{Result, TenantId, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{Cause, RoutedCase, Snapshot, Workload, someone_free},
    repo::{
        agent, case, desk, directory,
        queue::{self, WaitingLane},
    },
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
    let stranded = case::stranded(tx.conn(), tenant, BATCH).await?;
    let workload = Workload::new(&snapshot, agent::all(tx.conn(), tenant).await?, tx.now());
    let mut cases = Vec::new();
    for WaitingLane { unit, lane, .. } in queue::lanes(tx.conn(), tenant).await? {
        if someone_free(&snapshot, &workload, &unit, &lane) {
            let limit = free_places(&snapshot, &workload, &unit).min(BATCH);
            cases.extend(case::waiting(tx.conn(), tenant, &unit, &lane, limit).await?);
        }
    }
    // A lane each, so put them back in one order.
    cases.sort_by_key(place_in_line);
    let homeless: Vec<_> = stranded.iter().map(|case| case.case_id).collect();
    let in_line: Vec<_> = cases.iter().filter(|case| !case.is_stranded).map(|case| case.case_id).collect();
    cases.retain(|case| !case.is_stranded);
    cases.extend(stranded);
    let mut desk = desk::load_with(&tx, tenant, snapshot.clone(), cases, &BTreeSet::new()).await?;
    for case in homeless {
        desk.rehome(case);
    }
    let mut served = 0;
    for case in in_line {
        if served == BATCH {
            break;
        }
        served += u64::from(desk.serve(case, cause));
    }
    let changes = desk.into_changes();
    if changes.decided.is_empty() {
        tx.rollback().await?;
        return Ok(false);
    }
    desk::save(&mut tx, tenant, &snapshot, &changes, |_| String::new()).await?;
    tx.commit().await?;
    tracing::debug!(%tenant, decided = changes.decided.len(), "queues drained");
    Ok(true)
}

fn place_in_line(case: &RoutedCase) -> (std::cmp::Reverse<Priority>, Timestamp, parvis_kernel::CaseId) {
    let priority = case.need.as_ref().map_or(Priority::Normal, |need| need.priority);
    (std::cmp::Reverse(priority), case.since, case.case_id)
}

/// How many cases the agents of a unit could still take.
fn free_places(snapshot: &Snapshot, workload: &Workload, unit: &parvis_kernel::UnitId) -> u64 {
    let free = |agent: &parvis_directory::Agent| agent.capacity.saturating_sub(workload.state(&agent.code).load);
    snapshot.handlers(unit).map(|agent| u64::from(free(agent))).sum()
}
