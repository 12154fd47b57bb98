//! Notices that failed for good.

use parvis_kernel::{Caller, Page, PageRequest, Result, Role};
use parvis_store::Store;

use crate::{
    repo::notice::{self, Listed},
    usecase::NoticeView,
};

/// An administrator sees all, a supervisor those of their units.
pub async fn list_failures(store: &Store, caller: &Caller, page: &PageRequest) -> Result<Page<NoticeView>> {
    caller.require(&[Role::Administrator, Role::Supervisor])?;
    let all = caller.is_system() || caller.has(Role::Administrator);
    let units: Option<Vec<String>> = (!all).then(|| caller.units.iter().map(ToString::to_string).collect());
    let (rows, next) = notice::page(store.read(), &caller.tenant, Listed::Failed, units.as_deref(), page).await?;
    Ok(Page { items: NoticeView::for_agents(store, &caller.tenant, rows, false).await?, next })
}
