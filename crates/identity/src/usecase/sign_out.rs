//! Ends a session.

use parvis_kernel::{Caller, Result};
use secrecy::SecretString;

use crate::{
    crypto::opaque,
    domain::security::{SecurityCode, SecurityEvent},
    repo::{security_events::security_event, sessions},
    service::Identity,
};

/// Ends the session of `token`, spent or not. A token that is none is fine: whoever sends it is out already.
pub async fn sign_out(identity: &Identity, caller: &Caller, token: SecretString) -> Result<()> {
    let tx = identity.store.begin().await?;
    let found = sessions::find(tx.conn(), &caller.tenant, &opaque::digest(&token), tx.now()).await?;
    if let Some((session, _)) = found {
        sessions::end(tx.conn(), &caller.tenant, session.id).await?;
        let event = SecurityEvent::new(SecurityCode::SessionEnded, &session.account);
        let event = event.by(format!("agent:{}", session.account));
        security_event(tx.conn(), &caller.tenant, event, tx.now()).await?;
    }
    tx.commit().await
}
