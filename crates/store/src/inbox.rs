//! The inbox: which events a consumer has handled, so that one delivered twice has its effect once.

use std::collections::HashSet;

use parvis_kernel::{EventId, Result, Timestamp};
use sea_orm::{ActiveValue::Set, sea_query::OnConflict};

use crate::{Store, Tx, purge_before, rows, to_db_time};

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
    let now = to_db_time(tx.now());
    let unique: HashSet<EventId> = ids.iter().copied().collect();
    let marks = unique.iter().map(|id| entity::ActiveModel { event_id: Set(id.0), handled_at: Set(now) });
    let known = OnConflict::column(entity::Column::EventId).do_nothing().to_owned();
    let new = rows::insert(marks).over(known).keys(tx.conn()).await?;
    Ok(new.into_iter().map(EventId).collect())
}

/// Deletes marks older than `before`, at most `limit`. Keep them longer than the outboxes keep their rows.
pub async fn purge(store: &Store, before: Timestamp, limit: u64) -> Result<u64> {
    use entity::Column;
    purge_before::<entity::Entity>(store, (Column::EventId, Column::HandledAt), before, limit).await
}
