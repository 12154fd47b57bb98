//! Attempts: append-only, but for what was answered, which has its term.

use std::collections::HashMap;

use parvis_kernel::{Result, TenantId};
use parvis_store::{db_error, one_of, pieces, rows};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel as _, QueryFilter, QueryOrder,
    sea_query::Expr,
};
use uuid::Uuid;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attempt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub notice_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i16,
        pub at: i64,
        pub succeeded: bool,
        pub detail: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub use entity::Model;

/// Keeps attempts.
pub async fn insert(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<()> {
    rows::insert(rows.into_iter().map(|row| row.into_active_model().reset_all())).write(conn).await?;
    Ok(())
}

/// The attempts of some notices, oldest first.
pub async fn of_notices(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    notices: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Model>>> {
    let mut found: HashMap<Uuid, Vec<Model>> = HashMap::new();
    if notices.is_empty() {
        return Ok(found);
    }
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::NoticeId.is_in(notices.iter().copied()))
        .order_by_asc(entity::Column::Number)
        .all(conn)
        .await
        .map_err(db_error)?;
    for row in rows {
        found.entry(row.notice_id).or_default().push(row);
    }
    Ok(found)
}

/// Empties the attempts of some notices of what was answered; when each was, and how it went, stays.
pub async fn remove_details(conn: &impl ConnectionTrait, tenant: &str, notices: &[Uuid]) -> Result<()> {
    for chunk in pieces(conn, notices) {
        entity::Entity::update_many()
            .col_expr(entity::Column::Detail, Expr::value(""))
            .filter(entity::Column::Tenant.eq(tenant))
            .filter(one_of(conn, entity::Column::NoticeId, chunk.iter().copied()))
            .exec(conn)
            .await
            .map_err(db_error)?;
    }
    Ok(())
}
