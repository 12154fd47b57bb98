//! `account`

use parvis_kernel::{AgentId, Error, Result, RoleSet, TenantId, UnitId, ids::is_code, typed};
use parvis_store::{db_error, from_db_time, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::{
    account::{Account, Profile, email_key},
    attempts::Attempts,
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub name: String,
        pub email: String,
        pub email_key: String,
        pub roles: String,
        pub own_units: String,
        pub seen_units: String,
        pub site: String,
        pub active: bool,
        pub password: Option<String>,
        pub failures: i32,
        pub failed_at: Option<i64>,
        pub locked_until: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

fn split<T: std::str::FromStr<Err = Error>, C: FromIterator<T>>(text: &str) -> Result<C> {
    text.split(' ').filter(|part| !part.is_empty()).map(str::parse).collect()
}

fn join<T: ToString>(parts: impl IntoIterator<Item = T>) -> String {
    parts.into_iter().map(|part| part.to_string()).collect::<Vec<_>>().join(" ")
}

fn from_row(row: entity::Model) -> Result<Account> {
    Ok(Account {
        tenant: TenantId::parse(&row.tenant)?,
        active: row.active,
        has_password: row.password.is_some(),
        attempts: attempts(&row),
        profile: Profile {
            code: AgentId::parse(&row.code)?,
            name: row.name,
            email: row.email,
            roles: split::<_, RoleSet>(&row.roles)?,
            own_units: split::<UnitId, _>(&row.own_units)?,
            seen_units: split::<UnitId, _>(&row.seen_units)?,
            site: row.site,
        },
    })
}

/// One by its code.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, code: &AgentId) -> Result<Option<Account>> {
    let key = (tenant.to_string(), code.to_string());
    entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)?.map(from_row).transpose()
}

/// The active ones that may be meant by a login: of this code, or of this e-mail.
pub async fn find_by_login(conn: &impl ConnectionTrait, tenant: &TenantId, login: &str) -> Result<Vec<Account>> {
    let filter = match (is_code(login), typed::email::key(login)) {
        (true, _) => Column::Code.eq(login),
        (false, Some(email)) => Column::EmailKey.eq(email),
        // A login that can name nobody is not worth a question, but takes as long as one.
        (false, None) => Column::Code.eq(""),
    };
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(filter)
        .filter(Column::Active.eq(true))
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_row).collect()
}

/// The failed attempts on an account and the kept hash of its password.
pub async fn attempts_and_password(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    code: &AgentId,
) -> Result<(Attempts, Option<String>)> {
    let key = (tenant.to_string(), code.to_string());
    let row = entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)?;
    Ok(row.map_or_else(Default::default, |row| (attempts(&row), row.password)))
}

fn attempts(row: &entity::Model) -> Attempts {
    Attempts {
        failures: row.failures,
        failed_at: row.failed_at.map(from_db_time),
        locked_until: row.locked_until.map(from_db_time),
    }
}

/// All of a tenant, by code.
pub async fn list(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<Account>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .order_by_asc(Column::Code)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_row).collect()
}

/// Writes what the directory says of accounts, new or known; passwords and attempts stay.
pub async fn put_profiles(conn: &impl ConnectionTrait, tenant: &TenantId, profiles: &[&Profile]) -> Result<()> {
    let rows = profiles.iter().map(|profile| entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        code: Set(profile.code.to_string()),
        name: Set(profile.name.clone()),
        email: Set(profile.email.clone()),
        email_key: Set(email_key(&profile.email)),
        roles: Set(join(&profile.roles)),
        own_units: Set(join(&profile.own_units)),
        seen_units: Set(join(&profile.seen_units)),
        site: Set(profile.site.clone()),
        active: Set(true),
        password: Set(None),
        failures: Set(0),
        failed_at: Set(None),
        locked_until: Set(None),
    });
    let known = OnConflict::columns([Column::Tenant, Column::Code])
        .update_columns([
            Column::Name,
            Column::Email,
            Column::EmailKey,
            Column::Roles,
            Column::OwnUnits,
            Column::SeenUnits,
            Column::Site,
            Column::Active,
        ])
        .to_owned();
    rows::insert(rows).over(known).write(conn).await?;
    Ok(())
}

/// Closes accounts.
pub async fn deactivate(conn: &impl ConnectionTrait, tenant: &TenantId, codes: &[&AgentId]) -> Result<()> {
    entity::Entity::update_many()
        .col_expr(Column::Active, Expr::value(false))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Code.is_in(codes.iter().map(|code| code.as_str())))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Sets a password's hash and forgets failed attempts. Whether there is such an account.
pub async fn set_password(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    code: &AgentId,
    hash: &SecretString,
    only_if_none: bool,
) -> Result<bool> {
    let mut update = entity::Entity::update_many()
        .col_expr(Column::Password, Expr::value(hash.expose_secret()))
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::FailedAt, Expr::value(None::<i64>))
        .col_expr(Column::LockedUntil, Expr::value(None::<i64>))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Code.eq(code.as_str()));
    if only_if_none {
        update = update.filter(Column::Password.is_null());
    }
    Ok(update.exec(conn).await.map_err(db_error)?.rows_affected == 1)
}

/// Writes failed attempts, if nobody counted one since `seen`. Whether nobody did.
pub async fn put_attempts(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    code: &AgentId,
    seen: i32,
    attempts: Attempts,
) -> Result<bool> {
    let updated = entity::Entity::update_many()
        .col_expr(Column::Failures, Expr::value(attempts.failures))
        .col_expr(Column::FailedAt, Expr::value(attempts.failed_at.map(to_db_time)))
        .col_expr(Column::LockedUntil, Expr::value(attempts.locked_until.map(to_db_time)))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Code.eq(code.as_str()))
        .filter(Column::Failures.eq(seen))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(updated.rows_affected == 1)
}

/// Forgets failed attempts: the password was right.
pub async fn clear_attempts(conn: &impl ConnectionTrait, tenant: &TenantId, code: &AgentId) -> Result<()> {
    entity::Entity::update_many()
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::FailedAt, Expr::value(None::<i64>))
        .col_expr(Column::LockedUntil, Expr::value(None::<i64>))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Code.eq(code.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}
