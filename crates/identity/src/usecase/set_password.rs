//! An operator sets an account's password (`parvis account set-password`).

use parvis_kernel::{AgentId, Error, Result, TenantId};
use parvis_store::Store;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    crypto::passwords::Passwords,
    domain::password,
    repo::{accounts, sessions},
};

/// Sets the password of an account, unlocks it and ends its sessions.
///
/// # Errors
/// "Not found" where the authority has no such account, "invalid" where the password is too weak.
pub async fn set_password(store: &Store, tenant: &TenantId, code: &AgentId, new: SecretString) -> Result<()> {
    let account = accounts::find(store.read(), tenant, code)
        .await?
        .ok_or_else(|| Error::not_found(format!("{tenant} has no account {code}: import the directory first")))?;
    password::check_for(new.expose_secret(), "password", code.as_str(), &account.profile.email)?;
    let hash = SecretString::from(Passwords::new().await?.hash(new).await?);
    let tx = store.begin().await?;
    accounts::set_password(tx.conn(), tenant, code, &hash, false).await?;
    sessions::end_all_of(tx.conn(), tenant, &[code], None).await?;
    tx.commit().await
}
