//! Which units an agent sees now.

use std::collections::BTreeSet;

use parvis_kernel::{Caller, Error, Refusal, Result, UnitId};

use super::sessions_of::agent;
use crate::{repo::accounts, service::Identity};

/// The caller's own units and, for a supervisor, those below: as the directory was last imported.
///
/// # Errors
/// "Unauthenticated" where the account was closed meanwhile.
pub async fn get_membership(identity: &Identity, caller: &Caller) -> Result<BTreeSet<UnitId>> {
    let account = accounts::find(identity.store.read(), &caller.tenant, agent(caller)?).await?;
    let account = account.filter(|account| account.is_open());
    let account =
        account.ok_or_else(|| Error::unauthenticated("the account is closed").refused(Refusal::AccountClosed))?;
    Ok(account.profile.seen_units)
}
