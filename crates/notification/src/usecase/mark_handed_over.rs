//! A letter was posted, a call made, an SMS typed.

use parvis_kernel::{Caller, Error, NoticeId, RequestId, Result, Role};
use parvis_proto::{events, notification::NotificationOutcome, to_proto_time};
use parvis_store::{NewEvent, Store, to_db_time};
use prost::Message as _;

use crate::{
    domain::State,
    repo::{attempt, notice},
    usecase::{NoticeView, list_handovers::carried_units},
};

/// Marks it, once.
pub async fn mark_handed_over(store: &Store, caller: &Caller, id: NoticeId) -> Result<NoticeView> {
    caller.require_agent(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor])?;
    let mut tx = store.begin().await?;
    let now = tx.now();
    let Some(mut row) = notice::find(tx.conn(), &caller.tenant, id.0).await? else {
        return Err(Error::not_found("no such notice"));
    };
    if carried_units(caller).is_some_and(|units| !units.contains(&row.unit)) {
        return Err(Error::not_found("no such notice"));
    }
    if row.state != State::ToHandOver.as_str() && row.state != State::HandedOver.as_str() {
        return Err(Error::precondition("this notice is not one that a person carries"));
    }
    if !notice::mark_handed_over(tx.conn(), &caller.tenant, id.0, now).await? {
        return Err(Error::conflict("somebody did it already: read the list again"));
    }
    let done = attempt::Model {
        tenant: row.tenant.clone(),
        notice_id: row.id,
        number: 1,
        at: to_db_time(now),
        succeeded: true,
        detail: caller.actor_key(),
    };
    attempt::insert(tx.conn(), vec![done.clone()]).await?;
    let outcome = NotificationOutcome {
        notice_id: id.to_string(),
        case_id: row.case_id.to_string(),
        kind: row.kind.clone(),
        mode: row.mode.clone(),
        state: State::HandedOver.as_str().to_owned(),
        at: Some(to_proto_time(now)),
        detail: String::new(),
    };
    tx.append(NewEvent {
        tenant: caller.tenant.clone(),
        kind: events::NOTIFICATION_DELIVERED,
        partition: RequestId(row.case_id).partition(),
        subject: row.case_id.to_string(),
        payload: outcome.encode_to_vec(),
        traceparent: String::new(),
    });
    tx.commit().await?;
    row.state = State::HandedOver.as_str().to_owned();
    row.done_at = Some(to_db_time(now));
    Ok(NoticeView { row, attempts: vec![done], to_carry: true, for_agent: true })
}
