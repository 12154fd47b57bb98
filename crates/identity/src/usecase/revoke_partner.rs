//! A partner's secret is worth nothing any more.

use parvis_kernel::{Caller, Result, Role, reason::Thing};

use crate::{
    domain::security::{SecurityCode, SecurityEvent},
    repo::{partners, security_events::security_event},
    service::Identity,
};

/// An administrator revokes a partner. Its last token is good for at most an hour; its client id is not given again.
/// Revoking again changes nothing.
///
/// # Errors
/// "Not found" where the authority has no such partner.
pub async fn revoke_partner(identity: &Identity, caller: &Caller, client_id: &str) -> Result<()> {
    caller.require_agent(&[Role::Administrator])?;
    let tenant = &caller.tenant;
    let tx = identity.store.begin().await?;
    if partners::find(tx.conn(), tenant, client_id).await?.is_none() {
        return Err(parvis_kernel::Error::no_such(Thing::Partner, "this authority has no such partner"));
    }
    if partners::revoke(tx.conn(), tenant, client_id, tx.now()).await? {
        let event = SecurityEvent::new(SecurityCode::PartnerRevoked, client_id).by(caller.actor_key());
        security_event(tx.conn(), tenant, event, tx.now()).await?;
    }
    tx.commit().await
}
