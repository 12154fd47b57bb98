//! Articles and response templates, without their versions.

use parvis_kernel::{Error, Reason, Result, TenantId, Timestamp, ids::is_code, reason::Thing};
use parvis_store::{db_error, from_db_time, is_unique_violation, to_db_time};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::domain::article::{Article, Kind, State};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: String,
        pub slug: String,
        pub revision: i64,
        pub latest: i32,
        pub published: i32,
        pub state: String,
        pub reviewed_by: String,
        pub reviewed_at: Option<i64>,
        pub published_at: Option<i64>,
        pub changed_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One by its id.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, id: Uuid) -> Result<Option<Article>> {
    let row = entity::Entity::find_by_id((tenant.to_string(), id)).one(conn).await.map_err(db_error)?;
    row.map(from_model).transpose()
}

/// One by its address. What is no code is nobody's, and may hold what PostgreSQL refuses to compare.
pub async fn find_by_slug(conn: &impl ConnectionTrait, tenant: &TenantId, slug: &str) -> Result<Option<Article>> {
    if !is_code(slug) {
        return Ok(None);
    }
    let row = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Slug.eq(slug))
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(from_model).transpose()
}

/// All of them.
pub async fn all(conn: &impl ConnectionTrait, tenant: &TenantId) -> Result<Vec<Article>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .order_by_asc(entity::Column::Slug)
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// Inserts a new one. "Already exists" where its address is taken.
pub async fn insert(conn: &impl ConnectionTrait, article: &Article) -> Result<()> {
    match entity::Entity::insert(to_model(article)).exec_without_returning(conn).await {
        Ok(_) => Ok(()),
        Err(error) if is_unique_violation(&error) => Err(Error::wrong(
            "slug",
            Reason::Taken,
            format!("« {} » is the address of another article; choose another", article.slug),
        )),
        Err(error) => Err(db_error(error)),
    }
}

/// Saves one that was at `revision`.
///
/// # Errors
/// "Conflict" where it has moved since.
pub async fn update(conn: &impl ConnectionTrait, article: &Article, revision: u64) -> Result<()> {
    let result = entity::Entity::update_many()
        .set(to_model(article))
        .filter(entity::Column::Tenant.eq(article.tenant.as_str()))
        .filter(entity::Column::Id.eq(article.id))
        .filter(entity::Column::Revision.eq(signed(revision)))
        .exec(conn)
        .await
        .map_err(db_error)?;
    if result.rows_affected == 1 {
        return Ok(());
    }
    Err(Error::changed_meanwhile(Thing::Article, "the article was changed by somebody else meanwhile: read it again"))
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn to_model(article: &Article) -> entity::ActiveModel {
    entity::ActiveModel {
        tenant: Set(article.tenant.to_string()),
        id: Set(article.id),
        kind: Set(article.kind.to_string()),
        slug: Set(article.slug.clone()),
        revision: Set(signed(article.revision)),
        latest: Set(i32::try_from(article.latest).unwrap_or(i32::MAX)),
        published: Set(i32::try_from(article.published).unwrap_or(i32::MAX)),
        state: Set(article.state.to_string()),
        reviewed_by: Set(article.reviewed_by.clone()),
        reviewed_at: Set(article.reviewed_at.map(to_db_time)),
        published_at: Set(article.published_at.map(to_db_time)),
        changed_at: Set(to_db_time(article.changed_at)),
    }
}

fn from_model(row: entity::Model) -> Result<Article> {
    let time = |at: Option<i64>| -> Option<Timestamp> { at.map(from_db_time) };
    Ok(Article {
        tenant: TenantId::parse(&row.tenant)?,
        id: row.id,
        kind: row.kind.parse::<Kind>()?,
        slug: row.slug,
        revision: u64::try_from(row.revision).unwrap_or(0),
        latest: u32::try_from(row.latest).unwrap_or(0),
        published: u32::try_from(row.published).unwrap_or(0),
        state: row.state.parse::<State>()?,
        reviewed_by: row.reviewed_by,
        reviewed_at: time(row.reviewed_at),
        published_at: time(row.published_at),
        changed_at: from_db_time(row.changed_at),
    })
}
