//! A whole town for a test: real processes of the real binary, over SQLite or over PostgreSQL and NATS.

pub mod api;
pub mod process;
pub mod town;
pub mod working_time;

pub use api::{Api, Receipt};
pub use town::Town;
