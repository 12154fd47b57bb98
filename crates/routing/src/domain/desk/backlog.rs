//! The waiting cases in hand, each lane in order: who comes next is found without looking at the others.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, HashSet},
};

use parvis_directory::Priority;
use parvis_kernel::{CaseId, Timestamp, UnitId};

use super::{Cause, Desk};
use crate::domain::{
    case::{Lane, RoutedCase},
    choose::someone_free,
};

/// The most pressing first, then the oldest.
type Place = (Reverse<Priority>, Timestamp, CaseId);

/// Waiting cases by unit and lane.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    units: BTreeMap<UnitId, BTreeMap<Lane, BTreeSet<Place>>>,
}

fn place(case: &RoutedCase) -> Option<(&UnitId, &Lane, Place)> {
    let need = case.need.as_ref()?;
    Some((&need.unit, &need.lane, (Reverse(need.priority), case.since, case.case_id)))
}

impl Backlog {
    pub(super) fn insert(&mut self, case: &RoutedCase) {
        let Some((unit, lane, place)) = place(case) else { return };
        self.units.entry(unit.clone()).or_default().entry(lane.clone()).or_default().insert(place);
    }

    fn remove(&mut self, case: &RoutedCase) {
        let Some((unit, lane, place)) = place(case) else { return };
        let Some(lanes) = self.units.get_mut(unit) else { return };
        if let Some(cases) = lanes.get_mut(lane) {
            cases.remove(&place);
            if cases.is_empty() {
                lanes.remove(lane);
            }
        }
    }

    fn first(&self, unit: &UnitId, lane: &Lane, after: Option<Place>) -> Option<Place> {
        let cases = self.units.get(unit)?.get(lane)?;
        match after {
            Some(after) => cases.range((std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded)).next().copied(),
            None => cases.first().copied(),
        }
    }
}

/// The next of a lane, in a heap whose greatest is the most pressing.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Next(Reverse<Place>, UnitId, Lane);

impl Desk {
    /// A case begins to wait in the queue of its unit.
    pub(super) fn queue_in(&mut self, case_id: CaseId) {
        let Some(case) = self.cases.get(&case_id) else { return };
        let Some(need) = &case.need else { return };
        *self.changes.lanes.entry((need.unit.clone(), need.lane.clone())).or_default() += 1;
        self.backlog.insert(case);
    }

    /// A case waits there no more.
    pub(super) fn queue_out(&mut self, case_id: CaseId) {
        let Some(case) = self.cases.get(&case_id) else { return };
        let Some(need) = &case.need else { return };
        *self.changes.lanes.entry((need.unit.clone(), need.lane.clone())).or_default() -= 1;
        self.backlog.remove(case);
    }

    /// Gives waiting cases in hand to whoever is free, the most pressing first, at most `limit`. Stops where the next
    /// would be of a lane of `truncated`, of which not all cases are in hand: others must not overtake them. Gives how
    /// many were given.
    pub fn drain(&mut self, cause: Cause, limit: usize, truncated: &HashSet<(UnitId, Lane)>) -> usize {
        let lanes = self.backlog.units.iter().flat_map(|(unit, lanes)| lanes.keys().map(move |lane| (unit, lane)));
        let free = lanes.filter(|(unit, lane)| someone_free(&self.snapshot, &self.workload, unit, lane));
        let free: Vec<_> = free.map(|(unit, lane)| (unit.clone(), lane.clone())).collect();
        let mut heap = BinaryHeap::with_capacity(free.len());
        for (unit, lane) in free {
            if let Some(first) = self.backlog.first(&unit, &lane, None) {
                heap.push(Next(Reverse(first), unit, lane));
            }
        }
        let mut given = 0;
        while given < limit
            && let Some(Next(Reverse(at), unit, lane)) = heap.pop()
        {
            let case_id = at.2;
            let served = self.serve(case_id, cause);
            given += usize::from(served);
            // Nobody is left for this lane, unless it was only this case that they refused.
            let refused = self.cases.get(&case_id).is_some_and(|case| !case.declined.is_empty());
            if !served && !refused {
                continue;
            }
            match self.backlog.first(&unit, &lane, Some(at)) {
                Some(next) => heap.push(Next(Reverse(next), unit, lane)),
                None if truncated.contains(&(unit, lane)) => break,
                None => {}
            }
        }
        given
    }
}
