//! Answers of several indexes as one list.

use super::{Document, DocumentKind, Found};

/// How much the authority's own words come before the national ones, all else equal.
const OWN: f32 = 1.25;
/// Below this share of what the question weighs, a document does not answer it.
const FLOOR: f32 = 0.12;

/// A document that may answer.
#[derive(Clone, Debug)]
pub struct Candidate<'a> {
    /// Which.
    pub document: &'a Document,
    /// Where and why.
    pub found: Found,
    /// To be compared with those of the other indexes.
    pub score: f32,
}

/// The best of all, best first.
pub fn best<'a>(lists: Vec<(&'a [Document], Vec<Found>)>, limit: usize) -> Vec<Candidate<'a>> {
    let mut all: Vec<Candidate<'a>> = lists
        .into_iter()
        .flat_map(|(documents, found)| {
            found.into_iter().filter_map(move |found| {
                let document = documents.get(found.document)?;
                let own = if document.kind == DocumentKind::Fiche { 1.0 } else { OWN };
                let score = found.score * own;
                Some(Candidate { document, found, score })
            })
        })
        .filter(|candidate| candidate.score >= FLOOR)
        .collect();
    all.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.document.slug.cmp(&b.document.slug)));
    all.truncate(limit);
    all
}
