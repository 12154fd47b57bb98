//! All the work of an agent who leaves or falls ill, or of a unit that is merged, moved at once.

use parvis_kernel::{AgentId, CaseId, Error, Refusal, Result, UnitId, reason::Thing};

use super::{Cause, Desk, Said};
use crate::domain::{
    case::{Lane, Need},
    trace::{Pick, Trace},
};

/// Whose work is moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moving {
    /// An agent's: to their deputies, else as new cases of their units.
    Agent(AgentId),
    /// A unit's, to another: those in hand stay with agents who are there too.
    Unit {
        /// From.
        from: UnitId,
        /// To.
        to: UnitId,
    },
}

impl Desk {
    /// From now on nothing is given to `agent`: they are away.
    pub fn send_away(&mut self, agent: &AgentId) {
        self.workload.update(&self.snapshot, agent, |state| state.away = true);
    }

    /// Moves each of `cases`. Those who left get nothing back: [`Desk::send_away`] comes first.
    ///
    /// # Errors
    /// "Failed precondition" where there is no such unit to move to, or it is the same.
    pub fn move_work(&mut self, moving: &Moving, cases: &[CaseId], actor: &str, reason: &str) -> Result<()> {
        if let Moving::Unit { from, to } = moving
            && (self.snapshot.unit(to).is_none() || from == to)
        {
            let refusal = Refusal::NotInDirectory { thing: Thing::Unit };
            return Err(Error::precondition(format!("« {to} » is not another unit of the directory")).refused(refusal));
        }
        for case in cases {
            self.move_case(moving, *case, Said { actor, reason });
        }
        Ok(())
    }

    fn move_case(&mut self, moving: &Moving, case_id: CaseId, said: Said<'_>) {
        let Some(case) = self.cases.get(&case_id).filter(|case| case.is_open) else { return };
        let Some(need) = case.need.clone() else { return };
        let holder = case.agent.clone();
        let offered = case.offer.as_ref().map(|offer| offer.agent.clone());
        match moving {
            Moving::Agent(leaving) if offered.as_ref() == Some(leaving) => self.pass_on(case_id),
            Moving::Agent(leaving) if holder.as_ref() == Some(leaving) => {
                let known = Some((leaving, Pick::HadIt));
                let (agent, trace) = self.choose_for(case_id, &need, known, Some(leaving));
                self.settle(case_id, need, agent, Cause::Moved, trace, said);
            }
            Moving::Unit { from, to } if need.unit == *from => {
                let skill = need.lane.skill.clone().filter(|skill| self.snapshot.has_skill(to, skill));
                let level = if skill.is_some() { need.lane.level } else { 0 };
                let lane = Lane { team: None, skill, level, ..need.lane };
                let need = Need { unit: to.clone(), lane, ..need };
                let stays = holder.filter(|holder| self.snapshot.handlers(to).any(|agent| agent.code == *holder));
                match stays {
                    Some(holder) => {
                        let trace = Trace { pick: Some(Pick::HadIt), ..Trace::default() };
                        self.settle(case_id, need, Some(holder), Cause::Moved, trace, said);
                    }
                    None => {
                        let (agent, trace) = self.choose_for(case_id, &need, None, None);
                        self.settle(case_id, need, agent, Cause::Moved, trace, said);
                    }
                }
            }
            Moving::Agent(_) | Moving::Unit { .. } => {}
        }
    }
}
