//! The current procedures of every authority, in memory: filing a request asks the database for none. An import, by
//! this process or another, moves their revision.

use std::{collections::HashMap, sync::Arc};

use parvis_kernel::{Result, TenantId};
use parvis_runtime::TenantCache;
use parvis_store::Store;

use crate::{
    domain::{procedure::Procedure, search},
    repo,
};

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
    memory: TenantCache<TenantProcedures>,
}

impl Procedures {
    /// Reads them.
    pub async fn load(store: Store) -> Result<Self> {
        let this = Self { store, memory: TenantCache::default() };
        this.refresh().await?;
        Ok(this)
    }

    /// Those of `tenant`, at most a second old while the database answers.
    pub async fn of(&self, tenant: &TenantId) -> Arc<TenantProcedures> {
        if self.memory.is_my_turn()
            && let Err(error) = self.refresh().await
        {
            tracing::warn!(%error, "the procedures could not be looked at again; those in memory still serve");
        }
        self.memory.get(tenant)
    }

    /// Those of `tenant` as they are now.
    pub async fn fresh(&self, tenant: &TenantId) -> Result<Arc<TenantProcedures>> {
        self.refresh().await?;
        Ok(self.memory.get(tenant))
    }

    async fn refresh(&self) -> Result<()> {
        let conn = self.store.read();
        let mut read = Vec::new();
        for (tenant, revision) in self.memory.behind(repo::procedure::revisions(conn).await?) {
            let procedures = repo::procedure::current(conn, &tenant).await?;
            read.push((tenant, revision, index(procedures)));
        }
        self.memory.keep(read);
        Ok(())
    }
}

fn index(procedures: Vec<Procedure>) -> TenantProcedures {
    let by_code = procedures.iter().enumerate().map(|(at, procedure)| (procedure.content.code.clone(), at)).collect();
    let entries = procedures
        .into_iter()
        .map(|procedure| Entry { haystack: search::haystack(&procedure.content), procedure: Arc::new(procedure) })
        .collect();
    TenantProcedures { entries, by_code }
}
