//! Brings what others said to a role's handlers, once in effect.
//!
//! Each partition of each subscription is read by a task of its own, one batch in flight, so events of a request stay
//! in order. What those readers hold at the same moment is then applied together, in one transaction
//! ([`gather`]): under load a commit serves many events, and a database with one writer is not asked for hundreds.

mod apply;
mod gather;
mod reader;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use parvis_kernel::{PARTITIONS, Result};
use parvis_store::{Store, Tx};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{Bus, Event, dead_letter, lease::Leases};
use apply::Applier;
use reader::Reader;

/// Events read at once, and handled in one transaction, at most.
pub const BATCH: usize = 256;

/// What a role does when others speak.
#[async_trait]
pub trait EventHandler: Send + Sync + 'static {
    /// The effect of `events`, inside `tx`. Each comes here once in effect; those of one request come in order, save
    /// after a failure: compare versions. An error undoes the whole batch, which is then tried one by one.
    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()>;
}

/// Which events of which role a handler wants.
pub struct Subscription {
    /// The role that speaks.
    pub source: &'static str,
    /// The events wanted.
    pub kinds: &'static [&'static str],
    /// What to do with them.
    pub handler: Arc<dyn EventHandler>,
}

/// The tasks that read for all subscriptions of one role.
pub struct Consumer {
    applier: Arc<Applier>,
    bus: Arc<dyn Bus>,
    leases: Arc<Leases>,
}

impl Consumer {
    /// A consumer of `role`, whose effects and inbox are in `store`. `leases` says which partitions are ours.
    pub fn new(
        role: &'static str,
        subscriptions: Vec<Subscription>,
        store: Store,
        bus: Arc<dyn Bus>,
        leases: Arc<Leases>,
    ) -> Self {
        Self { applier: Arc::new(Applier { role, subscriptions, store }), bus, leases }
    }

    /// Reads until `shutdown`; a batch in hand is finished first.
    pub async fn run(self, shutdown: CancellationToken) {
        let subscriptions = self.applier.subscriptions.len();
        // Room for what every reader may hold: none ever waits for room.
        let (parcels, gathered) = mpsc::channel((subscriptions * usize::from(PARTITIONS)).max(1));
        let mut tasks = tokio::task::JoinSet::new();
        tasks.spawn(gather::run(self.applier.clone(), gathered));
        for subscription in 0..subscriptions {
            for partition in 0..PARTITIONS {
                let reader = Reader::new(
                    self.applier.clone(),
                    subscription,
                    partition,
                    self.bus.clone(),
                    self.leases.clone(),
                    parcels.clone(),
                );
                tasks.spawn(reader.run(shutdown.clone()));
            }
        }
        drop(parcels);
        tasks.spawn(run_replays(self.applier, shutdown));
        tasks.join_all().await;
    }
}

/// Tries again the dead letters that somebody asked to be.
async fn run_replays(applier: Arc<Applier>, shutdown: CancellationToken) {
    while !pause(Duration::from_secs(2), &shutdown).await {
        for subscription in 0..applier.subscriptions.len() {
            let letters = match dead_letter::to_replay(&applier.store, applier.source(subscription)).await {
                Ok(letters) => letters,
                Err(error) => {
                    tracing::debug!(role = applier.role, %error, "dead letters cannot be read");
                    continue;
                }
            };
            for event in letters {
                if let Err(error) = applier.replay(subscription, &event).await {
                    tracing::error!(role = applier.role, event = %event.id, %error, "a replayed dead letter failed again");
                    if let Err(error) = dead_letter::failed_again(&applier.store, event.id, &error).await {
                        tracing::warn!(role = applier.role, %error, "and that could not be kept");
                    }
                }
            }
        }
    }
}

/// Waits; `true` when it is time to stop.
async fn pause(wait: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = shutdown.cancelled() => true,
        () = tokio::time::sleep(wait) => false,
    }
}
