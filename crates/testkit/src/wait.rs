//! Waiting for a condition instead of for a time.

use std::time::Duration;

use tokio::time::Instant;

const STEP: Duration = Duration::from_millis(10);

/// Waits until `condition` gives something, and returns it.
///
/// # Panics
/// When `deadline` passes first: the test fails, saying `what` did not come.
pub async fn wait_for<T>(what: &str, deadline: Duration, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(Instant::now() < end, "waited {deadline:?} in vain: {what}");
        tokio::time::sleep(STEP).await;
    }
}

/// Waits until `condition` holds.
///
/// # Panics
/// When `deadline` passes first: the test fails, saying `what` did not come.
pub async fn wait_until(what: &str, deadline: Duration, mut condition: impl AsyncFnMut() -> bool) {
    wait_for(what, deadline, async || condition().await.then_some(())).await;
}
