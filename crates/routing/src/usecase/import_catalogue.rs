//! Tells routing what the procedures are, to check rules and to learn from.

use parvis_kernel::{Result, TenantId};
use parvis_store::Store;

use crate::{domain::rules::Catalogue, repo::catalogue};

/// Keeps `known` in place of what was. `false`: it was the same. The caller is the command line.
pub async fn import_catalogue(store: &Store, tenant: &TenantId, known: &Catalogue) -> Result<bool> {
    let tx = store.begin().await?;
    if catalogue::find(tx.conn(), tenant).await?.as_ref() == Some(known) {
        tx.rollback().await?;
        return Ok(false);
    }
    catalogue::put(&tx, tenant, known).await?;
    tx.commit().await?;
    Ok(true)
}
