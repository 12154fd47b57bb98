//! Who would move: past requests read by the rules in force and by a draft.

use std::collections::BTreeMap;

use parvis_kernel::{CaseId, Timestamp, UnitId};

use super::compiled::Compiled;
use crate::domain::{
    case::{CaseFacts, Need},
    place::{Placement, place_by},
    snapshot::Snapshot,
};

/// A request as it was when it was decided about.
#[derive(Clone, Debug)]
pub struct PastCase {
    /// Its case.
    pub case_id: CaseId,
    /// Its short name.
    pub reference: String,
    /// When it was decided about.
    pub decided_at: Timestamp,
    /// What the rules looked at.
    pub facts: CaseFacts,
    /// The loads that the rules looked at then, in percent.
    pub loads: BTreeMap<UnitId, u32>,
}

/// A request that would go elsewhere, or otherwise.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its case.
    pub case_id: CaseId,
    /// Its short name.
    pub reference: String,
    /// When it was decided about.
    pub decided_at: Timestamp,
    /// By the rules in force.
    pub from: Need,
    /// By the draft.
    pub to: Need,
    /// Whether it goes to another unit; otherwise only its priority, its team, what its agent must have, its flags or
    /// a proposed transfer change.
    pub to_another_unit: bool,
    /// What changes besides the unit, in French.
    pub changes: Vec<String>,
}

/// What a draft would change.
#[derive(Clone, Debug, Default)]
pub struct Simulation {
    /// How many requests were read.
    pub cases: usize,
    /// Those that change, in the order given.
    pub moved: Vec<Moved>,
    /// How many times each rule of the draft decided the unit, by code.
    pub used: BTreeMap<String, usize>,
    /// How many times each rule of the draft could not be told, by code.
    pub failed: BTreeMap<String, usize>,
    /// Requests for which a load of now had to do, since none was kept.
    pub loads_of_now: usize,
}

/// Reads `cases` by the rules in force in `snapshot` and by `draft`. `load_now` stands in for a load that was not kept.
pub fn simulate(
    snapshot: &Snapshot,
    draft: &Compiled,
    cases: &[PastCase],
    load_now: &dyn Fn(&UnitId) -> Option<u32>,
) -> Simulation {
    let mut simulation = Simulation { cases: cases.len(), ..Simulation::default() };
    for case in cases {
        let missing = std::cell::Cell::new(false);
        let load = |unit: &UnitId| match case.loads.get(unit) {
            Some(percent) => Some(*percent),
            None => {
                missing.set(true);
                load_now(unit)
            }
        };
        let before = place_by(snapshot, &snapshot.rules, &case.facts, &load);
        let after = place_by(snapshot, draft, &case.facts, &load);
        simulation.loads_of_now += usize::from(missing.get());
        *simulation.used.entry(after.need.rule.clone()).or_default() += 1;
        for (rule, _) in &after.faults {
            if let Some(rule) = draft.rules().get(*rule) {
                *simulation.failed.entry(rule.code.clone()).or_default() += 1;
            }
        }
        let changes = changes(&before, &after);
        let to_another_unit = before.need.unit != after.need.unit;
        if to_another_unit || !changes.is_empty() {
            simulation.moved.push(Moved {
                case_id: case.case_id,
                reference: case.reference.clone(),
                decided_at: case.decided_at,
                from: before.need,
                to: after.need,
                to_another_unit,
                changes,
            });
        }
    }
    simulation
}

fn changes(before: &Placement, after: &Placement) -> Vec<String> {
    let mut changes = Vec::new();
    let mut compare = |what: &str, before: Option<&str>, after: Option<&str>| {
        if before != after {
            let or_none = |value: Option<&str>| value.filter(|value| !value.is_empty()).unwrap_or("aucun").to_owned();
            changes.push(format!("{what} : {} → {}", or_none(before), or_none(after)));
        }
    };
    let (from, to) = (&before.need, &after.need);
    compare("priorité", Some(from.priority.as_str()), Some(to.priority.as_str()));
    compare("équipe", from.lane.team.as_ref().map(AsRef::as_ref), to.lane.team.as_ref().map(AsRef::as_ref));
    compare("compétence", from.lane.skill.as_deref(), to.lane.skill.as_deref());
    let level = |need: &Need| Some(need.lane.level).filter(|level| *level > 0).map(|level| level.to_string());
    compare("niveau", level(from).as_deref(), level(to).as_deref());
    compare("langue", from.lane.language.as_deref(), to.lane.language.as_deref());
    compare("mention", Some(&before.flags.join(", ")), Some(&after.flags.join(", ")));
    let body = |placement: &Placement| placement.transfer.as_ref().map(|transfer| transfer.name.clone());
    compare("transmission proposée", body(before).as_deref(), body(after).as_deref());
    changes
}
