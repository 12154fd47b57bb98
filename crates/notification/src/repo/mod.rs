//! Rows. Every finder takes the tenant, save the claim of what is to be sent, which serves all of them.

pub mod attempt;
pub mod code;
pub mod notice;
pub mod pace;

#[cfg(test)]
mod claim_tests;
