//! People who submit while everything falls, each with an idempotency key, trying again until accepted.

use std::time::Duration;

use anyhow::Result;
use parvis_tests::{Api, Receipt, api::free_text};
use tokio::task::JoinSet;

const CLIENTS: usize = 6;
const PATIENCE: Duration = Duration::from_secs(120);

/// People submitting in the background.
pub struct Submitters(JoinSet<Result<Vec<Receipt>>>);

impl Submitters {
    /// `count` requests in all, each person waiting `between` two of theirs. Every third one is sent twice with the
    /// same key, as a portal does that lost the first answer.
    pub fn start(api: &Api, count: usize, between: Duration) -> Self {
        let mut tasks = JoinSet::new();
        for client in 0..CLIENTS {
            let api = api.clone();
            tasks.spawn(async move {
                let mut receipts = Vec::new();
                for number in (client..count).step_by(CLIENTS) {
                    let key = format!("lost-{number}-{}", parvis_kernel::RequestId::new());
                    let body = free_text("Il y a un dépôt sauvage au bout de ma rue.", number);
                    let receipt = api.submit_until_accepted(&body, &key, None, PATIENCE).await?;
                    if number % 3 == 0 {
                        let again = api.submit_until_accepted(&body, &key, None, PATIENCE).await?;
                        assert_eq!(receipt, again, "the same key gave another answer");
                    }
                    receipts.push(receipt);
                    tokio::time::sleep(between).await;
                }
                Ok(receipts)
            });
        }
        Self(tasks)
    }

    /// What they hold in the end.
    pub async fn finish(mut self) -> Result<Vec<Receipt>> {
        let mut all = Vec::new();
        while let Some(receipts) = self.0.join_next().await {
            all.extend(receipts??);
        }
        Ok(all)
    }
}
