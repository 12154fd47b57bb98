//! Directories: one immutable row a version, and which version is in force.

use std::collections::BTreeMap;

use parvis_directory::DirectoryFile;
use parvis_kernel::{Error, Result, TenantId, Timestamp};
use parvis_store::{Tx, db_error, from_db_time, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "directory")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub rule_set: i64,
        pub content_hash: String,
        pub document: String,
        pub imported_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod head {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "directory_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        pub version: i64,
        /// The version of which the other roles were told.
        pub described: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One version as kept.
#[derive(Clone, Debug)]
pub struct Version {
    /// From 1.
    pub version: u64,
    /// Which rules; grows when they change.
    pub rule_set: u64,
    /// Of the document.
    pub content_hash: String,
    /// What was imported.
    pub directory: DirectoryFile,
    /// When.
    pub imported_at: Timestamp,
}

/// Takes the turn of each of `tenants` until the transaction ends, and says which version is in force: 0 where none
/// was imported. Always in the order of the names, so no two transactions wait for each other.
pub async fn lock(tx: &Tx, tenants: &[TenantId]) -> Result<BTreeMap<TenantId, u64>> {
    let mut versions = locked(tx, tenants).await?;
    if tenants.iter().all(|tenant| versions.contains_key(tenant)) {
        return Ok(versions);
    }
    let rows = tenants.iter().map(|tenant| head::ActiveModel {
        tenant: Set(tenant.to_string()),
        version: Set(0),
        described: Set(0),
    });
    let known = OnConflict::column(head::Column::Tenant).do_nothing().to_owned();
    rows::insert(rows).over(known).write(tx.conn()).await?;
    versions.extend(locked(tx, tenants).await?);
    Ok(versions)
}

async fn locked(tx: &Tx, tenants: &[TenantId]) -> Result<BTreeMap<TenantId, u64>> {
    let rows = head::Entity::find()
        .filter(head::Column::Tenant.is_in(tenants.iter().map(TenantId::as_str)))
        .order_by_asc(head::Column::Tenant)
        .lock_exclusive()
        .all(tx.conn())
        .await
        .map_err(db_error)?;
    rows.into_iter().map(|row| Ok((TenantId::parse(&row.tenant)?, number(row.version)))).collect()
}

/// The version in force; 0 where none was imported.
pub async fn current(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<u64> {
    let row = head::Entity::find_by_id(tenant.to_string()).one(conn).await.map_err(db_error)?;
    Ok(row.map_or(0, |row| number(row.version)))
}

/// One version.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, version: u64) -> Result<Option<Version>> {
    let id = (tenant.to_string(), i64::try_from(version).unwrap_or(i64::MAX));
    entity::Entity::find_by_id(id).one(conn).await.map_err(db_error)?.map(from_model).transpose()
}

/// A version whose rules are those of `rule_set`.
pub async fn find_rule_set(conn: &impl ConnectionTrait, tenant: &TenantId, rule_set: u64) -> Result<Option<Version>> {
    let row = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::RuleSet.eq(i64::try_from(rule_set).unwrap_or(i64::MAX)))
        .order_by_asc(entity::Column::Version)
        .limit(1)
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(from_model).transpose()
}

/// Keeps a version and puts it in force. The caller holds the lock.
pub async fn put(tx: &Tx, tenant: &TenantId, version: &Version) -> Result<()> {
    let number = i64::try_from(version.version).map_err(Error::internal)?;
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        version: Set(number),
        rule_set: Set(i64::try_from(version.rule_set).map_err(Error::internal)?),
        content_hash: Set(version.content_hash.clone()),
        document: Set(serde_json::to_string(&version.directory).map_err(Error::internal)?),
        imported_at: Set(to_db_time(tx.now())),
    };
    entity::Entity::insert(row).exec_without_returning(tx.conn()).await.map_err(db_error)?;
    let row = head::ActiveModel { tenant: Set(tenant.to_string()), version: Set(number), ..Default::default() };
    head::Entity::update(row).exec(tx.conn()).await.map_err(db_error)?;
    Ok(())
}

/// The authorities of whose directory in force the other roles were not told.
pub async fn undescribed(conn: &impl ConnectionTrait) -> Result<Vec<TenantId>> {
    let rows = head::Entity::find()
        .filter(Expr::col(head::Column::Described).lt(Expr::col(head::Column::Version)))
        .order_by_asc(head::Column::Tenant)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(|row| TenantId::parse(&row.tenant)).collect()
}

/// Keeps that the other roles are told of `version`; `false` where they were. The caller holds the lock.
pub async fn set_described(tx: &Tx, tenant: &TenantId, version: u64) -> Result<bool> {
    let version = i64::try_from(version).map_err(Error::internal)?;
    let updated = head::Entity::update_many()
        .col_expr(head::Column::Described, Expr::value(version))
        .filter(head::Column::Tenant.eq(tenant.as_str()))
        .filter(head::Column::Described.lt(version))
        .exec(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(updated.rows_affected > 0)
}

fn from_model(row: entity::Model) -> Result<Version> {
    let directory = serde_json::from_str(&row.document).map_err(Error::internal)?;
    let (version, rule_set) = (number(row.version), number(row.rule_set));
    let imported_at = from_db_time(row.imported_at);
    Ok(Version { version, rule_set, content_hash: row.content_hash, directory, imported_at })
}

fn number(kept: i64) -> u64 {
    u64::try_from(kept).unwrap_or(0)
}
