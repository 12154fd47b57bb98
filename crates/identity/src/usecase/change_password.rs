//! An agent changes their own password.

use parvis_kernel::{Caller, Error, Reason, Refusal, Result};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::{
    sessions_of::agent,
    try_password::{Whose, try_password},
};
use crate::{
    domain::{
        origin::Origin,
        password,
        security::{SecurityCode, SecurityEvent},
    },
    repo::{
        accounts::{self, Given},
        attempts,
        security_events::security_event,
        sessions,
    },
    service::Identity,
};

/// From what to what.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// The one in force.
    pub current: SecretString,
    /// The one wanted.
    pub new: SecretString,
    /// The session it is asked from: it goes on, the others end.
    pub session: Option<Uuid>,
    /// From where.
    pub origin: Origin,
}

/// Changes it. A wrong current password is counted as at sign-in: a stolen access token is no way round the lock.
/// Access tokens of the sessions that end are good for their last minutes.
pub async fn change_password(identity: &Identity, caller: &Caller, command: ChangePassword) -> Result<()> {
    let code = agent(caller)?;
    if command.current.expose_secret().chars().count() > password::LONGEST {
        return Err(password::too_long("current_password"));
    }
    let tenant = &caller.tenant;
    let account = accounts::find(identity.store.read(), tenant, code)
        .await?
        .filter(|account| account.is_open())
        .ok_or_else(|| Error::unauthenticated("the account is closed").refused(Refusal::AccountClosed))?;
    password::check(command.new.expose_secret(), "new_password", account.owner(&identity.tenants))?;
    if !try_password(identity, tenant, Whose::Account(code), &command.origin, command.current).await? {
        return Err(Error::wrong("current_password", Reason::WrongPassword, "this is not the password in force"));
    }
    let hash = SecretString::from(identity.passwords.hash(command.new).await?);
    let tx = identity.store.begin().await?;
    accounts::set_password(tx.conn(), tenant, code, &hash, Given::Chosen).await?;
    attempts::unlock(tx.conn(), tenant, &Whose::Account(code).who()).await?;
    sessions::end_all_of(tx.conn(), tenant, &[code], command.session).await?;
    let event = SecurityEvent::new(SecurityCode::PasswordChanged, code)
        .by(caller.actor_key())
        .from_network(command.origin.network());
    security_event(tx.conn(), tenant, event, tx.now()).await?;
    tx.commit().await
}
