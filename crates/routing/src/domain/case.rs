//! A case as the router knows it.

use std::collections::BTreeMap;

use parvis_directory::{GeoPoint, Priority, RequesterKind};
use parvis_kernel::{AgentId, CaseId, Channel, DecisionId, ProcedureCode, SiteId, TeamId, Timestamp, UnitId};
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
    /// Where the person came, at a counter.
    #[serde(default)]
    pub site: Option<SiteId>,
    pub received_at: Timestamp,
}

/// How far an agent is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// In the unit.
    #[default]
    Unit,
    /// In the unit above and the neighbouring ones too.
    Neighbours,
    /// And the supervisors, of the unit and of those above, whatever their skills.
    Supervisors,
}

impl Reach {
    const ALL: [Self; 3] = [Self::Unit, Self::Neighbours, Self::Supervisors];
}

/// The usual case, in hundredths.
pub const USUAL_WEIGHT: u32 = 100;

/// What an agent must have for a case, and how much of it there is. Cases of one lane are alike to those who could
/// take them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// Be in this team.
    pub team: Option<TeamId>,
    /// Have this skill.
    pub skill: Option<String>,
    /// Speak this language.
    pub language: Option<String>,
    /// Have the skill at this level, 1 to 5; 0: any.
    pub level: u8,
    /// Have this much room, in hundredths of a case.
    pub weight: u32,
    /// Where they are looked for.
    pub reach: Reach,
}

impl Default for Lane {
    fn default() -> Self {
        Self { team: None, skill: None, language: None, level: 0, weight: USUAL_WEIGHT, reach: Reach::Unit }
    }
}

impl Lane {
    /// As kept: `team|skill|language`, and `|level|weight|reach` where one of those is not the usual. None contains a
    /// bar.
    pub fn key(&self) -> String {
        let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let team = part(self.team.as_ref().map(TeamId::as_str));
        let (skill, language) = (part(self.skill.as_deref()), part(self.language.as_deref()));
        if (self.level, self.weight, self.reach) == (0, USUAL_WEIGHT, Reach::Unit) {
            return format!("{team}|{skill}|{language}");
        }
        let reach = Reach::ALL.iter().position(|reach| *reach == self.reach).unwrap_or(0);
        format!("{team}|{skill}|{language}|{}|{}|{reach}", self.level, self.weight)
    }

    /// Reads what [`Lane::key`] wrote.
    pub fn from_key(key: &str) -> Self {
        let mut parts = key.split('|').map(|part| (!part.is_empty()).then(|| part.to_owned()));
        let mut next = || parts.next().flatten();
        let (team, skill, language) = (next().and_then(|team| TeamId::parse(&team).ok()), next(), next());
        let mut number = || next().and_then(|number| number.parse::<u32>().ok());
        let (level, weight, reach) = (number().unwrap_or(0), number(), number().unwrap_or(0));
        Self {
            team,
            skill,
            language,
            level: u8::try_from(level).unwrap_or(0),
            weight: weight.unwrap_or(USUAL_WEIGHT),
            reach: usize::try_from(reach).ok().and_then(|at| Reach::ALL.get(at)).copied().unwrap_or_default(),
        }
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

/// A case shown to an agent, who may take it for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Which offer.
    pub id: DecisionId,
    /// To whom.
    pub agent: AgentId,
    /// Until when.
    pub until: Timestamp,
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
    /// How it came in.
    pub channel: Option<Channel>,
    /// Where the person came.
    pub site: Option<SiteId>,
    /// What it takes of its agent's capacity, or of whom it is offered to, in hundredths; less than the lane's where
    /// that is more than they can ever have.
    pub weight: u32,
    /// When it is looked at again whatever happens. `None` only once closed.
    pub next_timer: Option<Timestamp>,
    /// How many steps of the ladder it went up, or how often its agent was reminded.
    pub rung: u16,
    /// Its agent has begun.
    pub acted: bool,
    /// Waiting, it is offered to somebody: out of the queue's count until they answer.
    pub offer: Option<Offer>,
    /// Who was offered it and did not take it, since the last step of the ladder.
    pub declined: Vec<AgentId>,
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
            channel: facts.channel,
            site: facts.site.clone(),
            weight: USUAL_WEIGHT,
            next_timer: None,
            rung: 0,
            acted: false,
            offer: None,
            declined: Vec::new(),
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
            level: 3,
            weight: 150,
            reach: Reach::Supervisors,
        };
        for lane in [Lane::default(), full.clone(), Lane { skill: None, ..full }] {
            assert_eq!(Lane::from_key(&lane.key()), lane);
        }
        // As kept before there were levels and weights.
        let old = Lane { skill: Some("proprete".to_owned()), ..Lane::default() };
        assert_eq!((Lane::from_key("|proprete|"), old.key().as_str()), (old, "|proprete|"));
    }
}
