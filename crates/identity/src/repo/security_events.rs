//! `security_event`: only ever added to, until its time is over.

use parvis_kernel::{Result, TenantId, Timestamp, ids::EventId};
use parvis_store::{Store, db_error, purge_before, to_db_time};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::security::SecurityEvent;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "security_event")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub at: i64,
        pub code: String,
        pub account: String,
        pub actor: String,
        pub network: String,
        pub detail: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;
pub use entity::Model;

/// Keeps that `event` happened at `now`.
pub async fn security_event(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    event: SecurityEvent,
    now: Timestamp,
) -> Result<()> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        id: Set(EventId::new().0),
        at: Set(to_db_time(now)),
        code: Set(event.code.as_str().to_owned()),
        account: Set(event.account),
        actor: Set(event.actor),
        network: Set(event.network),
        detail: Set(event.detail),
    };
    entity::Entity::insert(row).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(())
}

/// The latest of a tenant, newest first.
pub async fn latest(conn: &impl ConnectionTrait, tenant: &TenantId, limit: u64) -> Result<Vec<Model>> {
    entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
        .map_err(db_error)
}

/// Deletes those before `before`, of every tenant, at most `limit`. Returns how many.
pub async fn purge(store: &Store, before: Timestamp, limit: u64) -> Result<u64> {
    purge_before::<entity::Entity>(store, (Column::Id, Column::At), before, limit).await
}
