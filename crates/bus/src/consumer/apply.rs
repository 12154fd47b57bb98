//! One transaction: the inbox's marks, and the effect of those events that were not marked yet.

use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;
use parvis_kernel::{Error, Result};
use parvis_store::{Store, Tx, inbox};
use tracing::Instrument as _;

use super::Subscription;
use crate::{Event, dead_letter, remote_context};

/// Events that one reader holds, of the subscription at this place.
pub(super) type Share<'a> = (usize, &'a [Event]);

/// Has the effects of events committed.
pub(super) struct Applier {
    pub(super) role: &'static str,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) store: Store,
}

impl Applier {
    pub(super) fn source(&self, subscription: usize) -> &'static str {
        self.subscriptions[subscription].source
    }

    /// All of `shares`, or nothing.
    pub(super) async fn apply(&self, shares: &[Share<'_>]) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let ids: Vec<_> = shares.iter().flat_map(|(_, events)| events.iter().map(|event| event.id)).collect();
        let mut new = inbox::mark_new(&tx, &ids).await?;
        let mut handled = Vec::new();
        let mut spans = Vec::new();
        for subscription in 0..self.subscriptions.len() {
            let ours = shares.iter().filter(|(of, _)| *of == subscription).flat_map(|(_, events)| events.iter());
            let fresh: Vec<Event> = ours.filter(|event| new.remove(&event.id)).cloned().collect();
            if fresh.is_empty() {
                continue;
            }
            let (fresh, of_these) = with_spans(self.role, fresh);
            self.handle(subscription, &mut tx, &fresh).await?;
            handled.push((self.source(subscription), fresh.len()));
            spans.extend(of_these);
        }
        tx.commit().await?;
        drop(spans);
        for (source, count) in handled {
            metrics::counter!("parvis_events_handled_total", "role" => self.role, "source" => source)
                .increment(count as u64);
        }
        Ok(())
    }

    /// The effect of a dead letter, and its end as one.
    pub(super) async fn replay(&self, subscription: usize, event: &Event) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !dead_letter::remove(&tx, event.id).await? {
            return tx.rollback().await;
        }
        self.handle(subscription, &mut tx, std::slice::from_ref(event)).await?;
        tx.commit().await
    }

    async fn handle(&self, subscription: usize, tx: &mut Tx, events: &[Event]) -> Result<()> {
        let Subscription { source, handler, .. } = &self.subscriptions[subscription];
        let span = tracing::info_span!("consume", role = self.role, source, n = events.len());
        let handled = AssertUnwindSafe(handler.handle(tx, events).instrument(span)).catch_unwind();
        match handled.await {
            Ok(result) => result,
            Err(_) => Err(Error::internal("the handler panicked")),
        }
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
