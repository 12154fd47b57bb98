//! What a role does by itself, again and again.

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use parvis_kernel::Result;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A piece of work done at an interval, and at once when woken. One run at a time; a failed one is logged and comes
/// again.
pub struct Job {
    name: &'static str,
    every: Duration,
    wake: Arc<Notify>,
    run: Box<dyn Fn(CancellationToken) -> BoxFuture<'static, Result<()>> + Send + Sync>,
}

impl Job {
    /// `run` every `every`.
    pub fn new<F, R>(name: &'static str, every: Duration, run: F) -> Self
    where
        F: Fn(CancellationToken) -> R + Send + Sync + 'static,
        R: Future<Output = Result<()>> + Send + 'static,
    {
        Self { name, every, wake: Arc::default(), run: Box::new(move |shutdown| Box::pin(run(shutdown))) }
    }

    /// `wake.notify_one()` makes it run at once.
    #[must_use]
    pub fn woken_by(mut self, wake: Arc<Notify>) -> Self {
        self.wake = wake;
        self
    }

    pub(crate) async fn run_until(self, shutdown: CancellationToken) {
        let mut interval = tokio::time::interval(self.every);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = interval.tick() => {}
                () = self.wake.notified() => {}
            }
            if let Err(error) = (self.run)(shutdown.clone()).await {
                tracing::warn!(job = self.name, %error, "the job failed; it will run again");
                metrics::counter!("parvis_job_failures_total", "job" => self.name).increment(1);
            }
        }
    }
}
