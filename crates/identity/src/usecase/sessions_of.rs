//! What the verbs about sessions share.

use parvis_kernel::{Actor, AgentId, Caller, Error, Refusal, Result, Timestamp};

use crate::{repo::sessions::Session, service::Identity};

/// The agent who calls, whatever they may do.
pub(super) fn agent(caller: &Caller) -> Result<&AgentId> {
    match &caller.actor {
        Actor::Agent(code) => Ok(code),
        Actor::Anonymous | Actor::Citizen(_) => {
            Err(Error::unauthenticated("sign in first").refused(Refusal::SignInNeeded))
        }
        Actor::Partner(_) | Actor::System(_) => {
            Err(Error::denied("only a signed-in agent has sessions").refused(Refusal::AgentOnly))
        }
    }
}

/// When a session ends if nobody uses it any more: the last access token may be used to its end, then it is idle.
pub(super) fn idle_end(identity: &Identity, session: &Session) -> Timestamp {
    session.expires_at.min(session.last_used_at + identity.config.access_life() + identity.config.idle_life())
}

/// Whether nobody has used it for too long, or its time is over.
pub(super) fn is_over(identity: &Identity, session: &Session, now: Timestamp) -> bool {
    idle_end(identity, session) <= now
}
