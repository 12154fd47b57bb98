//! Live work: offered for a while, taken or not.

use jiff::SignedDuration;
use parvis_kernel::{AgentId, CaseId, DecisionId, Error, Refusal, Result, reason::Thing};

use super::{Cause, Desk, Said};
use crate::domain::{
    account::effective,
    case::{Need, Offer},
    trace::{Candidate, Pick, Trace, Why},
};

impl Desk {
    /// Whether a case is shown to agents rather than given.
    pub(super) fn is_offered(&self, case_id: CaseId, need: &Need) -> bool {
        let channel = self.cases.get(&case_id).and_then(|case| case.channel);
        let service = self.snapshot.service(&need.unit);
        channel.zip(service).is_some_and(|(channel, service)| service.offer.contains(&channel))
    }

    /// Shows a waiting case to `agent` until the unit's time is over. It takes its part of their capacity meanwhile.
    pub(super) fn offer(&mut self, case_id: CaseId, agent: AgentId) {
        let Some(case) = self.cases.get_mut(&case_id).filter(|case| case.is_open && case.offer.is_none()) else {
            return;
        };
        let Some(need) = &case.need else { return };
        let seconds = self.snapshot.service(&need.unit).map_or(0, |service| service.offer_seconds);
        let until = self.now.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(self.now);
        let capacity = self.snapshot.agent(&agent).map_or(0, |agent| agent.capacity);
        let weight = effective(need.lane.weight, capacity);
        case.weight = weight;
        case.next_timer = Some(until);
        self.workload.update(&self.snapshot, &agent, |state| state.weight = state.weight.saturating_add(weight));
        case.offer = Some(Offer { id: DecisionId::new(), agent: agent.clone(), until });
        self.changes.touched.insert(agent);
        self.changes.changed.insert(case_id);
        self.queue_out(case_id);
    }

    /// The offer is over: back in the count of the queue. Gives who had it.
    pub(super) fn withdraw(&mut self, case_id: CaseId) -> Option<AgentId> {
        let case = self.cases.get_mut(&case_id)?;
        let offer = case.offer.take()?;
        let weight = case.weight;
        self.workload.update(&self.snapshot, &offer.agent, |state| state.weight = state.weight.saturating_sub(weight));
        self.changes.touched.insert(offer.agent.clone());
        self.changes.changed.insert(case_id);
        self.queue_in(case_id);
        Some(offer.agent)
    }

    /// The agent takes what they were offered.
    ///
    /// # Errors
    /// "Conflict" where the offer is over or another, "not found" where there is none for this agent.
    pub fn accept(&mut self, case_id: CaseId, offer: DecisionId, agent: &AgentId, actor: &str) -> Result<()> {
        self.check_offer(case_id, offer, agent)?;
        let need = self.cases.get(&case_id).and_then(|case| case.need.clone());
        let need = need.ok_or_else(|| Error::internal("an offer of a case without a unit"))?;
        self.withdraw(case_id);
        let capacity = self.snapshot.agent(agent).map_or(0, |agent| crate::domain::account::room_of(agent.capacity));
        let candidate = Candidate(agent.clone(), Why::Kept, self.workload.state(agent).weight, capacity);
        let trace = Trace { candidates: vec![candidate], pick: Some(Pick::Accepted), ..Trace::default() };
        self.settle(case_id, need, Some(agent.clone()), Cause::Accepted, trace, Said { actor, reason: "" });
        Ok(())
    }

    /// The agent does not take it: offered to the next, else in the queue as before.
    ///
    /// # Errors
    /// As for [`Desk::accept`].
    pub fn decline(&mut self, case_id: CaseId, offer: DecisionId, agent: &AgentId) -> Result<()> {
        self.check_offer(case_id, offer, agent)?;
        self.pass_on(case_id);
        Ok(())
    }

    /// Offers to the next, or arms the ladder where there is none.
    pub(super) fn pass_on(&mut self, case_id: CaseId) {
        let Some(refused) = self.withdraw(case_id) else { return };
        if let Some(case) = self.cases.get_mut(&case_id) {
            case.declined.push(refused);
        }
        if !self.serve(case_id, Cause::Presence) {
            self.arm(case_id);
        }
    }

    fn check_offer(&self, case_id: CaseId, offer: DecisionId, agent: &AgentId) -> Result<()> {
        let case = self.cases.get(&case_id).filter(|case| case.is_open);
        let case = case.ok_or_else(|| Error::no_such(Thing::Offer, "no such offer"))?;
        match &case.offer {
            Some(live) if live.id == offer && live.agent == *agent && live.until > self.now => Ok(()),
            Some(live) if live.id == offer && live.agent != *agent => {
                Err(Error::no_such(Thing::Offer, "no such offer"))
            }
            _ => {
                let message = "the offer is over: somebody else has it, or the case went back to the queue";
                Err(Error::conflict(message).refused(Refusal::OfferOver))
            }
        }
    }
}
