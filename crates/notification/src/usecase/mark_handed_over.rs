//! A letter was posted, a call made, an SMS typed.

use parvis_kernel::{Caller, Error, NoticeId, Refusal, Result, Role, reason::Thing};
use parvis_store::{NewEvent, Store, to_db_time};

use crate::{
    domain::State,
    repo::{attempt, notice},
    usecase::{NoticeView, access::carried, outcome::outcome_event, view::Text},
};

/// Marks it, once.
pub async fn mark_handed_over(store: &Store, caller: &Caller, id: NoticeId) -> Result<NoticeView> {
    caller.require_agent(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor])?;
    let carried = carried(store, caller).await?;
    let mut tx = store.begin().await?;
    let now = tx.now();
    let Some(mut row) = notice::find(tx.conn(), &caller.tenant, id.0).await? else {
        return Err(Error::no_such(Thing::Notice, "no such notice"));
    };
    if !carried.has(&row) {
        return Err(Error::no_such(Thing::Notice, "no such notice"));
    }
    if row.state != State::ToHandOver.as_str() && row.state != State::HandedOver.as_str() {
        return Err(Error::precondition("this notice is not one that a person carries").refused(Refusal::NotCarried));
    }
    if !notice::mark_handed_over(tx.conn(), &caller.tenant, id.0, now).await? {
        return Err(Error::conflict("somebody did it already: read the list again").refused(Refusal::DoneAlready));
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
    let event = outcome_event(&row, State::HandedOver, "", now)?;
    // Caused by this call, not by what asked for the notice days ago.
    tx.append(NewEvent { traceparent: String::new(), ..event });
    tx.commit().await?;
    row.state = State::HandedOver.as_str().to_owned();
    row.done_at = Some(to_db_time(now));
    Ok(NoticeView { row, attempts: vec![done], text: Text::Carried, for_agent: true })
}
