//! How a caller stands to a case.

use jiff::Timestamp;

use crate::{
    caller::{Actor, Caller},
    ids::RequestId,
    role::Role,
    tenant::TenantId,
};

use super::handles_requests;

/// What the policy looks at. A role that does not know one of them gives the value that closes.
#[derive(Clone, Copy, Debug)]
pub struct CaseFacts<'a> {
    /// The authority.
    pub tenant: &'a TenantId,
    /// The request, whose id the case has.
    pub request: RequestId,
    /// Whether it is being handled.
    pub open: bool,
    /// Code of the unit in charge; empty: none yet.
    pub unit: &'a str,
    /// Whether that unit's cases are closed to everybody else (`sensitive` in the directory).
    pub sensitive: bool,
    /// Code of the agent in charge; empty: none.
    pub handler: &'a str,
    /// Code of the agent who filed it for the person; empty: nobody did.
    pub filed_by: &'a str,
    /// The units that had it before, in any order.
    pub had: &'a [Had],
}

/// A unit that had a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Had {
    /// Its code.
    pub unit: String,
    /// When it left.
    pub until: Timestamp,
}

/// How somebody stands to a case; one may stand in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The person who filed it, or who acts for them: holds a grant that names it.
    Person,
    /// Parvis itself.
    System,
    /// The agent to whom it is assigned.
    Handler,
    /// An agent of the unit in charge, or who supervises it.
    Unit {
        /// Whether they handle cases there, rather than receive people.
        handles: bool,
    },
    /// An agent of a unit that had it.
    HadIt {
        /// When it left the last of their units.
        until: Timestamp,
    },
    /// The agent who filed it for the person.
    Filed,
    /// Somebody who receives people, at the counter or on the telephone.
    Counter,
}

/// Every way in which `caller` stands to the case; none: for them it does not exist. Elected officials stand in none,
/// whatever else they are.
pub fn relations(caller: &Caller, facts: &CaseFacts<'_>) -> Vec<Relation> {
    if caller.tenant != *facts.tenant {
        return Vec::new();
    }
    let agent = match &caller.actor {
        Actor::System(_) => return vec![Relation::System],
        Actor::Citizen(_) if caller.follows(facts.request) => return vec![Relation::Person],
        Actor::Anonymous | Actor::Citizen(_) | Actor::Partner(_) => return Vec::new(),
        Actor::Agent(agent) => agent.as_str(),
    };
    if !handles_requests(caller) {
        return Vec::new();
    }
    let mine = |unit: &str| caller.units.iter().any(|mine| mine.as_str() == unit);
    let mut found = Vec::new();
    if agent == facts.handler {
        found.push(Relation::Handler);
    }
    if mine(facts.unit) {
        found.push(Relation::Unit { handles: caller.has(Role::CaseWorker) || caller.has(Role::Supervisor) });
    }
    if let Some(until) = facts.had.iter().filter(|had| mine(&had.unit)).map(|had| had.until).max() {
        found.push(Relation::HadIt { until });
    }
    if agent == facts.filed_by {
        found.push(Relation::Filed);
    }
    if caller.has(Role::FrontDesk) {
        found.push(Relation::Counter);
    }
    found
}
