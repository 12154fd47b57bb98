//! Where one is signed in.

use parvis_kernel::{Caller, Result};

use super::sessions_of::{agent, is_over};
use crate::{
    repo::sessions::{self, Session},
    service::Identity,
};

/// The caller's own sessions, the one used last first.
pub async fn list_sessions(identity: &Identity, caller: &Caller) -> Result<Vec<Session>> {
    let now = identity.store.clock().now();
    let mut open = sessions::of_account(identity.store.read(), &caller.tenant, agent(caller)?, now).await?;
    open.retain(|session| !is_over(identity, session, now));
    Ok(open)
}
