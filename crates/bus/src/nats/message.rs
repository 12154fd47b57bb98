//! An event as a message: protobuf inside, CloudEvents attributes in headers.

use async_nats::{HeaderMap, HeaderValue, Message};
use parvis_kernel::{Error, PARTITIONS, Result, TenantId};
use parvis_store::OutboxRow;

use crate::{Event, Refused};

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

/// Reads back a message of the stream of `role`. What it says of itself must be what its subject says, which the broker
/// lets that role alone write.
///
/// # Errors
/// "Invalid": somebody else wrote it, or somebody had it sent to another subject than its own.
pub(super) fn event(role: &str, message: &Message) -> Result<Event> {
    let wrong = || Error::invalid("subject", message.subject.to_string());
    let tokens: Vec<&str> = message.subject.split('.').collect();
    let &["parvis", source, kind, partition, tenant] = tokens.as_slice() else { return Err(wrong()) };
    let header = |name: &'static str| {
        message.headers.as_ref().and_then(|headers| headers.get(name)).map(HeaderValue::as_str).unwrap_or_default()
    };
    if source != role {
        return Err(wrong());
    }
    for (name, expected) in [
        ("parvis-tenant", tenant),
        ("ce-source", &format!("/parvis/{role}/{tenant}")),
        ("ce-type", &format!("fr.parvis.{role}.{kind}.v1")),
    ] {
        if header(name) != expected {
            return Err(Error::invalid(name, "is not what the subject says"));
        }
    }
    Ok(Event {
        id: header("ce-id").parse()?,
        tenant: TenantId::parse(tenant)?,
        kind: kind.to_owned(),
        partition: partition.parse().ok().filter(|it| *it < PARTITIONS).ok_or_else(wrong)?,
        subject: header("ce-subject").to_owned(),
        traceparent: header("traceparent").to_owned(),
        at: header("ce-time").parse().map_err(|_| Error::invalid("ce-time", header("ce-time")))?,
        payload: message.payload.clone(),
    })
}

/// What is kept of a message that [`event`] refused: the `sequence`th of the stream of `role`. Nothing of its headers,
/// which say what their writer liked.
pub(super) fn refused(role: &str, sequence: u64, message: &Message, why: Error) -> Refused {
    let token = |n: usize| message.subject.split('.').nth(n).unwrap_or_default();
    let is_name = |text: &&str| text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    Refused {
        source: role.to_owned(),
        sequence,
        tenant: TenantId::parse(token(4)).map(|tenant| tenant.to_string()).unwrap_or_default(),
        kind: Some(token(2)).filter(is_name).unwrap_or_default().to_owned(),
        partition: token(3).parse().unwrap_or(0),
        payload: message.payload.clone(),
        why,
    }
}
