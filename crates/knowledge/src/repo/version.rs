//! Versions of articles: written once, never changed.

use std::collections::HashMap;

use parvis_kernel::{Error, Result, TenantId, Timestamp};
use parvis_store::{db_error, from_db_time, pieces, to_db_time};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::domain::{article::Article, content::Content};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub article_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub title: String,
        pub content: String,
        pub author: String,
        pub note: String,
        pub saved_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A version.
#[derive(Clone, Debug)]
pub struct Version {
    /// Of which article.
    pub article_id: Uuid,
    /// From 1.
    pub version: u32,
    /// What it says.
    pub content: Content,
    /// Who wrote it.
    pub author: String,
    /// Why; may be empty.
    pub note: String,
    /// When.
    pub saved_at: Timestamp,
}

/// Inserts one.
pub async fn insert(conn: &impl ConnectionTrait, tenant: &TenantId, version: &Version) -> Result<()> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        article_id: Set(version.article_id),
        version: Set(number(version.version)),
        title: Set(version.content.title.clone()),
        content: Set(serde_json::to_string(&version.content).map_err(Error::internal)?),
        author: Set(version.author.clone()),
        note: Set(version.note.clone()),
        saved_at: Set(to_db_time(version.saved_at)),
    };
    entity::Entity::insert(row).exec_without_returning(conn).await.map_err(db_error)?;
    Ok(())
}

/// One by its number.
pub async fn find(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    article: Uuid,
    version: u32,
) -> Result<Option<Version>> {
    let key = (tenant.to_string(), article, number(version));
    entity::Entity::find_by_id(key).one(conn).await.map_err(db_error)?.map(from_model).transpose()
}

/// Those of an article, latest first.
pub async fn of_article(conn: &impl ConnectionTrait, tenant: &TenantId, article: Uuid) -> Result<Vec<Version>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::ArticleId.eq(article))
        .order_by_desc(entity::Column::Version)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// One version of each of several articles, the one that `which` names (0: none), by article.
pub async fn of_articles(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    articles: &[Article],
    which: fn(&Article) -> u32,
) -> Result<HashMap<Uuid, Version>> {
    let wanted: HashMap<Uuid, u32> =
        articles.iter().map(|it| (it.id, which(it))).filter(|(_, version)| *version > 0).collect();
    let ids: Vec<Uuid> = wanted.keys().copied().collect();
    let mut found = HashMap::with_capacity(wanted.len());
    for chunk in pieces(conn, &ids) {
        let rows = entity::Entity::find()
            .filter(entity::Column::Tenant.eq(tenant.as_str()))
            .filter(entity::Column::ArticleId.is_in(chunk.iter().copied()))
            .all(conn)
            .await
            .map_err(db_error)?;
        for row in rows {
            if wanted.get(&row.article_id).is_some_and(|version| number(*version) == row.version) {
                found.insert(row.article_id, from_model(row)?);
            }
        }
    }
    Ok(found)
}

fn number(version: u32) -> i32 {
    i32::try_from(version).unwrap_or(i32::MAX)
}

fn from_model(row: entity::Model) -> Result<Version> {
    Ok(Version {
        article_id: row.article_id,
        version: u32::try_from(row.version).unwrap_or(0),
        content: serde_json::from_str(&row.content).map_err(Error::internal)?,
        author: row.author,
        note: row.note,
        saved_at: from_db_time(row.saved_at),
    })
}
