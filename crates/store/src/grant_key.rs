//! The keys with which a role signs its grants: a few rows, the newest signs. They live for a week, and what they sign
//! for two hours: in clear, beside data that whoever reads this database reads anyway.

use parvis_kernel::{Result, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait, QueryFilter as _, QueryOrder as _, sea_query::OnConflict,
};
use secrecy::{ExposeSecret as _, SecretSlice};

use crate::{Store, error::db_error, from_db_time, to_db_time};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "grant_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kid: String,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub private_key: Vec<u8>,
        pub made_at: i64,
    }

    /// Without the key.
    impl std::fmt::Debug for Model {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Model").field("kid", &self.kid).finish_non_exhaustive()
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A key.
#[derive(Clone, Debug)]
pub struct GrantKey {
    /// Its name in grants.
    pub kid: String,
    /// PKCS #8, DER.
    pub private_key: SecretSlice<u8>,
    /// When it was drawn.
    pub made_at: Timestamp,
}

/// The keys kept, the newest first.
pub async fn all(store: &Store) -> Result<Vec<GrantKey>> {
    let select = entity::Entity::find().order_by_desc(entity::Column::MadeAt).order_by_desc(entity::Column::Kid);
    let rows = select.all(store.write()).await.map_err(db_error)?;
    let key = |row: entity::Model| GrantKey {
        kid: row.kid,
        private_key: row.private_key.into(),
        made_at: from_db_time(row.made_at),
    };
    Ok(rows.into_iter().map(key).collect())
}

/// Keeps one more, and forgets those drawn before `forgotten`.
pub async fn keep(store: &Store, key: &GrantKey, forgotten: Timestamp) -> Result<()> {
    let row = entity::ActiveModel {
        kid: Set(key.kid.clone()),
        private_key: Set(key.private_key.expose_secret().to_vec()),
        made_at: Set(to_db_time(key.made_at)),
    };
    entity::Entity::insert(row)
        .on_conflict(OnConflict::column(entity::Column::Kid).do_nothing().to_owned())
        .exec_without_returning(store.write())
        .await
        .map_err(db_error)?;
    let old = entity::Entity::delete_many().filter(entity::Column::MadeAt.lt(to_db_time(forgotten)));
    old.exec(store.write()).await.map_err(db_error)?;
    Ok(())
}
