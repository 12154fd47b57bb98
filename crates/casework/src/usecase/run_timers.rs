//! Dates that have come: promises broken, legal targets, cases that nobody has looked at.

use std::sync::Arc;

use parvis_kernel::{CaseId, Error, ErrorKind, Result, TenantId};
use tokio_util::sync::CancellationToken;

use super::{Casework, journal::Journal};
use crate::{domain::Case, repo};

/// Cases woken in one transaction at most.
const BATCH: u64 = 200;

impl Casework {
    /// Wakes every case whose date has come, of every authority. Several processes may do so at once: a row is locked
    /// (PostgreSQL) or the writer is alone (SQLite), and a version is written over once.
    pub async fn run_timers(self: Arc<Self>, shutdown: CancellationToken) -> Result<()> {
        for tenant in self.towns.names() {
            loop {
                if shutdown.is_cancelled() {
                    return Ok(());
                }
                match self.wake_some(tenant).await {
                    Ok(0) => break,
                    Ok(woken) => metrics::counter!("parvis_casework_timers_total").increment(woken as u64),
                    // Somebody changed one of them meanwhile: read them again.
                    Err(error) if error.kind() == ErrorKind::Conflict => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    async fn wake_some(&self, tenant: &TenantId) -> Result<usize> {
        // Most of the time nothing is due: no need to make writers wait.
        if !repo::case::any_due(self.store.read(), tenant, self.store.clock().now()).await? {
            return Ok(0);
        }
        let town = self.towns.get(tenant)?;
        let mut tx = self.store.begin().await?;
        let now = tx.now();
        let mut cases = repo::case::due(&tx, tenant, now, BATCH).await?;
        let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
        let requests = repo::request::of_cases(tx.conn(), tenant, &ids).await?;
        let mut journal = Journal::new(tenant.clone());
        for case in &mut cases {
            let request =
                requests.get(&case.id).ok_or_else(|| Error::internal(format!("case {} has no request", case.id)))?;
            for line in case.strike(now, &town.calendar)? {
                // Each line is said with the case as it was then; all that two clocks striking at once change of it is
                // its version and its priority.
                let then = Case { version: line.version, priority: line.priority, ..case.clone() };
                journal.changed(&then, request, line);
            }
        }
        repo::case::save(&tx, &cases).await?;
        journal.write(&mut tx).await?;
        let woken = cases.len();
        tx.commit().await?;
        Ok(woken)
    }
}
