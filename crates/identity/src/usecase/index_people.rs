//! People known before get the words and the keys that find them by the present rules.

use std::collections::{BTreeMap, BTreeSet};

use parvis_kernel::{RequestId, Result, TenantId};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::linking::{INDEX_VERSION, Sighting},
    repo::citizens,
    service::Identity,
};

/// People of one transaction.
const BATCH: u64 = 200;

/// Goes through the people of every authority from where it was left, and adds what they lack. A key that is somebody
/// else's already stays theirs.
pub async fn index_people(identity: &Identity, shutdown: &CancellationToken) -> Result<()> {
    let store = &identity.store;
    while !shutdown.is_cancelled() {
        let after = citizens::progress(store.read(), INDEX_VERSION).await?;
        let batch = citizens::in_order(store.read(), after.as_ref(), BATCH).await?;
        let Some((tenant, last)) = batch.last().map(|(tenant, citizen)| (tenant.clone(), citizen.id)) else {
            return Ok(());
        };
        let full = batch.len() as u64 == BATCH;
        let mut by_tenant: BTreeMap<TenantId, Vec<_>> = BTreeMap::new();
        for (tenant, citizen) in batch {
            let sighting = Sighting::new(RequestId::new(), citizen.last_seen, citizen.requester);
            by_tenant.entry(tenant).or_default().extend(sighting.map(|sighting| (citizen.id, sighting)));
        }
        let tx = store.begin().await?;
        for (tenant, people) in &by_tenant {
            let words: BTreeSet<_> =
                people.iter().flat_map(|(id, it)| it.words.iter().map(|word| (word.as_str(), *id))).collect();
            citizens::add_words(tx.conn(), tenant, &words).await?;
            let mut keys = BTreeMap::new();
            for (id, sighting) in people {
                for key in &sighting.keys {
                    keys.entry(key.clone()).or_insert(*id);
                }
            }
            citizens::add_keys(tx.conn(), tenant, &keys).await?;
        }
        citizens::keep_progress(tx.conn(), INDEX_VERSION, &tenant, last).await?;
        tx.commit().await?;
        if !full {
            return Ok(());
        }
    }
    Ok(())
}
