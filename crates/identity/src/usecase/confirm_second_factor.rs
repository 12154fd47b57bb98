//! An agent gives a first code of the second factor they are setting up.

use parvis_kernel::{Caller, Error, Reason, Result};
use secrecy::SecretString;

use super::{
    sessions_of::agent,
    try_code::authenticator,
    try_password::{Whose, count, failed},
};
use crate::{
    crypto::opaque,
    domain::{
        origin::Origin,
        second_factor::{RECOVERY_CODES, draw_recovery_code},
        security::{SecurityCode, SecurityEvent},
    },
    repo::{attempts, second_factors, security_events::security_event},
    service::Identity,
};

/// The recovery codes: shown once, each good once. From now on a sign-in asks for a code.
///
/// # Errors
/// "Invalid" for a wrong code, counted as at sign-in, and where nothing was begun.
pub async fn confirm_second_factor(
    identity: &Identity,
    caller: &Caller,
    code: &str,
    origin: &Origin,
) -> Result<Vec<SecretString>> {
    let (tenant, account) = (&caller.tenant, agent(caller)?);
    let whose = Whose::Account(account);
    let wrong = || Error::wrong("code", Reason::WrongCode, "this is not the code that the authenticator shows now");
    let kept = second_factors::find(identity.store.read(), tenant, account).await?;
    let kept = kept.filter(|kept| !kept.confirmed).ok_or_else(wrong)?;
    count(identity, tenant, whose, origin).await?;
    let now = identity.store.clock().now();
    let Some(step) = authenticator(identity, tenant, account, &kept)?.step_of(code, now) else {
        failed(identity, tenant, whose, origin).await?;
        return Err(wrong());
    };
    let codes: Vec<SecretString> = (0..RECOVERY_CODES).map(|_| draw_recovery_code()).collect();
    let tx = identity.store.begin().await?;
    if !second_factors::use_step(tx.conn(), tenant, account, step).await? {
        return Err(wrong());
    }
    second_factors::confirm(tx.conn(), tenant, account, codes.iter().map(opaque::digest).collect(), now).await?;
    attempts::unlock(tx.conn(), tenant, &whose.who()).await?;
    let event = SecurityEvent::new(SecurityCode::SecondFactorSet, account).by(caller.actor_key());
    security_event(tx.conn(), tenant, event.from_network(origin.network()), now).await?;
    tx.commit().await?;
    Ok(codes)
}
