//! Liveness and readiness. A process is live as long as it answers; it is ready when its databases and its bus do.
//! Liveness never depends on another machine, or a database's pause would restart every pod.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use parvis_bus::Bus;
use parvis_store::Store;

/// What readiness looks at.
#[derive(Clone)]
pub struct Health {
    stores: Vec<(&'static str, Store)>,
    bus: Option<Arc<dyn Bus>>,
    draining: Arc<AtomicBool>,
}

impl Health {
    /// Of these databases and this bus.
    pub fn new(stores: Vec<(&'static str, Store)>, bus: Option<Arc<dyn Bus>>) -> Self {
        Self { stores, bus, draining: Arc::default() }
    }

    /// From now on, not ready: the process is leaving.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::SeqCst);
    }

    /// What is not ready, in a few words each; empty when ready. The bus does not count for a process that only needs
    /// it to publish later: the outbox keeps what is said, and refusing requests because the broker is down would
    /// break the promise that intake depends on nobody.
    pub async fn problems(&self) -> Vec<String> {
        if self.draining.load(Ordering::SeqCst) {
            return vec!["stopping".to_owned()];
        }
        let mut problems = Vec::new();
        for (role, store) in &self.stores {
            match tokio::time::timeout(Duration::from_secs(2), store.ping()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => problems.push(format!("the database of {role} does not answer")),
            }
        }
        let accepts = self.stores.iter().any(|(role, _)| *role == "intake");
        if let Some(bus) = self.bus.as_ref().filter(|_| !accepts) {
            match tokio::time::timeout(Duration::from_secs(2), bus.ready()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => problems.push("the bus does not answer".to_owned()),
            }
        }
        problems
    }
}
