//! An operator sets an account's password (`parvis account set-password`).

use parvis_kernel::{AgentId, Error, Result, TenantId};
use parvis_runtime::Tenants;
use parvis_store::Store;
use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    crypto::passwords::Passwords,
    domain::{
        password,
        security::{SecurityCode, SecurityEvent},
    },
    repo::{
        accounts::{self, Given},
        attempts::{self, Who},
        security_events::security_event,
        sessions,
    },
};

/// Sets the password of an account, unlocks it and ends its sessions.
///
/// # Errors
/// "Not found" where the authority has no such account, "invalid" where the password is too weak.
pub async fn set_password(
    store: &Store,
    tenants: &Tenants,
    tenant: &TenantId,
    code: &AgentId,
    new: SecretString,
) -> Result<()> {
    let account = accounts::find(store.read(), tenant, code)
        .await?
        .ok_or_else(|| Error::not_found(format!("{tenant} has no account {code}: import the directory first")))?;
    password::check(new.expose_secret(), "password", account.owner(tenants))?;
    let hash = SecretString::from(Passwords::new().await?.hash(new).await?);
    let tx = store.begin().await?;
    accounts::set_password(tx.conn(), tenant, code, &hash, Given::Chosen).await?;
    attempts::unlock(tx.conn(), tenant, &Who::account(code)).await?;
    sessions::end_all_of(tx.conn(), tenant, &[code], None).await?;
    let event = SecurityEvent::new(SecurityCode::PasswordSet, code).by("operator");
    security_event(tx.conn(), tenant, event, tx.now()).await?;
    tx.commit().await
}
