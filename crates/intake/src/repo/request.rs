//! Requests as they were said: inserted once, never changed.

use std::collections::HashMap;

use parvis_kernel::{Error, Reference, RequestId, Result, TenantId, Timestamp};
use parvis_proto::intake::SubmittedRequest;
use parvis_store::{db_error, one_of, rows, to_db_time};
use prost::Message as _;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub reference: i64,
        pub received_at: i64,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub body: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// A request to insert.
pub struct NewRequest {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: RequestId,
    /// Its short name.
    pub reference: Reference,
    /// When it reached the authority.
    pub received_at: Timestamp,
    /// The [`SubmittedRequest`], encoded.
    pub body: Vec<u8>,
}

/// Inserts them.
pub async fn insert(conn: &impl ConnectionTrait, requests: &[NewRequest]) -> Result<()> {
    let rows = requests.iter().map(|request| entity::ActiveModel {
        tenant: Set(request.tenant.to_string()),
        id: Set(request.id.0),
        reference: Set(request.reference.number()),
        received_at: Set(to_db_time(request.received_at)),
        body: Set(request.body.clone()),
    });
    rows::insert(rows).write(conn).await?;
    Ok(())
}

/// One by its id.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, id: RequestId) -> Result<Option<SubmittedRequest>> {
    let row = entity::Entity::find_by_id((tenant.to_string(), id.0)).one(conn).await.map_err(db_error)?;
    row.map(decode).transpose()
}

/// One by its reference.
pub async fn find_by_reference(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    reference: Reference,
) -> Result<Option<SubmittedRequest>> {
    let row = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Reference.eq(reference.number()))
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(decode).transpose()
}

/// Some by their ids.
pub async fn find_many(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    ids: &[RequestId],
) -> Result<HashMap<RequestId, SubmittedRequest>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(one_of(conn, entity::Column::Id, ids.iter().map(|id| id.0)))
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(|row| Ok((RequestId(row.id), decode(row)?))).collect()
}

fn decode(row: entity::Model) -> Result<SubmittedRequest> {
    SubmittedRequest::decode(row.body.as_slice()).map_err(Error::internal)
}
