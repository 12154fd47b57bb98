//! Secrets: keys that sign, passwords, opaque tokens.

pub mod key_ring;
pub mod opaque;
pub mod passwords;
pub mod sealing;
pub mod turns;
