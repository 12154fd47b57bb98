//! Counts in memory, written now and then: searching asks the database for nothing.

use std::{collections::HashMap, sync::Mutex};

use parvis_kernel::Result;
use parvis_store::{Store, db_error};
use sea_orm::TransactionTrait as _;

use crate::repo::usage::{self, Counted};

/// Different counts kept in memory at most; beyond, a question is counted without its words.
const MAX_NAMES: usize = 10_000;

/// What was counted and is not written yet.
#[derive(Default)]
pub struct Counter(Mutex<HashMap<Counted, u64>>);

impl Counter {
    /// One more.
    pub fn count(&self, mut counted: Counted) {
        let Ok(mut counts) = self.0.lock() else { return };
        if counts.len() >= MAX_NAMES && !counts.contains_key(&counted) {
            counted.name.clear();
        }
        *counts.entry(counted).or_default() += 1;
    }

    /// Writes what was counted; what could not be written is kept for the next time.
    pub async fn write(&self, store: &Store) -> Result<()> {
        let counts = match self.0.lock() {
            Ok(mut counts) => std::mem::take(&mut *counts),
            Err(_) => return Ok(()),
        };
        if counts.is_empty() {
            return Ok(());
        }
        let written = Self::write_all(store, counts.clone()).await;
        if written.is_err()
            && let Ok(mut kept) = self.0.lock()
        {
            for (counted, number) in counts {
                *kept.entry(counted).or_default() += number;
            }
        }
        written
    }

    async fn write_all(store: &Store, counts: HashMap<Counted, u64>) -> Result<()> {
        // No event is said: a plain transaction.
        let tx = store.write().begin().await.map_err(db_error)?;
        usage::add(&tx, counts.into_iter().collect()).await?;
        tx.commit().await.map_err(db_error)
    }
}
