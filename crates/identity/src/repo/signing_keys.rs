//! `signing_key`

use parvis_kernel::{Result, Timestamp};
use parvis_store::{db_error, from_db_time, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};

use crate::{crypto::sealing::SealedKey, domain::key_schedule::KeyTimes};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "signing_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kid: String,
        pub generation: i32,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub private_key: Vec<u8>,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub public_key: Vec<u8>,
        pub created_at: i64,
        pub activates_at: i64,
        pub retires_at: Option<i64>,
        pub sealed_by: String,
    }

    // Written by hand: the private key is never shown, sealed or not.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("signing_key").field("kid", &self.kid).finish_non_exhaustive()
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// Every key, oldest first.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<SealedKey>> {
    let rows = entity::Entity::find().order_by_asc(Column::Generation).all(conn).await.map_err(db_error)?;
    Ok(rows
        .into_iter()
        .map(|row| SealedKey {
            kid: row.kid,
            sealed_by: row.sealed_by,
            private_key: row.private_key,
            public_key: row.public_key,
            times: KeyTimes {
                generation: row.generation,
                activates_at: from_db_time(row.activates_at),
                retires_at: row.retires_at.map(from_db_time),
            },
        })
        .collect())
}

/// Adds a key, unless another process has just made the one of that generation. Whether it was added.
pub async fn add(conn: &impl ConnectionTrait, key: &SealedKey, now: Timestamp) -> Result<bool> {
    let row = entity::ActiveModel {
        kid: Set(key.kid.clone()),
        generation: Set(key.times.generation),
        private_key: Set(key.private_key.clone()),
        public_key: Set(key.public_key.clone()),
        created_at: Set(to_db_time(now)),
        activates_at: Set(to_db_time(key.times.activates_at)),
        retires_at: Set(key.times.retires_at.map(to_db_time)),
        sealed_by: Set(key.sealed_by.clone()),
    };
    let rows = entity::Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Generation).do_nothing().to_owned())
        .exec_without_returning(conn)
        .await
        .map_err(db_error)?;
    Ok(rows == 1)
}

/// Keeps a key as `sealed`, unless another process has just sealed it: it is no longer sealed by `before`.
pub async fn seal_again(conn: &impl ConnectionTrait, before: &str, sealed: &SealedKey) -> Result<bool> {
    let done = entity::Entity::update_many()
        .col_expr(Column::PrivateKey, Expr::value(sealed.private_key.clone()))
        .col_expr(Column::SealedBy, Expr::value(sealed.sealed_by.as_str()))
        .filter(Column::Kid.eq(sealed.kid.as_str()))
        .filter(Column::SealedBy.eq(before))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(done.rows_affected == 1)
}

/// Says when a key goes.
pub async fn retire(conn: &impl ConnectionTrait, generation: i32, at: Timestamp) -> Result<()> {
    entity::Entity::update_many()
        .col_expr(Column::RetiresAt, Expr::value(to_db_time(at)))
        .filter(Column::Generation.eq(generation))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Deletes those that went.
pub async fn delete_retired(conn: &impl ConnectionTrait, now: Timestamp) -> Result<u64> {
    let deleted = entity::Entity::delete_many()
        .filter(Column::RetiresAt.lte(to_db_time(now)))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}
