//! `unknown_login`: attempts on logins that name nobody, so that they lock like the others.

use parvis_kernel::{Result, TenantId, Timestamp};
use parvis_store::{db_error, from_db_time, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::domain::attempts::Attempts;

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

/// What is counted so far.
pub async fn attempts(conn: &impl ConnectionTrait, tenant: &TenantId, login_hash: &[u8]) -> Result<Attempts> {
    let key = (tenant.to_string(), login_hash.to_vec());
    let row = entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)?;
    Ok(row.map_or_else(Attempts::default, |row| Attempts {
        failures: row.failures,
        failed_at: row.failed_at.map(from_db_time),
        locked_until: row.locked_until.map(from_db_time),
    }))
}

/// Writes what is counted, if nobody counted one since `seen`. Whether nobody did.
pub async fn put_attempts(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    login_hash: &[u8],
    seen: i32,
    attempts: Attempts,
) -> Result<bool> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        login_hash: Set(login_hash.to_vec()),
        failures: Set(attempts.failures),
        failed_at: Set(attempts.failed_at.map(to_db_time)),
        locked_until: Set(attempts.locked_until.map(to_db_time)),
    };
    let known = OnConflict::columns([Column::Tenant, Column::LoginHash])
        .update_columns([Column::Failures, Column::FailedAt, Column::LockedUntil])
        .action_and_where(Expr::col((entity::Entity, Column::Failures)).eq(seen))
        .to_owned();
    let rows = entity::Entity::insert(row).on_conflict(known).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(rows == 1)
}

/// Forgets those whose last attempt is before `before`.
pub async fn forget(conn: &impl ConnectionTrait, before: Timestamp) -> Result<u64> {
    let deleted = entity::Entity::delete_many()
        .filter(Column::FailedAt.lt(to_db_time(before)))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}
