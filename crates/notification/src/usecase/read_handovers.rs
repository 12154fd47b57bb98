//! What somebody is about to print, read out or type, as the person gets it: with the tracking code.

use parvis_kernel::{Caller, Error, NoticeId, Refusal, Result, Role, reason::Thing};
use parvis_store::Store;

use crate::{
    domain::{State, code},
    repo::{self, notice},
    usecase::{NoticeView, access::carried, view::Text},
};

/// Read at once at most: what is printed at once.
pub const MOST: usize = 200;

/// Those of `ids` that the caller carries, oldest first. The one door through which an agent meets a code.
///
/// # Errors
/// "Not found" where one is not there, or not the caller's to carry; "failed precondition" where one goes by itself.
pub async fn read_handovers(store: &Store, caller: &Caller, ids: &[NoticeId]) -> Result<Vec<NoticeView>> {
    caller.require_agent(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor])?;
    if ids.len() > MOST {
        return Err(Error::invalid("notice_ids", format!("at most {MOST} are read at once")));
    }
    let carried = carried(store, caller).await?;
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    let mut rows = notice::of_ids(store.read(), &caller.tenant, &ids).await?;
    if rows.len() < ids.len() || !rows.iter().all(|row| carried.has(row)) {
        return Err(Error::no_such(Thing::Notice, "no such notice among those that you carry"));
    }
    let by_hand = [State::ToHandOver.as_str(), State::HandedOver.as_str()];
    if !rows.iter().all(|row| by_hand.contains(&row.state.as_str())) {
        return Err(Error::precondition("this notice is not one that a person carries").refused(Refusal::NotCarried));
    }
    let marked: Vec<_> = rows.iter().filter(|row| code::is_marked(&row.body)).map(|row| row.case_id).collect();
    let codes = repo::code::of(store.read(), Some(&caller.tenant), &marked).await?;
    for row in &mut rows {
        if code::is_marked(&row.body) {
            let unknown = || Error::unavailable("the tracking code is not known yet; try again in a moment");
            row.body = code::put(&row.body, codes.get(&row.case_id).ok_or_else(unknown)?);
        }
    }
    NoticeView::for_agents(store, &caller.tenant, rows, |_| Text::Whole).await
}
