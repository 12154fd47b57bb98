//! Every decision about one case.

use std::collections::{BTreeMap, btree_map::Entry};

use parvis_kernel::{Caller, CaseId, Error, Result, Role, TenantId, reason::Thing};

use super::{access, rule_sets::rule_text};
use crate::{
    domain::{
        Decided, Guess, Snapshot, Step, body_name,
        rules::{RuleSet, read},
        sentence, steps,
    },
    repo::{case, decision, transfer},
    router::Router,
};

/// A decision with its explanation.
#[derive(Clone, Debug)]
pub struct DecisionView {
    /// The decision.
    pub decided: Decided,
    /// The unit's name now.
    pub unit_name: String,
    /// Everything looked at.
    pub steps: Vec<Step>,
    /// Why the case came here, in one sentence for the agent.
    pub sentence: String,
    /// What became of the transfer that it proposed; empty: nothing is known.
    pub transfer_state: String,
    /// The names of the units guessed, in order.
    pub guessed_names: Vec<String>,
}

/// The decisions about a case, oldest first. Its agent, the agents and supervisors of its unit or of one it has been
/// in, and administrators.
pub async fn list_decisions(router: &Router, caller: &Caller, id: CaseId) -> Result<Vec<DecisionView>> {
    caller.require(&[Role::CaseWorker, Role::Supervisor, Role::Administrator])?;
    let tenant = &caller.tenant;
    let not_found = || Error::no_such(Thing::Case, "no such case");
    let known = case::find(router.store.read(), tenant, id).await?.ok_or_else(not_found)?;
    let decided = decision::of_case(router.store.read(), tenant, id).await?;
    let mine = caller.agent().is_some() && known.agent.as_ref() == caller.agent();
    let seen = decided.iter().any(|decision| access::works_in(caller, &decision.unit));
    if !(mine || seen || caller.has(Role::Administrator) || caller.is_system()) {
        return Err(not_found());
    }
    let snapshot = router.snapshots.current(&router.store, tenant).await?;
    let mut rule_sets: BTreeMap<u64, RuleSet> = BTreeMap::new();
    let transfer = transfer::find(router.store.read(), tenant, id).await?;
    let transfer_state = transfer.map(|transfer| transfer.state).unwrap_or_default();
    let mut views = Vec::with_capacity(decided.len());
    for decided in decided {
        let rules = match rule_sets.entry(decided.rule_set) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(rules_of(router, tenant, &snapshot, decided.rule_set).await?),
        };
        let view = view(decided, rules, &snapshot);
        views.push(DecisionView { transfer_state: transfer_state.clone(), ..view });
    }
    Ok(views)
}

async fn rules_of(router: &Router, tenant: &TenantId, snapshot: &Snapshot, rule_set: u64) -> Result<RuleSet> {
    if snapshot.rule_set == rule_set {
        return Ok(snapshot.rules().clone());
    }
    let text = rule_text(router.store.read(), tenant, rule_set).await?;
    Ok(text.map(|published| read(&published.text).0).unwrap_or_default())
}

pub(super) fn view(decided: Decided, rules: &RuleSet, snapshot: &Snapshot) -> DecisionView {
    let steps = steps(&decided.trace, &decided.rule, rules, snapshot);
    let sentence = sentence(&decided.trace, &decided.rule, &decided.reason, rules);
    let name = |guess: &Guess| {
        let elsewhere = || body_name(rules, &guess.competence);
        guess.unit.as_ref().map_or_else(elsewhere, |unit| snapshot.unit_name(unit).to_owned())
    };
    let guessed_names = decided.trace.placed.guesses.iter().map(name).collect();
    let unit_name = snapshot.unit_name(&decided.unit).to_owned();
    DecisionView { unit_name, steps, sentence, transfer_state: String::new(), guessed_names, decided }
}
