//! Pure: what a notice is, what it says, when it is tried again.

pub mod code;
pub mod content;
pub mod french;
pub mod notice;
pub mod pace;
pub mod render;
#[cfg(test)]
mod render_tests;
pub mod schedule;

pub use content::{Content, Town};
pub use notice::{Kind, State};
pub use render::Texts;
