//! What is known of the procedures.

use parvis_kernel::{Error, Result, TenantId};
use parvis_store::{Tx, db_error, to_db_time};
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, sea_query::OnConflict};

use crate::domain::rules::Catalogue;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "procedure_catalogue")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        pub document: String,
        pub imported_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is known; `None`: nothing was ever said.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Option<Catalogue>> {
    let row = entity::Entity::find_by_id(tenant.to_string()).one(conn).await.map_err(db_error)?;
    row.map(|row| serde_json::from_str(&row.document).map_err(Error::internal)).transpose()
}

/// Keeps it in place of what was known.
pub async fn put(tx: &Tx, tenant: &TenantId, catalogue: &Catalogue) -> Result<()> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        document: Set(serde_json::to_string(catalogue).map_err(Error::internal)?),
        imported_at: Set(to_db_time(tx.now())),
    };
    entity::Entity::insert(row)
        .on_conflict(
            OnConflict::column(entity::Column::Tenant)
                .update_columns([entity::Column::Document, entity::Column::ImportedAt])
                .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(())
}
