//! The notices of one request.

use parvis_kernel::{
    Caller, Error, Reference, RequestId, Result,
    policy::{ReadingReason, Verb},
    reason::Thing,
};
use parvis_store::Store;

use crate::{
    repo::notice,
    usecase::{NoticeView, access::may, view::Text},
};

/// Which request.
#[derive(Clone, Debug, Default)]
pub struct ListNotices {
    /// The case, or
    pub case_id: String,
    /// its reference.
    pub reference: String,
    /// Why somebody at the counter opens them.
    pub reason: Option<ReadingReason>,
}

/// Whoever follows the request sees the portal copies; an agent who may read the notices sees how each went too.
/// Everybody else learns nothing, not even whether the request exists.
pub async fn list_notices(store: &Store, caller: &Caller, command: ListNotices) -> Result<Vec<NoticeView>> {
    let rows = if command.case_id.is_empty() {
        let reference: Reference = command.reference.parse()?;
        notice::of_reference(store.read(), &caller.tenant, &reference.to_string()).await?
    } else {
        notice::of_case(
            store.read(),
            &caller.tenant,
            command.case_id.parse().map_err(|error: Error| error.about("case_id"))?,
        )
        .await?
    };
    if caller.agent().is_some() || caller.is_system() {
        let may = may(store, caller, &rows, command.reason).await?;
        if !may(Verb::ReadNotices).is_yes() {
            return Err(unknown());
        }
        let reads = may(Verb::ReadText).is_yes();
        let text = |row: &notice::Model| if row.holds_the_request() && !reads { Text::None } else { Text::Shown };
        return NoticeView::for_agents(store, &caller.tenant, rows, text).await;
    }
    if rows.first().is_some_and(|row| caller.follows(RequestId(row.case_id))) {
        return Ok(NoticeView::for_citizen(rows));
    }
    Err(unknown())
}

fn unknown() -> Error {
    Error::no_such(Thing::Request, "no notices that you may know of are under this reference")
}
