//! The current procedures of every authority, in memory: filing a request asks the database for none.
//!
//! An import, by this process or another, moves a revision number that is looked at every second at most.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use parvis_kernel::{Result, TenantId};
use parvis_store::Store;

use crate::{
    domain::{procedure::Procedure, search},
    repo,
};

/// How long what is in memory is trusted.
const FRESH: Duration = Duration::from_secs(1);

/// A procedure and what it is searched in.
#[derive(Debug)]
pub struct Entry {
    /// In its current version.
    pub procedure: Arc<Procedure>,
    /// Folded words.
    pub haystack: String,
}

/// One authority's.
#[derive(Debug, Default)]
pub struct TenantProcedures {
    revision: i64,
    /// In the order of the file.
    pub entries: Vec<Entry>,
    by_code: HashMap<String, usize>,
}

impl TenantProcedures {
    /// One by its code.
    pub fn get(&self, code: &str) -> Option<&Arc<Procedure>> {
        self.by_code.get(code).and_then(|at| self.entries.get(*at)).map(|entry| &entry.procedure)
    }
}

/// All of them.
pub struct Procedures {
    store: Store,
    all: ArcSwap<HashMap<TenantId, Arc<TenantProcedures>>>,
    looked_at: Mutex<Instant>,
}

impl Procedures {
    /// Reads them.
    pub async fn load(store: Store) -> Result<Self> {
        let this = Self { store, all: ArcSwap::default(), looked_at: Mutex::new(Instant::now()) };
        this.refresh().await?;
        Ok(this)
    }

    /// Those of `tenant`, at most a second old while the database answers.
    pub async fn of(&self, tenant: &TenantId) -> Arc<TenantProcedures> {
        if self.is_my_turn()
            && let Err(error) = self.refresh().await
        {
            tracing::warn!(%error, "the procedures could not be looked at again; those in memory still serve");
        }
        self.in_memory(tenant)
    }

    /// Those of `tenant` as they are now.
    pub async fn fresh(&self, tenant: &TenantId) -> Result<Arc<TenantProcedures>> {
        self.refresh().await?;
        Ok(self.in_memory(tenant))
    }

    fn in_memory(&self, tenant: &TenantId) -> Arc<TenantProcedures> {
        self.all.load().get(tenant).cloned().unwrap_or_default()
    }

    /// Whether it is time to look again: for one caller only, the others go on with what is there.
    fn is_my_turn(&self) -> bool {
        let Ok(mut looked_at) = self.looked_at.try_lock() else { return false };
        if looked_at.elapsed() < FRESH {
            return false;
        }
        *looked_at = Instant::now();
        true
    }

    async fn refresh(&self) -> Result<()> {
        let revisions = repo::procedure::revisions(self.store.read()).await?;
        let mut changed = Vec::new();
        for (tenant, revision) in revisions {
            let known = self.all.load().get(&tenant).is_some_and(|known| known.revision >= revision);
            if !known {
                let procedures = repo::procedure::current(self.store.read(), &tenant).await?;
                changed.push((tenant, Arc::new(index(revision, procedures))));
            }
        }
        if !changed.is_empty() {
            self.all.rcu(|all| {
                let mut all = HashMap::clone(all);
                for (tenant, procedures) in &changed {
                    let newer = all.get(tenant).is_none_or(|known| known.revision < procedures.revision);
                    if newer {
                        all.insert(tenant.clone(), procedures.clone());
                    }
                }
                all
            });
        }
        Ok(())
    }
}

fn index(revision: i64, procedures: Vec<Procedure>) -> TenantProcedures {
    let by_code = procedures.iter().enumerate().map(|(at, procedure)| (procedure.content.code.clone(), at)).collect();
    let entries = procedures
        .into_iter()
        .map(|procedure| Entry { haystack: search::haystack(&procedure.content), procedure: Arc::new(procedure) })
        .collect();
    TenantProcedures { revision, entries, by_code }
}
