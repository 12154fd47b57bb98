//! `account`

use parvis_kernel::{AgentId, Error, Result, RoleSet, TenantId, Timestamp, UnitId, ids::is_code, typed};
use parvis_store::{db_error, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect as _,
    sea_query::{Expr, OnConflict},
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::domain::account::{Account, Profile, email_key};

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
        pub suspended_at: Option<i64>,
        pub published_password: bool,
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
        suspended: row.suspended_at.is_some(),
        published_password: row.published_password,
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
        .filter(Column::SuspendedAt.is_null())
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_row).collect()
}

/// The kept hash of an account's password.
pub async fn password_of(conn: &impl ConnectionTrait, tenant: &TenantId, code: &AgentId) -> Result<Option<String>> {
    let key = (tenant.to_string(), code.to_string());
    Ok(entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)?.and_then(|row| row.password))
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
        suspended_at: Set(None),
        published_password: Set(false),
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

/// How a password came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// By the agent or an operator.
    Chosen,
    /// By a demonstration, to an account that has none: everybody may know it.
    Published,
}

/// Sets a password's hash. Whether there is such an account.
pub async fn set_password(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    code: &AgentId,
    hash: &SecretString,
    given: Given,
) -> Result<bool> {
    let mut update = entity::Entity::update_many()
        .col_expr(Column::Password, Expr::value(hash.expose_secret()))
        .col_expr(Column::PublishedPassword, Expr::value(given == Given::Published))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Code.eq(code.as_str()));
    if given == Given::Published {
        update = update.filter(Column::Password.is_null());
    }
    Ok(update.exec(conn).await.map_err(db_error)?.rows_affected == 1)
}

/// Closes an account by an administrator's word, or opens it again.
pub async fn suspend(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    code: &AgentId,
    since: Option<Timestamp>,
) -> Result<()> {
    entity::Entity::update_many()
        .col_expr(Column::SuspendedAt, Expr::value(since.map(to_db_time)))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::Code.eq(code.as_str()))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// All of a tenant, held until the transaction ends: two who close each other's account come one after the other.
pub async fn hold_all(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<Account>> {
    let rows = entity::Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .order_by_asc(Column::Code)
        .lock_exclusive()
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_row).collect()
}

/// How many open accounts of all tenants have the demonstration's password.
pub async fn with_published_password(conn: &impl ConnectionTrait) -> Result<u64> {
    use sea_orm::PaginatorTrait as _;
    entity::Entity::find()
        .filter(Column::PublishedPassword.eq(true))
        .filter(Column::Active.eq(true))
        .count(conn)
        .await
        .map_err(db_error)
}
