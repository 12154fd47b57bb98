//! The table `case_request`: what the citizen said, written once and read with one case.

use std::collections::HashMap;

use parvis_kernel::{CaseId, Error, RequestId, Result, TenantId};
use parvis_proto::intake::SubmittedRequest;
use parvis_store::{Tx, db_error, one_of, pieces, rows};
use prost::Message as _;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder as _, QuerySelect as _,
};

use crate::domain::CaseRequest;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "case_request")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        pub tenant: String,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub request: Vec<u8>,
        pub tracking_code: String,
        pub tracking_code_sha256: String,
        pub requester_key: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

fn from_model(row: Model) -> Result<CaseRequest> {
    Ok(CaseRequest {
        submitted: SubmittedRequest::decode(&*row.request).map_err(Error::internal)?,
        tracking_code: row.tracking_code,
        tracking_code_sha256: row.tracking_code_sha256,
        requester_key: row.requester_key,
    })
}

/// Keeps the requests of new cases.
pub async fn insert<'a>(
    tx: &Tx,
    tenant: &TenantId,
    requests: impl IntoIterator<Item = (CaseId, &'a CaseRequest)>,
) -> Result<()> {
    let rows = requests.into_iter().map(|(id, request)| ActiveModel {
        case_id: Set(id.0),
        tenant: Set(tenant.to_string()),
        request: Set(request.submitted.encode_to_vec()),
        tracking_code: Set(request.tracking_code.clone()),
        tracking_code_sha256: Set(request.tracking_code_sha256.clone()),
        requester_key: Set(request.requester_key.clone()),
    });
    rows::insert(rows).write(tx.conn()).await?;
    Ok(())
}

/// The request of one case.
pub async fn of_case(conn: &impl ConnectionTrait, tenant: &TenantId, id: CaseId) -> Result<Option<CaseRequest>> {
    let row = Entity::find_by_id(id.0).filter(Column::Tenant.eq(tenant.as_str())).one(conn).await.map_err(db_error)?;
    row.map(from_model).transpose()
}

/// The requests of every authority in the order of their cases' ids, after `after` and before `until`, at most `limit`.
/// For jobs, which answer nobody.
pub async fn in_order(
    conn: &impl ConnectionTrait,
    after: Option<CaseId>,
    until: CaseId,
    limit: u64,
) -> Result<Vec<(TenantId, CaseId, SubmittedRequest)>> {
    let mut select = Entity::find().filter(Column::CaseId.lt(until.0));
    if let Some(after) = after {
        select = select.filter(Column::CaseId.gt(after.0));
    }
    let rows = select.order_by_asc(Column::CaseId).limit(limit).all(conn).await.map_err(db_error)?;
    rows.into_iter()
        .map(|row| {
            let request = SubmittedRequest::decode(&*row.request).map_err(Error::internal)?;
            Ok((TenantId::parse(&row.tenant)?, RequestId(row.case_id), request))
        })
        .collect()
}

/// The requests of many cases of one tenant.
pub async fn of_cases(
    conn: &impl ConnectionTrait,
    tenant: &TenantId,
    ids: &[CaseId],
) -> Result<HashMap<CaseId, CaseRequest>> {
    let mut requests = HashMap::with_capacity(ids.len());
    for chunk in pieces(conn, ids) {
        let rows = Entity::find()
            .filter(one_of(conn, Column::CaseId, chunk.iter().map(|id| id.0)))
            .filter(Column::Tenant.eq(tenant.as_str()))
            .all(conn)
            .await
            .map_err(db_error)?;
        for row in rows {
            requests.insert(RequestId(row.case_id), from_model(row)?);
        }
    }
    Ok(requests)
}
