//! Rule sets: one immutable row a version; and the draft, one an authority.

use parvis_kernel::{Error, Result, TenantId, Timestamp};
use parvis_store::{Tx, db_error, from_db_time, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};

use crate::domain::rules::RuleSetText;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rule_set")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub document: String,
        pub author: String,
        pub note: String,
        pub published_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod draft {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rule_draft")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        pub revision: i64,
        pub based_on: i64,
        pub document: String,
        pub author: String,
        pub updated_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A version published.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its number.
    pub version: u64,
    /// Who published it, as kept in histories; empty: an import.
    pub author: String,
    /// Why.
    pub note: String,
    /// When.
    pub at: Timestamp,
    /// How many rules it has, the default one too.
    pub rules: usize,
    /// What it says.
    pub text: RuleSetText,
}

/// The next version, being written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Grows with each save.
    pub revision: u64,
    /// The version in force when it was begun.
    pub based_on: u64,
    /// What it says.
    pub text: RuleSetText,
    /// Who saved it last.
    pub author: String,
    /// When.
    pub at: Timestamp,
}

/// One version; `None` also for those that only a directory holds, of before rule sets were kept apart.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, version: u64) -> Result<Option<Published>> {
    let id = (tenant.to_string(), i64::try_from(version).unwrap_or(i64::MAX));
    entity::Entity::find_by_id(id).one(conn).await.map_err(db_error)?.map(from_model).transpose()
}

/// The latest versions, latest first.
pub async fn list(conn: &impl ConnectionTrait, tenant: &TenantId, limit: u64) -> Result<Vec<Published>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .order_by_desc(entity::Column::Version)
        .limit(limit)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// Keeps a version. The caller holds the lock.
pub async fn put(tx: &Tx, tenant: &TenantId, published: &Published) -> Result<()> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        version: Set(i64::try_from(published.version).map_err(Error::internal)?),
        document: Set(serde_json::to_string(&published.text).map_err(Error::internal)?),
        author: Set(published.author.clone()),
        note: Set(published.note.clone()),
        published_at: Set(to_db_time(published.at)),
    };
    entity::Entity::insert(row).exec_without_returning(tx.conn()).await.map_err(db_error)?;
    Ok(())
}

/// The draft, if one was begun.
pub async fn find_draft(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Option<Draft>> {
    let row = draft::Entity::find_by_id(tenant.to_string()).one(conn).await.map_err(db_error)?;
    row.map(|row| {
        Ok(Draft {
            revision: number(row.revision),
            based_on: number(row.based_on),
            text: serde_json::from_str(&row.document).map_err(Error::internal)?,
            author: row.author,
            at: from_db_time(row.updated_at),
        })
    })
    .transpose()
}

/// Keeps the draft. The caller holds the lock and checked the revision.
pub async fn put_draft(tx: &Tx, tenant: &TenantId, kept: &Draft) -> Result<()> {
    let row = draft::ActiveModel {
        tenant: Set(tenant.to_string()),
        revision: Set(i64::try_from(kept.revision).map_err(Error::internal)?),
        based_on: Set(i64::try_from(kept.based_on).map_err(Error::internal)?),
        document: Set(serde_json::to_string(&kept.text).map_err(Error::internal)?),
        author: Set(kept.author.clone()),
        updated_at: Set(to_db_time(kept.at)),
    };
    use draft::Column;
    draft::Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Tenant)
                .update_columns([
                    Column::Revision,
                    Column::BasedOn,
                    Column::Document,
                    Column::Author,
                    Column::UpdatedAt,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(())
}

/// Forgets the draft. The caller holds the lock.
pub async fn drop_draft(tx: &Tx, tenant: &TenantId) -> Result<()> {
    draft::Entity::delete_by_id(tenant.to_string()).exec(tx.conn()).await.map_err(db_error)?;
    Ok(())
}

fn from_model(row: entity::Model) -> Result<Published> {
    let text: RuleSetText = serde_json::from_str(&row.document).map_err(Error::internal)?;
    Ok(Published {
        version: number(row.version),
        author: row.author,
        note: row.note,
        at: from_db_time(row.published_at),
        rules: text.rules.len(),
        text,
    })
}

fn number(kept: i64) -> u64 {
    u64::try_from(kept).unwrap_or(0)
}
