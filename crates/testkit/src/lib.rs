//! Real servers and fresh databases for tests.
//!
//! [`NatsServer`] and [`PostgresServer`] start the real programs on free ports of this machine, with everything they
//! write in a temporary folder; they can be killed and started again, and they end with the test whatever happens to
//! it. [`TestStore`] is a migrated database for one test, [`on_both!`] a test on both databases. A missing program fails
//! the test: nothing is skipped.

mod authority;
mod nats;
mod on_both;
mod postgres;
mod process;
mod store;
mod tools;
mod wait;

pub use authority::{Authority, CertificateFiles};
pub use nats::NatsServer;
pub use postgres::PostgresServer;
pub use store::TestStore;
pub use wait::{wait_for, wait_until};
