//! How roles hear each other: a log a role, cut in partitions, read by durable consumers.
//!
//! [`Bus`] is what a broker must do, implemented over JetStream ([`nats`]) and, in one process, over SQLite
//! ([`embedded`]); one conformance suite runs over both. [`Relay`] publishes what a role committed; [`Consumer`] brings
//! what others said to a role's handler, at least once on the wire and once in effect.

mod consumer;
pub mod dead_letter;
pub mod embedded;
mod event;
pub mod lease;
pub mod nats;
mod relay;

use async_trait::async_trait;
use parvis_kernel::Result;
use parvis_store::OutboxRow;

pub use consumer::{Consumer, EventHandler, Subscription};
pub use event::{Event, Refused, caused_by, remote_context, subject_of};
pub use relay::Relay;

/// A broker.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Publishes `rows`, in order, in the log of `role`. One result a row: `Ok` once the broker keeps it. Publishing a
    /// row again is harmless.
    async fn publish(&self, role: &str, rows: &[OutboxRow]) -> Vec<Result<()>>;

    /// Starts or resumes a durable reading.
    async fn subscribe(&self, topic: &Topic) -> Result<Box<dyn Inlet>>;

    /// Whether the broker answers.
    async fn ready(&self) -> Result<()>;

    /// Which run of which server keeps the events, where it may have forgotten the last ones when it is another than
    /// before. `None`: what it keeps is on the disk before it says so, or it does not answer now.
    fn incarnation(&self) -> Option<String> {
        None
    }
}

/// What a consumer reads: some events of one role, one partition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Topic {
    /// The role that reads; its position is kept under this name.
    pub consumer: String,
    /// The role that speaks.
    pub source: String,
    /// The events wanted.
    pub kinds: Vec<String>,
    /// Which partition.
    pub partition: u8,
}

/// A durable reading in progress. One batch at a time: [`Inlet::ack`] it, or drop the inlet and it comes again.
#[async_trait]
pub trait Inlet: Send {
    /// Waits for events after those acked: 1 to `max`, in the order they were published; none where all that came is in
    /// [`Inlet::refused`].
    async fn next(&mut self, max: usize) -> Result<Vec<Event>>;

    /// What came with the last batch and is of no role: put it aside before [`Inlet::ack`].
    fn refused(&mut self) -> Vec<Refused> {
        Vec::new()
    }

    /// Done with every event of the last batch.
    async fn ack(&mut self) -> Result<()>;

    /// Still at it: the broker must not give the batch to another.
    async fn extend(&mut self) -> Result<()>;
}
