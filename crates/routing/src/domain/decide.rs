//! The whole decision about a new case.

use std::collections::{BTreeMap, HashMap};

use parvis_kernel::{AgentId, CaseId, UnitId};

use super::{
    case::{CaseFacts, Need},
    choose::{Preference, choose},
    place::place,
    snapshot::Snapshot,
    trace::{Pick, Trace},
    workload::Workload,
};

/// Who has open cases of whom: person's key and unit → case → agent.
#[derive(Clone, Debug, Default)]
pub struct Known(HashMap<(String, UnitId), BTreeMap<CaseId, AgentId>>);

impl Known {
    /// `agent` has `case` of the person `key`.
    pub fn add(&mut self, key: &str, unit: &UnitId, case: CaseId, agent: &AgentId) {
        if !key.is_empty() {
            self.0.entry((key.to_owned(), unit.clone())).or_default().insert(case, agent.clone());
        }
    }

    /// Nobody has `case` any more.
    pub fn remove(&mut self, key: &str, unit: &UnitId, case: CaseId) {
        if let Some(cases) = self.0.get_mut(&(key.to_owned(), unit.clone())) {
            cases.remove(&case);
        }
    }

    /// All of those who have some.
    pub fn agents(&self) -> impl Iterator<Item = &AgentId> {
        self.0.values().flat_map(BTreeMap::values)
    }

    /// Who has the person's latest case in `unit`, but for `case` itself.
    pub fn agent(&self, key: &str, unit: &UnitId, case: Option<CaseId>) -> Option<&AgentId> {
        let cases = self.0.get(&(key.to_owned(), unit.clone()))?;
        cases.iter().rev().find(|(id, _)| Some(**id) != case).map(|(_, agent)| agent)
    }
}

/// What was decided and everything looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Where the case belongs.
    pub need: Need,
    /// Who handles it; `None`: the unit's queue.
    pub agent: Option<AgentId>,
    /// Everything looked at.
    pub trace: Trace,
}

/// Decides. Depends on nothing but its arguments.
pub fn decide(snapshot: &Snapshot, workload: &Workload, known: &Known, facts: &CaseFacts) -> Verdict {
    let placement = place(snapshot, facts, &|unit| workload.percent(snapshot, unit));
    let placed = placement.placed();
    let mut need = placement.need;
    need.lane.weight = snapshot.weight(facts.channel);
    let familiar = known.agent(&facts.requester_key, &need.unit, None).map(|agent| (agent, Pick::SamePerson));
    let site = facts.site.as_ref();
    let preference = Preference { known: familiar, language: &facts.language, site, ..Preference::default() };
    let choice = choose(snapshot, workload, &need.unit, &need.lane, preference);
    let trace = Trace {
        rules: placement.rules,
        placed,
        word: None,
        candidates: choice.candidates,
        pick: choice.pick,
        language_missing: choice.language_missing,
    };
    Verdict { need, agent: choice.agent, trace }
}
