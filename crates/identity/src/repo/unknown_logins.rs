//! `unknown_login`: attempts on logins that name nobody, as versions before [`super::attempts`] counted them.

use parvis_kernel::{Result, Timestamp};
use parvis_store::{db_error, to_db_time};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unknown_login")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "VarBinary(StringLen::None)")]
        pub login_hash: Vec<u8>,
        pub failures: i32,
        pub failed_at: Option<i64>,
        pub locked_until: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// Forgets those whose last attempt is before `before`.
pub async fn forget(conn: &impl ConnectionTrait, before: Timestamp) -> Result<u64> {
    let deleted = entity::Entity::delete_many()
        .filter(Column::FailedAt.lt(to_db_time(before)))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}
