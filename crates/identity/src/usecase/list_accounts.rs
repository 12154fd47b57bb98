//! Who works for the authority and may sign in.

use parvis_kernel::{Caller, Result, Role};

use crate::{domain::account::Account, repo::accounts, service::Identity};

/// Every account for an administrator; for a supervisor, those of the units they see. By code.
pub async fn list_accounts(identity: &Identity, caller: &Caller) -> Result<Vec<Account>> {
    caller.require(&[Role::Administrator, Role::Supervisor])?;
    let mut accounts = accounts::list(identity.store.read(), &caller.tenant).await?;
    if !caller.has(Role::Administrator) && !caller.is_system() {
        accounts.retain(|account| account.profile.own_units.iter().any(|unit| caller.units.contains(unit)));
    }
    Ok(accounts)
}
