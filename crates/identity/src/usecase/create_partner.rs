//! A partner's system that may file requests.

use parvis_kernel::{Caller, Error, ErrorKind, Reason, Result, Role, TenantId, ids::is_code, reason::Expected};
use parvis_store::Store;
use secrecy::SecretString;

use crate::{
    crypto::opaque,
    domain::security::{SecurityCode, SecurityEvent},
    repo::{
        partners::{self, Partner},
        security_events::security_event,
    },
    service::Identity,
};

/// Which partner.
#[derive(Clone, Debug)]
pub struct CreatePartner {
    /// A code, unique in the authority.
    pub client_id: String,
    /// Its name, as shown.
    pub name: String,
}

/// An administrator creates a partner; returns its secret: the only time it is seen.
pub async fn create_partner(identity: &Identity, caller: &Caller, command: CreatePartner) -> Result<SecretString> {
    caller.require_agent(&[Role::Administrator])?;
    add_partner(&identity.store, &caller.tenant, &caller.actor_key(), command).await
}

/// Creates a partner on behalf of `by`, who may: an administrator, or the operator at the command line.
///
/// # Errors
/// "Invalid" for a client id or a name out of bounds, "already exists" where the client id is taken.
pub async fn add_partner(store: &Store, tenant: &TenantId, by: &str, command: CreatePartner) -> Result<SecretString> {
    if !is_code(&command.client_id) {
        return Err(Error::wrong("client_id", Expected::Code, "a client id is 2 to 40 of a-z, 0-9 and dash"));
    }
    let name = command.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        let reason = Reason::Length { least: 1, most: 100 };
        return Err(Error::wrong("name", reason, "1 to 100 characters on one line are needed"));
    }
    let secret = opaque::draw();
    let tx = store.begin().await?;
    let now = tx.now();
    let partner = Partner {
        client_id: command.client_id,
        name: name.to_owned(),
        secret_hash: opaque::digest(&secret),
        created_at: now,
        revoked_at: None,
    };
    if !partners::add(tx.conn(), tenant, &partner, by).await? {
        let message = format!("the client id {} is taken: choose another", partner.client_id);
        return Err(Error::new(ErrorKind::AlreadyExists, message));
    }
    let event = SecurityEvent::new(SecurityCode::PartnerCreated, &partner.client_id).by(by);
    security_event(tx.conn(), tenant, event, now).await?;
    tx.commit().await?;
    Ok(secret)
}
