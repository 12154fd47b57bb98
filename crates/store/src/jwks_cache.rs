//! The public keys a role last knew, so that it starts and verifies tokens while identity is down.

use parvis_kernel::{Result, Timestamp};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};

use crate::{Store, error::db_error, to_db_time};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jwks_cache")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub jwks: String,
        pub fetched_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The keys last kept (RFC 7517, JSON), if any.
pub async fn load(store: &Store) -> Result<Option<String>> {
    let row = entity::Entity::find_by_id(1).one(store.read()).await.map_err(db_error)?;
    Ok(row.map(|row| row.jwks))
}

/// Keeps the keys.
pub async fn save(store: &Store, jwks: &str, now: Timestamp) -> Result<()> {
    let row = entity::ActiveModel { id: Set(1), jwks: Set(jwks.to_owned()), fetched_at: Set(to_db_time(now)) };
    entity::Entity::insert(row)
        .on_conflict(
            OnConflict::column(entity::Column::Id)
                .update_columns([entity::Column::Jwks, entity::Column::FetchedAt])
                .to_owned(),
        )
        .exec_without_returning(store.write())
        .await
        .map_err(db_error)?;
    Ok(())
}
