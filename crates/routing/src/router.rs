//! What every use case of this role shares.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use parvis_kernel::TenantId;
use parvis_runtime::Tenants;
use parvis_store::Store;
use tokio::sync::Notify;

use crate::snapshots::Snapshots;

/// The role's database, its directories in memory, and how its sweep is woken. Cheap to clone.
#[derive(Clone)]
pub struct Router {
    /// Its database.
    pub store: Store,
    /// Authorities served.
    pub tenants: Tenants,
    /// Directories in memory.
    pub snapshots: Arc<Snapshots>,
    wake: Arc<Notify>,
    freed: Arc<Mutex<HashSet<TenantId>>>,
}

impl Router {
    /// A router over `store`.
    pub fn new(store: Store, tenants: Tenants) -> Self {
        let snapshots = Arc::new(Snapshots::new(tenants.clone()));
        Self { store, tenants, snapshots, wake: Arc::default(), freed: Arc::default() }
    }

    /// Wakes the sweep: somebody came, or a directory changed.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Wakes the sweep: somebody of `tenant` has room again.
    pub fn wake_freed(&self, tenant: TenantId) {
        if let Ok(mut freed) = self.freed.lock() {
            freed.insert(tenant);
        }
        self.wake();
    }

    /// Where room was made since last asked.
    pub fn take_freed(&self) -> HashSet<TenantId> {
        self.freed.lock().map(|mut freed| std::mem::take(&mut *freed)).unwrap_or_default()
    }

    /// What the sweep waits for.
    pub fn waker(&self) -> Arc<Notify> {
        self.wake.clone()
    }
}
