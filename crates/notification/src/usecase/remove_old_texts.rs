//! What was said has its term.

use std::collections::HashMap;

use parvis_kernel::{ContactMode, NoticeId, Result};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    domain::pace::WINDOW,
    repo::{attempt, notice, pace},
    usecase::Courier,
};

/// Notices emptied in one transaction at most: a short pause for those who write.
const LIMIT: usize = 512;

impl Courier {
    /// Empties the notices of every authority that went, or failed for good, longer ago than the settings keep them:
    /// texts, addressee, what servers answered; and when strangers had a mailbox written to, an hour ago. Returns how many. What still has to go is never touched, however old.
    pub async fn remove_old_texts(&self, shutdown: &CancellationToken) -> Result<usize> {
        pace::purge(self.store.write(), self.store.clock().now() - WINDOW).await?;
        let mut removed = 0;
        while !shutdown.is_cancelled() {
            let lot = self.remove_some().await?;
            removed += lot;
            if lot < LIMIT {
                break;
            }
        }
        Ok(removed)
    }

    async fn remove_some(&self) -> Result<usize> {
        let before = self.store.clock().now() - self.body_life;
        // Outside the transaction: most of the time nothing is old, and no writer has to wait for that.
        let old = notice::settled_before(self.store.read(), before, LIMIT as u64).await?;
        if old.is_empty() {
            return Ok(0);
        }
        // Before the rows: interrupted in between, the next run finds these again.
        let mails = old.iter().filter(|(_, _, mode)| mode == ContactMode::Email.as_str());
        self.outlet.forget(mails.map(|(_, id, _)| NoticeId(*id)).collect()).await?;
        let mut by_tenant: HashMap<&str, Vec<Uuid>> = HashMap::new();
        for (tenant, id, _) in &old {
            by_tenant.entry(tenant).or_default().push(*id);
        }
        let tx = self.store.begin().await?;
        let now = tx.now();
        for (tenant, ids) in by_tenant {
            notice::remove_texts(tx.conn(), &ids, now).await?;
            attempt::remove_details(tx.conn(), tenant, &ids).await?;
        }
        tx.commit().await?;
        Ok(old.len())
    }
}
