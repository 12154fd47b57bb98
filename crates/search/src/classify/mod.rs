//! Which theme, unit, procedure and body a message written in free text is for.
//!
//! A [`Model`] learns in seconds from [`Example`]s: the parts of articles and procedures, and the messages that agents
//! sent elsewhere. Two views of a message are put together, each head (theme, unit…) apart:
//!
//! - a complement naive Bayes over words, pairs of words and pieces of words, chiefly at the finest labels known,
//!   which sees what whole families of texts have in common;
//! - the nearest known texts found by several BM25 scores, which sees the one text that answers and the few beside it.
//!
//! Their sum is turned into a probability by a temperature measured on messages made from texts that the measuring model
//! had not seen ([`calibrate`]). The same examples, in whatever order, give the same model to the last bit.
//!
//! It proposes and never decides: under the threshold of the caller the three best guesses go to an agent. A new model
//! takes service only if it is at least as often right on corrections that it was not trained on ([`promote`]).
//!
//! Nothing of a message is kept as text: features are hashes, and what only one or two corrections contain is forgotten.

mod bayes;
pub mod calibrate;
mod codec;
pub mod competence;
mod corpus;
mod degrade;
pub mod example;
mod explain;
mod features;
pub mod fiches;
mod learning;
mod model;
mod model_bytes;
mod neighbours;
pub mod promote;

pub use self::{
    example::{Example, Head, Part, Source, SourceKind},
    model::{Guess, Model, Prediction, Weight},
    promote::{Comparison, Correction, compare},
};

#[cfg(test)]
mod tests;
