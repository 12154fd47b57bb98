//! Questions answered on the spot. A row serves to count an agent's day and to recognise a retry; the figures are
//! tracking's.

use parvis_kernel::{AgentId, Result, TenantId, Timestamp};
use parvis_store::{Store, db_error, from_db_time, purge_before, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "instant_answer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_digest: Uuid,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub body_digest: Vec<u8>,
        pub id: Uuid,
        pub agent: String,
        pub given_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// One as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstantAnswer {
    /// The key in its caller's scope.
    pub key_digest: Uuid,
    /// What was said with it.
    pub body_digest: [u8; 32],
    /// Its id.
    pub id: Uuid,
    /// Who answered.
    pub agent: AgentId,
    /// When.
    pub given_at: Timestamp,
}

/// Inserts it, unless its key was used: then `false`.
pub async fn insert(conn: &impl ConnectionTrait, tenant: &TenantId, answer: &InstantAnswer) -> Result<bool> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        key_digest: Set(answer.key_digest),
        body_digest: Set(answer.body_digest.to_vec()),
        id: Set(answer.id),
        agent: Set(answer.agent.to_string()),
        given_at: Set(to_db_time(answer.given_at)),
    };
    let inserted = entity::Entity::insert(row)
        .on_conflict(OnConflict::columns([entity::Column::Tenant, entity::Column::KeyDigest]).do_nothing().to_owned())
        .exec_without_returning(conn)
        .await
        .map_err(db_error)?;
    Ok(inserted == 1)
}

/// One by its key.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, key_digest: Uuid) -> Result<Option<InstantAnswer>> {
    let row = entity::Entity::find_by_id((tenant.to_string(), key_digest)).one(conn).await.map_err(db_error)?;
    row.map(|row| {
        Ok(InstantAnswer {
            key_digest: row.key_digest,
            body_digest: row.body_digest.try_into().unwrap_or_default(),
            id: row.id,
            agent: AgentId::parse(&row.agent)?,
            given_at: from_db_time(row.given_at),
        })
    })
    .transpose()
}

/// How many an agent gave from `from` (included) to `until` (excluded).
pub async fn count(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    agent: &AgentId,
    from: Timestamp,
    until: Timestamp,
) -> Result<u64> {
    entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Agent.eq(agent.as_str()))
        .filter(entity::Column::GivenAt.gte(to_db_time(from)))
        .filter(entity::Column::GivenAt.lt(to_db_time(until)))
        .count(conn)
        .await
        .map_err(db_error)
}

/// Forgets those given before `before`, of every tenant, at most `limit`. Returns how many.
pub async fn purge(store: &Store, before: Timestamp, limit: u64) -> Result<u64> {
    use entity::Column;
    purge_before::<entity::Entity>(store, (Column::KeyDigest, Column::GivenAt), before, limit).await
}
