//! What a desk decides and says.

use std::collections::{BTreeMap, BTreeSet};

use parvis_directory::Priority;
use parvis_kernel::{AgentId, CaseId, DecisionId, TeamId, Timestamp, UnitId};

use crate::domain::{
    case::{Lane, RoutedCase},
    trace::Trace,
    workload::AgentState,
};

/// Why a decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the contract")]
pub enum Cause {
    Opened,
    Reopened,
    Reassigned,
    Presence,
    CapacityFreed,
    AgentGone,
    Accepted,
    Escalated,
    Substituted,
    Moved,
}

impl Cause {
    const ALL: [Self; 10] = [
        Self::Opened,
        Self::Reopened,
        Self::Reassigned,
        Self::Presence,
        Self::CapacityFreed,
        Self::AgentGone,
        Self::Accepted,
        Self::Escalated,
        Self::Substituted,
        Self::Moved,
    ];

    /// Reads what [`Cause::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text)
    }

    /// As in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Reassigned => "reassigned",
            Self::Presence => "presence",
            Self::CapacityFreed => "capacity_freed",
            Self::AgentGone => "agent_gone",
            Self::Accepted => "accepted",
            Self::Escalated => "escalated",
            Self::Substituted => "substituted",
            Self::Moved => "moved",
        }
    }
}

/// A decision made, to be kept and said.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct Decided {
    pub id: DecisionId,
    pub case_id: CaseId,
    pub reference: String,
    pub sequence: u64,
    pub at: Timestamp,
    pub cause: Cause,
    pub unit: UnitId,
    pub team: Option<TeamId>,
    pub agent: Option<AgentId>,
    pub agent_name: String,
    pub priority: Priority,
    pub summary: String,
    pub trace: Trace,
    pub actor: String,
    pub reason: String,
    pub rule: String,
    pub rule_set: u64,
}

/// What was done for a case that nobody took, or that nobody began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "as in the contract")]
pub enum EscalationStep {
    Widened,
    LevelLowered,
    PriorityRaised,
    Escalated,
    OpenedToSupervisors,
    Reminded,
}

impl EscalationStep {
    /// As in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Widened => "widened",
            Self::LevelLowered => "level_lowered",
            Self::PriorityRaised => "priority_raised",
            Self::Escalated => "escalated",
            Self::OpenedToSupervisors => "opened_to_supervisors",
            Self::Reminded => "reminded",
        }
    }
}

/// A step of a ladder that was gone up, to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalated {
    /// Which case.
    pub case_id: CaseId,
    /// Its short name.
    pub reference: String,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub step: EscalationStep,
    /// Where the case is.
    pub unit: UnitId,
    /// Who handles it; `None`: it waits.
    pub agent: Option<AgentId>,
    /// Whom it is for: the supervisor told, the agent reminded.
    pub to: Option<AgentId>,
    /// How pressing it is now.
    pub priority: Priority,
    /// In one French sentence, for agents.
    pub summary: String,
}

/// What a desk changed.
#[derive(Debug, Default)]
pub struct Changes {
    /// The cases, as they are now.
    pub cases: Vec<RoutedCase>,
    /// The agents whose load, last assignment or account changed.
    pub agents: BTreeMap<AgentId, AgentState>,
    /// How many more or fewer wait.
    pub lanes: BTreeMap<(UnitId, Lane), i64>,
    /// The decisions, in order.
    pub decided: Vec<Decided>,
    /// The steps gone up, in order.
    pub escalated: Vec<Escalated>,
    pub(super) changed: BTreeSet<CaseId>,
    pub(super) touched: BTreeSet<AgentId>,
}

impl Changes {
    /// Whether nothing did.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty() && self.agents.is_empty() && self.decided.is_empty()
    }
}

/// What somebody said when handing a case on.
#[derive(Clone, Copy, Default)]
pub(super) struct Said<'a> {
    pub(super) actor: &'a str,
    pub(super) reason: &'a str,
}
