//! An agent sets up a second factor: first the secret, for their authenticator.

use parvis_kernel::{Caller, Error, ErrorKind, Reason, Refusal, Result};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use super::{
    sessions_of::agent,
    try_password::{Whose, try_password},
};
use crate::{
    domain::{
        origin::Origin,
        password,
        second_factor::{Authenticator, SECRET_BYTES},
    },
    repo::{attempts, second_factors},
    service::Identity,
};

/// The secret, in base32: shown to the agent, and never again. Nothing changes until a code of it is given
/// ([`super::confirm_second_factor`]). The password is asked for: a stolen session must not set up a factor of its own.
///
/// # Errors
/// "Invalid" for a wrong password, counted as at sign-in; "failed precondition" where one is set up.
pub async fn begin_second_factor(
    identity: &Identity,
    caller: &Caller,
    password: SecretString,
    origin: &Origin,
) -> Result<SecretString> {
    let code = agent(caller)?;
    if password.expose_secret().chars().count() > password::LONGEST {
        return Err(password::too_long("password"));
    }
    let whose = Whose::Account(code);
    if !try_password(identity, &caller.tenant, whose, origin, password).await? {
        return Err(Error::wrong("password", Reason::WrongPassword, "this is not the password in force"));
    }
    attempts::unlock(identity.store.write(), &caller.tenant, &whose.who()).await?;
    let secret = SecretSlice::from(rand::random::<[u8; SECRET_BYTES]>().to_vec());
    let text = Authenticator::new(&secret)?.text();
    let sealed = identity.sealing.seal_second_factor(&caller.tenant, code, &secret)?;
    if !second_factors::begin(identity.store.write(), &caller.tenant, code, sealed).await? {
        let message = "a second factor is set up already: an administrator may take it off";
        return Err(Error::new(ErrorKind::FailedPrecondition, message).refused(Refusal::SecondFactorSet));
    }
    Ok(text)
}
