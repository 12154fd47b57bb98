//! What a person must post, say or type.

use parvis_kernel::{Caller, Page, PageRequest, Result, Role};
use parvis_store::Store;

use crate::{
    repo::notice::{self, Listed},
    usecase::{NoticeView, access::carried, view::Text},
};

/// What the caller carries, see [`carried`].
pub async fn list_handovers(store: &Store, caller: &Caller, page: &PageRequest) -> Result<Page<NoticeView>> {
    caller.require(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor])?;
    let whose = carried(store, caller).await?;
    let (rows, next) = notice::page(store.read(), &caller.tenant, Listed::ToHandOver, &whose, page).await?;
    Ok(Page { items: NoticeView::for_agents(store, &caller.tenant, rows, |_| Text::Carried).await?, next })
}
