//! Words against documents, by `parvis_search`.

use parvis_search::{Filter, Index};

use super::document::Document;

/// A document that may answer.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which one, in the order they were given.
    pub document: usize,
    /// Its best passage.
    pub passage: Option<usize>,
    /// The question's words that it holds, as they were written.
    pub words: Vec<String>,
    /// Those of them that no document of this index has, taken for another word.
    pub corrected: Vec<String>,
    /// Those of them that led here by another word: a synonym, or the spelling put right.
    pub indirect: Vec<String>,
    /// Its rank among those of the same search, 0 to about 1.
    pub score: f32,
}

/// An index over some documents.
#[derive(Debug, Default)]
pub struct Finder {
    index: Index,
}

impl Finder {
    /// Reads the documents: their texts move to the index.
    pub fn build(documents: &mut [Document]) -> Self {
        let searched = documents.iter_mut().enumerate().map(|(at, document)| document.take_searched(id_of(at)));
        Self { index: Index::build(searched.collect::<Vec<_>>()) }
    }

    /// The documents that answer best, of those that `filter` lets through and `accepts` takes.
    pub fn find(&self, question: &str, filter: &Filter, limit: usize, accepts: &dyn Fn(usize) -> bool) -> Vec<Found> {
        // Some more than asked: a few may be past their day.
        let found = self.index.search(question, filter, limit.saturating_mul(2).saturating_add(10));
        let corrected: Vec<String> = found.suggestions.into_iter().map(|suggestion| suggestion.typed).collect();
        found
            .hits
            .into_iter()
            .filter_map(|hit| {
                let document = hit.id.parse().ok()?;
                let indirect = hit.words.iter().filter(|word| word.found_as.is_some());
                let indirect = indirect.map(|word| word.typed.clone()).collect();
                let words: Vec<String> = hit.words.into_iter().map(|word| word.typed).collect();
                let corrected = corrected.iter().filter(|word| words.contains(word)).cloned().collect();
                Some(Found { document, passage: hit.best_section, words, corrected, indirect, score: hit.score })
            })
            .filter(|found| accepts(found.document))
            .take(limit)
            .collect()
    }

    /// The text of a document's passage; empty where there is none.
    pub fn passage(&self, document: usize, passage: usize) -> &str {
        let document = self.index.document(&id_of(document));
        document.and_then(|document| document.sections.get(passage)).map_or("", |section| section.text.as_str())
    }

    /// The index itself, for what is known of words.
    pub fn index(&self) -> &Index {
        &self.index
    }
}

/// Ids sort as the documents do.
fn id_of(at: usize) -> String {
    format!("{at:08}")
}
