//! What the rules looked at for each of the latest cases, so that a draft can be tried on them. Kept for a settable time.

use std::collections::BTreeMap;

use parvis_kernel::{CaseId, Error, RequestId, Result, TenantId, Timestamp, UnitId};
use parvis_store::{Tx, db_error, from_db_time, rows, to_db_time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};

use crate::domain::{CaseFacts, rules::PastCase};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "past_case")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_id: Uuid,
        pub reference: String,
        pub decided_at: i64,
        pub rule_set: i64,
        pub document: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::Column;

#[derive(Serialize, Deserialize)]
struct Document {
    #[serde(flatten)]
    facts: CaseFacts,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    loads: BTreeMap<UnitId, u32>,
}

/// Keeps some, with the rule set by which each was decided. One already kept is left.
pub async fn add(tx: &Tx, tenant: &TenantId, cases: Vec<(PastCase, u64)>) -> Result<()> {
    let mut rows = Vec::with_capacity(cases.len());
    for (case, rule_set) in cases {
        let document = Document { facts: case.facts, loads: case.loads };
        rows.push(entity::ActiveModel {
            tenant: Set(tenant.to_string()),
            case_id: Set(case.case_id.0),
            reference: Set(case.reference),
            decided_at: Set(to_db_time(case.decided_at)),
            rule_set: Set(i64::try_from(rule_set).map_err(Error::internal)?),
            document: Set(serde_json::to_string(&document).map_err(Error::internal)?),
        });
    }
    let known = OnConflict::columns([Column::Tenant, Column::CaseId]).do_nothing().to_owned();
    rows::insert(rows).over(known).write(tx.conn()).await?;
    Ok(())
}

/// The latest, latest first.
pub async fn latest(conn: &impl ConnectionTrait, tenant: &TenantId, limit: u64) -> Result<Vec<PastCase>> {
    let rows = of(tenant).order_by_desc(Column::DecidedAt).limit(limit).all(conn).await.map_err(db_error)?;
    rows.into_iter().map(from_model).collect()
}

/// One.
pub async fn find(conn: &impl ConnectionTrait, tenant: &TenantId, case: CaseId) -> Result<Option<PastCase>> {
    let row = entity::Entity::find_by_id((tenant.to_string(), case.0)).one(conn).await.map_err(db_error)?;
    row.map(from_model).transpose()
}

/// Forgets those decided before `before`, and all but the latest `keep`. Returns how many.
pub async fn forget(tx: &Tx, tenant: &TenantId, before: Timestamp, keep: u64) -> Result<u64> {
    let beyond: Option<i64> = of(tenant)
        .select_only()
        .column(Column::DecidedAt)
        .order_by_desc(Column::DecidedAt)
        .offset(keep)
        .limit(1)
        .into_tuple()
        .one(tx.conn())
        .await
        .map_err(db_error)?;
    let oldest = to_db_time(before).max(beyond.map_or(i64::MIN, |at| at.saturating_add(1)));
    let deleted = entity::Entity::delete_many()
        .filter(Column::Tenant.eq(tenant.as_str()))
        .filter(Column::DecidedAt.lt(oldest))
        .exec(tx.conn())
        .await
        .map_err(db_error)?;
    Ok(deleted.rows_affected)
}

fn of(tenant: &TenantId) -> sea_orm::Select<entity::Entity> {
    entity::Entity::find().filter(Column::Tenant.eq(tenant.as_str()))
}

fn from_model(row: entity::Model) -> Result<PastCase> {
    let Document { facts, loads } = serde_json::from_str(&row.document).map_err(Error::internal)?;
    Ok(PastCase {
        case_id: RequestId(row.case_id),
        reference: row.reference,
        decided_at: from_db_time(row.decided_at),
        facts,
        loads,
    })
}
