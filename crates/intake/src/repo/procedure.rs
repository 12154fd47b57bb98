//! Procedures in all their versions.

use std::collections::HashMap;

use parvis_kernel::{Error, ProcedureCode, Result, TenantId, Timestamp};
use parvis_store::{db_error, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use crate::domain::procedure::{Content, Procedure};

mod version {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "procedure_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub position: i32,
        pub content: String,
        pub content_hash: String,
        pub is_current: bool,
        pub imported_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod revision {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "procedure_revision")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        pub revision: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A procedure's latest version, as an import compares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    /// Its number.
    pub version: i32,
    /// Its content's hash.
    pub content_hash: String,
    /// Whether it can be filed.
    pub is_current: bool,
    /// Its place in lists.
    pub position: i32,
}

/// A version to insert, which becomes the current one.
pub struct NewVersion {
    /// Which procedure.
    pub code: String,
    /// From 1.
    pub version: i32,
    /// Its place in lists.
    pub position: i32,
    /// JSON.
    pub content: String,
    /// SHA-256 of the content, hexadecimal.
    pub content_hash: String,
}

/// How many times each tenant's procedures have changed: what a cache compares.
pub async fn revisions(conn: &impl ConnectionTrait) -> Result<HashMap<TenantId, i64>> {
    let rows = revision::Entity::find().all(conn).await.map_err(db_error)?;
    rows.into_iter().map(|row| Ok((TenantId::parse(&row.tenant)?, row.revision))).collect()
}

/// The procedures that can be filed, in the order of the file.
pub async fn current(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<Procedure>> {
    let rows = version::Entity::find()
        .filter(version::Column::Tenant.eq(tenant.as_str()))
        .filter(version::Column::IsCurrent.eq(true))
        .order_by_asc(version::Column::Position)
        .order_by_asc(version::Column::Code)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// One version of a procedure, retired or not.
pub async fn find(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    code: &ProcedureCode,
    version: u32,
) -> Result<Option<Procedure>> {
    let Ok(version) = i32::try_from(version) else { return Ok(None) };
    let row = version::Entity::find_by_id((tenant.to_string(), code.to_string(), version))
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(from_model).transpose()
}

/// The latest version of every procedure there ever was.
pub async fn latest(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<HashMap<String, Latest>> {
    let rows = version::Entity::find()
        .filter(version::Column::Tenant.eq(tenant.as_str()))
        .order_by_asc(version::Column::Version)
        .all(conn)
        .await
        .map_err(db_error)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let latest = Latest {
                version: row.version,
                content_hash: row.content_hash,
                is_current: row.is_current,
                position: row.position,
            };
            (row.code, latest)
        })
        .collect())
}

/// Inserts versions; those they replace must be retired before.
pub async fn insert(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    versions: Vec<NewVersion>,
    now: Timestamp,
) -> Result<()> {
    let rows = versions.into_iter().map(|new| version::ActiveModel {
        tenant: Set(tenant.to_string()),
        code: Set(new.code),
        version: Set(new.version),
        position: Set(new.position),
        content: Set(new.content),
        content_hash: Set(new.content_hash),
        is_current: Set(true),
        imported_at: Set(to_db_time(now)),
    });
    rows::insert(rows).write(conn).await?;
    Ok(())
}

/// Makes every version of some procedures a past one.
pub async fn retire(conn: &impl ConnectionTrait, tenant: &TenantId, codes: &[String]) -> Result<()> {
    if codes.is_empty() {
        return Ok(());
    }
    version::Entity::update_many()
        .col_expr(version::Column::IsCurrent, Expr::value(false))
        .filter(version::Column::Tenant.eq(tenant.as_str()))
        .filter(version::Column::Code.is_in(codes.iter().cloned()))
        .filter(version::Column::IsCurrent.eq(true))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Makes a version the current one, at `position`.
pub async fn restore(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    code: &str,
    version: i32,
    position: i32,
) -> Result<()> {
    version::Entity::update_many()
        .col_expr(version::Column::IsCurrent, Expr::value(true))
        .col_expr(version::Column::Position, Expr::value(position))
        .filter(version::Column::Tenant.eq(tenant.as_str()))
        .filter(version::Column::Code.eq(code))
        .filter(version::Column::Version.eq(version))
        .exec(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Says that something changed. Taken first, it also makes two imports of one tenant follow each other.
pub async fn bump_revision(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<()> {
    let row = revision::ActiveModel { tenant: Set(tenant.to_string()), revision: Set(1) };
    revision::Entity::insert(row)
        .on_conflict(
            OnConflict::column(revision::Column::Tenant)
                .value(revision::Column::Revision, Expr::col((revision::Entity, revision::Column::Revision)).add(1))
                .to_owned(),
        )
        .exec_without_returning(conn)
        .await
        .map_err(db_error)?;
    Ok(())
}

fn from_model(row: version::Model) -> Result<Procedure> {
    let content: Content = serde_json::from_str(&row.content).map_err(Error::internal)?;
    Ok(Procedure { version: u32::try_from(row.version).unwrap_or(0), content })
}
