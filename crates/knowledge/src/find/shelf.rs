//! What an authority serves, in memory. A publication, by this process or another, moves its revision.

use std::sync::Arc;

use parvis_kernel::{Result, TenantId};
use parvis_runtime::TenantCache;
use parvis_store::Store;

use super::{Document, Finder};
use crate::repo;

/// One authority's.
#[derive(Debug, Default)]
pub struct Shelf {
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
    memory: TenantCache<Shelf>,
}

impl Shelves {
    /// Reads them.
    pub async fn load(store: Store) -> Result<Self> {
        let this = Self { store, memory: TenantCache::default() };
        this.refresh().await?;
        Ok(this)
    }

    /// That of `tenant`, at most a second old while the database answers.
    pub async fn of(&self, tenant: &TenantId) -> Arc<Shelf> {
        if self.memory.is_my_turn()
            && let Err(error) = self.refresh().await
        {
            tracing::warn!(%error, "the shelves could not be looked at again; those in memory still serve");
        }
        self.memory.get(tenant)
    }

    /// Reads again those that changed.
    pub async fn refresh(&self) -> Result<()> {
        let mut read = Vec::new();
        for (tenant, revision) in self.memory.behind(repo::shelf::revisions(self.store.read()).await?) {
            let shelf = self.read(&tenant).await?;
            read.push((tenant, revision, shelf));
        }
        self.memory.keep(read);
        Ok(())
    }

    async fn read(&self, tenant: &TenantId) -> Result<Shelf> {
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
            Shelf { documents, finder }
        };
        tokio::task::spawn_blocking(build).await.map_err(parvis_kernel::Error::internal)
    }
}
