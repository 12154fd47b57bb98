//! References, drawn from blocks of ranks reserved by this process: one short statement for hundreds of requests.

use std::collections::HashMap;

use parvis_kernel::{Reference, Result, TenantId};
use parvis_store::Store;

use crate::repo::reference_counter::{self, Block};

/// Ranks reserved at a time.
const BLOCK: u32 = 500;

/// Blocks in use. Ranks left at a stop are lost: there are a thousand million.
pub struct References {
    store: Store,
    blocks: HashMap<TenantId, Block>,
}

impl References {
    /// None reserved yet.
    pub fn new(store: Store) -> Self {
        Self { store, blocks: HashMap::new() }
    }

    /// `count` references of `tenant` that nobody else has or will have. Never call it within a transaction: it has
    /// its own.
    pub async fn take(&mut self, tenant: &TenantId, count: usize) -> Result<Vec<Reference>> {
        let mut taken = Vec::with_capacity(count);
        while taken.len() < count {
            let block = match self.blocks.get_mut(tenant).filter(|block| block.start < block.end) {
                Some(block) => block,
                None => {
                    let key: i64 = rand::random();
                    let block = reference_counter::reserve(&self.store, tenant, BLOCK, key).await?;
                    self.blocks.entry(tenant.clone()).insert_entry(block).into_mut()
                }
            };
            while taken.len() < count && block.start < block.end {
                taken.push(Reference::of_rank(block.start, block.key)?);
                block.start += 1;
            }
        }
        Ok(taken)
    }
}
