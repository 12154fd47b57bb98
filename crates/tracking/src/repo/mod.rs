//! Rows. Every finder takes the tenant.

pub mod facts;
pub mod figures;
pub mod instant_answer;
pub mod line;
