//! Sessions are ended from elsewhere: one's own, or somebody's by an administrator.

use parvis_kernel::{AgentId, Caller, Result, Role};
use uuid::Uuid;

use super::{change_account::find, sessions_of::agent};
use crate::{
    domain::security::{SecurityCode, SecurityEvent},
    repo::{security_events::security_event, sessions},
    service::Identity,
};

/// Which sessions.
#[derive(Clone, Debug)]
pub enum EndSessions {
    /// One of the caller's own.
    One(Uuid),
    /// All of the caller's own but this one.
    Others(Option<Uuid>),
    /// All of an account's: administrators.
    Of(AgentId),
}

/// Ends them; returns how many. Their access tokens are good for their last minutes.
pub async fn end_sessions(identity: &Identity, caller: &Caller, which: EndSessions) -> Result<u64> {
    let tenant = &caller.tenant;
    let whose = match &which {
        EndSessions::Of(code) => {
            caller.require(&[Role::Administrator])?;
            find(identity, tenant, code).await?.profile.code
        }
        EndSessions::One(_) | EndSessions::Others(_) => agent(caller)?.clone(),
    };
    let tx = identity.store.begin().await?;
    let ended = match which {
        EndSessions::One(id) => u64::from(sessions::end_one_of(tx.conn(), tenant, &whose, id).await?),
        EndSessions::Others(kept) => sessions::end_all_of(tx.conn(), tenant, &[&whose], kept).await?,
        EndSessions::Of(_) => sessions::end_all_of(tx.conn(), tenant, &[&whose], None).await?,
    };
    if ended > 0 {
        let event = SecurityEvent::new(SecurityCode::SessionEnded, &whose).by(caller.actor_key());
        security_event(tx.conn(), tenant, event.with(ended.to_string()), tx.now()).await?;
    }
    tx.commit().await?;
    Ok(ended)
}
