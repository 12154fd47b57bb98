//! The table `pending_assignment`: decisions of routing about cases that are not here yet.
//!
//! Routing hears of a case from us, in the commit that opens it, so this is not the usual order. It is what a database
//! restored from a backup meets: the bus still holds decisions about cases whose requests are to be read again. To
//! refuse the event would stop its whole partition until that case comes, or make it a dead letter that somebody must
//! notice; to drop it would leave the case without a handler. So it waits here and is shown when the case opens.

use parvis_kernel::{CaseId, Result, TenantId};
use parvis_proto::routing::CaseAssigned;
use parvis_store::{Tx, db_error, one_of, pieces, rows};
use prost::Message as _;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict};

use super::signed;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pending_assignment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        #[sea_orm(column_type = "VarBinary(StringLen::None)")]
        pub payload: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Keeps decisions for later.
pub async fn put(tx: &Tx, tenant: &TenantId, decisions: &[(CaseId, &CaseAssigned)]) -> Result<()> {
    let rows = decisions.iter().map(|(id, decision)| ActiveModel {
        tenant: Set(tenant.to_string()),
        case_id: Set(id.0),
        sequence: Set(signed(decision.sequence)),
        payload: Set(decision.encode_to_vec()),
    });
    let over = OnConflict::columns([Column::Tenant, Column::CaseId, Column::Sequence])
        .update_column(Column::Payload)
        .to_owned();
    rows::insert(rows).over(over).write(tx.conn()).await?;
    Ok(())
}

/// Takes the decisions that wait for `ids`, in the order they were made.
pub async fn take(tx: &Tx, tenant: &TenantId, ids: &[CaseId]) -> Result<Vec<CaseAssigned>> {
    let mut taken = Vec::new();
    for chunk in pieces(tx.conn(), ids) {
        let of_them = one_of(tx.conn(), Column::CaseId, chunk.iter().map(|id| id.0));
        let these = || Condition::all().add(Column::Tenant.eq(tenant.as_str())).add(of_them.clone());
        let rows =
            Entity::find().filter(these()).order_by_asc(Column::Sequence).all(tx.conn()).await.map_err(db_error)?;
        if rows.is_empty() {
            continue;
        }
        Entity::delete_many().filter(these()).exec(tx.conn()).await.map_err(db_error)?;
        for row in rows {
            taken.push(CaseAssigned::decode(&*row.payload).map_err(parvis_kernel::Error::internal)?);
        }
    }
    Ok(taken)
}
