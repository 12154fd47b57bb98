//! The table `case_transfer`: to whom routing proposed to send a request on. What an agent confirms is read from here,
//! never from the request that confirms it: nobody sends a request to an address of their own choice.

use std::collections::HashSet;

use parvis_kernel::{CaseId, Error, RequestId, Result, TenantId};
use parvis_proto::routing::TransferProposed;
use parvis_store::{Tx, db_error, one_of, pieces, rows};
use prost::Message as _;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "case_transfer")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub payload: Vec<u8>,
        pub refused: bool,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Keeps proposals; a case has one, the first, whether or not the case is here already. Returns the cases that had none.
pub async fn put(tx: &Tx, tenant: &TenantId, proposals: &[(CaseId, TransferProposed)]) -> Result<HashSet<CaseId>> {
    let rows = proposals.iter().map(|(id, proposal)| ActiveModel {
        tenant: Set(tenant.to_string()),
        case_id: Set(id.0),
        payload: Set(proposal.encode_to_vec()),
        refused: Set(false),
    });
    let known = OnConflict::columns([Column::Tenant, Column::CaseId]).do_nothing().to_owned();
    let first = rows::insert(rows).over(known).keys(tx.conn()).await?;
    Ok(first.into_iter().map(|(_, case)| RequestId(case)).collect())
}

/// Marks what was proposed for these cases as refused. The row stays: the same proposal said again changes nothing.
/// Returns the cases for which something was, and was not refused yet.
pub async fn refuse(tx: &Tx, tenant: &TenantId, ids: &[CaseId]) -> Result<HashSet<CaseId>> {
    let mut refused = HashSet::new();
    for chunk in pieces(tx.conn(), ids) {
        let rows = Entity::update_many()
            .col_expr(Column::Refused, Expr::value(true))
            .filter(Column::Tenant.eq(tenant.as_str()))
            .filter(one_of(tx.conn(), Column::CaseId, chunk.iter().map(|id| id.0)))
            .filter(Column::Refused.eq(false))
            .exec_with_returning(tx.conn())
            .await
            .map_err(db_error)?;
        refused.extend(rows.into_iter().map(|row| RequestId(row.case_id)));
    }
    Ok(refused)
}

/// What is proposed for a case, and was not refused.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, id: CaseId) -> Result<Option<TransferProposed>> {
    let row = Entity::find()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::CaseId.eq(id.0))
        .filter(Column::Refused.eq(false))
        .one(conn)
        .await
        .map_err(db_error)?;
    row.map(|row| TransferProposed::decode(&*row.payload).map_err(Error::internal)).transpose()
}
