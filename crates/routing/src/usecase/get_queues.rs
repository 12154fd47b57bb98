//! How many cases wait, by unit.

use std::collections::BTreeMap;

use parvis_kernel::{Caller, Result, Role, Timestamp, UnitId};

use crate::{repo::queue, router::Router};

/// A unit's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queue {
    /// Whose.
    pub unit: UnitId,
    /// Its name.
    pub unit_name: String,
    /// How many wait.
    pub waiting: u64,
    /// Since when the oldest does.
    pub oldest: Option<Timestamp>,
}

/// The queues of the units that the caller sees, all for an administrator, in the order of the directory; those where
/// nobody waits too.
pub async fn get_queues(router: &Router, caller: &Caller) -> Result<Vec<Queue>> {
    caller.require(&[Role::FrontDesk, Role::CaseWorker, Role::Supervisor, Role::Administrator])?;
    let all = caller.is_system() || caller.has(Role::Administrator);
    let snapshot = router.snapshots.current(&router.store, &caller.tenant).await?;
    let mut waiting: BTreeMap<UnitId, u64> = BTreeMap::new();
    for lane in queue::lanes(router.store.read(), &caller.tenant).await? {
        *waiting.entry(lane.unit).or_default() += lane.waiting;
    }
    let oldest = queue::oldest(router.store.read(), &caller.tenant).await?;
    let units = snapshot.directory.units.iter().filter(|unit| all || caller.units.contains(&unit.code));
    let queue = |unit: &parvis_directory::Unit| Queue {
        unit: unit.code.clone(),
        unit_name: unit.name.clone(),
        waiting: waiting.get(&unit.code).copied().unwrap_or(0),
        oldest: oldest.get(&unit.code).copied(),
    };
    Ok(units.map(queue).collect())
}
