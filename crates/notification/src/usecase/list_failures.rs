//! Notices that failed for good.

use parvis_kernel::{Caller, Page, PageRequest, Result, Role, policy::handles_requests};
use parvis_store::Store;

use crate::{
    repo::notice::{self, Listed, Whose},
    usecase::{NoticeView, view::Text},
};

/// An administrator sees that they failed, a supervisor of their units what they say and to whom; nobody reads here the
/// request that a notice sends on.
pub async fn list_failures(store: &Store, caller: &Caller, page: &PageRequest) -> Result<Page<NoticeView>> {
    caller.require(&[Role::Administrator, Role::Supervisor])?;
    let all = caller.is_system() || caller.has(Role::Administrator);
    let units: Option<Vec<String>> = (!all).then(|| caller.units.iter().map(ToString::to_string).collect());
    let whose = Whose { units, requests_of: None };
    let (rows, next) = notice::page(store.read(), &caller.tenant, Listed::Failed, &whose, page).await?;
    let reads = |row: &notice::Model| {
        caller.is_system() || (handles_requests(caller) && caller.units.iter().any(|unit| unit.as_str() == row.unit))
    };
    let text = |row: &notice::Model| if row.holds_the_request() || !reads(row) { Text::None } else { Text::Shown };
    let mut items = NoticeView::for_agents(store, &caller.tenant, rows, text).await?;
    for item in &mut items {
        item.for_agent = reads(&item.row);
    }
    Ok(Page { items, next })
}
