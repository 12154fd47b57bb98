//! Attachments: what is known of each file; its bytes are in the object store.

use jiff::Timestamp;
use parvis_kernel::{AttachmentId, Error, Refusal, RequestId, Result, TenantId};
use parvis_proto::common::AttachmentRef;
use parvis_store::{Store, db_error, from_db_time, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use crate::domain::attachment::{Verdict, object_path};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "attachment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub state: String,
        pub file_name: String,
        pub media_type: String,
        pub size: i64,
        pub sha256: String,
        pub uploaded_at: i64,
        pub request_id: Option<Uuid>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Bytes are arriving.
const UPLOADING: &str = "uploading";
/// Whole and accepted, named by no request yet.
const STORED: &str = "stored";
/// Belongs to a request, for ever.
const CLAIMED: &str = "claimed";
/// Being deleted: nobody may claim it any more.
const DELETING: &str = "deleting";

/// An attachment as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Whose.
    pub tenant: TenantId,
    /// Its id.
    pub id: AttachmentId,
    /// The file's name.
    pub file_name: String,
    /// Found from the content.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Hexadecimal.
    pub sha256: String,
    /// When.
    pub uploaded_at: Timestamp,
    /// The request that names it.
    pub request_id: Option<RequestId>,
    claimable: bool,
}

impl Attachment {
    /// Whether a request may still name it.
    pub fn is_claimable(&self) -> bool {
        self.claimable
    }

    /// Where its bytes are.
    pub fn object_path(&self) -> String {
        object_path(&self.tenant, self.id, self.uploaded_at)
    }

    /// For the contract; `document` is what it answers.
    pub fn to_ref(&self, document: &str) -> AttachmentRef {
        AttachmentRef {
            id: self.id.to_string(),
            file_name: self.file_name.clone(),
            media_type: self.media_type.clone(),
            size: self.size,
            sha256: self.sha256.clone(),
            document: document.to_owned(),
        }
    }
}

fn from_model(row: entity::Model) -> Result<Attachment> {
    Ok(Attachment {
        claimable: row.state == STORED,
        tenant: TenantId::parse(&row.tenant)?,
        id: AttachmentId(row.id),
        file_name: row.file_name,
        media_type: row.media_type,
        size: u64::try_from(row.size).unwrap_or(0),
        sha256: row.sha256,
        uploaded_at: from_db_time(row.uploaded_at),
        request_id: row.request_id.map(RequestId),
    })
}

/// Notes that bytes will arrive: whatever happens to this process, the sweep will find them.
pub async fn begin(store: &Store, tenant: &TenantId, id: AttachmentId, file_name: &str, now: Timestamp) -> Result<()> {
    let row = entity::ActiveModel {
        tenant: Set(tenant.to_string()),
        id: Set(id.0),
        state: Set(UPLOADING.to_owned()),
        file_name: Set(file_name.to_owned()),
        media_type: Set(String::new()),
        size: Set(0),
        sha256: Set(String::new()),
        uploaded_at: Set(to_db_time(now)),
        request_id: Set(None),
    };
    entity::Entity::insert(row).exec_without_returning(store.write()).await.map_err(db_error)?;
    Ok(())
}

/// Notes that the bytes are all there and accepted.
pub async fn complete(store: &Store, tenant: &TenantId, id: AttachmentId, verdict: &Verdict) -> Result<()> {
    let size = i64::try_from(verdict.size).map_err(Error::internal)?;
    let done = entity::Entity::update_many()
        .col_expr(entity::Column::State, Expr::value(STORED))
        .col_expr(entity::Column::MediaType, Expr::value(verdict.media_type))
        .col_expr(entity::Column::Size, Expr::value(size))
        .col_expr(entity::Column::Sha256, Expr::value(verdict.sha256.clone()))
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Id.eq(id.0))
        .filter(entity::Column::State.eq(UPLOADING))
        .exec(store.write())
        .await
        .map_err(db_error)?;
    if done.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::conflict("the upload took too long; send the file again").refused(Refusal::UploadTooSlow))
    }
}

/// Bytes of a town's files that wait for their request.
pub async fn unclaimed_bytes(store: &Store, tenant: &TenantId) -> Result<u64> {
    let sum: Option<i64> = entity::Entity::find()
        .select_only()
        .column_as(Expr::cust("CAST(COALESCE(SUM(size), 0) AS BIGINT)"), "bytes")
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::RequestId.is_null())
        .into_tuple()
        .one(store.read())
        .await
        .map_err(db_error)?;
    Ok(sum.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default())
}

/// Forgets one whose bytes are gone.
pub async fn forget(store: &Store, tenant: &TenantId, id: AttachmentId) -> Result<()> {
    entity::Entity::delete_many()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Id.eq(id.0))
        .filter(entity::Column::RequestId.is_null())
        .exec(store.write())
        .await
        .map_err(db_error)?;
    Ok(())
}

/// One that is whole, by its id.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, id: AttachmentId) -> Result<Option<Attachment>> {
    let row = entity::Entity::find_by_id((tenant.to_string(), id.0))
        .filter(entity::Column::State.is_in([STORED, CLAIMED]))
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(from_model).transpose()
}

/// Some by their ids, in any state.
pub async fn find_many(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    ids: &[AttachmentId],
) -> Result<Vec<Attachment>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// Which of some can be claimed, locked until the transaction's end; locked in the order of ids, so that two batches
/// never wait for each other.
pub async fn lock_claimable(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    ids: &[AttachmentId],
) -> Result<Vec<AttachmentId>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .filter(entity::Column::State.eq(STORED))
        .order_by_asc(entity::Column::Id)
        .lock_exclusive()
        .all(conn)
        .await
        .map_err(db_error)?;
    Ok(rows.into_iter().map(|row| AttachmentId(row.id)).collect())
}

/// Gives some, locked before, to a request.
pub async fn claim(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    ids: &[AttachmentId],
    request: RequestId,
) -> Result<()> {
    let done = entity::Entity::update_many()
        .col_expr(entity::Column::State, Expr::value(CLAIMED))
        .col_expr(entity::Column::RequestId, Expr::value(request.0))
        .filter(entity::Column::Tenant.eq(tenant.as_str()))
        .filter(entity::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .filter(entity::Column::State.eq(STORED))
        .exec(conn)
        .await
        .map_err(db_error)?;
    if done.rows_affected == ids.len() as u64 {
        Ok(())
    } else {
        Err(Error::internal("an attachment was claimed under its lock"))
    }
}

/// Marks up to `limit` that no request named before `before`, of every tenant, and returns all that are marked: those
/// that an interrupted sweep left come again.
pub async fn mark_unclaimed(store: &Store, before: Timestamp, limit: u64) -> Result<Vec<Attachment>> {
    let old: Vec<(String, uuid::Uuid)> = entity::Entity::find()
        .select_only()
        .columns([entity::Column::Tenant, entity::Column::Id])
        .filter(entity::Column::RequestId.is_null())
        .filter(entity::Column::UploadedAt.lt(to_db_time(before)))
        .order_by_asc(entity::Column::UploadedAt)
        .limit(limit)
        .into_tuple()
        .all(store.read())
        .await
        .map_err(db_error)?;
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let rows = entity::Entity::update_many()
        .col_expr(entity::Column::State, Expr::value(DELETING))
        .filter(entity::Column::Id.is_in(old.iter().map(|(_, id)| *id)))
        .filter(entity::Column::Tenant.is_in(old.iter().map(|(tenant, _)| tenant.clone())))
        // Repeated: a request may have named one since.
        .filter(entity::Column::RequestId.is_null())
        .filter(entity::Column::UploadedAt.lt(to_db_time(before)))
        .exec_with_returning(store.write())
        .await
        .map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}
