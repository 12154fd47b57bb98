//! Which keys were used, by whom, for what. The unique key decides between submissions that race.

use std::collections::HashSet;

use parvis_kernel::{RequestId, Result, TenantId, Timestamp};
use parvis_store::{Store, db_error, one_of, purge_before, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};
use uuid::Uuid;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_digest: Uuid,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub body_digest: Vec<u8>,
        pub request_id: Uuid,
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A key in its tenant: the digest holds its caller too.
pub type Key = (TenantId, Uuid);

/// A key's use.
#[derive(Clone, Debug)]
pub struct Use {
    /// The key.
    pub key: Key,
    /// What was submitted with it.
    pub body_digest: [u8; 32],
    /// What it made.
    pub request_id: RequestId,
}

/// Takes the keys that are free and returns them. Where another transaction is taking one, waits for its end; so
/// `uses` must be sorted by key, or two batches could wait for each other.
pub async fn take_free(conn: &impl ConnectionTrait, uses: &[Use], now: Timestamp) -> Result<HashSet<Key>> {
    let now = to_db_time(now);
    let free = OnConflict::columns([entity::Column::Tenant, entity::Column::KeyDigest]).do_nothing().to_owned();
    let rows = uses.iter().map(|it| entity::ActiveModel {
        tenant: Set(it.key.0.to_string()),
        key_digest: Set(it.key.1),
        body_digest: Set(it.body_digest.to_vec()),
        request_id: Set(it.request_id.0),
        created_at: Set(now),
    });
    let taken = rows::insert(rows).over(free).keys(conn).await?;
    taken.into_iter().map(|(tenant, digest)| Ok((TenantId::parse(&tenant)?, digest))).collect()
}

/// What some keys of one tenant were used for.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, digests: &[Uuid]) -> Result<Vec<Use>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(one_of(conn, entity::Column::KeyDigest, digests.iter().copied()))
        .all(conn)
        .await
        .map_err(db_error)?;
    Ok(rows
        .into_iter()
        .map(|row| Use {
            key: (tenant.clone(), row.key_digest),
            // A row of another length matches no body.
            body_digest: row.body_digest.try_into().unwrap_or_default(),
            request_id: RequestId(row.request_id),
        })
        .collect())
}

/// Gives back keys taken in the same transaction for nothing.
pub async fn release(conn: &impl ConnectionTrait, keys: &[Key]) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let mut any = Condition::any();
    for (tenant, digest) in keys {
        any = any.add(
            Condition::all().add(entity::Column::Tenant.eq(tenant.as_str())).add(entity::Column::KeyDigest.eq(*digest)),
        );
    }
    entity::Entity::delete_many().filter(any).exec(conn).await.map_err(db_error)?;
    Ok(())
}

/// Forgets keys used before `before`, of every tenant, at most `limit`. Returns how many.
pub async fn purge(store: &Store, before: Timestamp, limit: u64) -> Result<u64> {
    use entity::Column;
    purge_before::<entity::Entity>(store, (Column::KeyDigest, Column::CreatedAt), before, limit).await
}
