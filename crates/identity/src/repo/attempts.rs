//! `attempt`: what is counted of sign-ins, by account (or login that names nobody) and origin.

use std::collections::HashMap;

use parvis_kernel::{AgentId, Result, TenantId, Timestamp};
use parvis_store::{db_error, from_db_time, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use sha2::{Digest as _, Sha256};

use crate::domain::{
    attempts::Attempts,
    origin::{Counted, KNOWN},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attempt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub who: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub origin: String,
        pub failures: i32,
        pub failed_at: Option<i64>,
        pub locked_until: Option<i64>,
        pub succeeded_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// Whose attempts are counted, as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who(String);

impl Who {
    /// An account's.
    pub fn account(code: &AgentId) -> Self {
        Self(format!("account:{code}"))
    }

    /// Those on a login that names nobody: what was typed is not kept.
    pub fn nobody(login: &str) -> Self {
        Self(format!("login:{}", hex::encode(Sha256::digest(login.as_bytes()))))
    }
}

/// What is counted of `who` at `origin`.
pub async fn counted(conn: &impl ConnectionTrait, tenant: &TenantId, who: &Who, origin: &str) -> Result<Counted> {
    let key = (tenant.to_string(), who.0.clone(), origin.to_owned());
    let row = entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)?;
    Ok(row.map_or_else(Counted::default, |row| Counted {
        attempts: Attempts {
            failures: row.failures,
            failed_at: row.failed_at.map(from_db_time),
            locked_until: row.locked_until.map(from_db_time),
        },
        succeeded_at: row.succeeded_at.map(from_db_time),
    }))
}

/// The failures on `who` after `since`, from everywhere that nobody ever signed in from.
pub async fn failures_since(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    who: &Who,
    since: Timestamp,
) -> Result<i64> {
    let sum: Option<Option<i64>> = entity::Entity::find()
        .select_only()
        .column_as(Column::Failures.sum(), "failures")
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Who.eq(&who.0))
        .filter(Column::FailedAt.gt(to_db_time(since)))
        .filter(Column::SucceededAt.is_null())
        .into_tuple()
        .one(conn)
        .await
        .map_err(db_error)?;
    Ok(sum.flatten().unwrap_or_default())
}

/// Writes what is counted, if nobody counted one since `seen`. Whether nobody did.
pub async fn put(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    (who, origin): (&Who, &str),
    seen: i32,
    attempts: Attempts,
) -> Result<bool> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        who: Set(who.0.clone()),
        origin: Set(origin.to_owned()),
        failures: Set(attempts.failures),
        failed_at: Set(attempts.failed_at.map(to_db_time)),
        locked_until: Set(attempts.locked_until.map(to_db_time)),
        succeeded_at: Set(None),
    };
    let known = OnConflict::columns([Column::Tenant, Column::Who, Column::Origin])
        .update_columns([Column::Failures, Column::FailedAt, Column::LockedUntil])
        .action_and_where(Expr::col((entity::Entity, Column::Failures)).eq(seen))
        .to_owned();
    let rows = entity::Entity::insert(row).on_conflict(known).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(rows == 1)
}

/// Somebody signed in from these origins: their failures are forgotten, and they are known from now on.
pub async fn succeed(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    who: &Who,
    origins: &[String],
    now: Timestamp,
) -> Result<()> {
    let rows = origins.iter().map(|origin| entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        who: Set(who.0.clone()),
        origin: Set(origin.clone()),
        failures: Set(0),
        failed_at: Set(None),
        locked_until: Set(None),
        succeeded_at: Set(Some(to_db_time(now))),
    });
    let known = OnConflict::columns([Column::Tenant, Column::Who, Column::Origin])
        .update_columns([Column::Failures, Column::FailedAt, Column::LockedUntil, Column::SucceededAt])
        .to_owned();
    entity::Entity::insert_many(rows).on_conflict(known).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(())
}

/// Forgets the failures on `who` from everywhere; known origins stay known.
pub async fn unlock(conn: &impl ConnectionTrait, tenant: &TenantId, who: &Who) -> Result<()> {
    entity::Entity::update_many()
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::FailedAt, Expr::value(None::<i64>))
        .col_expr(Column::LockedUntil, Expr::value(None::<i64>))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Who.eq(&who.0))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Makes every origin of an account unknown again, and forgets its failures.
pub async fn forget_all_of(conn: &impl ConnectionTrait, tenant: &TenantId, who: &Who) -> Result<()> {
    entity::Entity::delete_many()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Who.eq(&who.0))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// The accounts of a tenant that are locked somewhere at `now`, by code, each with its last lock's end.
pub async fn locked(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<HashMap<String, Timestamp>> {
    let rows: Vec<(String, Option<i64>)> = entity::Entity::find()
        .select_only()
        .column(Column::Who)
        .column(Column::LockedUntil)
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::LockedUntil.gt(to_db_time(now)))
        .filter(Column::Who.starts_with("account:"))
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)?;
    let mut locked: HashMap<String, Timestamp> = HashMap::new();
    for (who, until) in rows {
        let (Some(code), Some(until)) = (who.strip_prefix("account:"), until.map(from_db_time)) else { continue };
        let latest = locked.entry(code.to_owned()).or_insert(until);
        *latest = until.max(*latest);
    }
    Ok(locked)
}

/// Forgets failures whose last is before [`Attempts::forget_before`], and origins that are no longer known.
pub async fn forget(conn: &impl ConnectionTrait, now: Timestamp) -> Result<u64> {
    let quiet = Condition::any()
        .add(Column::FailedAt.is_null())
        .add(Column::FailedAt.lt(to_db_time(Attempts::forget_before(now))));
    let unknown =
        Condition::any().add(Column::SucceededAt.is_null()).add(Column::SucceededAt.lte(to_db_time(now - KNOWN)));
    let deleted = entity::Entity::delete_many().filter(quiet).filter(unknown).exec(conn).await.map_err(db_error)?;
    Ok(deleted.rows_affected)
}
