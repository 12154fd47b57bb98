//! What a person must post, say or type.

use parvis_kernel::{Caller, Page, PageRequest, Result, Role};
use parvis_store::Store;

use crate::{
    repo::notice::{self, Listed},
    usecase::NoticeView,
};

/// The front desk carries everybody's notices; the others those of their units.
pub async fn list_handovers(store: &Store, caller: &Caller, page: &PageRequest) -> Result<Page<NoticeView>> {
    caller.require(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor])?;
    let units = carried_units(caller);
    let (rows, next) = notice::page(store.read(), &caller.tenant, Listed::ToHandOver, units.as_deref(), page).await?;
    Ok(Page { items: NoticeView::for_agents(store, &caller.tenant, rows, true).await?, next })
}

/// The units whose notices the caller carries; `None`: all.
pub(super) fn carried_units(caller: &Caller) -> Option<Vec<String>> {
    if caller.is_system() || caller.has(Role::FrontDesk) {
        return None;
    }
    Some(caller.units.iter().map(ToString::to_string).collect())
}
