//! One transaction: what changes and what is said of it, together or not at all.

use std::sync::Arc;

use parvis_kernel::{Clock, EventId, Result, Timestamp};
use sea_orm::DatabaseTransaction;
use tokio::sync::mpsc;

use crate::{
    error::db_error,
    outbox::{self, NewEvent, OutboxRow},
};

/// A transaction in progress. Dropping it rolls it back.
#[must_use = "a transaction does nothing until committed"]
pub struct Tx {
    inner: DatabaseTransaction,
    clock: Arc<dyn Clock>,
    events: Vec<OutboxRow>,
    after_commit: Vec<Box<dyn FnOnce() + Send + Sync>>,
    committed: mpsc::UnboundedSender<Vec<OutboxRow>>,
}

impl Tx {
    pub(crate) fn new(
        inner: DatabaseTransaction,
        clock: Arc<dyn Clock>,
        committed: mpsc::UnboundedSender<Vec<OutboxRow>>,
    ) -> Self {
        Self { inner, clock, events: Vec::new(), after_commit: Vec::new(), committed }
    }

    /// For the repositories' queries.
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Says `event` when, and only when, this commits. Events of one transaction are published in this order.
    pub fn append(&mut self, event: NewEvent) -> EventId {
        let row = OutboxRow::new(event, self.clock.now());
        let id = row.id;
        self.events.push(row);
        id
    }

    /// Runs `action` once this has committed. Not durable: for waking a waiter, never for an effect.
    pub fn after_commit(&mut self, action: impl FnOnce() + Send + Sync + 'static) {
        self.after_commit.push(Box::new(action));
    }

    /// Commits the changes with their events. The relay is handed the events at once; should this process die
    /// before they are published, another claims them when their lease ends.
    pub async fn commit(self) -> Result<()> {
        outbox::insert(&self.inner, &self.events).await?;
        self.inner.commit().await.map_err(db_error)?;
        if !self.events.is_empty() {
            // No relay (a command-line tool): the rows wait in the outbox for one.
            let _ = self.committed.send(self.events);
        }
        for action in self.after_commit {
            action();
        }
        Ok(())
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<()> {
        self.inner.rollback().await.map_err(db_error)
    }
}
