//! An administrator closes an account, opens it again, or unlocks it.

use parvis_kernel::{AgentId, Caller, Error, ErrorKind, Refusal, Result, Role, TenantId, reason::Thing};

use crate::{
    domain::{
        account::Account,
        security::{SecurityCode, SecurityEvent},
    },
    repo::{
        accounts,
        attempts::{self, Who},
        second_factors,
        security_events::security_event,
        sessions,
    },
    service::Identity,
};

/// What becomes of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountChange {
    /// It is closed, whatever the directory says: its sessions end at once, its access tokens in their last minutes.
    Close,
    /// It is open again, if the directory has it.
    Reopen,
    /// Failed attempts are forgotten.
    Unlock,
    /// The second factor is taken off, and the sessions end: whoever lost their telephone signs in by password alone.
    ResetSecondFactor,
}

/// Changes an account.
///
/// # Errors
/// "Not found" where the authority has no such account, "failed precondition" for the administrator's own account and
/// for the last administrator's.
pub async fn change_account(identity: &Identity, caller: &Caller, code: &AgentId, change: AccountChange) -> Result<()> {
    let by = caller.require_agent(&[Role::Administrator])?;
    let tenant = &caller.tenant;
    let tx = identity.store.begin().await?;
    let all = accounts::hold_all(tx.conn(), tenant).await?;
    if !all.iter().any(|account| account.profile.code == *code) {
        return Err(unknown(tenant, code));
    }
    let what = match change {
        AccountChange::Close => {
            may_close(&all, by, code)?;
            accounts::suspend(tx.conn(), tenant, code, Some(tx.now())).await?;
            sessions::end_all_of(tx.conn(), tenant, &[code], None).await?;
            attempts::forget_all_of(tx.conn(), tenant, &Who::account(code)).await?;
            SecurityCode::AccountClosed
        }
        AccountChange::Reopen => {
            accounts::suspend(tx.conn(), tenant, code, None).await?;
            SecurityCode::AccountReopened
        }
        AccountChange::Unlock => {
            attempts::unlock(tx.conn(), tenant, &Who::account(code)).await?;
            SecurityCode::Unlocked
        }
        AccountChange::ResetSecondFactor => {
            second_factors::remove(tx.conn(), tenant, code).await?;
            sessions::end_all_of(tx.conn(), tenant, &[code], None).await?;
            SecurityCode::SecondFactorReset
        }
    };
    let event = SecurityEvent::new(what, code).by(caller.actor_key());
    security_event(tx.conn(), tenant, event, tx.now()).await?;
    tx.commit().await
}

fn may_close(all: &[Account], by: &AgentId, code: &AgentId) -> Result<()> {
    if by == code {
        let message = "an administrator cannot close their own account: ask another one";
        return Err(Error::new(ErrorKind::FailedPrecondition, message).refused(Refusal::OwnAccount));
    }
    let another = |account: &&Account| {
        account.is_open() && account.profile.roles.contains(&Role::Administrator) && account.profile.code != *code
    };
    if !all.iter().any(|account| another(&account)) {
        let message = "this is the last administrator: make another one first";
        return Err(Error::new(ErrorKind::FailedPrecondition, message).refused(Refusal::LastAdministrator));
    }
    Ok(())
}

/// An account by its code.
pub(super) async fn find(identity: &Identity, tenant: &TenantId, code: &AgentId) -> Result<Account> {
    accounts::find(identity.store.read(), tenant, code).await?.ok_or_else(|| unknown(tenant, code))
}

fn unknown(tenant: &TenantId, code: &AgentId) -> Error {
    Error::no_such(Thing::Agent, format!("{tenant} has no account {code}"))
}
