//! What is searched, in memory: each authority's shelf, and the national fiches once for all of them.

mod document;
mod finder;
mod library;
mod merge;
mod shelf;

pub use document::{Document, DocumentKind, filter};
pub use finder::{Finder, Found};
pub use library::{FicheLinks, Library, ServedFiches};
pub use merge::{Candidate, List, best};
pub use shelf::{Shelf, Shelves};
