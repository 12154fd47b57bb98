//! The public keys that a role last knew of those who sign, so that it starts and verifies while they are down.

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

/// Whose keys: the number of their row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Signer {
    /// Tokens of those who signed in.
    Identity = 1,
    /// Follow grants.
    Intake = 2,
    /// Grants of files.
    Casework = 3,
}

/// The keys of `signer` last kept (RFC 7517, JSON), if any.
pub async fn load(store: &Store, signer: Signer) -> Result<Option<String>> {
    let row = entity::Entity::find_by_id(signer as i32).one(store.read()).await.map_err(db_error)?;
    Ok(row.map(|row| row.jwks))
}

/// Keeps the keys of `signer`.
pub async fn save(store: &Store, signer: Signer, jwks: &str, now: Timestamp) -> Result<()> {
    let row =
        entity::ActiveModel { id: Set(signer as i32), jwks: Set(jwks.to_owned()), fetched_at: Set(to_db_time(now)) };
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
