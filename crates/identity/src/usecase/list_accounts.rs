//! Who works for the authority and may sign in.

use parvis_kernel::{Caller, Result, Role, Timestamp};

use crate::{
    domain::account::Account,
    repo::{accounts, attempts, second_factors},
    service::Identity,
};

/// An account, and whether it is locked somewhere.
#[derive(Clone, Debug)]
pub struct ListedAccount {
    /// The account.
    pub account: Account,
    /// Until when the last of the origins that failed too often is locked.
    pub locked_until: Option<Timestamp>,
    /// Whether it has a second factor.
    pub second_factor: bool,
}

/// Every account for an administrator; for a supervisor, those of the units they see. By code.
pub async fn list_accounts(identity: &Identity, caller: &Caller) -> Result<Vec<ListedAccount>> {
    caller.require(&[Role::Administrator, Role::Supervisor])?;
    let mut accounts = accounts::list(identity.store.read(), &caller.tenant).await?;
    if !caller.has(Role::Administrator) && !caller.is_system() {
        let own = accounts.iter().find(|account| Some(&account.profile.code) == caller.agent());
        let seen = own.map(|own| own.profile.seen_units.clone()).unwrap_or_default();
        accounts.retain(|account| account.profile.own_units.iter().any(|unit| seen.contains(unit)));
    }
    let now = identity.store.clock().now();
    let locked = attempts::locked(identity.store.read(), &caller.tenant, now).await?;
    let confirmed = second_factors::confirmed(identity.store.read(), &caller.tenant).await?;
    let listed = accounts.into_iter().map(|account| {
        let locked_until = locked.get(account.profile.code.as_str()).copied();
        let second_factor = confirmed.contains(account.profile.code.as_str());
        ListedAccount { account, locked_until, second_factor }
    });
    Ok(listed.collect())
}
