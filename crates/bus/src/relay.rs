//! Publishes what a role committed.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use parvis_kernel::EventId;
use parvis_store::{OutboxRow, Store, outbox};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Bus;

/// Rows published together at most.
const BATCH: usize = 1024;
/// How often unsent rows of others, or of a failure, are looked for.
const SWEEP: Duration = Duration::from_secs(1);
/// How much is published again to a broker that started again: more than what NATS may not have written, two minutes by
/// its default `sync_interval`.
const REFILL: SignedDuration = SignedDuration::from_mins(3);
/// How long rows wait to be marked as sent, to mark many at once. A crash in between only publishes them twice.
const MARK: Duration = Duration::from_millis(500);

/// How long a commit waits for others to be published with it when the last one was: one synchronisation of the
/// broker's file then serves them all.
const COMPANY: Duration = Duration::from_millis(5);

/// The task that empties one role's outbox.
pub struct Relay {
    role: &'static str,
    store: Store,
    bus: Arc<dyn Bus>,
    sent: Vec<EventId>,
    /// Whether the last publication failed.
    failing: bool,
    /// The broker's run that has our last events.
    incarnation: Option<String>,
}

impl Relay {
    /// A relay of `role`'s outbox in `store`.
    pub fn new(role: &'static str, store: Store, bus: Arc<dyn Bus>) -> Self {
        Self { role, store, bus, sent: Vec::new(), failing: false, incarnation: None }
    }

    /// Publishes until `shutdown`, then what is in hand.
    pub async fn run(mut self, shutdown: CancellationToken) {
        let Some(mut committed) = self.store.take_committed() else {
            tracing::error!(role = self.role, "a second relay was started for one store; it does nothing");
            return;
        };
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut mark = tokio::time::interval(MARK);
        mark.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // How many events were published together the last time.
        let mut last = 0;
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                Some(rows) = committed.recv() => {
                    match last {
                        0..=1 => {}
                        2..=15 => tokio::time::sleep(COMPANY).await,
                        _ => tokio::time::sleep(COMPANY * 4).await,
                    }
                    let rows = drain(rows, &mut committed);
                    last = rows.len();
                    self.publish(&rows).await;
                }
                _ = mark.tick(), if !self.sent.is_empty() => self.mark_sent().await,
                _ = sweep.tick() => self.sweep().await,
            }
        }
        committed.close();
        while let Some(rows) = committed.recv().await {
            if !self.publish(&drain(rows, &mut committed)).await {
                break;
            }
        }
        self.mark_sent().await;
    }

    /// Publishes; whether all went. What did not go stays in the outbox and is swept once its lease ends.
    async fn publish(&mut self, rows: &[OutboxRow]) -> bool {
        let results = self.bus.publish(self.role, rows).await;
        let mut failures = 0_usize;
        let mut first = None;
        for (row, result) in rows.iter().zip(results) {
            match result {
                Ok(()) => self.sent.push(row.id),
                Err(error) => {
                    failures += 1;
                    first.get_or_insert(error);
                }
            }
        }
        metrics::counter!("parvis_outbox_published_total", "role" => self.role)
            .increment((rows.len() - failures) as u64);
        if let Some(error) = first {
            metrics::counter!("parvis_outbox_publish_failures_total", "role" => self.role).increment(failures as u64);
            tracing::warn!(role = self.role, failures, %error, "events stay in the outbox; they will be published later");
        }
        self.failing = failures > 0;
        !self.failing
    }

    async fn mark_sent(&mut self) {
        if self.sent.is_empty() {
            return;
        }
        match outbox::mark_sent(&self.store, &self.sent, self.store.clock().now()).await {
            Ok(()) => self.sent.clear(),
            Err(error) => {
                tracing::warn!(role = self.role, %error, "published events are not marked yet");
                // They will be published again when their lease ends: harmless, and better than growing for ever.
                if self.sent.len() > 100_000 {
                    self.sent.clear();
                }
            }
        }
    }

    /// A broker that started again may have lost the last events it acknowledged: its ack is no disk write. They are
    /// said again; those it kept it recognises.
    async fn refill(&mut self) {
        let incarnation = self.bus.incarnation();
        if incarnation.is_none() || incarnation == self.incarnation {
            return;
        }
        match outbox::republish_last(&self.store, REFILL).await {
            Ok(0) => self.incarnation = incarnation,
            Ok(count) => {
                tracing::info!(
                    role = self.role,
                    count,
                    "the broker started again: the last events are published again"
                );
                self.incarnation = incarnation;
            }
            Err(error) => tracing::warn!(role = self.role, %error, "the last events are not published again yet"),
        }
    }

    async fn sweep(&mut self) {
        self.mark_sent().await;
        // Claiming is leasing: claimed in vain, the oldest rows would be the last to go when the broker is back.
        if self.failing && self.bus.ready().await.is_err() {
            return;
        }
        self.refill().await;
        loop {
            let rows = match outbox::claim(&self.store, self.store.clock().now(), BATCH as u64).await {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::warn!(role = self.role, %error, "the outbox cannot be read");
                    return;
                }
            };
            if rows.is_empty() {
                return;
            }
            let went = self.publish(&rows).await;
            self.mark_sent().await;
            if !went {
                return;
            }
        }
    }
}

fn drain(mut rows: Vec<OutboxRow>, committed: &mut mpsc::UnboundedReceiver<Vec<OutboxRow>>) -> Vec<OutboxRow> {
    while rows.len() < BATCH {
        match committed.try_recv() {
            Ok(more) => rows.extend(more),
            Err(_) => break,
        }
    }
    rows
}
