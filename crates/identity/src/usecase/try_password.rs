//! Tries a password, counted and slowed.

use parvis_kernel::{AgentId, Result, TenantId};
use secrecy::SecretString;

use crate::{
    domain::{
        attempts::{Attempts, LOCK_AFTER, MOST_FROM_STRANGERS, too_many},
        origin::{Origin, device_key},
        security::{SecurityCode, SecurityEvent},
    },
    repo::{
        accounts,
        attempts::{self, Who},
        security_events::security_event,
    },
    service::Identity,
};

/// Whose password is tried.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// An account's.
    Account(&'a AgentId),
    /// Nobody's: the same is done, the answer is no.
    Nobody(&'a str),
}

impl Whose<'_> {
    pub(super) fn who(self) -> Who {
        match self {
            Self::Account(code) => Who::account(code),
            Self::Nobody(login) => Who::nobody(login),
        }
    }

    pub(super) fn code(self) -> String {
        match self {
            Self::Account(code) => code.to_string(),
            Self::Nobody(_) => String::new(),
        }
    }
}

/// How often counting starts again because others count the same account at the same moment.
const TRIES: usize = 5;

/// Whether `password` is right. The attempt is counted as failed first: whoever finds it right forgets it with
/// [`attempts::succeed`]. The same reads, writes and hashing happen whatever is wrong.
///
/// # Errors
/// "Exhausted" while one must wait.
pub(super) async fn try_password(
    identity: &Identity,
    tenant: &TenantId,
    whose: Whose<'_>,
    origin: &Origin,
    password: SecretString,
) -> Result<bool> {
    // The turn comes first: who waits in vain must not have counted.
    let turn = identity.passwords.turn(origin.network()).await?;
    count(identity, tenant, whose, origin).await?;
    let code = match whose {
        Whose::Account(code) => code.clone(),
        Whose::Nobody(_) => AgentId::parse("nobody")?,
    };
    let kept = accounts::password_of(identity.store.read(), tenant, &code).await?;
    let kept = kept.filter(|_| matches!(whose, Whose::Account(_)));
    let right = identity.passwords.verify(turn, password, kept).await?;
    if !right {
        failed(identity, tenant, whose, origin).await?;
    }
    Ok(right)
}

/// Counts one attempt on `whose` as failed.
pub(super) async fn count(identity: &Identity, tenant: &TenantId, whose: Whose<'_>, origin: &Origin) -> Result<()> {
    let (conn, who) = (identity.store.write(), whose.who());
    let now = identity.store.clock().now();
    let mut at = origin.network_key();
    if let Some(device) = origin.device().map(device_key)
        && attempts::counted(conn, tenant, &who, &device).await?.is_known(now)
    {
        at = device;
    }
    for _ in 0..TRIES {
        let counted = attempts::counted(conn, tenant, &who, &at).await?;
        let strangers = attempts::failures_since(conn, tenant, &who, Attempts::forget_before(now)).await?;
        if !counted.is_known(now) && strangers >= MOST_FROM_STRANGERS {
            return Err(too_many("too many attempts from elsewhere: try again tomorrow"));
        }
        let next = counted.attempts.attempt(identity.store.clock().now())?;
        if attempts::put(conn, tenant, (&who, &at), counted.attempts.failures, next).await? {
            if next.failures >= LOCK_AFTER {
                let event = SecurityEvent::new(SecurityCode::Locked, whose.code()).from_network(origin.network());
                security_event(conn, tenant, event, now).await?;
            }
            return Ok(());
        }
    }
    Err(too_many("too many attempts at once: try again in a second"))
}

/// Keeps that an attempt failed.
pub(super) async fn failed(identity: &Identity, tenant: &TenantId, whose: Whose<'_>, origin: &Origin) -> Result<()> {
    let event = SecurityEvent::new(SecurityCode::SignInFailed, whose.code()).from_network(origin.network());
    security_event(identity.store.write(), tenant, event, identity.store.clock().now()).await
}
