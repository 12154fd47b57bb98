//! How a notice went, as others hear of it.

use parvis_kernel::{RequestId, Result, TenantId, Timestamp};
use parvis_proto::{events, notification::NotificationOutcome, to_proto_time};
use parvis_store::NewEvent;
use prost::Message as _;

use crate::{domain::State, repo::notice};

/// The event that says that `row` is now `state`; `detail`: why it failed.
pub(super) fn outcome_event(row: &notice::Model, state: State, detail: &str, now: Timestamp) -> Result<NewEvent> {
    let failed = state == State::Failed;
    let message = NotificationOutcome {
        notice_id: row.id.to_string(),
        case_id: row.case_id.to_string(),
        kind: row.kind.clone(),
        mode: row.mode.clone(),
        state: state.as_str().to_owned(),
        at: Some(to_proto_time(now)),
        detail: if failed { detail.to_owned() } else { String::new() },
    };
    Ok(NewEvent {
        tenant: TenantId::parse(&row.tenant)?,
        kind: if failed { events::NOTIFICATION_FAILED } else { events::NOTIFICATION_DELIVERED },
        partition: RequestId(row.case_id).partition(),
        subject: row.case_id.to_string(),
        payload: message.encode_to_vec(),
        traceparent: row.traceparent.clone(),
    })
}
