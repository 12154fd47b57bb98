//! How a unit handles its cases, with what it has from the units above, and who is near it.

use std::collections::{BTreeSet, HashMap};

use parvis_directory::{
    DEFAULT_LADDER, DEFAULT_OFFER_SECONDS, DEFAULT_RESPONSE, DEFAULT_REVIEW, DirectoryFile, Handling, Rung, Unit,
};
use parvis_kernel::{Channel, Role, UnitId};

use super::snapshot::hours_of;

/// Levels of a tree at most; the import refuses cycles, and this does not depend on it.
const DEEPEST: usize = 40;

/// A unit's settings, and whom it may turn to.
#[derive(Debug)]
pub struct Service {
    /// Its calendar.
    pub(super) hours: Option<usize>,
    /// What is done for a case that waits.
    pub ladder: Vec<Rung>,
    /// Minutes of working time in which an agent is to begin.
    pub response_minutes: u32,
    /// Minutes of working time that a case in hand may stay without news.
    pub review_minutes: u32,
    /// Channels whose cases are offered, not given.
    pub offer: Vec<Channel>,
    /// How long an offer stands.
    pub offer_seconds: u32,
    /// Agents of the unit above and of the neighbouring ones, by code, without its own.
    pub(super) near: Vec<usize>,
    /// The supervisors, with how many units above they are.
    pub(super) chiefs: Vec<(usize, usize)>,
}

impl Service {
    pub(super) fn new(directory: &DirectoryFile, unit: &Unit) -> Self {
        let above = || above(directory, unit).map(|unit| &unit.handling);
        fn first<'a, T>(
            mut above: impl Iterator<Item = &'a Handling>,
            of: impl Fn(&'a Handling) -> Option<T>,
        ) -> Option<T> {
            above.find_map(of)
        }
        let ladder = first(above(), |handling| Some(&handling.ladder).filter(|ladder| !ladder.is_empty()).cloned());
        Self {
            hours: hours_of(directory, None, Some(&unit.code)),
            ladder: ladder.unwrap_or_else(|| DEFAULT_LADDER.to_vec()),
            response_minutes: first(above(), |handling| handling.response).unwrap_or(DEFAULT_RESPONSE).minutes(),
            review_minutes: first(above(), |handling| handling.review).unwrap_or(DEFAULT_REVIEW).minutes(),
            offer: first(above(), |handling| handling.offer.clone()).unwrap_or_default(),
            offer_seconds: first(above(), |handling| handling.offer_seconds).unwrap_or(DEFAULT_OFFER_SECONDS),
            near: Vec::new(),
            chiefs: Vec::new(),
        }
    }
}

/// `unit`, then those above it.
fn above<'a>(directory: &'a DirectoryFile, unit: &'a Unit) -> impl Iterator<Item = &'a Unit> {
    std::iter::successors(Some(unit), |unit| directory.unit(unit.parent.as_ref()?)).take(DEEPEST)
}

/// Whom a unit may turn to.
pub(super) struct Link {
    pub(super) unit: UnitId,
    pub(super) near: Vec<usize>,
    pub(super) chiefs: Vec<(usize, usize)>,
}

/// For each unit: the agents near it, and its supervisors.
pub(super) fn link(
    directory: &DirectoryFile,
    by_code: &[usize],
    handlers: impl Fn(&UnitId) -> Option<Vec<usize>>,
) -> Vec<Link> {
    let mut children: HashMap<Option<&UnitId>, Vec<&UnitId>> = HashMap::new();
    for unit in &directory.units {
        children.entry(unit.parent.as_ref()).or_default().push(&unit.code);
    }
    // Agents are in `by_code`'s order, so that ties end the same everywhere.
    let place: HashMap<usize, usize> = by_code.iter().enumerate().map(|(place, at)| (*at, place)).collect();
    let mut supervisors: HashMap<&UnitId, Vec<usize>> = HashMap::new();
    for at in by_code {
        if let Some(agent) = directory.agents.get(*at).filter(|agent| agent.roles.contains(&Role::Supervisor)) {
            for unit in &agent.units {
                supervisors.entry(unit).or_default().push(*at);
            }
        }
    }
    let neighbours = |unit: &'_ Unit| -> Vec<UnitId> {
        let siblings = unit.parent.as_ref().and_then(|parent| children.get(&Some(parent)));
        // A unit at the top has those directly below it.
        let below = if unit.parent.is_none() { children.get(&Some(&unit.code)) } else { None };
        let all = unit.parent.iter().chain(siblings.into_iter().flatten().copied());
        all.chain(below.into_iter().flatten().copied()).filter(|code| **code != unit.code).cloned().collect()
    };
    let mut linked = Vec::with_capacity(directory.units.len());
    for unit in &directory.units {
        let own: BTreeSet<usize> = handlers(&unit.code).unwrap_or_default().into_iter().collect();
        let mut near = BTreeSet::new();
        for neighbour in neighbours(unit) {
            near.extend(handlers(&neighbour).unwrap_or_default().into_iter().filter(|at| !own.contains(at)));
        }
        let mut near: Vec<_> = near.into_iter().collect();
        near.sort_by_key(|at| place.get(at).copied());
        let mut chiefs: Vec<(usize, usize)> = Vec::new();
        for (height, unit) in above(directory, unit).enumerate() {
            for at in supervisors.get(&unit.code).map_or(&[][..], Vec::as_slice) {
                if !chiefs.iter().any(|(known, _)| known == at) {
                    chiefs.push((*at, height));
                }
            }
        }
        linked.push(Link { unit: unit.code.clone(), near, chiefs });
    }
    linked
}
