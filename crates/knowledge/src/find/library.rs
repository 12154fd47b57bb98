//! The national fiches, in memory once for every authority. An import moves the generation; it is looked at by a job,
//! and the next index is built beside the one that serves.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use parvis_kernel::{Error, Result};
use parvis_store::Store;

use super::{Document, Finder, Found, List};
use crate::{
    domain::{fiche, markdown::Links},
    repo::{self, fiche::Generation},
};

/// Fiches read at once.
const PAGE: u64 = 200;

/// A generation, ready.
#[derive(Debug, Default)]
pub struct ServedFiches {
    /// `None` before the first import.
    pub generation: Option<Generation>,
    /// Without their texts but for the passages.
    pub documents: Vec<Document>,
    by_slug: HashMap<String, usize>,
    /// Over them.
    pub finder: Finder,
}

impl ServedFiches {
    /// Whether a fiche is served here.
    pub fn has(&self, slug: &str) -> bool {
        self.by_slug.contains_key(slug)
    }

    /// What was found among them.
    pub fn list(&self, found: Vec<Found>) -> List<'_> {
        List::new(&self.documents, &self.finder, found)
    }

    /// A fiche's title.
    pub fn title(&self, slug: &str) -> Option<&str> {
        self.by_slug.get(slug).and_then(|at| self.documents.get(*at)).map(|document| document.title.as_str())
    }
}

/// Where the links of a fiche of one public lead: here where the fiche is served, else to the site of the State.
pub struct FicheLinks<'a> {
    /// What is served.
    pub fiches: &'a ServedFiches,
    /// The public of the page that links.
    pub public: fiche::Public,
}

impl Links for FicheLinks<'_> {
    fn fiche(&self, id: &str) -> String {
        // An author may write the slug (`asso-f12`), the State writes the id.
        let lower = id.to_ascii_lowercase();
        let own = fiche::slug_of(self.public, id);
        let general = fiche::slug_of(fiche::Public::Particuliers, id);
        for slug in [own, lower, general] {
            if self.fiches.has(&slug) {
                return format!("/infos/{slug}");
            }
        }
        self.public.site(&id.to_ascii_uppercase())
    }
}

/// The one that is served, and the next.
pub struct Library {
    store: Store,
    served: ArcSwap<ServedFiches>,
    looked: AtomicBool,
}

impl Library {
    /// With nothing yet: [`Library::refresh`] reads it.
    pub fn new(store: Store) -> Self {
        Self { store, served: ArcSwap::default(), looked: AtomicBool::new(false) }
    }

    /// Whether what is to be served was read once: before, an answer may be missing that is there.
    pub fn is_ready(&self) -> bool {
        self.looked.load(Ordering::Relaxed)
    }

    /// What is served now.
    pub fn served(&self) -> Arc<ServedFiches> {
        self.served.load_full()
    }

    /// Reads again where another generation is to be served. Says whether it was.
    pub async fn refresh(&self) -> Result<bool> {
        let read = self.read().await?;
        self.looked.store(true, Ordering::Relaxed);
        Ok(read)
    }

    async fn read(&self) -> Result<bool> {
        let Some(generation) = repo::fiche::served_generation(self.store.read()).await? else { return Ok(false) };
        if self.served.load().generation.as_ref().is_some_and(|known| known.number == generation.number) {
            return Ok(false);
        }
        let mut documents = Vec::new();
        let mut last = None;
        loop {
            let page = repo::fiche::page(self.store.read(), generation.number, last.as_ref(), PAGE).await?;
            last = page.last().map(|fiche| (fiche.public, fiche.id.clone()));
            let full = page.len() as u64 == PAGE;
            documents.extend(page.iter().map(Document::of_fiche));
            if !full {
                break;
            }
        }
        let build = move || {
            let mut documents = documents;
            let finder = Finder::build(&mut documents);
            let by_slug = documents.iter().enumerate().map(|(at, it)| (it.slug.clone(), at)).collect();
            ServedFiches { generation: Some(generation), documents, by_slug, finder }
        };
        let served = tokio::task::spawn_blocking(build).await.map_err(Error::internal)?;
        tracing::info!(fiches = served.documents.len(), "the fiches are ready to be searched");
        self.served.store(Arc::new(served));
        Ok(true)
    }
}
