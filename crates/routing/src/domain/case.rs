//! A case as the router knows it.

use std::collections::BTreeMap;

use parvis_directory::{GeoPoint, Priority, RequesterKind};
use parvis_kernel::{AgentId, CaseId, Channel, DecisionId, ProcedureCode, TeamId, Timestamp, UnitId};
use serde::{Deserialize, Serialize};

/// What the rules look at. Serialises for the store, without what tells who asks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "as in the contract")]
pub struct CaseFacts {
    pub channel: Option<Channel>,
    pub procedure: Option<ProcedureCode>,
    pub procedure_unit: Option<UnitId>,
    pub procedure_skill: Option<String>,
    pub title: String,
    pub text: String,
    /// The answers to the form's fields, by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Vec<String>>,
    /// Where it happens, when the request says so exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<GeoPoint>,
    pub district: String,
    pub address: String,
    pub requester_kind: Option<RequesterKind>,
    /// Tells the same person again; empty where nothing does.
    #[serde(skip)]
    pub requester_key: String,
    /// The requester's; empty: French.
    pub language: String,
    pub received_at: Timestamp,
}

/// What an agent must have for a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// Be in this team.
    pub team: Option<TeamId>,
    /// Have this skill.
    pub skill: Option<String>,
    /// Speak this language.
    pub language: Option<String>,
}

impl Lane {
    /// As kept: `team|skill|language`. None of the three contains a bar.
    pub fn key(&self) -> String {
        let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let team = part(self.team.as_ref().map(TeamId::as_str));
        format!("{team}|{}|{}", part(self.skill.as_deref()), part(self.language.as_deref()))
    }

    /// Reads what [`Lane::key`] wrote.
    pub fn from_key(key: &str) -> Self {
        let mut parts = key.split('|').map(|part| (!part.is_empty()).then(|| part.to_owned()));
        let mut next = || parts.next().flatten();
        Self { team: next().and_then(|team| TeamId::parse(&team).ok()), skill: next(), language: next() }
    }
}

/// Where a case belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The unit.
    pub unit: UnitId,
    /// What its agent must have.
    pub lane: Lane,
    /// How pressing.
    pub priority: Priority,
    /// Code of the rule that said so; `procedure`, `default`, `classifier`, `triage` or `manual` otherwise.
    pub rule: String,
}

/// A case's live state. Open without an agent: it waits in the unit's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoutedCase {
    /// The case.
    pub case_id: CaseId,
    /// Its short name.
    pub reference: String,
    /// Whether it counts.
    pub is_open: bool,
    /// Its agent or unit is no longer in the directory: to be decided again.
    pub is_stranded: bool,
    /// The case's version last heard of.
    pub case_version: u64,
    /// Where it belongs; `None` while the authority has no directory.
    pub need: Option<Need>,
    /// The requester's language; empty: French.
    pub language: String,
    /// Since when it counts as waiting: its reception.
    pub since: Timestamp,
    /// Tells the same person again.
    pub requester_key: String,
    /// Who handles it; kept once closed, for a reopening.
    pub agent: Option<AgentId>,
    /// The live decision.
    pub decision: Option<DecisionId>,
    /// How many decisions there were.
    pub sequence: u64,
}

impl RoutedCase {
    /// A case never seen before, as it will be once decided.
    pub fn new(case_id: CaseId, reference: String, case_version: u64, facts: &CaseFacts) -> Self {
        Self {
            case_id,
            reference,
            is_open: true,
            is_stranded: false,
            case_version,
            need: None,
            language: facts.language.clone(),
            since: facts.received_at,
            requester_key: facts.requester_key.clone(),
            agent: None,
            decision: None,
            sequence: 0,
        }
    }

    /// Who handles it now.
    pub fn live_agent(&self) -> Option<&AgentId> {
        self.agent.as_ref().filter(|_| self.is_open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_reads_back() {
        let full = Lane {
            team: Some(TeamId::parse("brigade-verte").unwrap()),
            skill: Some("proprete".to_owned()),
            language: Some("pt-BR".to_owned()),
        };
        for lane in [Lane::default(), full.clone(), Lane { skill: None, ..full }] {
            assert_eq!(Lane::from_key(&lane.key()), lane);
        }
    }
}
