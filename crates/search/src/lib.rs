//! French text, as people write it: its analysis, ranking of texts against a question, and classification of messages.
//!
//! Pure: no clock, no network, no store of its own; an index lives where the caller says.

pub mod analysis;
pub mod classify;
pub mod document;
pub mod evaluation;
pub mod index;
mod synonyms;

pub use self::{
    document::{Document, Section},
    index::{Filter, Found, Hit, Index},
};
