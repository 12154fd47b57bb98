//! Many decisions one after the other, over one directory: what one takes, the next no longer finds.

mod backlog;
mod decided;
mod hand_on;
mod ladder;
mod moving;
mod offers;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use parvis_directory::Priority;
use parvis_kernel::{AgentId, CaseId, DecisionId, Timestamp};

use backlog::Backlog;
use decided::Said;
pub use decided::{Cause, Changes, Decided, Escalated, EscalationStep};
pub use hand_on::{Order, Target};
pub use moving::Moving;

use super::{
    account::effective,
    case::{CaseFacts, Lane, Need, RoutedCase},
    choose::{Preference, choose},
    decide::{Known, decide},
    explain,
    snapshot::Snapshot,
    trace::{Candidate, Pick, Trace},
    workload::{AgentState, Workload},
};

/// One authority's cases and agents in hand. The caller holds the authority's lock and saves what [`Desk::into_changes`]
/// gives.
pub struct Desk {
    snapshot: Arc<Snapshot>,
    now: Timestamp,
    tick: i64,
    workload: Workload,
    known: Known,
    cases: HashMap<CaseId, RoutedCase>,
    backlog: Backlog,
    changes: Changes,
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
        let mut backlog = Backlog::default();
        let waits =
            |case: &&RoutedCase| case.is_open && !case.is_stranded && case.agent.is_none() && case.offer.is_none();
        cases.iter().filter(waits).for_each(|case| backlog.insert(case));
        let cases = cases.into_iter().map(|case| (case.case_id, case)).collect();
        Self { snapshot, now, tick, workload, known, cases, backlog, changes: Changes::default() }
    }

    /// The same, knowing only the state of `agents`: nobody else receives anything from it.
    pub fn knowing(
        snapshot: Arc<Snapshot>,
        now: Timestamp,
        agents: BTreeSet<AgentId>,
        states: BTreeMap<AgentId, AgentState>,
        cases: Vec<RoutedCase>,
        known: Known,
    ) -> Self {
        let mut desk = Self::new(snapshot, now, states, cases, known);
        desk.workload.know_only(agents);
        desk
    }

    /// The directory used.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// What the agents have in hand now.
    pub fn workload(&self) -> &Workload {
        &self.workload
    }

    #[cfg(test)]
    pub(super) fn workload_mut(&mut self) -> &mut Workload {
        &mut self.workload
    }

    #[cfg(test)]
    pub(super) fn take_decided(&mut self) -> Vec<Decided> {
        std::mem::take(&mut self.changes.decided)
    }

    /// One case, if it was given or opened here.
    pub fn case(&self, id: CaseId) -> Option<&RoutedCase> {
        self.cases.get(&id)
    }

    /// What changed.
    pub fn into_changes(mut self) -> Changes {
        self.take_changes()
    }

    /// What changed since last asked; the desk goes on.
    pub fn take_changes(&mut self) -> Changes {
        let mut changes = std::mem::take(&mut self.changes);
        changes.cases = changes.changed.iter().filter_map(|id| self.cases.get(id).cloned()).collect();
        let touched = std::mem::take(&mut changes.touched);
        changes.agents = touched.into_iter().map(|agent| (agent.clone(), self.workload.state(&agent))).collect();
        changes.lanes.retain(|_, delta| *delta != 0);
        changes
    }

    /// The same desk, later.
    pub fn move_to(&mut self, now: Timestamp) {
        self.now = now;
        self.workload.move_to(&self.snapshot, now);
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
            (case.is_open, case.is_stranded, case.next_timer) = (false, false, None);
            case.declined.clear();
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
                self.place(case_id, need, agent, Cause::Reopened, trace);
            }
            None => self.decide_anew(case_id, facts, Cause::Reopened),
        }
    }

    /// A waiting case, for whoever can take it now. `false`: it goes on waiting.
    pub fn serve(&mut self, case_id: CaseId, cause: Cause) -> bool {
        let waits = |case: &&RoutedCase| case.is_open && case.agent.is_none() && case.offer.is_none();
        let Some(case) = self.cases.get(&case_id).filter(waits) else { return false };
        let Some(need) = case.need.clone() else { return false };
        let (agent, trace) = self.choose_for(case_id, &need, None, None);
        let Some(agent) = agent else { return false };
        if self.is_offered(case_id, &need) {
            self.offer(case_id, agent);
        } else {
            self.settle(case_id, need, Some(agent), cause, trace, Said::default());
        }
        true
    }

    /// A case whose agent or unit is gone, decided again: in its unit while there is one, else in the one that takes its
    /// place, else in the default unit.
    pub fn rehome(&mut self, case_id: CaseId) {
        let Some(case) = self.cases.get(&case_id).filter(|case| case.is_open) else { return };
        let rule = "default".to_owned();
        let unit = self.snapshot.directory.default_unit.clone();
        let need = match case.need.clone() {
            Some(need) if self.snapshot.unit(&need.unit).is_some() => need,
            Some(need) => {
                let lane = Lane { weight: need.lane.weight, ..Lane::default() };
                let unit = self.snapshot.successor(&need.unit).cloned().unwrap_or(unit);
                Need { unit, lane, rule, ..need }
            }
            None => Need { unit, lane: Lane::default(), priority: Priority::Normal, rule },
        };
        let (agent, trace) = self.choose_for(case_id, &need, None, None);
        self.place(case_id, need, agent, Cause::AgentGone, trace);
    }

    /// Given to the agent; or, where the unit offers such cases, waiting and offered.
    fn place(&mut self, case_id: CaseId, need: Need, agent: Option<AgentId>, cause: Cause, trace: Trace) {
        match agent {
            Some(agent) if self.is_offered(case_id, &need) => {
                self.settle(case_id, need, None, cause, trace, Said::default());
                self.offer(case_id, agent);
            }
            agent => self.settle(case_id, need, agent, cause, trace, Said::default()),
        }
    }

    fn choose_for(
        &mut self,
        case_id: CaseId,
        need: &Need,
        known: Option<(&AgentId, Pick)>,
        except: Option<&AgentId>,
    ) -> (Option<AgentId>, Trace) {
        let case = self.cases.get(&case_id);
        let (key, language) = case.map_or(("", ""), |case| (case.requester_key.as_str(), case.language.as_str()));
        let familiar = self.known.agent(key, &need.unit, Some(case_id)).map(|agent| (agent, Pick::SamePerson));
        let declined = case.map_or(&[][..], |case| case.declined.as_slice());
        let site = case.and_then(|case| case.site.as_ref());
        let preference = Preference { known: known.or(familiar), language, site, except, declined };
        let choice = choose(&self.snapshot, &self.workload, &need.unit, &need.lane, preference);
        self.see(&choice.candidates);
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
            self.arm(case_id);
            return;
        }
        let verdict = decide(&self.snapshot, &self.workload, &self.known, facts);
        self.see(&verdict.trace.candidates);
        self.place(case_id, verdict.need, verdict.agent, cause, verdict.trace);
    }

    /// The hours of those looked at count from the first time they are.
    fn see(&mut self, candidates: &[Candidate]) {
        for Candidate(agent, ..) in candidates {
            if self.workload.state(agent).account.counted_until == 0 {
                self.workload.update(&self.snapshot, agent, |_| {});
                self.changes.touched.insert(agent.clone());
            }
        }
    }

    /// Out of the agent's load, or out of the queue.
    fn release(&mut self, case_id: CaseId) {
        self.withdraw(case_id);
        let Some(case) = self.cases.get(&case_id).filter(|case| case.is_open) else { return };
        let Some(need) = &case.need else { return };
        match &case.agent {
            Some(agent) => {
                let weight = case.weight;
                self.workload.update(&self.snapshot, agent, |state| {
                    state.load = state.load.saturating_sub(1);
                    state.weight = state.weight.saturating_sub(weight);
                });
                self.changes.touched.insert(agent.clone());
                self.known.remove(&case.requester_key, &need.unit, case_id);
            }
            None => self.queue_out(case_id),
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
        if let Some(agent) = &agent {
            self.tick = (self.tick + 1).max(self.now.as_microsecond());
            let tick = self.tick;
            let capacity = self.snapshot.agent(agent).map_or(0, |agent| agent.capacity);
            let weight = effective(need.lane.weight, capacity);
            case.weight = weight;
            self.workload.update(&self.snapshot, agent, |state| {
                state.load += 1;
                state.weight = state.weight.saturating_add(weight);
                state.last_assigned_at = tick;
                state.account.give(weight);
            });
            self.changes.touched.insert(agent.clone());
            self.known.add(&case.requester_key, &need.unit, case_id, agent);
        }
        let id = DecisionId::new();
        (case.is_open, case.is_stranded) = (true, false);
        case.sequence += 1;
        case.decision = Some(id);
        case.need = Some(need.clone());
        case.agent.clone_from(&agent);
        (case.rung, case.acted) = (0, false);
        case.declined.clear();
        self.changes.changed.insert(case_id);
        if agent.is_none() {
            self.queue_in(case_id);
        }
        let Some(case) = self.cases.get(&case_id) else { return };
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
        self.arm(case_id);
    }
}
