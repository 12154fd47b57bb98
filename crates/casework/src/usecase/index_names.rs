//! Older cases get the words that find them.

use jiff::SignedDuration;
use parvis_kernel::{CaseId, RequestId, Result};
use tokio_util::sync::CancellationToken;

use super::Casework;
use crate::{domain::person_words, repo};

/// Cases of one transaction: their requests are read whole.
const BATCH: u64 = 100;
/// Cases younger than this are left for later: their ids may still come in any order, and who opened them has most
/// likely given them their words.
const SETTLED: SignedDuration = SignedDuration::from_mins(30);

impl Casework {
    /// Goes through the cases in the order of their ids, from where it was left, and adds the words that they lack:
    /// those opened before there were words, and those that an earlier version opens beside this one.
    pub async fn index_names(&self, shutdown: &CancellationToken) -> Result<()> {
        let version = person_words::VERSION;
        let settled = self.store.clock().now() - SETTLED;
        let seconds = u64::try_from(settled.as_second()).unwrap_or(0);
        let until = first_of(seconds);
        while !shutdown.is_cancelled() {
            let after = repo::word::progress(self.store.read(), version).await?;
            let batch = repo::request::in_order(self.store.read(), after, until, BATCH).await?;
            let Some((_, last, _)) = batch.last() else { return Ok(()) };
            let last = *last;
            let full = batch.len() as u64 == BATCH;
            let tx = self.store.begin().await?;
            let words = batch.iter().map(|(tenant, id, request)| {
                (tenant, *id, person_words::index_words(&request.requester.clone().unwrap_or_default()))
            });
            repo::word::add(tx.conn(), words).await?;
            repo::word::keep_progress(tx.conn(), version, last).await?;
            tx.commit().await?;
            if !full {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The least id of those made in that second.
fn first_of(seconds: u64) -> CaseId {
    RequestId(uuid::Builder::from_unix_timestamp_millis(seconds * 1000, &[0; 10]).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_by_their_time() {
        let old = first_of(1_700_000_000);
        assert!(old < first_of(1_700_000_001) && old < RequestId::new());
    }
}
