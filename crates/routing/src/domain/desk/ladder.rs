//! What time does: a case that nobody takes goes up its unit's ladder, one that nobody begins is reminded.

use jiff::SignedDuration;
use parvis_directory::{LadderStep, Priority};
use parvis_kernel::{AgentId, CaseId, Timestamp};

use super::{Cause, Desk, Escalated, EscalationStep, Said};
use crate::domain::{
    case::{Lane, Need, Reach},
    explain,
    trace::Pick,
    workload::Working,
};

impl Desk {
    /// Sets when a case is looked at again: always, while it is open.
    pub(super) fn arm(&mut self, case_id: CaseId) {
        let Some(case) = self.cases.get(&case_id) else { return };
        let next = if case.is_open { Some(self.next_timer(case_id)) } else { None };
        if let Some(case) = self.cases.get_mut(&case_id).filter(|case| case.next_timer != next) {
            case.next_timer = next;
            self.changes.changed.insert(case_id);
        }
    }

    fn next_timer(&self, case_id: CaseId) -> Timestamp {
        let in_an_hour = self.now.saturating_add(SignedDuration::from_hours(1)).unwrap_or(Timestamp::MAX);
        let Some(case) = self.cases.get(&case_id) else { return in_an_hour };
        if let Some(offer) = &case.offer {
            return offer.until;
        }
        let Some((need, service)) =
            case.need.as_ref().and_then(|need| Some((need, self.snapshot.service(&need.unit)?)))
        else {
            return in_an_hour;
        };
        let minutes = match (&case.agent, case.acted) {
            (Some(_), false) => service.response_minutes,
            (Some(_), true) => service.review_minutes,
            (None, _) => {
                let rung = service.ladder.get(usize::from(case.rung)).or(service.ladder.last());
                rung.map_or(60, |rung| rung.after.minutes())
            }
        };
        self.snapshot.after_working(&need.unit, self.now, minutes)
    }

    /// The agent did something: their case is quiet for as long as the unit allows.
    pub fn acted(&mut self, case_id: CaseId) {
        let Some(case) = self.cases.get_mut(&case_id).filter(|case| case.is_open && case.agent.is_some()) else {
            return;
        };
        (case.acted, case.rung) = (true, 0);
        self.arm(case_id);
        self.changes.changed.insert(case_id);
    }

    /// Does what a case's timer asks, if it is time.
    pub fn fire(&mut self, case_id: CaseId) {
        let Some(case) = self.cases.get(&case_id).filter(|case| case.is_open) else { return };
        let due = case.next_timer.unwrap_or(Timestamp::UNIX_EPOCH);
        if due > self.now {
            return;
        }
        if self.snapshot.version == 0 || due == Timestamp::UNIX_EPOCH {
            // No directory yet; or a case from before there were timers.
            return self.arm(case_id);
        }
        let gone = case.need.as_ref().is_none_or(|need| self.snapshot.unit(&need.unit).is_none());
        if gone || case.agent.as_ref().is_some_and(|agent| self.snapshot.agent(agent).is_none()) {
            return self.rehome(case_id);
        }
        match (&case.offer, case.agent.clone()) {
            (Some(_), _) => self.pass_on(case_id),
            (None, Some(agent)) => self.remind(case_id, &agent),
            (None, None) => self.climb(case_id),
        }
    }

    /// A waiting case goes up. Steps that change nothing for it are passed over at once.
    fn climb(&mut self, case_id: CaseId) {
        if let Some(case) = self.cases.get_mut(&case_id) {
            case.declined.clear();
        }
        if self.serve(case_id, Cause::Presence) {
            return;
        }
        loop {
            let Some(case) = self.cases.get(&case_id) else { return };
            let Some(need) = case.need.clone() else { return };
            let rung = usize::from(case.rung);
            let ladder = self.snapshot.service(&need.unit).map_or(&[][..], |service| service.ladder.as_slice());
            let step = ladder.get(rung).map(|rung| rung.step);
            // How often a supervisor was told: each time one higher up.
            let passed = ladder.iter().take(rung).filter(|rung| rung.step == LadderStep::Escalate).count();
            let height = passed + rung.saturating_sub(ladder.len());
            let done = match step {
                Some(step) => self.step(case_id, need, step, height),
                None => {
                    self.tell_chief(case_id, &need, None, height);
                    true
                }
            };
            let Some(case) = self.cases.get_mut(&case_id) else { return };
            if case.agent.is_some() || case.offer.is_some() {
                return;
            }
            case.rung = u16::try_from(rung + 1).unwrap_or(u16::MAX);
            if done {
                break;
            }
        }
        self.arm(case_id);
        self.changes.changed.insert(case_id);
    }

    /// One step. `false`: it changed nothing for this case.
    fn step(&mut self, case_id: CaseId, mut need: Need, step: LadderStep, height: usize) -> bool {
        match step {
            LadderStep::Wait => {}
            LadderStep::Widen if need.lane.reach < Reach::Neighbours => {
                let lane = Lane { reach: Reach::Neighbours, team: None, ..need.lane.clone() };
                self.relane(case_id, lane);
                self.say(case_id, EscalationStep::Widened, None);
                self.serve(case_id, Cause::Escalated);
            }
            LadderStep::LowerLevel if need.lane.level > 0 => {
                self.relane(case_id, Lane { level: 0, ..need.lane.clone() });
                self.say(case_id, EscalationStep::LevelLowered, None);
                self.serve(case_id, Cause::Escalated);
            }
            LadderStep::RaisePriority if need.priority < Priority::Urgent => {
                need.priority = match need.priority {
                    Priority::Low => Priority::Normal,
                    Priority::Normal => Priority::High,
                    Priority::High | Priority::Urgent => Priority::Urgent,
                };
                let rung = self.cases.get(&case_id).map_or(0, |case| case.rung);
                let (_, trace) = self.choose_for(case_id, &need, None, None);
                self.settle(case_id, need, None, Cause::Escalated, trace, Said::default());
                if let Some(case) = self.cases.get_mut(&case_id) {
                    case.rung = rung;
                }
                self.say(case_id, EscalationStep::PriorityRaised, None);
            }
            LadderStep::Escalate => self.tell_chief(case_id, &need, None, height),
            LadderStep::Supervisor if need.lane.reach < Reach::Supervisors => {
                let lane = Lane { reach: Reach::Supervisors, team: None, ..need.lane.clone() };
                self.relane(case_id, lane);
                self.say(case_id, EscalationStep::OpenedToSupervisors, None);
                self.serve(case_id, Cause::Escalated);
            }
            LadderStep::Widen | LadderStep::LowerLevel | LadderStep::RaisePriority | LadderStep::Supervisor => {
                return false;
            }
        }
        true
    }

    /// A case in hand: taken over where its agent is absent, else its agent is reminded, then their supervisor told.
    fn remind(&mut self, case_id: CaseId, holder: &AgentId) {
        let Some(case) = self.cases.get(&case_id) else { return };
        let Some(need) = case.need.clone() else { return };
        let rung = usize::from(case.rung);
        if self.workload.working(&self.snapshot, holder) == Working::Absent {
            let known = Some((holder, Pick::HadIt));
            if let (Some(agent), trace) = self.choose_for(case_id, &need, known, Some(holder)) {
                return self.settle(case_id, need, Some(agent), Cause::Substituted, trace, Said::default());
            }
            self.tell_chief(case_id, &need, Some(holder), rung);
        } else if rung == 0 {
            self.say(case_id, EscalationStep::Reminded, Some(holder.clone()));
        } else {
            self.tell_chief(case_id, &need, Some(holder), rung - 1);
        }
        if let Some(case) = self.cases.get_mut(&case_id) {
            case.rung = case.rung.saturating_add(1);
        }
        self.arm(case_id);
        self.changes.changed.insert(case_id);
    }

    /// Tells the supervisor at `height`, unless the highest was told the time before.
    fn tell_chief(&mut self, case_id: CaseId, need: &Need, holder: Option<&AgentId>, height: usize) {
        let chief = self.snapshot.chief(&need.unit, height).map(|agent| agent.code.clone());
        let before = height.checked_sub(1).map(|height| self.snapshot.chief(&need.unit, height));
        let told = before.is_some_and(|before| before.map(|agent| &agent.code) == chief.as_ref());
        // Somebody is not told of what they have in hand themselves.
        if !told && chief.as_ref() != holder {
            self.say(case_id, EscalationStep::Escalated, chief);
        }
    }

    /// A waiting case goes from one lane of its unit to another.
    fn relane(&mut self, case_id: CaseId, lane: Lane) {
        self.queue_out(case_id);
        if let Some(need) = self.cases.get_mut(&case_id).and_then(|case| case.need.as_mut()) {
            need.lane = lane;
        }
        self.queue_in(case_id);
        self.changes.changed.insert(case_id);
    }

    fn say(&mut self, case_id: CaseId, step: EscalationStep, to: Option<AgentId>) {
        let Some(case) = self.cases.get(&case_id) else { return };
        let Some(need) = &case.need else { return };
        let name = to.as_ref().and_then(|to| self.snapshot.agent(to)).map(parvis_directory::Agent::full_name);
        let summary = explain::escalation(step, self.snapshot.unit_name(&need.unit), name.as_deref());
        self.changes.escalated.push(Escalated {
            case_id,
            reference: case.reference.clone(),
            at: self.now,
            step,
            unit: need.unit.clone(),
            agent: case.agent.clone(),
            to,
            priority: need.priority,
            summary,
        });
    }
}
