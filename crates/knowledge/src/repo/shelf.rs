//! How many times each authority's shelf (what is served: articles, templates, procedures) has changed.

use std::collections::HashMap;

use parvis_kernel::{Result, TenantId};
use parvis_store::db_error;
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, EntityTrait,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "shelf_revision")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        pub revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The revision of every shelf.
pub async fn revisions(conn: &impl ConnectionTrait) -> Result<HashMap<TenantId, i64>> {
    let rows = entity::Entity::find().all(conn).await.map_err(db_error)?;
    rows.into_iter().map(|row| Ok((TenantId::parse(&row.tenant)?, row.revision))).collect()
}

/// Says that what is served changed. Taken first, it also makes two writers of one authority follow each other.
pub async fn bump(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<()> {
    let row = entity::ActiveModel { tenant: Set(tenant.to_string()), revision: Set(1) };
    entity::Entity::insert(row)
        .on_conflict(
            OnConflict::column(entity::Column::Tenant)
                .value(entity::Column::Revision, Expr::col((entity::Entity, entity::Column::Revision)).add(1))
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}
