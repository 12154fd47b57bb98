//! What was kept long enough.

use parvis_kernel::{Result, Timestamp};
use sea_orm::{ColumnTrait as _, EntityTrait, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use crate::{Store, error::db_error, one_of, to_db_time};

/// Deletes the rows of `E` whose instant `at` is earlier than `before`, at most `limit` of them, found by `id`. Returns
/// how many. A table is emptied little by little, so that nobody waits for its lock.
pub async fn purge_before<E: EntityTrait>(
    store: &Store,
    (id, at): (E::Column, E::Column),
    before: Timestamp,
    limit: u64,
) -> Result<u64> {
    let is_old = at.lt(to_db_time(before));
    let old: Vec<Uuid> = E::find()
        .select_only()
        .column(id)
        .filter(is_old.clone())
        .limit(limit)
        .into_tuple()
        .all(store.read())
        .await
        .map_err(db_error)?;
    if old.is_empty() {
        return Ok(0);
    }
    // Repeated: an id may be one of each authority's.
    let deleted = E::delete_many()
        .filter(one_of(store.write(), id, old))
        .filter(is_old)
        .exec(store.write())
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}
