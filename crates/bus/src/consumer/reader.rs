//! Reads one partition of one subscription: each batch until its effects are committed, or put aside as dead letters.

use std::{sync::Arc, time::Duration};

use parvis_kernel::{Error, ErrorKind, Result};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::{BATCH, apply::Applier, gather::Parcel, pause};
use crate::{Bus, Event, Inlet, Topic, dead_letter, lease::Leases};

/// How often an event is tried on its own before it becomes a dead letter, and how long between.
const ATTEMPTS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];
/// Conflicts with somebody else's change before an event is taken for one that always conflicts.
const MOST_CONFLICTS: u32 = 10;
/// The longest wait between two tries while the database or a part is down.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

pub(super) struct Reader {
    applier: Arc<Applier>,
    subscription: usize,
    topic: Topic,
    bus: Arc<dyn Bus>,
    leases: Arc<Leases>,
    parcels: mpsc::Sender<Parcel>,
}

impl Reader {
    pub(super) fn new(
        applier: Arc<Applier>,
        subscription: usize,
        partition: u8,
        bus: Arc<dyn Bus>,
        leases: Arc<Leases>,
        parcels: mpsc::Sender<Parcel>,
    ) -> Self {
        let wanted = &applier.subscriptions[subscription];
        let topic = Topic {
            consumer: applier.role.to_owned(),
            source: wanted.source.to_owned(),
            kinds: wanted.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            partition,
        };
        Self { applier, subscription, topic, bus, leases, parcels }
    }

    pub(super) async fn run(self, shutdown: CancellationToken) {
        let partition = self.topic.partition;
        let mut wait = Duration::from_millis(100);
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.leases.held(partition) => {}
            }
            match self.read(&shutdown).await {
                Ok(()) => wait = Duration::from_millis(100),
                Err(error) => {
                    tracing::warn!(role = self.applier.role, source = self.topic.source, partition, %error, "reading stopped; it starts again");
                    pause(wait, &shutdown).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    async fn read(&self, shutdown: &CancellationToken) -> Result<()> {
        let mut inlet = self.bus.subscribe(&self.topic).await?;
        loop {
            let events = tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(()),
                () = self.leases.lost(self.topic.partition) => return Ok(()),
                events = inlet.next(BATCH) => events?,
            };
            for refused in inlet.refused() {
                metrics::counter!("parvis_dead_letters_total", "role" => self.applier.role, "source" => self.applier.source(self.subscription))
                    .increment(1);
                dead_letter::refuse(&self.applier.store, &refused).await?;
            }
            if events.is_empty() {
                inlet.ack().await?;
                continue;
            }
            let events: Arc<[Event]> = events.into();
            if !self.apply_with_others(&events).await && !self.deliver(&mut *inlet, &events, shutdown).await? {
                return Ok(());
            }
            inlet.ack().await?;
        }
    }

    /// Whether the events' effects were committed with what others hold.
    async fn apply_with_others(&self, events: &Arc<[Event]>) -> bool {
        let (applied, answer) = oneshot::channel();
        let parcel = Parcel { subscription: self.subscription, events: events.clone(), applied };
        self.parcels.send(parcel).await.is_ok() && answer.await.unwrap_or(false)
    }

    async fn apply(&self, events: &[Event]) -> Result<()> {
        self.applier.apply(&[(self.subscription, events)]).await
    }

    /// Has the events' effects committed, or put aside as dead letters. `false`: shutting down, not done.
    async fn deliver(&self, inlet: &mut dyn Inlet, events: &[Event], shutdown: &CancellationToken) -> Result<bool> {
        let mut wait = Duration::from_millis(50);
        let mut conflicts = 0;
        loop {
            let outcome = self.apply(events).await;
            if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Conflict) {
                conflicts += 1;
            }
            match outcome {
                Ok(()) => return Ok(true),
                Err(error) if error.is_transient() && conflicts < MOST_CONFLICTS => {
                    tracing::warn!(role = self.applier.role, source = self.topic.source, %error, "events wait");
                    if pause(wait, shutdown).await {
                        return Ok(false);
                    }
                    if error.kind() != ErrorKind::Conflict {
                        wait = (wait * 2).min(LONGEST_WAIT);
                    }
                    inlet.extend().await?;
                }
                Err(_) if events.len() > 1 => break,
                Err(error) => return self.deliver_alone(inlet, &events[0], error, shutdown).await,
            }
        }
        for event in events {
            if !Box::pin(self.deliver(inlet, std::slice::from_ref(event), shutdown)).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn deliver_alone(
        &self,
        inlet: &mut dyn Inlet,
        event: &Event,
        mut error: Error,
        shutdown: &CancellationToken,
    ) -> Result<bool> {
        for wait in &ATTEMPTS[1..] {
            if pause(*wait, shutdown).await {
                return Ok(false);
            }
            inlet.extend().await?;
            match self.apply(std::slice::from_ref(event)).await {
                Ok(()) => return Ok(true),
                Err(again) => error = again,
            }
        }
        let (role, source) = (self.applier.role, self.applier.source(self.subscription));
        tracing::error!(role, source, kind = event.kind, event = %event.id, %error, "dead letter");
        metrics::counter!("parvis_dead_letters_total", "role" => role, "source" => source).increment(1);
        let attempts = i32::try_from(ATTEMPTS.len()).unwrap_or(i32::MAX);
        dead_letter::put(&self.applier.store, source, event, attempts, &error).await?;
        Ok(true)
    }
}
