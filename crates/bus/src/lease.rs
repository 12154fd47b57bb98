//! Which partitions this process reads. With one process, all of them. With several, each holds a fair share under a
//! lease in the role's database. A lease only avoids duplicate work and keeps order; the inbox and the versions of
//! cases keep effects right even when two processes believe they hold the same one.

use parvis_kernel::PARTITIONS;
use tokio::sync::watch;

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

    /// Waits until `partition` is held.
    pub async fn held(&self, partition: u8) {
        let _ = self.held.subscribe().wait_for(|held| held[usize::from(partition)]).await;
    }

    /// Waits until `partition` is not held.
    pub async fn lost(&self, partition: u8) {
        let _ = self.held.subscribe().wait_for(|held| !held[usize::from(partition)]).await;
    }
}
