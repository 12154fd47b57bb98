//! The accounts: what was accepted, what was opened, what was assigned, what was said.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context as _, Result, ensure};
use futures::{StreamExt as _, stream};
use parvis_tests::{Receipt, Town, api::is_routed_and_acknowledged};
use sea_orm::{ConnectionTrait, Database, Statement};

const PATIENCE: Duration = Duration::from_secs(120);

/// Every receipt is one request, one case, assigned or queued, acknowledged exactly once; and there is nothing else.
pub async fn balance(town: &Town, receipts: &[Receipt]) -> Result<()> {
    let api = town.api();
    let followed: Vec<Result<()>> = stream::iter(receipts)
        .map(|receipt| {
            let api = api.clone();
            async move { api.follow(receipt, PATIENCE, is_routed_and_acknowledged).await.map(|_| ()) }
        })
        .buffer_unordered(8)
        .collect()
        .await;
    for result in followed {
        result.with_context(|| town.logs())?;
    }
    let references: std::collections::HashSet<_> = receipts.iter().map(|receipt| &receipt.reference).collect();
    ensure!(references.len() == receipts.len(), "two requests share a reference");

    let expected = i64::try_from(receipts.len())?;
    let requests = count(town, "intake", "SELECT COUNT(*) AS n FROM request").await?;
    ensure!(requests == expected, "{expected} were accepted and {requests} are kept");
    let cases = count(town, "casework", "SELECT COUNT(*) AS n FROM cases").await?;
    ensure!(cases == expected, "{expected} were accepted and {cases} cases are open");
    let limbo = "SELECT COUNT(*) AS n FROM cases WHERE unit = '' OR next_timer_at IS NULL";
    ensure!(count(town, "casework", limbo).await? == 0, "a case has neither handler nor queue, or no timer");
    for role in ["casework", "routing", "notification", "tracking", "identity"] {
        let letters = count(town, role, "SELECT COUNT(*) AS n FROM dead_letter").await?;
        ensure!(letters == 0, "{role} has {letters} dead letters");
    }
    acknowledged_once(town, receipts)
}

/// One message of acknowledgment a request, no more.
fn acknowledged_once(town: &Town, receipts: &[Receipt]) -> Result<()> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for path in town.mails() {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for receipt in receipts.iter().filter(|receipt| text.contains(&receipt.reference)) {
            *seen.entry(receipt.reference.clone()).or_default() += 1;
        }
    }
    for receipt in receipts {
        let times = seen.get(&receipt.reference).copied().unwrap_or(0);
        ensure!(times == 1, "{} was acknowledged by e-mail {times} times", receipt.reference);
    }
    Ok(())
}

async fn count(town: &Town, role: &str, sql: &str) -> Result<i64> {
    let db = Database::connect(town.database_url(role)).await?;
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?.context("a count")?;
    let n = row.try_get("", "n")?;
    db.close().await?;
    Ok(n)
}
