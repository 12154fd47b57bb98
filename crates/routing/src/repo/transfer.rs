//! Transfers proposed, and what became of them.

use std::collections::HashMap;

use parvis_kernel::{CaseId, Error, RequestId, Result, TenantId, Timestamp};
use parvis_store::{Tx, db_error, from_db_time, one_of, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

use crate::domain::{Decided, Proposal};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "transfer_proposal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        pub document: String,
        pub state: String,
        pub proposed_at: i64,
        pub resolved_at: i64,
        pub actor: String,
        pub reason: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

/// A proposed transfer.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// Of which case.
    pub case_id: CaseId,
    /// To whom, and who says so.
    pub proposal: Proposal,
    /// `proposed`, `confirmed`, `refused`.
    pub state: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Who refused it.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// Keeps what these decisions propose, and returns the first proposal of each case: what was proposed before, or settled
/// already, is left.
pub async fn add<'a>(tx: &Tx, tenant: &TenantId, decided: &'a [Decided]) -> Result<Vec<(&'a Decided, &'a Proposal)>> {
    let mut rows = Vec::new();
    let mut proposed: HashMap<Uuid, (&Decided, &Proposal)> = HashMap::new();
    for decision in decided {
        let Some(proposal) = &decision.trace.placed.transfer else { continue };
        if proposed.contains_key(&decision.case_id.0) {
            continue;
        }
        proposed.insert(decision.case_id.0, (decision, proposal));
        rows.push(entity::ActiveModel {
            tenant: Set(tenant.to_string()),
            case_id: Set(decision.case_id.0),
            document: Set(serde_json::to_string(proposal).map_err(Error::internal)?),
            state: Set("proposed".to_owned()),
            proposed_at: Set(to_db_time(decision.at)),
            resolved_at: Set(0),
            actor: Set(String::new()),
            reason: Set(String::new()),
        });
    }
    let known = OnConflict::columns([Column::Tenant, Column::CaseId]).do_nothing().to_owned();
    let first = rows::insert(rows).over(known).keys(tx.conn()).await?;
    Ok(first.iter().filter_map(|(_, case)| proposed.remove(case)).collect())
}

/// The one about a case.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, case: CaseId) -> Result<Option<Transfer>> {
    let row = entity::Entity::find_by_id((tenant.to_string(), case.0)).one(conn).await.map_err(db_error)?;
    row.map(|row| {
        Ok(Transfer {
            case_id: RequestId(row.case_id),
            proposal: serde_json::from_str(&row.document).map_err(Error::internal)?,
            state: row.state,
            proposed_at: from_db_time(row.proposed_at),
            actor: row.actor,
            reason: row.reason,
        })
    })
    .transpose()
}

/// Settles those of `cases` that are still proposed. Returns how many.
pub async fn resolve(
    tx: &Tx,
    tenant: &TenantId,
    cases: &[CaseId],
    state: &str,
    actor: &str,
    reason: &str,
) -> Result<u64> {
    if cases.is_empty() {
        return Ok(0);
    }
    let result = entity::Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::ResolvedAt, Expr::value(to_db_time(tx.now())))
        .col_expr(Column::Actor, Expr::value(actor))
        .col_expr(Column::Reason, Expr::value(reason))
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(one_of(tx.conn(), Column::CaseId, cases.iter().map(|case| case.0)))
        .filter(Column::State.eq("proposed"))
        .exec(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(result.rows_affected)
}
