//! Makes the key that is due, seals what is not, and reads those that others made.

use parvis_kernel::Result;

use crate::{
    crypto::{key_ring::StoredKey, sealing::SealedKey},
    domain::key_schedule,
    repo::{second_factors, signing_keys},
    service::Identity,
};

/// Run each minute, by every process: a key is published minutes before it signs, so each has read it by then. Two
/// that make the next key at once make one: the generation is unique.
///
/// # Errors
/// "Invalid" where the keys of the database are sealed by a key that is not given: then nothing is made.
pub async fn rotate_keys(identity: &Identity) -> Result<()> {
    let store = &identity.store;
    let now = store.clock().now();
    let kept = signing_keys::all(store.read()).await?;
    let keys = opened(identity, &kept)?;
    seal_again(identity, &kept, &keys).await?;
    seal_second_factors_again(identity).await?;
    let latest = keys.iter().map(|key| key.times).max_by_key(|times| times.generation);
    if let Some(new) = key_schedule::due(latest, now, identity.config.key_life()) {
        let key = identity.sealing.seal(&StoredKey::draw(new.times)?)?;
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
    let keys = opened(identity, &signing_keys::all(store.read()).await?)?;
    identity.keys.replace(keys);
    Ok(())
}

/// Those that a sealing key which is being changed sealed.
async fn seal_second_factors_again(identity: &Identity) -> Result<()> {
    let (sealing, store) = (&identity.sealing, &identity.store);
    for (tenant, account, kept) in second_factors::sealed_by_others(store.read(), sealing.current_id()).await? {
        let Ok(secret) = sealing.open_second_factor(&tenant, &account, &kept.sealed_by, &kept.secret) else {
            tracing::warn!(%tenant, by = kept.sealed_by, "a second factor is sealed by a key that is not given");
            continue;
        };
        let again = sealing.seal_second_factor(&tenant, &account, &secret)?;
        second_factors::seal_again(store.write(), &tenant, &account, &kept.sealed_by, again).await?;
    }
    Ok(())
}

fn opened(identity: &Identity, kept: &[SealedKey]) -> Result<Vec<StoredKey>> {
    kept.iter().map(|key| identity.sealing.open(key)).collect()
}

/// Those kept in clear by an earlier version, and those of a sealing key that is being changed.
async fn seal_again(identity: &Identity, kept: &[SealedKey], keys: &[StoredKey]) -> Result<()> {
    for (before, key) in kept.iter().zip(keys).filter(|(before, _)| !identity.sealing.is_current(before)) {
        let sealed = identity.sealing.seal(key)?;
        if signing_keys::seal_again(identity.store.write(), &before.sealed_by, &sealed).await? {
            tracing::info!(kid = key.kid, before = before.sealed_by, by = sealed.sealed_by, "a signing key was sealed");
        }
    }
    Ok(())
}
