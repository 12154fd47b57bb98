//! A refresh token → a new pair, with the account as it is now.

use parvis_kernel::{Caller, Error, Refusal, Result};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    sessions_of::is_over,
    tokens::{Tokens, issue},
};
use crate::{
    crypto::opaque,
    domain::{
        origin::Origin,
        security::{SecurityCode, SecurityEvent},
        session::Verdict,
    },
    repo::{accounts, security_events::security_event, sessions},
    service::Identity,
};

/// Which token.
#[derive(Clone, Debug)]
pub struct RefreshTokens {
    /// The refresh token.
    pub token: SecretString,
    /// From where.
    pub origin: Origin,
}

/// Spends the token. One used before ends its whole session, save within the grace of [`crate::domain::session`]; so
/// does one of a session that nobody used for too long.
pub async fn refresh_tokens(identity: &Identity, caller: &Caller, command: RefreshTokens) -> Result<Tokens> {
    let RefreshTokens { token, origin } = command;
    if token.expose_secret().len() != opaque::LENGTH {
        return Err(refused());
    }
    let tenant = &caller.tenant;
    let hash = opaque::digest(&token);
    let tx = identity.store.begin().await?;
    let now = tx.now();
    // Whoever spends it first makes the others wait here, who then read what it wrote.
    let spent = sessions::spend(tx.conn(), tenant, &hash, now).await?;
    let Some((session, used)) = sessions::find(tx.conn(), tenant, &hash, now).await? else {
        tx.rollback().await?;
        return Err(refused());
    };
    let granted = spent
        || match used.verdict(now) {
            Verdict::Spend | Verdict::Reuse => sessions::reuse(tx.conn(), tenant, &hash).await?,
            Verdict::EndSession => false,
        };
    let account = accounts::find(tx.conn(), tenant, &session.account).await?.filter(|account| account.is_open());
    let idle = is_over(identity, &session, now);
    let Some(account) = account.filter(|_| granted && !idle) else {
        sessions::end(tx.conn(), tenant, session.id).await?;
        if !granted {
            let event = SecurityEvent::new(SecurityCode::TokenReused, &session.account).from_network(origin.network());
            security_event(tx.conn(), tenant, event, now).await?;
        }
        tx.commit().await?;
        if !granted {
            tracing::warn!(tenant = %tenant, "a spent refresh token was used again: its session is ended");
            metrics::counter!("parvis_sessions_ended_by_reuse_total").increment(1);
        }
        return Err(refused());
    };
    sessions::touch(tx.conn(), tenant, session.id, origin.network(), now).await?;
    let session = sessions::Session { last_used_at: now, ..session };
    let tokens = issue(identity, &tx, account, &session).await?;
    tx.commit().await?;
    Ok(tokens)
}

fn refused() -> Error {
    Error::unauthenticated("the session has ended: sign in again").refused(Refusal::SessionEnded)
}
