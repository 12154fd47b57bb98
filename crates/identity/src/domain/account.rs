//! An account of somebody who works for the authority.

use std::collections::BTreeSet;

use parvis_kernel::{AgentId, RoleSet, TenantId, UnitId, typed};

use super::attempts::Attempts;

/// What the directory says of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The agent's code.
    pub code: AgentId,
    /// Name shown.
    pub name: String,
    /// Where the agent is written to; not unique.
    pub email: String,
    /// What the account may do.
    pub roles: RoleSet,
    /// The agent's own units, the main one first.
    pub own_units: Vec<UnitId>,
    /// Units whose cases are seen: the agent's own and, for a supervisor, all below.
    pub seen_units: BTreeSet<UnitId>,
    /// Where the agent works; may be empty.
    pub site: String,
}

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its authority.
    pub tenant: TenantId,
    /// What the directory says.
    pub profile: Profile,
    /// Whether the directory still has it.
    pub active: bool,
    /// Failed sign-ins.
    pub attempts: Attempts,
    /// Whether a password is set.
    pub has_password: bool,
}

/// An address as compared, however it was typed; what is none is compared in lower case.
pub fn email_key(email: &str) -> String {
    typed::email::key(email).unwrap_or_else(|| email.trim().to_lowercase())
}
