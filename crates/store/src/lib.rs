//! How a role keeps its data: one database a role, SQLite or PostgreSQL, the same code for both.
//!
//! A [`Store`] gives reads and transactions. A [`Tx`] collects the events of what it changes and writes them to the
//! **outbox** in the same commit: nothing is published that was not committed, nothing committed is left unsaid.
//! A consumer marks what it has handled in the **inbox**, in the same commit as its effect.
//!
//! Instants are kept as microseconds since 1970 (`BIGINT`): the same column, order and index in both databases.

pub mod error;
mod folder;
pub mod grant_key;
pub mod inbox;
pub mod jwks_cache;
pub mod membership_cache;
pub mod migrate;
pub mod options;
pub mod outbox;
mod pieces;
mod purge;
pub mod rows;
mod store;
mod tx;
pub mod units;

pub use error::{db_error, is_unique_violation};
pub use folder::make_private_folder;
pub use migrate::{SchemaState, SqlMigration};
pub use options::{StoreOptions, StoreUrl};
pub use outbox::{NewEvent, OutboxRow};
pub use pieces::pieces;
pub use purge::purge_before;
pub use rows::one_of;
pub use store::Store;
pub use tx::Tx;

/// Microseconds since 1970, as kept.
pub fn to_db_time(at: jiff::Timestamp) -> i64 {
    at.as_microsecond()
}

/// From microseconds since 1970, as kept.
pub fn from_db_time(micros: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}
