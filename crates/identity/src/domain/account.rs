//! An account of somebody who works for the authority.

use std::collections::BTreeSet;

use parvis_kernel::{AgentId, RoleSet, TenantId, UnitId, typed};
use parvis_runtime::Tenants;

use super::password::Owner;

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
    /// Whether an administrator closed it; the directory does not open it again.
    pub suspended: bool,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether its password is the demonstration's, which everybody may know.
    pub published_password: bool,
}

impl Account {
    /// Whether it may be used.
    pub fn is_open(&self) -> bool {
        self.active && !self.suspended
    }

    /// Whose words its password must not be.
    pub fn owner<'a>(&'a self, tenants: &'a Tenants) -> Owner<'a> {
        Owner {
            code: self.profile.code.as_str(),
            name: &self.profile.name,
            email: &self.profile.email,
            slug: self.tenant.as_str(),
            town: tenants.get(&self.tenant).map_or("", |town| &town.name),
        }
    }
}

/// An address as compared, however it was typed; what is none is compared in lower case.
pub fn email_key(email: &str) -> String {
    typed::email::key(email).unwrap_or_else(|| email.trim().to_lowercase())
}
