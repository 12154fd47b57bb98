//! Deletes what has had its time.

use parvis_kernel::Result;
use tokio_util::sync::CancellationToken;

use crate::{
    domain::attempts::Attempts,
    repo::{access_log, attempts, second_factors, security_events, sessions, unknown_logins},
    service::Identity,
};

/// Rows of one statement: a short pause for those who write.
const LIMIT: u64 = 1000;

/// Deletes ended sessions, old accesses, old security events and attempts that are forgotten.
pub async fn purge(identity: &Identity, shutdown: &CancellationToken) -> Result<()> {
    let store = &identity.store;
    let now = store.clock().now();
    while !shutdown.is_cancelled() && sessions::purge(store.write(), now, LIMIT).await? == LIMIT {}
    let before = now - identity.config.access_log_life();
    while !shutdown.is_cancelled() && access_log::purge(store.write(), before, LIMIT).await? == LIMIT {}
    while !shutdown.is_cancelled() && security_events::purge(store, before, LIMIT).await? == LIMIT {}
    attempts::forget(store.write(), now).await?;
    second_factors::purge_challenges(store.write(), now).await?;
    unknown_logins::forget(store.write(), Attempts::forget_before(now)).await?;
    Ok(())
}
