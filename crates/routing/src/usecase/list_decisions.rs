//! Every decision about one case.

use std::collections::{BTreeMap, btree_map::Entry};

use parvis_directory::Rule;
use parvis_kernel::{Caller, CaseId, Error, Result, Role, TenantId};

use super::access;
use crate::{
    domain::{Decided, Snapshot, Step, steps},
    repo::{case, decision, directory},
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
}

/// The decisions about a case, oldest first. Its agent, the agents and supervisors of its unit or of one it has been
/// in, and administrators.
pub async fn list_decisions(router: &Router, caller: &Caller, id: CaseId) -> Result<Vec<DecisionView>> {
    caller.require(&[Role::CaseWorker, Role::Supervisor, Role::Administrator])?;
    let tenant = &caller.tenant;
    let not_found = || Error::not_found("no such case");
    let known = case::find(router.store.read(), tenant, id).await?.ok_or_else(not_found)?;
    let decided = decision::of_case(router.store.read(), tenant, id).await?;
    let mine = caller.agent().is_some() && known.agent.as_ref() == caller.agent();
    let seen = decided.iter().any(|decision| access::works_in(caller, &decision.unit));
    if !(mine || seen || caller.has(Role::Administrator) || caller.is_system()) {
        return Err(not_found());
    }
    let snapshot = router.snapshots.current(&router.store, tenant).await?;
    let mut rule_sets: BTreeMap<u64, Vec<Rule>> = BTreeMap::new();
    let mut views = Vec::with_capacity(decided.len());
    for decided in decided {
        let rules = match rule_sets.entry(decided.rule_set) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(rules_of(router, tenant, &snapshot, decided.rule_set).await?),
        };
        views.push(view(decided, rules, &snapshot));
    }
    Ok(views)
}

async fn rules_of(router: &Router, tenant: &TenantId, snapshot: &Snapshot, rule_set: u64) -> Result<Vec<Rule>> {
    if snapshot.rule_set == rule_set {
        return Ok(snapshot.rules().to_vec());
    }
    let version = directory::find_rule_set(router.store.read(), tenant, rule_set).await?;
    Ok(version.map(|version| version.directory.rules).unwrap_or_default())
}

pub(super) fn view(decided: Decided, rules: &[Rule], snapshot: &Snapshot) -> DecisionView {
    let steps = steps(&decided.trace, &decided.rule, rules, snapshot);
    DecisionView { unit_name: snapshot.unit_name(&decided.unit).to_owned(), steps, decided }
}
