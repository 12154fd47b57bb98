//! A code of the second factor, after the password → a session.

use parvis_kernel::{Caller, Error, Refusal, Result};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    tokens::{Tokens, open_session},
    try_code::try_code,
};
use crate::{crypto::opaque, domain::origin::Origin, repo::second_factors, service::Identity};

/// What answers a challenge.
#[derive(Clone, Debug)]
pub struct AnswerChallenge {
    /// What the sign-in gave.
    pub challenge: SecretString,
    /// A code of the authenticator, or a recovery code.
    pub code: String,
    /// From where.
    pub origin: Origin,
}

/// Starts a session.
///
/// # Errors
/// "Unauthenticated" for a wrong code, counted as a wrong password is, and for a challenge that is over.
pub async fn answer_challenge(identity: &Identity, caller: &Caller, command: AnswerChallenge) -> Result<Tokens> {
    let over = || Error::unauthenticated("this took too long: sign in again").refused(Refusal::SessionEnded);
    if command.challenge.expose_secret().len() != opaque::LENGTH {
        return Err(over());
    }
    let (tenant, hash) = (&caller.tenant, opaque::digest(&command.challenge));
    let now = identity.store.clock().now();
    let account = second_factors::challenged(identity.store.read(), tenant, hash.clone(), now).await?;
    let account = account.ok_or_else(over)?;
    let factor = second_factors::find(identity.store.read(), tenant, &account).await?;
    let factor = factor.filter(|factor| factor.confirmed).ok_or_else(over)?;
    if !try_code(identity, tenant, (&account, &factor), &command.code, &command.origin).await? {
        return Err(wrong_code());
    }
    if !second_factors::end_challenge(identity.store.write(), tenant, hash).await? {
        return Err(over());
    }
    open_session(identity, tenant, &account, &command.origin).await
}

/// What whoever gives a wrong code is told.
pub(super) fn wrong_code() -> Error {
    Error::unauthenticated("the code is not right, or was used").refused(Refusal::WrongCode)
}
