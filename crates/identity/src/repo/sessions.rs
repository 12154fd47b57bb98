//! `session` and its `refresh_token`s

use parvis_kernel::{AgentId, Result, TenantId, Timestamp};
use parvis_store::{db_error, from_db_time, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use crate::domain::session::TokenUse;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub account: String,
        pub created_at: i64,
        pub expires_at: i64,
        pub last_used_at: Option<i64>,
        pub network: String,
        pub browser: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod token {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "refresh_token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "VarBinary(StringLen::None)")]
        pub hash: Vec<u8>,
        pub session: Uuid,
        pub issued_at: i64,
        pub spent_at: Option<i64>,
        pub reused: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A session: one sign-in, until it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub account: AgentId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends, however often it is refreshed.
    pub expires_at: Timestamp,
    /// When its tokens were last renewed.
    pub last_used_at: Timestamp,
    /// From which network it was last used, cut short; may be empty.
    pub network: String,
    /// In which browser it began, in a few words; may be empty.
    pub browser: String,
}

fn from_row(row: entity::Model) -> Result<Session> {
    Ok(Session {
        id: row.id,
        account: AgentId::parse(&row.account)?,
        created_at: from_db_time(row.created_at),
        expires_at: from_db_time(row.expires_at),
        last_used_at: from_db_time(row.last_used_at.unwrap_or(row.created_at)),
        network: row.network,
        browser: row.browser,
    })
}

/// Starts a session.
pub async fn start(conn: &impl ConnectionTrait, tenant: &TenantId, session: &Session) -> Result<()> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        id: Set(session.id),
        account: Set(session.account.to_string()),
        created_at: Set(to_db_time(session.created_at)),
        expires_at: Set(to_db_time(session.expires_at)),
        last_used_at: Set(Some(to_db_time(session.last_used_at))),
        network: Set(session.network.clone()),
        browser: Set(session.browser.clone()),
    };
    entity::Entity::insert(row).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(())
}

/// Adds a refresh token to a session.
pub async fn add_token(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    session: Uuid,
    hash: Vec<u8>,
    now: Timestamp,
) -> Result<()> {
    let row = token::ActiveModel {
        tenant: Set(tenant.to_string()),
        hash: Set(hash),
        session: Set(session),
        issued_at: Set(to_db_time(now)),
        spent_at: Set(None),
        reused: Set(false),
    };
    token::Entity::insert(row).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(())
}

/// The session of a refresh token that has not expired at `now`, and how the token was used.
pub async fn find(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    hash: &[u8],
    now: Timestamp,
) -> Result<Option<(Session, TokenUse)>> {
    let key = (tenant.to_string(), hash.to_vec());
    let Some(token) = token::Entity::find_by_id(key).one(conn).await.map_err(db_error)? else { return Ok(None) };
    let key = (tenant.to_string(), token.session);
    let Some(session) = entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)? else { return Ok(None) };
    if session.expires_at <= to_db_time(now) {
        return Ok(None);
    }
    Ok(Some((from_row(session)?, TokenUse { spent_at: token.spent_at.map(from_db_time), reused: token.reused })))
}

/// The sessions of an account that have not ended at `now`, the one used last first.
pub async fn of_account(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    account: &AgentId,
    now: Timestamp,
) -> Result<Vec<Session>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Account.eq(account.as_str()))
        .filter(entity::Column::ExpiresAt.gt(to_db_time(now)))
        .all(conn)
        .await
        .map_err(db_error)?;
    let mut sessions = rows.into_iter().map(from_row).collect::<Result<Vec<_>>>()?;
    sessions.sort_by_key(|session| std::cmp::Reverse(session.last_used_at));
    Ok(sessions)
}

/// Keeps that a session was used, and from where.
pub async fn touch(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    session: Uuid,
    network: &str,
    now: Timestamp,
) -> Result<()> {
    let mut update = entity::Entity::update_many()
        .col_expr(entity::Column::LastUsedAt, Expr::value(to_db_time(now)))
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Id.eq(session));
    if !network.is_empty() {
        update = update.col_expr(entity::Column::Network, Expr::value(network));
    }
    update.exec(conn).await.map_err(db_error)?;
    Ok(())
}

/// Ends one session of an account. Whether it had it.
pub async fn end_one_of(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    account: &AgentId,
    session: Uuid,
) -> Result<bool> {
    let deleted = entity::Entity::delete_many()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Account.eq(account.as_str()))
        .filter(entity::Column::Id.eq(session))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected == 1)
}

/// Marks a token as spent. Whether this was its first use.
pub async fn spend(conn: &impl ConnectionTrait, tenant: &TenantId, hash: &[u8], now: Timestamp) -> Result<bool> {
    let updated = token::Entity::update_many()
        .col_expr(token::Column::SpentAt, Expr::value(to_db_time(now)))
        .filter(token::Column::Tenant.eq(tenant.as_str()))
        .filter(token::Column::Hash.eq(hash))
        .filter(token::Column::SpentAt.is_null())
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(updated.rows_affected == 1)
}

/// Marks a spent token as used once more. Whether this was its second use.
pub async fn reuse(conn: &impl ConnectionTrait, tenant: &TenantId, hash: &[u8]) -> Result<bool> {
    let updated = token::Entity::update_many()
        .col_expr(token::Column::Reused, Expr::value(true))
        .filter(token::Column::Tenant.eq(tenant.as_str()))
        .filter(token::Column::Hash.eq(hash))
        .filter(token::Column::Reused.eq(false))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(updated.rows_affected == 1)
}

/// Ends one session, with its tokens.
pub async fn end(conn: &impl ConnectionTrait, tenant: &TenantId, session: Uuid) -> Result<()> {
    entity::Entity::delete_many()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Id.eq(session))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Ends every session of these accounts, but `kept`.
pub async fn end_all_of(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    accounts: &[&AgentId],
    kept: Option<Uuid>,
) -> Result<u64> {
    let mut delete = entity::Entity::delete_many()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Account.is_in(accounts.iter().map(|account| account.as_str())));
    if let Some(kept) = kept {
        delete = delete.filter(entity::Column::Id.ne(kept));
    }
    Ok(delete.exec(conn).await.map_err(db_error)?.rows_affected)
}

/// Deletes sessions that ended before `now`, of every tenant, at most `limit`. Returns how many.
pub async fn purge(conn: &impl ConnectionTrait, now: Timestamp, limit: u64) -> Result<u64> {
    let ended: Vec<Uuid> = entity::Entity::find()
        .select_only()
        .column(entity::Column::Id)
        .filter(entity::Column::ExpiresAt.lte(to_db_time(now)))
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await
        .map_err(db_error)?;
    if ended.is_empty() {
        return Ok(0);
    }
    let deleted = entity::Entity::delete_many()
        .filter(entity::Column::ExpiresAt.lte(to_db_time(now)))
        .filter(entity::Column::Id.is_in(ended))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}
