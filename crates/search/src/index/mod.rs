//! An index of documents, kept in memory: built, changed, searched.
//!
//! A search has two stages. The first scores every document at once with BM25 over its weighted fields, from an inverted
//! index, and keeps the best few hundred. The second reads those documents' own sequences of terms and scores them by
//! nine views (title and description, body, best passage, heading path, word pairs, theme, …) whose sum ranks them. See
//! `docs/adr/0009-search-and-ranking.md`.

mod build;
mod explain;
mod question;
mod rank;
mod search;
mod themes;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

pub use self::{
    explain::{MatchedWord, Suggestion},
    rank::Features,
    search::{Filter, Found, Hit},
};
use crate::{
    analysis::{Analyzer, Speller},
    document::Document,
};

/// Documents and what is needed to search them. It does not change: [`Index::with_changes`] gives another one and shares
/// what stayed, so that a search under way is not disturbed.
#[derive(Debug)]
pub struct Index {
    analyzer: Arc<Analyzer>,
    /// Number of each term, in the order they came; terms of removed documents stay.
    numbers: Arc<HashMap<String, u32>>,
    documents: Vec<Arc<build::Analysed>>,
    statistics: build::Statistics,
    postings: build::Postings,
    /// Where documents are filed under several themes.
    themes: Option<themes::Themes>,
    speller: Speller,
}

impl Default for Index {
    fn default() -> Self {
        Self::build([])
    }
}

impl Index {
    /// An index of these documents. Of several with one id the last is kept. The same documents give the same index
    /// whatever their order.
    pub fn build(documents: impl IntoIterator<Item = Document>) -> Self {
        Self::assemble(Arc::new(Analyzer::new()), HashMap::new(), BTreeMap::new(), documents)
    }

    /// This index with documents added or replaced, and others removed: only what is new is analysed.
    pub fn with_changes(&self, added: impl IntoIterator<Item = Document>, removed: &[&str]) -> Self {
        let mut kept: BTreeMap<String, Arc<build::Analysed>> =
            self.documents.iter().map(|document| (document.source.id.clone(), Arc::clone(document))).collect();
        for id in removed {
            kept.remove(*id);
        }
        Self::assemble(Arc::clone(&self.analyzer), self.numbers.as_ref().clone(), kept, added)
    }

    fn assemble(
        analyzer: Arc<Analyzer>,
        mut numbers: HashMap<String, u32>,
        mut kept: BTreeMap<String, Arc<build::Analysed>>,
        added: impl IntoIterator<Item = Document>,
    ) -> Self {
        let mut analysis = build::Analysis::new(&analyzer, &mut numbers);
        for document in added {
            kept.insert(document.id.clone(), Arc::new(analysis.document(document)));
        }
        let documents: Vec<Arc<build::Analysed>> = kept.into_values().collect();
        let statistics = build::Statistics::of(&documents, numbers.len());
        let postings = build::Postings::of(&documents, &statistics);
        let speller = build::speller(&documents);
        let themes = themes::Themes::of(&documents, &statistics);
        Self { analyzer, numbers: Arc::new(numbers), documents, statistics, postings, themes, speller }
    }

    /// Documents indexed.
    pub fn len(&self) -> usize {
        self.documents.len()
    }

    /// Whether there is no document.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// A document by its id.
    pub fn document(&self, id: &str) -> Option<&Document> {
        let at = self.documents.binary_search_by(|document| document.source.id.as_str().cmp(id)).ok()?;
        Some(&self.documents[at].source)
    }

    /// The documents in the order of their ids.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().map(|document| &document.source)
    }

    /// The words of the documents, to put misspelt ones right.
    pub fn speller(&self) -> &Speller {
        &self.speller
    }

    /// The analyser that cut the documents.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// How telling a term is: the logarithm of how few documents have it. A term that none has is the most telling.
    pub fn inverse_document_frequency(&self, term: &str) -> f32 {
        match self.numbers.get(term) {
            Some(number) => self.statistics.everywhere[*number as usize],
            None => build::inverse_frequency(self.documents.len() as f32, 0.0),
        }
    }
}
