//! Brings what others said to a role's handler, once in effect.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::FutureExt as _;
use parvis_kernel::{Error, PARTITIONS, Result};
use parvis_store::{Store, Tx, inbox};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{Bus, Event, Inlet, Topic, dead_letter, lease::Leases};

/// Events handled in one transaction at most.
pub const BATCH: usize = 256;
/// How often an event is tried on its own before it becomes a dead letter, and how long between.
const ATTEMPTS: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(500), Duration::from_secs(2)];
/// The longest wait between two tries while the database or a part is down.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

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

/// The tasks that read for one subscription of one role: one for each partition this process holds.
pub struct Consumer {
    role: &'static str,
    subscription: Subscription,
    store: Store,
    bus: Arc<dyn Bus>,
    leases: Arc<Leases>,
}

impl Consumer {
    /// A consumer of `role`, whose effects and inbox are in `store`. `leases` says which partitions are ours.
    pub fn new(
        role: &'static str,
        subscription: Subscription,
        store: Store,
        bus: Arc<dyn Bus>,
        leases: Arc<Leases>,
    ) -> Self {
        Self { role, subscription, store, bus, leases }
    }

    /// Reads until `shutdown`; a batch in hand is finished first.
    pub async fn run(self, shutdown: CancellationToken) {
        let this = Arc::new(self);
        let tasks = (0..PARTITIONS).map(|partition| {
            let (this, shutdown) = (this.clone(), shutdown.clone());
            tokio::spawn(async move { this.run_partition(partition, &shutdown).await })
        });
        let replays = {
            let (this, shutdown) = (this.clone(), shutdown.clone());
            tokio::spawn(async move { this.run_replays(&shutdown).await })
        };
        futures::future::join_all(tasks.chain([replays])).await;
    }

    async fn run_partition(&self, partition: u8, shutdown: &CancellationToken) {
        let topic = Topic {
            consumer: self.role.to_owned(),
            source: self.subscription.source.to_owned(),
            kinds: self.subscription.kinds.iter().map(|kind| (*kind).to_owned()).collect(),
            partition,
        };
        let mut wait = Duration::from_millis(100);
        while !shutdown.is_cancelled() {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.leases.held(partition) => {}
            }
            match self.read(&topic, shutdown).await {
                Ok(()) => wait = Duration::from_millis(100),
                Err(error) => {
                    tracing::warn!(role = self.role, source = topic.source, partition, %error, "reading stopped; it starts again");
                    pause(wait, shutdown).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    async fn read(&self, topic: &Topic, shutdown: &CancellationToken) -> Result<()> {
        let mut inlet = self.bus.subscribe(topic).await?;
        loop {
            let events = tokio::select! {
                biased;
                () = shutdown.cancelled() => return Ok(()),
                () = self.leases.lost(topic.partition) => return Ok(()),
                events = inlet.next(BATCH) => events?,
            };
            if !self.deliver(&mut *inlet, &events, shutdown).await? {
                return Ok(());
            }
            inlet.ack().await?;
        }
    }

    /// Has the events' effects committed, or put aside as dead letters. `false`: shutting down, not done.
    async fn deliver(&self, inlet: &mut dyn Inlet, events: &[Event], shutdown: &CancellationToken) -> Result<bool> {
        let mut wait = Duration::from_millis(50);
        loop {
            match self.apply(events).await {
                Ok(()) => return Ok(true),
                Err(error) if error.is_transient() => {
                    tracing::warn!(role = self.role, source = self.subscription.source, %error, "events wait");
                    if pause(wait, shutdown).await {
                        return Ok(false);
                    }
                    wait = (wait * 2).min(LONGEST_WAIT);
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
        tracing::error!(role = self.role, source = self.subscription.source, kind = event.kind, event = %event.id, %error, "dead letter");
        metrics::counter!("parvis_dead_letters_total", "role" => self.role, "source" => self.subscription.source)
            .increment(1);
        let attempts = i32::try_from(ATTEMPTS.len()).unwrap_or(i32::MAX);
        dead_letter::put(&self.store, self.subscription.source, event, attempts, &error).await?;
        Ok(true)
    }

    /// One transaction: the inbox's marks and the effect of those not yet marked.
    async fn apply(&self, events: &[Event]) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let ids: Vec<_> = events.iter().map(|event| event.id).collect();
        let mut new = inbox::mark_new(&tx, &ids).await?;
        let fresh: Vec<Event> = events.iter().filter(|event| new.remove(&event.id)).cloned().collect();
        if fresh.is_empty() {
            return tx.commit().await;
        }
        let (fresh, spans) = with_spans(self.role, fresh);
        self.handle(&mut tx, &fresh).await?;
        tx.commit().await?;
        drop(spans);
        metrics::counter!("parvis_events_handled_total", "role" => self.role, "source" => self.subscription.source)
            .increment(fresh.len() as u64);
        Ok(())
    }

    async fn handle(&self, tx: &mut Tx, events: &[Event]) -> Result<()> {
        let span =
            tracing::info_span!("consume", role = self.role, source = self.subscription.source, n = events.len());
        let handled = AssertUnwindSafe(self.subscription.handler.handle(tx, events).instrument(span)).catch_unwind();
        match handled.await {
            Ok(result) => result,
            Err(_) => Err(Error::internal("the handler panicked")),
        }
    }

    async fn run_replays(&self, shutdown: &CancellationToken) {
        while !pause(Duration::from_secs(2), shutdown).await {
            let letters = match dead_letter::to_replay(&self.store, self.subscription.source).await {
                Ok(letters) => letters,
                Err(error) => {
                    tracing::debug!(role = self.role, %error, "dead letters cannot be read");
                    continue;
                }
            };
            for event in letters {
                if let Err(error) = self.replay(&event).await {
                    tracing::error!(role = self.role, event = %event.id, %error, "a replayed dead letter failed again");
                    if let Err(error) = dead_letter::failed_again(&self.store, event.id, &error).await {
                        tracing::warn!(role = self.role, %error, "and that could not be kept");
                    }
                }
            }
        }
    }

    async fn replay(&self, event: &Event) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !dead_letter::remove(&tx, event.id).await? {
            return tx.rollback().await;
        }
        self.handle(&mut tx, std::slice::from_ref(event)).await?;
        tx.commit().await
    }
}

/// Gives each traced event a span of its own under its cause; what the handler says is then caused by that span.
fn with_spans(role: &'static str, mut events: Vec<Event>) -> (Vec<Event>, Vec<tracing::Span>) {
    use opentelemetry::trace::TraceContextExt as _;
    use tracing_opentelemetry::OpenTelemetrySpanExt as _;
    let mut spans = Vec::new();
    for event in events.iter_mut().filter(|event| !event.traceparent.is_empty()) {
        let Some(parent) = remote_context(&event.traceparent) else { continue };
        let span = tracing::info_span!("handle event", role, kind = event.kind);
        if span.set_parent(parent).is_err() {
            continue;
        }
        let context = span.context();
        let own = context.span().span_context().clone();
        if own.is_valid() {
            event.traceparent = format!("00-{}-{}-{:02x}", own.trace_id(), own.span_id(), own.trace_flags().to_u8());
        }
        spans.push(span);
    }
    (events, spans)
}

/// The context that a `traceparent` names.
pub(crate) fn remote_context(traceparent: &str) -> Option<opentelemetry::Context> {
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
    let mut parts = traceparent.split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
    let context = SpanContext::new(trace, span, TraceFlags::new(flags), true, TraceState::default());
    Some(opentelemetry::Context::new().with_remote_span_context(context))
}

/// Waits; `true` when it is time to stop.
async fn pause(wait: Duration, shutdown: &CancellationToken) -> bool {
    tokio::select! {
        () = shutdown.cancelled() => true,
        () = tokio::time::sleep(wait) => false,
    }
}
