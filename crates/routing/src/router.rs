//! What every use case of this role shares.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use parvis_kernel::{TenantId, Timestamp};
use parvis_runtime::Tenants;
use parvis_search::classify::Model;
use parvis_store::Store;
use tokio::sync::Notify;

use crate::snapshots::Snapshots;

/// How long and how many past cases are kept, to try rules on.
#[derive(Clone, Copy, Debug)]
pub struct PastCases {
    /// Days.
    pub days: u32,
    /// How many an authority; 0: none.
    pub most: u64,
}

/// The role's database, its directories in memory, and how its sweep is woken. Cheap to clone.
#[derive(Clone)]
pub struct Router {
    /// Its database.
    pub store: Store,
    /// Authorities served.
    pub tenants: Tenants,
    /// Directories in memory.
    pub snapshots: Arc<Snapshots>,
    /// What is kept of past cases.
    pub past: PastCases,
    wake: Arc<Notify>,
    freed: Arc<Mutex<HashSet<TenantId>>>,
    /// A classifier is trained again after this many new corrections.
    pub corrections_to_retrain: usize,
    trained: Arc<Mutex<HashMap<TenantId, InService>>>,
}

/// The classifier in service.
#[derive(Clone)]
pub struct InService {
    /// The model.
    pub model: Arc<Model>,
    /// What identifies everything it learnt from but the corrections.
    pub basis: String,
    /// Until when corrections were made that it learnt from.
    pub learnt_until: Timestamp,
}

impl Router {
    /// A router over `store`.
    pub fn new(store: Store, tenants: Tenants) -> Self {
        let snapshots = Arc::new(Snapshots::new(tenants.clone()));
        let past = PastCases { days: 30, most: 5_000 };
        Self {
            store,
            tenants,
            snapshots,
            past,
            wake: Arc::default(),
            freed: Arc::default(),
            corrections_to_retrain: 20,
            trained: Arc::default(),
        }
    }

    /// The same, training a classifier again after so many new corrections.
    pub fn retraining_after(self, corrections_to_retrain: usize) -> Self {
        Self { corrections_to_retrain, ..self }
    }

    /// The classifier of `tenant` in this process.
    pub fn in_service(&self, tenant: &TenantId) -> Option<InService> {
        self.trained.lock().ok()?.get(tenant).cloned()
    }

    /// Puts one in service.
    pub fn put_in_service(&self, tenant: &TenantId, model: InService) {
        if let Ok(mut trained) = self.trained.lock() {
            trained.insert(tenant.clone(), model);
        }
    }

    /// The same, keeping past cases otherwise.
    pub fn keeping(self, past: PastCases) -> Self {
        Self { past, ..self }
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
