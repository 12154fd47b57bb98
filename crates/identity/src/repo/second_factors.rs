//! `second_factor`, its `recovery_code`s, and the `sign_in_challenge`s that wait for one.

use std::collections::HashSet;

use parvis_kernel::{AgentId, Result, TenantId, Timestamp};
use parvis_store::{db_error, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait, ExprTrait as _, QueryFilter, QuerySelect,
    sea_query::{Expr, OnConflict},
};

mod factor {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "second_factor")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: String,
        pub sealed_by: String,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub secret: Vec<u8>,
        pub confirmed_at: Option<i64>,
        pub last_step: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod code {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "recovery_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub account: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "VarBinary(StringLen::None)")]
        pub hash: Vec<u8>,
        pub used_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod challenge {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in_challenge")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "VarBinary(StringLen::None)")]
        pub hash: Vec<u8>,
        pub account: String,
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A second factor as kept.
#[derive(Clone)]
pub struct SecondFactor {
    /// Which key sealed the secret.
    pub sealed_by: String,
    /// The secret, sealed.
    pub secret: Vec<u8>,
    /// Whether a code of it was given once.
    pub confirmed: bool,
}

/// That of an account.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, account: &AgentId) -> Result<Option<SecondFactor>> {
    let key = (tenant.to_string(), account.to_string());
    let row = factor::Entity::find_by_id(key).one(conn).await.map_err(db_error)?;
    Ok(row.map(|row| SecondFactor {
        sealed_by: row.sealed_by,
        secret: row.secret,
        confirmed: row.confirmed_at.is_some(),
    }))
}

/// Those of all tenants that another key than `sealed_by` sealed.
pub async fn sealed_by_others(
    conn: &impl ConnectionTrait,
    sealed_by: &str,
) -> Result<Vec<(TenantId, AgentId, SecondFactor)>> {
    let rows =
        factor::Entity::find().filter(factor::Column::SealedBy.ne(sealed_by)).all(conn).await.map_err(db_error)?;
    let read = |row: factor::Model| {
        let (tenant, account) = (TenantId::parse(&row.tenant)?, AgentId::parse(&row.account)?);
        let confirmed = row.confirmed_at.is_some();
        Ok((tenant, account, SecondFactor { sealed_by: row.sealed_by, secret: row.secret, confirmed }))
    };
    rows.into_iter().map(read).collect()
}

/// Keeps the same secret sealed by another key, unless it changed meanwhile.
pub async fn seal_again(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    account: &AgentId,
    before: &str,
    (sealed_by, secret): (String, Vec<u8>),
) -> Result<()> {
    factor::Entity::update_many()
        .col_expr(factor::Column::SealedBy, Expr::value(sealed_by))
        .col_expr(factor::Column::Secret, Expr::value(secret))
        .filter(factor::Column::Tenant.eq(tenant.as_str()))
        .filter(factor::Column::Account.eq(account.as_str()))
        .filter(factor::Column::SealedBy.eq(before))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// The accounts of a tenant that have one.
pub async fn confirmed(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<HashSet<String>> {
    let codes: Vec<String> = factor::Entity::find()
        .select_only()
        .column(factor::Column::Account)
        .filter(factor::Column::Tenant.eq(tenant.as_str()))
        .filter(factor::Column::ConfirmedAt.is_not_null())
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)?;
    Ok(codes.into_iter().collect())
}

/// Begins one: it counts once it is confirmed. One that is confirmed stays. Whether it began.
pub async fn begin(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    account: &AgentId,
    (sealed_by, secret): (String, Vec<u8>),
) -> Result<bool> {
    let row = factor::ActiveModel {
        tenant: Set(tenant.to_string()),
        account: Set(account.to_string()),
        sealed_by: Set(sealed_by),
        secret: Set(secret),
        confirmed_at: Set(None),
        last_step: Set(0),
    };
    let unconfirmed = OnConflict::columns([factor::Column::Tenant, factor::Column::Account])
        .update_columns([factor::Column::SealedBy, factor::Column::Secret])
        .action_and_where(Expr::col((factor::Entity, factor::Column::ConfirmedAt)).is_null())
        .to_owned();
    let rows =
        factor::Entity::insert(row).on_conflict(unconfirmed).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(rows == 1)
}

/// Uses a step of one, once. Whether nobody had used it, or a later one.
pub async fn use_step(conn: &impl ConnectionTrait, tenant: &TenantId, account: &AgentId, step: i64) -> Result<bool> {
    let updated = factor::Entity::update_many()
        .col_expr(factor::Column::LastStep, Expr::value(step))
        .filter(factor::Column::Tenant.eq(tenant.as_str()))
        .filter(factor::Column::Account.eq(account.as_str()))
        .filter(factor::Column::LastStep.lt(step))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(updated.rows_affected == 1)
}

/// Confirms one, with its recovery codes' digests.
pub async fn confirm(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    account: &AgentId,
    hashes: Vec<Vec<u8>>,
    now: Timestamp,
) -> Result<()> {
    factor::Entity::update_many()
        .col_expr(factor::Column::ConfirmedAt, Expr::value(to_db_time(now)))
        .filter(factor::Column::Tenant.eq(tenant.as_str()))
        .filter(factor::Column::Account.eq(account.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    let rows = hashes.into_iter().map(|hash| code::ActiveModel {
        tenant: Set(tenant.to_string()),
        account: Set(account.to_string()),
        hash: Set(hash),
        used_at: Set(None),
    });
    code::Entity::insert_many(rows).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(())
}

/// Uses a recovery code, once. Whether it was there and unused.
pub async fn use_recovery_code(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    account: &AgentId,
    hash: Vec<u8>,
    now: Timestamp,
) -> Result<bool> {
    let updated = code::Entity::update_many()
        .col_expr(code::Column::UsedAt, Expr::value(to_db_time(now)))
        .filter(code::Column::Tenant.eq(tenant.as_str()))
        .filter(code::Column::Account.eq(account.as_str()))
        .filter(code::Column::Hash.eq(hash))
        .filter(code::Column::UsedAt.is_null())
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(updated.rows_affected == 1)
}

/// Takes an account's off, its recovery codes and what waits for it. Whether it had one.
pub async fn remove(conn: &impl ConnectionTrait, tenant: &TenantId, account: &AgentId) -> Result<bool> {
    let deleted = factor::Entity::delete_many()
        .filter(factor::Column::Tenant.eq(tenant.as_str()))
        .filter(factor::Column::Account.eq(account.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    code::Entity::delete_many()
        .filter(code::Column::Tenant.eq(tenant.as_str()))
        .filter(code::Column::Account.eq(account.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    challenge::Entity::delete_many()
        .filter(challenge::Column::Tenant.eq(tenant.as_str()))
        .filter(challenge::Column::Account.eq(account.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected == 1)
}

/// Keeps that somebody gave an account's password, until `expires_at`.
pub async fn add_challenge(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    account: &AgentId,
    hash: Vec<u8>,
    expires_at: Timestamp,
) -> Result<()> {
    let row = challenge::ActiveModel {
        tenant: Set(tenant.to_string()),
        hash: Set(hash),
        account: Set(account.to_string()),
        expires_at: Set(to_db_time(expires_at)),
    };
    challenge::Entity::insert(row).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(())
}

/// Whose password was given, if that is not too long ago.
pub async fn challenged(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    hash: Vec<u8>,
    now: Timestamp,
) -> Result<Option<AgentId>> {
    let row = challenge::Entity::find_by_id((tenant.to_string(), hash)).one(conn).await.map_err(db_error)?;
    row.filter(|row| row.expires_at > to_db_time(now)).map(|row| AgentId::parse(&row.account)).transpose()
}

/// Ends a challenge. Whether it stood.
pub async fn end_challenge(conn: &impl ConnectionTrait, tenant: &TenantId, hash: Vec<u8>) -> Result<bool> {
    let deleted = challenge::Entity::delete_by_id((tenant.to_string(), hash)).exec(conn).await.map_err(db_error)?;
    Ok(deleted.rows_affected == 1)
}

/// Deletes challenges that nobody answered in time, of every tenant.
pub async fn purge_challenges(conn: &impl ConnectionTrait, now: Timestamp) -> Result<u64> {
    let deleted = challenge::Entity::delete_many()
        .filter(challenge::Column::ExpiresAt.lte(to_db_time(now)))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}
