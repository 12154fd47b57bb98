//! Tries a code of a second factor, counted as a password is.

use parvis_kernel::{AgentId, Result, TenantId};

use super::try_password::{Whose, count, failed};
use crate::{
    crypto::opaque,
    domain::{
        origin::Origin,
        second_factor::{Authenticator, recovery_code},
        security::{SecurityCode, SecurityEvent},
    },
    repo::{
        second_factors::{self, SecondFactor},
        security_events::security_event,
    },
    service::Identity,
};

/// Whether `code` is one of the account's authenticator or one of its recovery codes; each is good once.
///
/// # Errors
/// "Exhausted" while one must wait.
pub(super) async fn try_code(
    identity: &Identity,
    tenant: &TenantId,
    (account, factor): (&AgentId, &SecondFactor),
    code: &str,
    origin: &Origin,
) -> Result<bool> {
    let whose = Whose::Account(account);
    count(identity, tenant, whose, origin).await?;
    let (conn, now) = (identity.store.write(), identity.store.clock().now());
    let step = authenticator(identity, tenant, account, factor)?.step_of(code, now);
    let right = match (step, recovery_code(code)) {
        (Some(step), _) => second_factors::use_step(conn, tenant, account, step).await?,
        (None, Some(code)) => {
            let used = second_factors::use_recovery_code(conn, tenant, account, opaque::digest(&code), now).await?;
            if used {
                let event = SecurityEvent::new(SecurityCode::RecoveryCodeUsed, account).from_network(origin.network());
                security_event(conn, tenant, event, now).await?;
            }
            used
        }
        (None, None) => false,
    };
    if !right {
        failed(identity, tenant, whose, origin).await?;
    }
    Ok(right)
}

/// What an account shares with its authenticator.
pub(super) fn authenticator(
    identity: &Identity,
    tenant: &TenantId,
    account: &AgentId,
    factor: &SecondFactor,
) -> Result<Authenticator> {
    let secret = identity.sealing.open_second_factor(tenant, account, &factor.sealed_by, &factor.secret)?;
    Authenticator::new(&secret)
}
