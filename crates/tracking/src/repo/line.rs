//! Lines of timelines: append-only.

use parvis_kernel::{RequestId, Result, TenantId};
use parvis_store::{db_error, rows};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "timeline_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub at: i64,
        pub role: String,
        pub kind: String,
        pub label: String,
        pub public_label: String,
        pub actor_name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;
use entity::{Column, Entity};

/// Lines read at once at most.
pub const MOST: u64 = 5000;

/// Appends lines.
pub async fn append(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<()> {
    rows::insert(rows.into_iter().map(|row| row.into_active_model().reset_all())).write(conn).await?;
    Ok(())
}

/// The lines of a request after position `after`, in the order of their positions.
pub async fn after(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    request: RequestId,
    after: i64,
) -> Result<Vec<Model>> {
    Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::RequestId.eq(request.0))
        .filter(Column::Position.gt(after))
        .order_by_asc(Column::Position)
        .limit(MOST)
        .all(conn)
        .await
        .map_err(db_error)
}
