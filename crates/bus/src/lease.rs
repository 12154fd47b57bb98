//! Which partitions this process reads. With one process, all of them. With several, each holds a fair share under a
//! lease in the role's database. A lease only avoids duplicate work and keeps order; the inbox and the versions of
//! cases keep effects right even when two processes believe they hold the same one.

mod table;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::SignedDuration;
use parvis_kernel::{Error, PARTITIONS, Result};
use parvis_store::Store;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval, timeout_at},
};
use tokio_util::sync::CancellationToken;

use table::Table;

/// How long a lease lasts unless renewed.
const LEASE: Duration = Duration::from_secs(10);

/// The partitions held, updated by whoever keeps the leases.
pub struct Leases {
    held: watch::Sender<[bool; PARTITIONS as usize]>,
}

impl Leases {
    /// All of them, for ever: one process.
    pub fn all() -> Self {
        Self { held: watch::Sender::new([true; PARTITIONS as usize]) }
    }

    /// None yet.
    pub fn none() -> Self {
        Self { held: watch::Sender::new([false; PARTITIONS as usize]) }
    }

    /// Says which are held now.
    pub fn set(&self, held: [bool; PARTITIONS as usize]) {
        self.held.send_replace(held);
    }

    /// Which are held now.
    pub fn now(&self) -> [bool; PARTITIONS as usize] {
        *self.held.borrow()
    }

    /// Waits until `partition` is held.
    pub async fn held(&self, partition: u8) {
        let _ = self.held.subscribe().wait_for(|held| held[usize::from(partition)]).await;
    }

    /// Waits until `partition` is not held.
    pub async fn lost(&self, partition: u8) {
        let _ = self.held.subscribe().wait_for(|held| !held[usize::from(partition)]).await;
    }
}

/// The task that keeps this process's share of the partitions of a role.
pub struct LeaseKeeper {
    table: Table,
    leases: Arc<Leases>,
    lease: Duration,
    /// Read no more, but still leased for a round: the batch in hand is finished before another reads on.
    leaving: BTreeSet<u8>,
}

impl LeaseKeeper {
    /// A keeper for the process `owner` (a name no other process has) of `role`, whose database is `store`.
    pub fn new(role: impl Into<String>, store: Store, owner: impl Into<String>) -> Self {
        let table = Table { role: role.into(), owner: owner.into(), store };
        Self { table, leases: Arc::new(Leases::none()), lease: LEASE, leaving: BTreeSet::new() }
    }

    /// Leases that last `lease` instead of ten seconds.
    #[must_use]
    pub fn lasting(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// What this process holds, for its consumers.
    pub fn leases(&self) -> Arc<Leases> {
        self.leases.clone()
    }

    /// Keeps a fair share until `shutdown`, then lets go of everything.
    pub async fn run(mut self, shutdown: CancellationToken) {
        // Two rounds may fail before a lease ends.
        let (round, limit) = (self.lease * 3 / 10, self.lease / 4);
        let mut rounds = interval(round);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sure_until = Instant::now();
        loop {
            tokio::select! {
                () = shutdown.cancelled() => break,
                _ = rounds.tick() => {}
            }
            let began = Instant::now();
            match timeout_at(began + limit, self.round()).await.unwrap_or_else(|_| Err(too_slow())) {
                Ok(()) => sure_until = began + self.lease,
                Err(error) => tracing::warn!(role = self.table.role, %error, "leases are not renewed"),
            }
            // Another may take them before the next round is over: better read nothing than read twice.
            if sure_until < Instant::now() + round {
                self.leases.set([false; PARTITIONS as usize]);
            }
        }
        self.leases.set([false; PARTITIONS as usize]);
        let left = timeout_at(Instant::now() + limit, self.table.leave()).await;
        if let Err(error) = left.unwrap_or_else(|_| Err(too_slow())) {
            tracing::warn!(role = self.table.role, %error, "leases end by themselves");
        }
    }

    async fn round(&mut self) -> Result<()> {
        let now = self.table.store.clock().now();
        let until = now + SignedDuration::try_from(self.lease).map_err(Error::internal)?;
        let owners = self.table.announce(now, until).await?;
        let share = usize::from(PARTITIONS).div_ceil(usize::try_from(owners.max(1)).unwrap_or(usize::MAX));
        self.table.release(&self.leaving).await?;
        self.leaving.clear();
        self.table.renew(now, until).await?;
        let (ours, free) = self.table.ours_and_free(now).await?;
        for partition in free.into_iter().take(share.saturating_sub(ours.len())) {
            self.table.claim(partition, now, until).await?;
        }
        let (ours, _) = self.table.ours_and_free(now).await?;
        self.leaving = ours.iter().copied().skip(share).collect();
        let mut held = [false; PARTITIONS as usize];
        for partition in ours.difference(&self.leaving) {
            held[usize::from(*partition)] = true;
        }
        self.leases.set(held);
        Ok(())
    }
}

fn too_slow() -> Error {
    Error::unavailable("the database does not answer in time")
}
