//! Which systems may file requests.

use parvis_kernel::{Caller, Result, Role};

use crate::{
    repo::partners::{self, Partner},
    service::Identity,
};

/// Every partner for an administrator, revoked or not, by client id.
pub async fn list_partners(identity: &Identity, caller: &Caller) -> Result<Vec<Partner>> {
    caller.require(&[Role::Administrator])?;
    partners::list(identity.store.read(), &caller.tenant).await
}
