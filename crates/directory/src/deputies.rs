//! Who stands in for whom.

use std::collections::HashMap;

use parvis_kernel::AgentId;

use crate::{
    model::Agent,
    read::Item,
    reader::{Located, Problems},
};

/// Keeps as problems a deputy who is not there, oneself, named twice, or somebody for whom one stands in, however far.
pub(crate) fn check(agents: &[Item<'_, Agent>]) {
    let of: HashMap<&AgentId, &[AgentId]> =
        agents.iter().map(|item| (&item.value.code, item.value.deputies.as_slice())).collect();
    for Item { value: agent, entry } in agents {
        for (at, deputy) in agent.deputies.iter().enumerate() {
            if *deputy == agent.code {
                entry.error_nth("deputies", at, "an agent is not their own deputy; name somebody else");
            } else if !of.contains_key(deputy) {
                let message =
                    format!("no agent is called « {deputy} » in this file; add an [[agent]] or correct the code");
                entry.error_nth("deputies", at, message);
            } else if agent.deputies[..at].contains(deputy) {
                entry.error_nth("deputies", at, format!("« {deputy} » is named twice; remove one"));
            } else if let Some(path) = path(deputy, &agent.code, &of) {
                let path: Vec<_> = path.iter().map(|code| code.as_str()).collect();
                let message = format!("the deputies go round ({} → {}); remove one", agent.code, path.join(" → "));
                entry.error_nth("deputies", at, message);
            }
        }
    }
}

/// From `from` to `to` by deputies, if there is a way.
fn path<'a>(from: &'a AgentId, to: &AgentId, of: &HashMap<&'a AgentId, &'a [AgentId]>) -> Option<Vec<&'a AgentId>> {
    let mut came: HashMap<&AgentId, &AgentId> = HashMap::new();
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        if at == to {
            let mut path = vec![at];
            let mut at = at;
            while let Some(before) = came.get(at) {
                path.push(before);
                at = before;
            }
            path.reverse();
            return Some(path);
        }
        for deputy in of.get(at).copied().unwrap_or_default() {
            if deputy != from && !came.contains_key(deputy) {
                came.insert(deputy, at);
                next.push(deputy);
            }
        }
    }
    None
}

/// Deputies who receive no cases: allowed, and of no use.
pub(crate) fn warnings(problems: &Problems, agents: &[Item<'_, Agent>]) -> Vec<Located> {
    let idle: Vec<&AgentId> =
        agents.iter().filter(|item| item.value.capacity == 0).map(|item| &item.value.code).collect();
    let mut warnings = Vec::new();
    for Item { value: agent, entry } in agents {
        for (at, deputy) in agent.deputies.iter().enumerate().filter(|(_, deputy)| idle.contains(deputy)) {
            let message = format!("the deputy « {deputy} » of « {} » receives no cases (capacity 0)", agent.code);
            warnings.push(problems.locate(&entry.span_of_nth("deputies", at), message));
        }
    }
    warnings
}
