//! A rule set as written: words and lists, every one of which may be wrong. Stable: this is what is kept and what
//! travels.

use serde::{Deserialize, Serialize};

/// Codes that no rule but the default one may have: histories use them for what no rule decided.
pub const RESERVED: [&str; 5] = ["default", "procedure", "manual", "triage", "classifier"];

/// A rule set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleSetText {
    /// In the order in which they are read; the last is the default.
    pub rules: Vec<RuleText>,
    /// To whom a request that is not the authority's may be transferred.
    pub bodies: Vec<BodyText>,
    /// From which probability, in percent, a guess of the classifier is followed; 0: guesses are only shown.
    pub guess_percent: u32,
}

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleText {
    /// Unique in the set, and the same from a version to the next.
    pub code: String,
    /// For the reader.
    pub name: String,
    /// All must hold.
    pub conditions: Vec<ConditionText>,
    /// What is done then.
    pub actions: Vec<ActionText>,
}

/// A condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConditionText {
    /// `channel`, `procedure`, `field`, `words`, `requester`, `district`, `language`, `hours`, `day`, `dates`, `load`.
    pub kind: String,
    /// Of what: a field's code, a calendar's, a unit's; empty for the others.
    pub subject: String,
    /// For a field: `equals`, `one_of`, `less`, `at_most`, `more`, `at_least`, `present`, `absent`; for hours: `inside`,
    /// `outside`; for a load: `less`, `at_most`, `more`, `at_least`; empty for the others, which mean "any of".
    pub test: String,
    /// With what it is compared.
    pub values: Vec<String>,
}

/// An action.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActionText {
    /// `unit`, `team`, `skill`, `level`, `language`, `priority`, `flag`, `transfer`, `stop`.
    pub kind: String,
    /// Its value; empty for `stop`.
    pub value: String,
}

/// A competent body other than the authority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct BodyText {
    pub code: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub website: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The set cannot be published.
    Error,
    /// It can, and looks like a mistake.
    Warning,
}

impl Severity {
    /// As in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Something about one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad.
    pub severity: Severity,
    /// The rule's number, from 1; 0: the whole set.
    pub rule: usize,
    /// Its code, as written.
    pub code: String,
    /// Where in it: `code`, `conditions[2].values`, `actions[1].value`, `bodies[1].name`.
    pub field: String,
    /// What is wrong and what to do, in French.
    pub message: String,
}

impl Finding {
    /// Whether any of `findings` forbids publishing.
    pub fn forbid(findings: &[Self]) -> bool {
        findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}
