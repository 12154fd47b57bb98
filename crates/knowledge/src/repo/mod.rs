//! Rows. Every finder of what belongs to an authority takes the tenant; fiches are national, the same for all.

pub mod article;
pub mod closed_case;
pub mod fiche;
pub mod procedure_card;
pub mod shelf;
pub mod usage;
pub mod version;
