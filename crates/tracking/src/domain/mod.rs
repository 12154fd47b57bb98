//! Pure: what events change in the facts, what they say in the timeline, how figures are made.

pub mod day;
pub mod disclosure;
pub mod distribution;
pub mod facts;
#[cfg(test)]
mod facts_tests;
pub mod happening;
pub mod label;

pub use facts::Facts;
pub use happening::{Happening, Line};
