//! What an account may do, in the broad.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::error::{Error, FieldViolation};

/// A role of an account. One account may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Agent d'accueil: files requests for others, at the counter or on the telephone.
    FrontDesk,
    /// Agent instructeur: handles cases.
    CaseWorker,
    /// Responsable de service: sees and moves the work of their units and those below.
    Supervisor,
    /// Élu: reads figures, never a case.
    ElectedOfficial,
    /// Administrateur: directory, rules, accounts.
    Administrator,
    /// A system of a partner or of the authority itself, filing by API.
    Partner,
}

impl Role {
    /// Every role, in the order of the screens.
    pub const ALL: [Self; 6] = [
        Self::FrontDesk,
        Self::CaseWorker,
        Self::Supervisor,
        Self::ElectedOfficial,
        Self::Administrator,
        Self::Partner,
    ];

    /// The stable name, as in files and tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FrontDesk => "front_desk",
            Self::CaseWorker => "case_worker",
            Self::Supervisor => "supervisor",
            Self::ElectedOfficial => "elected_official",
            Self::Administrator => "administrator",
            Self::Partner => "partner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| FieldViolation::not_one_of("role", text, &Self::ALL.map(Self::as_str)).into())
    }
}

/// The roles of one account.
pub type RoleSet = BTreeSet<Role>;
