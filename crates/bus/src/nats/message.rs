//! An event as a message: protobuf inside, CloudEvents attributes in headers.

use async_nats::{HeaderMap, HeaderValue, Message};
use parvis_kernel::{Error, Result, TenantId};
use parvis_store::OutboxRow;

use crate::Event;

pub(super) fn headers(role: &str, row: &OutboxRow) -> Result<HeaderMap> {
    let id = row.id.to_string();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("Nats-Msg-Id", id.as_str()),
        ("ce-specversion", "1.0"),
        ("ce-id", &id),
        ("ce-source", &format!("/parvis/{role}/{}", row.tenant)),
        ("ce-type", &format!("fr.parvis.{role}.{}.v1", row.kind)),
        ("ce-time", &row.at.to_string()),
        ("ce-subject", &row.subject),
        ("ce-datacontenttype", "application/protobuf"),
        ("parvis-tenant", row.tenant.as_str()),
        ("traceparent", &row.traceparent),
    ] {
        if !value.is_empty() {
            headers.insert(name, value.parse::<HeaderValue>().map_err(Error::internal)?);
        }
    }
    Ok(headers)
}

/// Reads a message back. An error: somebody else wrote it.
pub(super) fn event(message: &Message) -> Result<Event> {
    let mut tokens = message.subject.split('.').skip(2);
    let (Some(kind), Some(partition)) = (tokens.next(), tokens.next()) else {
        return Err(Error::invalid("subject", message.subject.to_string()));
    };
    let header = |name: &'static str| {
        message.headers.as_ref().and_then(|headers| headers.get(name)).map(HeaderValue::as_str).unwrap_or_default()
    };
    Ok(Event {
        id: header("ce-id").parse()?,
        tenant: TenantId::parse(header("parvis-tenant"))?,
        kind: kind.to_owned(),
        partition: partition.parse().map_err(|_| Error::invalid("subject", message.subject.to_string()))?,
        subject: header("ce-subject").to_owned(),
        traceparent: header("traceparent").to_owned(),
        at: header("ce-time").parse().map_err(|_| Error::invalid("ce-time", header("ce-time")))?,
        payload: message.payload.clone(),
    })
}
