//! Makes the key that is due, and reads those that others made.

use parvis_kernel::Result;

use crate::{crypto::key_ring::StoredKey, domain::key_schedule, repo::signing_keys, service::Identity};

/// Run each minute, by every process: a key is published minutes before it signs, so each has read it by then. Two
/// that make the next key at once make one: the generation is unique.
pub async fn rotate_keys(identity: &Identity) -> Result<()> {
    let store = &identity.store;
    let now = store.clock().now();
    let keys = signing_keys::all(store.read()).await?;
    let latest = keys.iter().map(|key| key.times).max_by_key(|times| times.generation);
    if let Some(new) = key_schedule::due(latest, now, identity.config.key_life()) {
        let key = StoredKey::draw(new.times)?;
        let tx = store.begin().await?;
        if signing_keys::add(tx.conn(), &key, now).await? {
            if let Some((generation, at)) = new.predecessor {
                signing_keys::retire(tx.conn(), generation, at).await?;
            }
            tracing::info!(kid = key.kid, activates_at = %new.times.activates_at, "a new key will sign tokens");
        }
        tx.commit().await?;
    }
    if keys.iter().any(|key| !key.times.is_published(now)) {
        signing_keys::delete_retired(store.write(), now).await?;
    }
    identity.keys.replace(signing_keys::all(store.read()).await?);
    Ok(())
}
