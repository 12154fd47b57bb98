//! Tries a password, counted and slowed.

use parvis_kernel::{AgentId, Error, ErrorKind, Refusal, Result, TenantId};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::{
    domain::attempts::Attempts,
    repo::{accounts, unknown_logins},
    service::Identity,
};

/// Whose password is tried.
pub(super) enum Whose<'a> {
    /// An account's.
    Account(&'a AgentId),
    /// Nobody's: the same is done, the answer is no.
    Nobody(&'a str),
}

/// How often counting starts again because others count the same account at the same moment.
const TRIES: usize = 5;

/// Whether `password` is right. The attempt is counted as failed first: whoever finds it right forgets it with
/// [`accounts::clear_attempts`]. The same reads, writes and hashing happen whatever is wrong.
///
/// # Errors
/// "Exhausted" while one must wait.
pub(super) async fn try_password(
    identity: &Identity,
    tenant: &TenantId,
    whose: Whose<'_>,
    password: SecretString,
) -> Result<bool> {
    // The turn comes first: who waits in vain must not have counted.
    let turn = identity.passwords.turn().await?;
    for _ in 0..TRIES {
        let (seen, kept) = attempts_of(identity, tenant, &whose).await?;
        let next = seen.attempt(identity.store.clock().now())?;
        if !put(identity, tenant, &whose, seen.failures, next).await? {
            continue;
        }
        return identity.passwords.verify(turn, password, kept).await;
    }
    Err(Error::new(ErrorKind::Exhausted, "too many attempts at once: try again in a second")
        .refused(Refusal::TooManyAttempts))
}

async fn attempts_of(identity: &Identity, tenant: &TenantId, whose: &Whose<'_>) -> Result<(Attempts, Option<String>)> {
    let conn = identity.store.write();
    match whose {
        Whose::Account(code) => accounts::attempts_and_password(conn, tenant, code).await,
        Whose::Nobody(login) => Ok((unknown_logins::attempts(conn, tenant, &digest(login)).await?, None)),
    }
}

async fn put(identity: &Identity, tenant: &TenantId, whose: &Whose<'_>, seen: i32, next: Attempts) -> Result<bool> {
    let conn = identity.store.write();
    match whose {
        Whose::Account(code) => accounts::put_attempts(conn, tenant, code, seen, next).await,
        Whose::Nobody(login) => unknown_logins::put_attempts(conn, tenant, &digest(login), seen, next).await,
    }
}

fn digest(login: &str) -> Vec<u8> {
    Sha256::digest(login.as_bytes()).to_vec()
}
