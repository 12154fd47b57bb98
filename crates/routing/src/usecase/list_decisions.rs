//! Every decision about one case.

use std::collections::{BTreeMap, btree_map::Entry};

use parvis_kernel::{
    AgentId, Caller, CaseId, Error, Result, Role, TenantId,
    policy::{self, Answer, CaseFacts, Had, Verb},
    reason::Thing,
};

use super::{access, rule_sets::rule_text};
use crate::{
    domain::{
        Decided, Guess, RoutedCase, Snapshot, Step, body_name,
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

/// The decisions about a case, oldest first: to whoever reads the case, those until it left their unit.
pub async fn list_decisions(router: &Router, caller: &Caller, id: CaseId) -> Result<Vec<DecisionView>> {
    caller.require(&[Role::CaseWorker, Role::Supervisor, Role::FrontDesk])?;
    let tenant = &caller.tenant;
    let not_found = || Error::no_such(Thing::Case, "no such case");
    let known = case::find(router.store.read(), tenant, id).await?.ok_or_else(not_found)?;
    let decided = decision::of_case(router.store.read(), tenant, id).await?;
    let seen = seen(caller, &known, &decided);
    let decided: Vec<Decided> = decided.into_iter().filter(|decided| seen.shows(decided.at, decided.at)).collect();
    if seen == Answer::No || decided.is_empty() {
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

/// How much of the explanation the caller reads: it quotes the text.
fn seen(caller: &Caller, known: &RoutedCase, decided: &[Decided]) -> Answer {
    let unit = decided.last().map(|decision| decision.unit.as_str()).unwrap_or_default();
    let agent = known.agent.as_ref().map(AgentId::as_str).unwrap_or_default();
    let left = decided.windows(2).filter(|pair| pair[0].unit != pair[1].unit);
    let had: Vec<Had> = left.map(|pair| Had { unit: pair[0].unit.to_string(), until: pair[1].at }).collect();
    let facts = CaseFacts { handler: agent, open: known.is_open, had: &had, ..access::facts(&caller.tenant, unit) };
    policy::may(caller, &facts, Verb::ReadRouting, None)
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
