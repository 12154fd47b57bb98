//! Many decisions one after the other, over one directory: what one takes, the next no longer finds.

mod hand_on;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use parvis_directory::Priority;
use parvis_kernel::{AgentId, CaseId, DecisionId, TeamId, Timestamp, UnitId};

pub use hand_on::{Order, Target};

use super::{
    case::{CaseFacts, Lane, Need, RoutedCase},
    choose::{Preference, choose},
    decide::{Known, decide},
    explain,
    snapshot::{AgentState, Snapshot, Workload},
    trace::{Pick, Trace},
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
}

impl Cause {
    const ALL: [Self; 6] =
        [Self::Opened, Self::Reopened, Self::Reassigned, Self::Presence, Self::CapacityFreed, Self::AgentGone];

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

/// One authority's cases and agents in hand. The caller holds the authority's lock and saves what [`Desk::into_changes`]
/// gives.
pub struct Desk {
    snapshot: Arc<Snapshot>,
    now: Timestamp,
    tick: i64,
    workload: Workload,
    known: Known,
    cases: HashMap<CaseId, RoutedCase>,
    changes: Changes,
}

/// What a desk changed.
#[derive(Debug, Default)]
pub struct Changes {
    /// The cases, as they are now.
    pub cases: Vec<RoutedCase>,
    /// The agents whose load or last assignment changed.
    pub agents: BTreeMap<AgentId, AgentState>,
    /// How many more or fewer wait.
    pub lanes: BTreeMap<(UnitId, Lane), i64>,
    /// The decisions, in order.
    pub decided: Vec<Decided>,
    changed: BTreeSet<CaseId>,
    touched: BTreeSet<AgentId>,
}

impl Desk {
    /// A desk at `now`, with what is known of the agents and of some cases.
    pub fn new(
        snapshot: Arc<Snapshot>,
        now: Timestamp,
        states: BTreeMap<AgentId, AgentState>,
        cases: Vec<RoutedCase>,
        known: Known,
    ) -> Self {
        let tick = states.values().map(|state| state.last_assigned_at).max().unwrap_or(0);
        let workload = Workload::new(&snapshot, states, now);
        let cases = cases.into_iter().map(|case| (case.case_id, case)).collect();
        Self { snapshot, now, tick, workload, known, cases, changes: Changes::default() }
    }

    /// The directory used.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// What the agents have in hand now.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    /// One case, if it was given or opened here.
    pub fn case(&self, id: CaseId) -> Option<&RoutedCase> {
        self.cases.get(&id)
    }

    /// What changed.
    pub fn into_changes(mut self) -> Changes {
        let cases = &mut self.cases;
        self.changes.cases = self.changes.changed.iter().filter_map(|id| cases.remove(id)).collect();
        let workload = &self.workload;
        let touched = std::mem::take(&mut self.changes.touched);
        self.changes.agents = touched.into_iter().map(|agent| (agent.clone(), workload.state(&agent))).collect();
        self.changes.lanes.retain(|_, delta| *delta != 0);
        self.changes
    }

    /// A case opened, as heard. One already known is left.
    pub fn open(&mut self, case_id: CaseId, reference: String, version: u64, facts: &CaseFacts) {
        if self.cases.contains_key(&case_id) {
            return self.hear(case_id, version);
        }
        self.cases.insert(case_id, RoutedCase::new(case_id, reference, version, facts));
        self.decide_anew(case_id, facts, Cause::Opened);
    }

    /// A case never heard of that is closed already: kept, so that its late opening opens nothing.
    pub fn note_closed(&mut self, case_id: CaseId, reference: String, version: u64, facts: &CaseFacts) {
        let case = RoutedCase { is_open: false, ..RoutedCase::new(case_id, reference, version, facts) };
        self.cases.insert(case_id, case);
        self.changes.changed.insert(case_id);
    }

    /// Nothing to decide, but a later version.
    pub fn hear(&mut self, case_id: CaseId, version: u64) {
        if let Some(case) = self.cases.get_mut(&case_id).filter(|case| case.case_version < version) {
            case.case_version = version;
            self.changes.changed.insert(case_id);
        }
    }

    /// A case closed: its agent has room again.
    pub fn close(&mut self, case_id: CaseId) {
        self.release(case_id);
        if let Some(case) = self.cases.get_mut(&case_id) {
            (case.is_open, case.is_stranded) = (false, false);
            self.changes.changed.insert(case_id);
        }
    }

    /// A closed case opened again: for who had it, else decided again where it was.
    pub fn reopen(&mut self, case_id: CaseId, facts: &CaseFacts) {
        let Some(case) = self.cases.get_mut(&case_id) else { return };
        // Out of every count until settled.
        (case.is_open, case.is_stranded) = (false, false);
        let (need, agent) = (case.need.clone(), case.agent.take());
        match need.filter(|need| self.snapshot.unit(&need.unit).is_some()) {
            Some(need) => {
                let known = agent.as_ref().map(|agent| (agent, Pick::HadIt));
                let (agent, trace) = self.choose_for(case_id, &need, known, None);
                self.settle(case_id, need, agent, Cause::Reopened, trace, Said::default());
            }
            None => self.decide_anew(case_id, facts, Cause::Reopened),
        }
    }

    /// A waiting case, for whoever can take it now. `false`: it goes on waiting.
    pub fn serve(&mut self, case_id: CaseId, cause: Cause) -> bool {
        let Some(case) = self.cases.get(&case_id).filter(|case| case.is_open && case.agent.is_none()) else {
            return false;
        };
        let Some(need) = case.need.clone() else { return false };
        let (agent, trace) = self.choose_for(case_id, &need, None, None);
        if agent.is_none() {
            return false;
        }
        self.settle(case_id, need, agent, cause, trace, Said::default());
        true
    }

    /// A case whose agent or unit is gone, decided again: in its unit while there is one, else in the default unit.
    pub fn rehome(&mut self, case_id: CaseId) {
        let Some(case) = self.cases.get(&case_id).filter(|case| case.is_open) else { return };
        let rule = "default".to_owned();
        let unit = self.snapshot.directory.default_unit.clone();
        let need = match case.need.clone() {
            Some(need) if self.snapshot.unit(&need.unit).is_some() => need,
            Some(need) => Need { unit, lane: Lane::default(), rule, ..need },
            None => Need { unit, lane: Lane::default(), priority: Priority::Normal, rule },
        };
        let (agent, trace) = self.choose_for(case_id, &need, None, None);
        self.settle(case_id, need, agent, Cause::AgentGone, trace, Said::default());
    }

    fn choose_for(
        &self,
        case_id: CaseId,
        need: &Need,
        known: Option<(&AgentId, Pick)>,
        except: Option<&AgentId>,
    ) -> (Option<AgentId>, Trace) {
        let (key, language) =
            self.cases.get(&case_id).map_or(("", ""), |case| (case.requester_key.as_str(), case.language.as_str()));
        let familiar = self.known.agent(key, &need.unit, Some(case_id)).map(|agent| (agent, Pick::SamePerson));
        let preference = Preference { known: known.or(familiar), language, except };
        let choice = choose(&self.snapshot, &self.workload, &need.unit, &need.lane, preference);
        let trace = Trace {
            candidates: choice.candidates,
            pick: choice.pick,
            language_missing: choice.language_missing,
            ..Trace::default()
        };
        (choice.agent, trace)
    }

    fn decide_anew(&mut self, case_id: CaseId, facts: &CaseFacts, cause: Cause) {
        if self.snapshot.version == 0 {
            // No directory yet: decided once there is one.
            if let Some(case) = self.cases.get_mut(&case_id) {
                (case.is_open, case.is_stranded) = (true, true);
                self.changes.changed.insert(case_id);
            }
            return;
        }
        let verdict = decide(&self.snapshot, &self.workload, &self.known, facts);
        self.settle(case_id, verdict.need, verdict.agent, cause, verdict.trace, Said::default());
    }

    /// Out of the agent's load, or out of the queue.
    fn release(&mut self, case_id: CaseId) {
        let Some(case) = self.cases.get(&case_id).filter(|case| case.is_open) else { return };
        let Some(need) = &case.need else { return };
        match &case.agent {
            Some(agent) => {
                self.workload.update(agent, |state| state.load = state.load.saturating_sub(1));
                self.changes.touched.insert(agent.clone());
                self.known.remove(&case.requester_key, &need.unit, case_id);
            }
            None => *self.changes.lanes.entry((need.unit.clone(), need.lane.clone())).or_default() -= 1,
        }
    }

    /// The one place where a case changes hands: every count follows.
    fn settle(
        &mut self,
        case_id: CaseId,
        need: Need,
        agent: Option<AgentId>,
        cause: Cause,
        trace: Trace,
        said: Said<'_>,
    ) {
        // A new case counts nowhere yet: it has no need.
        self.release(case_id);
        let Some(case) = self.cases.get_mut(&case_id) else { return };
        match &agent {
            Some(agent) => {
                self.tick = (self.tick + 1).max(self.now.as_microsecond());
                let tick = self.tick;
                self.workload.update(agent, |state| {
                    state.load += 1;
                    state.last_assigned_at = tick;
                });
                self.changes.touched.insert(agent.clone());
                self.known.add(&case.requester_key, &need.unit, case_id, agent);
            }
            None => *self.changes.lanes.entry((need.unit.clone(), need.lane.clone())).or_default() += 1,
        }
        let id = DecisionId::new();
        (case.is_open, case.is_stranded) = (true, false);
        case.sequence += 1;
        case.decision = Some(id);
        case.need = Some(need.clone());
        case.agent.clone_from(&agent);
        self.changes.changed.insert(case_id);
        let agent_name = agent.as_ref().and_then(|agent| self.snapshot.agent(agent)).map(|agent| agent.full_name());
        let agent_name = agent_name.unwrap_or_default();
        let unit_name = self.snapshot.unit_name(&need.unit);
        self.changes.decided.push(Decided {
            id,
            case_id,
            reference: case.reference.clone(),
            sequence: case.sequence,
            at: self.now,
            cause,
            summary: explain::summary(cause, unit_name, &agent_name, &trace),
            unit: need.unit,
            team: need.lane.team,
            agent,
            agent_name,
            priority: need.priority,
            trace,
            actor: said.actor.to_owned(),
            reason: said.reason.to_owned(),
            rule: need.rule,
            rule_set: self.snapshot.rule_set,
        });
    }
}

/// What somebody said when handing a case on.
#[derive(Clone, Copy, Default)]
struct Said<'a> {
    actor: &'a str,
    reason: &'a str,
}
