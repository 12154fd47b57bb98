//! The inbox: which events a consumer has handled, so that one delivered twice has its effect once.

use std::collections::HashSet;

use parvis_kernel::{EventId, Result, Timestamp};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{Store, Tx, error::db_error, pieces, purge_before, to_db_time};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub handled_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Marks `ids` as handled in `tx` and returns those that were not yet. A consumer in another process that marks the
/// same one waits for this commit, then finds it marked.
pub async fn mark_new(tx: &Tx, ids: &[EventId]) -> Result<HashSet<EventId>> {
    let mut new = HashSet::with_capacity(ids.len());
    for chunk in pieces(tx.conn(), ids) {
        let now = to_db_time(tx.now());
        let unique: HashSet<EventId> = chunk.iter().copied().collect();
        let rows = unique.iter().map(|id| entity::ActiveModel { event_id: Set(id.0), handled_at: Set(now) });
        let inserted = entity::Entity::insert_many(rows)
            .on_conflict(OnConflict::column(entity::Column::EventId).do_nothing().to_owned())
            .exec_with_returning_keys(tx.conn())
            .await
            .map_err(db_error)?;
        new.extend(inserted.into_iter().map(EventId));
    }
    Ok(new)
}

/// Deletes marks older than `before`, at most `limit`. Keep them longer than the outboxes keep their rows.
pub async fn purge(store: &Store, before: Timestamp, limit: u64) -> Result<u64> {
    use entity::Column;
    purge_before::<entity::Entity>(store, (Column::EventId, Column::HandledAt), before, limit).await
}
