//! Who calls: built by the transport's layers from a verified token, checked by every use case.

use std::collections::BTreeSet;

use crate::{
    error::{Error, Result},
    ids::{AgentId, RequestId, UnitId},
    reason::{Choices, Refusal},
    role::{Role, RoleSet},
    tenant::TenantId,
};

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Anybody, from the public pages: may file a request, and exchange a tracking code for a follow grant.
    Anonymous,
    /// A person who holds a follow grant: sees the requests that it names, and no other.
    Citizen(BTreeSet<RequestId>),
    /// An agent, an elected official or an administrator, signed in.
    Agent(AgentId),
    /// A partner's system, by its client id.
    Partner(String),
    /// A role of Parvis itself, in a job or a consumer.
    System(&'static str),
}

/// A verified caller, in one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The authority that this call is about; nothing of another is ever reached.
    pub tenant: TenantId,
    /// Who acts.
    pub actor: Actor,
    /// Display name of the one who acts, for the history; empty for anybody.
    pub name: String,
    /// What they may do.
    pub roles: RoleSet,
    /// The units whose cases they see; for a supervisor, those below too.
    pub units: BTreeSet<UnitId>,
}

impl Caller {
    /// Anybody, at `tenant`'s public door.
    pub fn anonymous(tenant: TenantId) -> Self {
        Self { tenant, actor: Actor::Anonymous, name: String::new(), roles: RoleSet::new(), units: BTreeSet::new() }
    }

    /// A role of Parvis itself.
    pub fn system(tenant: TenantId, role: &'static str) -> Self {
        Self { tenant, actor: Actor::System(role), name: String::new(), roles: RoleSet::new(), units: BTreeSet::new() }
    }

    /// Whether the caller has `role`.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether this is Parvis itself.
    pub fn is_system(&self) -> bool {
        matches!(self.actor, Actor::System(_))
    }

    /// The agent who calls, if one does.
    pub fn agent(&self) -> Option<&AgentId> {
        match &self.actor {
            Actor::Agent(agent) => Some(agent),
            Actor::Anonymous | Actor::Citizen(_) | Actor::Partner(_) | Actor::System(_) => None,
        }
    }

    /// Whether the caller holds a follow grant that names `request`.
    pub fn follows(&self, request: RequestId) -> bool {
        matches!(&self.actor, Actor::Citizen(requests) if requests.contains(&request))
    }

    /// Refuses whoever has none of `roles` (Parvis itself passes).
    pub fn require(&self, roles: &[Role]) -> Result<()> {
        if self.is_system() || roles.iter().any(|role| self.has(*role)) {
            return Ok(());
        }
        match self.actor {
            Actor::Anonymous | Actor::Citizen(_) => {
                Err(Error::unauthenticated("sign in first").refused(Refusal::SignInNeeded))
            }
            Actor::Agent(_) | Actor::Partner(_) | Actor::System(_) => {
                let needed: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
                let refusal = Refusal::RoleNeeded { roles: Choices::new(&needed) };
                Err(Error::denied(format!("one of these roles is needed: {}", needed.join(", "))).refused(refusal))
            }
        }
    }

    /// The agent who calls, with one of `roles`.
    pub fn require_agent(&self, roles: &[Role]) -> Result<&AgentId> {
        self.require(roles)?;
        self.agent().ok_or_else(|| Error::denied("only a signed-in agent may do this").refused(Refusal::AgentOnly))
    }

    /// Who acts, in one stable word for histories: `agent:claire-martin`, `citizen`, `partner:x`, `system:routing`.
    pub fn actor_key(&self) -> String {
        match &self.actor {
            Actor::Anonymous | Actor::Citizen(_) => "citizen".to_owned(),
            Actor::Agent(agent) => format!("agent:{agent}"),
            Actor::Partner(id) => format!("partner:{id}"),
            Actor::System(role) => format!("system:{role}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_passes_by_default() {
        let tenant = TenantId::parse("clairval").unwrap();
        let anyone = Caller::anonymous(tenant);
        for role in Role::ALL {
            assert_eq!(anyone.require(&[role]).unwrap_err().kind(), crate::ErrorKind::Unauthenticated);
        }
        let agent = Caller {
            actor: Actor::Agent(AgentId::parse("agent").unwrap()),
            roles: RoleSet::from([Role::CaseWorker]),
            ..anyone
        };
        assert!(agent.require(&[Role::CaseWorker]).is_ok());
        assert_eq!(agent.require(&[Role::Administrator]).unwrap_err().kind(), crate::ErrorKind::Denied);
    }
}
