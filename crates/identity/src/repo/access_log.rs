//! `access_log`: who looked up whom. Written, never changed.

use parvis_kernel::{CitizenId, EventId, Result, TenantId, Timestamp};
use parvis_store::{db_error, to_db_time};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_log")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub at: i64,
        pub actor: String,
        pub action: String,
        pub query: String,
        pub citizens: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// One look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who looked: `agent:claire-martin`.
    pub actor: String,
    /// What for: `search_citizens`.
    pub action: String,
    /// What was typed.
    pub query: String,
    /// Who was shown.
    pub citizens: Vec<CitizenId>,
}

/// Writes one.
pub async fn add(conn: &impl ConnectionTrait, tenant: &TenantId, access: &Access, now: Timestamp) -> Result<()> {
    let citizens: Vec<_> = access.citizens.iter().map(ToString::to_string).collect();
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        id: Set(EventId::new().0),
        at: Set(to_db_time(now)),
        actor: Set(access.actor.clone()),
        action: Set(access.action.clone()),
        query: Set(access.query.clone()),
        citizens: Set(citizens.join(" ")),
    };
    entity::Entity::insert(row).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(())
}

/// The latest of a tenant, newest first.
pub async fn latest(conn: &impl ConnectionTrait, tenant: &TenantId, limit: u64) -> Result<Vec<Access>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter()
        .map(|row| {
            let citizens = row.citizens.split_whitespace().map(str::parse).collect::<Result<_>>()?;
            Ok(Access { actor: row.actor, action: row.action, query: row.query, citizens })
        })
        .collect()
}

/// Deletes those before `before`, of every tenant, at most `limit`. Returns how many.
pub async fn purge(conn: &impl ConnectionTrait, before: Timestamp, limit: u64) -> Result<u64> {
    let old: Vec<Uuid> = entity::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::At.lt(to_db_time(before)))
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)?;
    if old.is_empty() {
        return Ok(0);
    }
    let deleted = entity::Entity::delete_many()
        .filter(Column::At.lt(to_db_time(before)))
        .filter(Column::Id.is_in(old))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}
