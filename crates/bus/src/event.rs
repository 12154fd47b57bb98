//! An event as read.

use bytes::Bytes;
use parvis_kernel::{Error, EventId, Result, TenantId, Timestamp};
use parvis_store::{NewEvent, OutboxRow};

/// Something a role said.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id, the same at each delivery.
    pub id: EventId,
    /// The authority it is about.
    pub tenant: TenantId,
    /// The event's name, as in `parvis_proto::events`.
    pub kind: String,
    /// Its partition.
    pub partition: u8,
    /// What it is about: a request's id.
    pub subject: String,
    /// W3C trace context of what caused it; empty outside a trace.
    pub traceparent: String,
    /// When it was said.
    pub at: Timestamp,
    /// The protobuf message, encoded.
    pub payload: Bytes,
}

impl Event {
    /// Reads the message. A failure is permanent: the event goes to the dead letters.
    pub fn decode<M: prost::Message + Default>(&self) -> Result<M> {
        M::decode(self.payload.clone()).map_err(|error| Error::internal(format!("{} {}: {error}", self.kind, self.id)))
    }
}

impl From<&OutboxRow> for Event {
    fn from(row: &OutboxRow) -> Self {
        Self {
            id: row.id,
            tenant: row.tenant.clone(),
            kind: row.kind.clone(),
            partition: row.partition,
            subject: row.subject.clone(),
            traceparent: row.traceparent.clone(),
            at: row.at,
            payload: Bytes::from(row.payload.clone()),
        }
    }
}

/// A message that no role can have published as it is: it has no effect, and is put aside for somebody to look at.
#[derive(Debug)]
pub struct Refused {
    /// The role in whose log it was.
    pub source: String,
    /// Its number there.
    pub sequence: u64,
    /// The authority that its subject names; empty where it names none.
    pub tenant: String,
    /// The event's name by its subject; empty where it has none.
    pub kind: String,
    /// Its partition by its subject.
    pub partition: u8,
    /// What it carries.
    pub payload: Bytes,
    /// What is wrong with it.
    pub why: Error,
}

/// What a consumer says because of `event`: same tenant, partition, subject and trace.
pub fn caused_by(event: &Event, kind: &'static str, message: &impl prost::Message) -> NewEvent {
    NewEvent {
        tenant: event.tenant.clone(),
        kind,
        partition: event.partition,
        subject: event.subject.clone(),
        payload: message.encode_to_vec(),
        traceparent: event.traceparent.clone(),
    }
}

/// The subject an event travels under: `parvis.<role>.<event>.<partition>.<tenant>`. No personal data.
pub fn subject_of(role: &str, row: &OutboxRow) -> String {
    format!("parvis.{role}.{}.{}.{}", row.kind, row.partition, row.tenant)
}

/// The context that a W3C `traceparent` names; `None` where it names none.
pub fn remote_context(traceparent: &str) -> Option<opentelemetry::Context> {
    use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
    let mut parts = traceparent.split('-').skip(1);
    let trace = TraceId::from_hex(parts.next()?).ok()?;
    let span = SpanId::from_hex(parts.next()?).ok()?;
    let flags = u8::from_str_radix(parts.next()?, 16).ok()?;
    let context = SpanContext::new(trace, span, TraceFlags::new(flags), true, TraceState::default());
    Some(opentelemetry::Context::new().with_remote_span_context(context))
}
