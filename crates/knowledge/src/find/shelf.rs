//! What an authority serves, in memory. A publication, by this process or another, moves a revision that is looked at
//! every second at most.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use parvis_kernel::{Result, TenantId};
use parvis_store::Store;

use super::{Document, Finder};
use crate::repo;

/// How long what is in memory is trusted.
const FRESH: Duration = Duration::from_secs(1);

/// One authority's.
#[derive(Debug, Default)]
pub struct Shelf {
    revision: i64,
    /// Articles, templates, procedures.
    pub documents: Vec<Document>,
    /// Over them.
    pub finder: Finder,
}

impl Shelf {
    /// A document by its address.
    pub fn get(&self, slug: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.slug == slug)
    }
}

/// All of them.
pub struct Shelves {
    store: Store,
    all: ArcSwap<HashMap<TenantId, Arc<Shelf>>>,
    looked_at: Mutex<Instant>,
}

impl Shelves {
    /// Reads them.
    pub async fn load(store: Store) -> Result<Self> {
        let this = Self { store, all: ArcSwap::default(), looked_at: Mutex::new(Instant::now()) };
        this.refresh().await?;
        Ok(this)
    }

    /// That of `tenant`, at most a second old while the database answers.
    pub async fn of(&self, tenant: &TenantId) -> Arc<Shelf> {
        if self.is_my_turn()
            && let Err(error) = self.refresh().await
        {
            tracing::warn!(%error, "the shelves could not be looked at again; those in memory still serve");
        }
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

    /// Reads again those that changed.
    pub async fn refresh(&self) -> Result<()> {
        let mut changed = Vec::new();
        for (tenant, revision) in repo::shelf::revisions(self.store.read()).await? {
            let known = self.all.load().get(&tenant).is_some_and(|known| known.revision >= revision);
            if !known {
                changed.push((tenant.clone(), Arc::new(self.read(&tenant, revision).await?)));
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        self.all.rcu(|all| {
            let mut all = HashMap::clone(all);
            for (tenant, shelf) in &changed {
                if all.get(tenant).is_none_or(|known| known.revision < shelf.revision) {
                    all.insert(tenant.clone(), shelf.clone());
                }
            }
            all
        });
        Ok(())
    }

    async fn read(&self, tenant: &TenantId, revision: i64) -> Result<Shelf> {
        let articles = repo::article::all(self.store.read(), tenant).await?;
        let mut versions =
            repo::version::of_articles(self.store.read(), tenant, &articles, |article| article.published).await?;
        let mut documents: Vec<Document> = articles
            .iter()
            .filter_map(|article| {
                versions.remove(&article.id).map(|version| Document::of_article(article, &version.content))
            })
            .collect();
        let cards = repo::procedure_card::all(self.store.read(), tenant).await?;
        documents.extend(cards.into_iter().map(Document::of_procedure));
        let build = move || {
            let mut documents = documents;
            let finder = Finder::build(&mut documents);
            Shelf { revision, documents, finder }
        };
        tokio::task::spawn_blocking(build).await.map_err(parvis_kernel::Error::internal)
    }
}
