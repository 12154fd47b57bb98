//! Copies the titles of an authority's procedures, to propose them. Called by the command line with intake's import.

use parvis_kernel::{Result, TenantId};
use parvis_store::Store;

use crate::repo::{
    procedure_card::{self, ProcedureCard},
    shelf,
};

/// Puts `cards` in the place of those of `tenant`. Says whether anything changed.
pub async fn import_procedures(store: &Store, tenant: &TenantId, cards: &[ProcedureCard]) -> Result<bool> {
    let tx = store.begin().await?;
    // First, so that two imports of one authority follow each other.
    shelf::bump(tx.conn(), tenant).await?;
    if procedure_card::all(tx.conn(), tenant).await? == cards {
        tx.rollback().await?;
        return Ok(false);
    }
    procedure_card::replace(tx.conn(), tenant, cards).await?;
    tx.commit().await?;
    Ok(true)
}
